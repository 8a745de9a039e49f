//! Text to documents. The only file that knows the YAML parser.

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, Span as RawSpan, StructureStyle};

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
    let mut reader = Reader::new(source, text);
    reader.documents().map_err(|fault| fault.explain(source, text))
}

/// Why a text cannot be read.
enum Fault {
    Syntax { offset: u32, info: String },
    Limit { at: Span, what: &'static str, limit: usize },
}

impl Fault {
    fn explain(self, source: SourceId, text: &str) -> Diagnostic {
        match self {
            Fault::Limit { at, what, limit } => {
                Diagnostic::new(Code::InputTooLarge, at, format!("the text has more than {limit} {what}"))
                    .help("no Kubernetes object needs as many; is this the right file?")
            }
            Fault::Syntax { offset, info } => {
                if let Some(tab) = indenting_tab(text, offset, &info) {
                    let span = Span { source, start: tab, end: tab + 1 };
                    return Diagnostic::new(
                        Code::TabIndentation,
                        span,
                        "a tab indents this line; YAML allows only spaces",
                    )
                    .help("replace every tab in the indentation by spaces");
                }
                let span = Span { source, start: offset, end: offset };
                Diagnostic::new(Code::YamlSyntax, span, format!("this is not YAML: {info}"))
            }
        }
    }
}

/// The tab in the indentation that a parser stumbled over at `offset`, or somewhat before or behind it.
///
/// A plain scalar is given up where it begins, lines before the tab. Tabs elsewhere may be fine: in a literal block.
fn indenting_tab(text: &str, offset: u32, info: &str) -> Option<u32> {
    let mut before = None;
    let mut behind = 0;
    let mut line_start = 0;
    for line in text.split_inclusive('\n') {
        let next = line_start + line.len();
        let content = line.trim_start_matches([' ', '\t']);
        let indent = line.len() - content.len();
        let tab = line.bytes().take(indent).position(|byte| byte == b'\t').map(|tab| line_start + tab);
        let is_blank = content.trim().is_empty();
        line_start = next;
        if is_blank {
            continue;
        }
        if next <= offset as usize {
            before = tab;
            continue;
        }
        if tab.is_some() {
            return tab.and_then(|tab| u32::try_from(tab).ok());
        }
        behind += 1;
        if behind > 1 && !info.contains("tab") {
            break;
        }
    }
    before.and_then(|tab| u32::try_from(tab).ok())
}

struct Reader<'a> {
    parser: Parser<'a, granit_parser::StrInput<'a>>,
    source: SourceId,
    text: &'a str,
    nodes: usize,
}

impl<'a> Reader<'a> {
    fn new(source: SourceId, text: &'a str) -> Reader<'a> {
        let options = granit_parser::options! {
            emit_comments: false,
            flow_nesting_limit: LIMIT_DEPTH + 1,
            block_nesting_limit: LIMIT_DEPTH + 1,
        };
        Reader { parser: Parser::new_from_str_with_options(text, options), source, text, nodes: 0 }
    }

    fn next(&mut self) -> Result<Option<(Event<'a>, RawSpan)>, Fault> {
        match self.parser.next_event() {
            None => Ok(None),
            Some(Ok(found)) => Ok(Some(found)),
            Some(Err(error)) if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) => {
                let start = self.offset(error.marker());
                let at = Span { source: self.source, start, end: start };
                Err(Fault::Limit { at, what: "levels of nesting", limit: LIMIT_DEPTH })
            }
            Some(Err(error)) => Err(Fault::Syntax { offset: self.offset(error.marker()), info: error.info() }),
        }
    }

    fn documents(&mut self) -> Result<Vec<Document>, Fault> {
        let mut documents: Vec<Document> = Vec::new();
        let mut starts = 0;
        while let Some((event, span)) = self.next()? {
            match event {
                Event::DocumentStart(explicit, _) => {
                    if starts > 0 {
                        let marker = self.offset(&span.start);
                        if let Some(last) = documents.last_mut() {
                            last.span.end = last.span.end.min(marker);
                        }
                    }
                    starts += 1;
                    let start = if starts == 1 { 0 } else { self.behind_marker(self.offset(&span.start), explicit) };
                    let Some((event, span)) = self.next()? else {
                        break;
                    };
                    let root = self.node(event, span, 0)?;
                    if root.is_absent() {
                        continue;
                    }
                    let span = Span { source: self.source, start, end: self.len() };
                    documents.push(Document { root, span });
                }
                Event::StreamEnd => break,
                _ => {}
            }
        }
        if let [only] = documents.as_mut_slice() {
            only.span = Span { source: self.source, start: 0, end: self.len() };
        }
        Ok(documents)
    }

