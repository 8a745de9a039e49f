//! Text to documents: what a file is made of, how much of it is read, and what is said where it cannot be.
//!
//! The reader goes from byte to byte and down with each collection. What it takes for YAML is what kubectl's reader
//! does, `go.yaml.in/yaml/v2`; where it is stricter or more lenient, `tests/tests/kubectl.rs` lists the difference.

mod block;
mod cursor;
mod flow;
mod literal;
mod plain;
mod property;
mod quoted;

use block::Slot;
use cursor::{Reader, Tabs};

use super::{Document, Kind, Node, SourceId, Span, Style};
use crate::diagnostic::{Code, Diagnostic};

/// The longest text that is read: a Kubernetes object is at most 1.5 MiB.
pub const LIMIT_BYTES: usize = 4 << 20;

/// The deepest nesting that is read.
pub const LIMIT_DEPTH: usize = 64;

/// The most nodes that one file may have.
const LIMIT_NODES: usize = 300_000;

/// Reads every document of a text that is not empty.
///
/// A JSON text is read too: it is YAML in flow style.
pub fn parse(source: SourceId, text: &str) -> Result<Vec<Document>, Diagnostic> {
    if text.len() > LIMIT_BYTES {
        let found = format!("the text is {} bytes long, more than {LIMIT_BYTES}", text.len());
        return Err(Diagnostic::new(Code::InputTooLarge, Span { source, start: 0, end: 0 }, found)
            .help("split it into several files"));
    }
    let documents = Reader::new(source, text).and_then(|mut reader| documents(&mut reader));
    documents.map_err(|fault| fault.explain(source))
}

/// Why a text cannot be read, and where.
struct Fault {
    at: usize,
    why: Why,
}

enum Why {
    /// It is no YAML: one lower-case clause.
    Syntax(&'static str),
    /// A tab where only spaces may be.
    Tab(&'static str),
    /// There is more of something than we read.
    Limit(usize, &'static str),
}

impl Fault {
    fn explain(self, source: SourceId) -> Diagnostic {
        let start = small(self.at);
        let span = Span { source, start, end: start };
        match self.why {
            Why::Syntax(info) => Diagnostic::new(Code::YamlSyntax, span, ["this is not YAML: ", info].concat()),
            Why::Tab(info) => Diagnostic::new(Code::TabIndentation, Span { end: start + 1, ..span }, info)
                .help("replace every tab in the indentation by spaces"),
            Why::Limit(limit, what) => {
                Diagnostic::new(Code::InputTooLarge, span, format!("the text has more than {limit} {what}"))
                    .help("no Kubernetes object needs as many; is this the right file?")
            }
        }
    }
}

/// A place or a column in a text, none of which is longer than [`LIMIT_BYTES`].
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn documents(reader: &mut Reader) -> Result<Vec<Document>, Fault> {
    let mut documents: Vec<Document> = Vec::new();
    let mut count = 0;
    loop {
        between(reader)?;
        let has_directives = reader.directives()?;
        let marker = reader.at;
        let is_marked = reader.skip_marker(b'-');
        if !is_marked && has_directives {
            return reader.fault("`---` was expected behind the directives");
        }
        if !is_marked && reader.is_at_end() {
            break;
        }
        if count > 0
            && let Some(last) = documents.last_mut()
        {
            last.span.end = last.span.end.min(small(marker));
        }
        count += 1;
        let start = match (count, is_marked) {
            (1, _) => 0,
            (_, true) => behind_marker(reader),
            (_, false) => marker,
        };
        let root = reader.root(!is_marked)?;
        if root.is_absent() && root.tag.is_none() {
            continue;
        }
        let span = Span { source: reader.source, start: small(start), end: reader.len() };
        documents.push(Document { root, span });
    }
    if let [only] = documents.as_mut_slice() {
        only.span.start = 0;
        only.span.end = reader.len();
    }
    Ok(documents)
}

/// Passes over what may stand between two documents.
fn between(reader: &mut Reader) -> Result<(), Fault> {
    loop {
        reader.gap(Tabs::Indenting)?;
        if !reader.skip_marker(b'.') {
            return Ok(());
        }
        if !reader.gap(Tabs::Apart)? && !reader.is_at_end() {
            return reader.fault("nothing may stand behind `...` on its line");
        }
    }
}

/// Where a document's own text begins: behind the line of its marker, or behind the marker where more follows it.
fn behind_marker(reader: &Reader) -> usize {
    let rest = reader.text.get(reader.at..).unwrap_or_default();
    let line = rest.split_inclusive('\n').next().unwrap_or_default();
    if line.trim().is_empty() { reader.at + line.len() } else { reader.at }
}

impl Reader<'_> {
    /// Counts one more node, that deep.
    fn count(&mut self, at: usize, depth: usize) -> Result<(), Fault> {
        self.nodes += 1;
        if self.nodes > LIMIT_NODES {
            return Err(Fault { at, why: Why::Limit(LIMIT_NODES, "values") });
        }
        if depth > LIMIT_DEPTH {
            return Err(Fault { at, why: Why::Limit(LIMIT_DEPTH, "levels of nesting") });
        }
        Ok(())
    }

    /// The root of a document, which ends behind it.
    fn root(&mut self, starts: bool) -> Result<Node, Fault> {
        let absent = Some(self.place());
        let root = self.value(Slot { min: 0, starts, is_level: false, absent, depth: 0 })?;
        self.gap(Tabs::Apart)?;
        if self.is_end() {
            return Ok(root);
        }
        let is_literal = matches!(root.kind, Kind::Scalar { style: Style::Block, .. });
        let is_bare = is_literal && root.span.start == root.span.end;
        self.fault(if is_bare { "a text below `|` or `>` needs a space before it" } else { self.surprise() })
    }
}