    fn node(&mut self, event: Event<'a>, raw: RawSpan, depth: usize) -> Result<Node, Fault> {
        self.nodes += 1;
        let mut span = self.span(&raw);
        if self.nodes > LIMIT_NODES {
            return Err(Fault::Limit { at: span, what: "values", limit: LIMIT_NODES });
        }
        if depth > LIMIT_DEPTH {
            return Err(Fault::Limit { at: span, what: "levels of nesting", limit: LIMIT_DEPTH });
        }
        let column = u32::try_from(raw.start.col()).unwrap_or(u32::MAX);
        let (anchor, tag, kind) = match event {
            Event::Alias(id) => (0, None, Kind::Alias(id)),
            Event::Scalar(text, style, anchor, tag) => {
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted => Style::Single,
                    ScalarStyle::DoubleQuoted => Style::Double,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                };
                let mut text = text.into_owned();
                let ends_here = style == Style::Block && span.end == self.len();
                if ends_here && text.ends_with('\n') && !self.text.ends_with(['\n', '\r']) {
                    // kubectl's reader adds no line break that the file does not have.
                    text.pop();
                }
                (anchor, tag, Kind::Scalar { text, style })
            }
            Event::SequenceStart(style, anchor, tag) => {
                let flow = style == StructureStyle::Flow;
                let (items, end) = self.items(depth)?;
                span.end = if flow { end } else { items.last().map_or(span.end, |last| last.span.end) };
                (anchor, tag, Kind::Seq { flow, items })
            }
            Event::MappingStart(style, anchor, tag) => {
                let flow = style == StructureStyle::Flow;
                let (entries, end) = self.entries(depth)?;
                if flow {
                    entries.iter().try_for_each(|entry| self.refuse_glued_colon(entry))?;
                }
                let last_end = entries.last().map(|(key, value)| value.span.end.max(key.span.end));
                span.end = if flow { end } else { last_end.unwrap_or(span.end) };
                (anchor, tag, Kind::Map { flow, entries })
            }
            _ => {
                return Err(Fault::Syntax { offset: span.start, info: "a value was expected".to_owned() });
            }
        };
        let anchor = (anchor != 0).then_some(anchor);
        let tag = tag.map(|tag| tag.to_string());
        Ok(Node { span, column, anchor, tag, kind })
    }

    fn items(&mut self, depth: usize) -> Result<(Vec<Node>, u32), Fault> {
        let mut items = Vec::new();
        while let Some((event, span)) = self.next()? {
            if matches!(event, Event::SequenceEnd) {
                return Ok((items, self.offset(&span.end)));
            }
            items.push(self.node(event, span, depth + 1)?);
        }
        Ok((items, self.len()))
    }

    fn entries(&mut self, depth: usize) -> Result<(Vec<(Node, Node)>, u32), Fault> {
        let mut entries = Vec::new();
        while let Some((event, span)) = self.next()? {
            if matches!(event, Event::MappingEnd) {
                return Ok((entries, self.offset(&span.end)));
            }
            let key = self.node(event, span, depth + 1)?;
            let Some((event, span)) = self.next()? else {
                break;
            };
            let value = self.node(event, span, depth + 1)?;
            entries.push((key, value));
        }
        Ok((entries, self.len()))
    }

    /// `{a:}`, where the colon ends the key in YAML 1.2 and belongs to it in 1.1.
    fn refuse_glued_colon(&self, (key, value): &(Node, Node)) -> Result<(), Fault> {
        let is_plain = matches!(key.kind, Kind::Scalar { style: Style::Plain, .. });
        let behind = self.text.get(key.span.end as usize..).unwrap_or_default();
        let glued = behind.strip_prefix(':').is_some_and(|rest| rest.starts_with([',', ']', '}']));
        if is_plain && value.is_absent() && glued && !key.is_absent() {
            let info = "write a space behind this colon, or put it in quotes".to_owned();
            return Err(Fault::Syntax { offset: key.span.end, info });
        }
        Ok(())
    }

    /// Where a document's own text begins: behind the line of its marker, or behind the marker where more follows it.
    fn behind_marker(&self, offset: u32, explicit: bool) -> u32 {
        if !explicit {
            return offset;
        }
        let behind = offset + 3;
        let rest = self.text.get(behind as usize..).unwrap_or_default();
        let line = rest.split_inclusive('\n').next().unwrap_or_default();
        if line.trim().is_empty() { behind + u32::try_from(line.len()).unwrap_or(0) } else { behind }
    }

    fn span(&self, raw: &RawSpan) -> Span {
        Span { source: self.source, start: self.offset(&raw.start), end: self.offset(&raw.end) }
    }

    fn offset(&self, marker: &granit_parser::Marker) -> u32 {
        marker.byte_offset().and_then(|offset| u32::try_from(offset).ok()).unwrap_or(self.len())
    }

    fn len(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }
}
