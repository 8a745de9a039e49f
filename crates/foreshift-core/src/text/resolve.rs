//! Documents to values: aliases followed, merge keys expanded, scalars read as kubectl reads them.

use std::rc::Rc;

use super::scalar::{is_key_kept, is_special};
use super::{Kind, Node, Scalar, Span, Style, ambiguity, read_plain};
use crate::diagnostic::{Code, Diagnostic, LIMIT_FINDINGS};
use crate::order::Table;
use crate::value::{Data, Key, Map, Value};

/// The most values that the aliases of one document may stand for, all taken together.
const LIMIT_ALIASED: usize = 100_000;

/// The value that a document means. Findings that are no error leave the value as kubectl reads it.
pub fn resolve(root: &Node, diagnostics: &mut Vec<Diagnostic>) -> Value {
    Resolver::new(root, diagnostics).value(root)
}

/// The value of one node of a document, without findings.
pub fn resolve_within(root: &Node, node: &Node) -> Value {
    Resolver::new(root, &mut Vec::new()).value(node)
}

struct Resolver<'a> {
    anchors: Table<usize, &'a Node>,
    diagnostics: &'a mut Vec<Diagnostic>,
    /// The aliases that are being followed, outermost first.
    open: Vec<usize>,
    aliased: usize,
    /// How many scalars were warned of.
    warned: usize,
}

impl<'a> Resolver<'a> {
    fn new(root: &'a Node, diagnostics: &'a mut Vec<Diagnostic>) -> Resolver<'a> {
        Resolver { anchors: root.anchors(), diagnostics, open: Vec::new(), aliased: 0, warned: 0 }
    }

    fn value(&mut self, node: &'a Node) -> Value {
        if !self.open.is_empty() {
            self.aliased = self.aliased.saturating_add(size(node));
        }
        let data = match &node.kind {
            Kind::Scalar { text, style } => self.scalar(node, text, *style),
            Kind::Seq { items, .. } => Data::Seq(items.iter().map(|item| self.value(item)).collect()),
            Kind::Map { entries, .. } => Data::Map(self.map(entries)),
            Kind::Alias(anchor) => self.alias(node, *anchor),
        };
        if let Data::Float(number) = &data
            && is_special(number)
        {
            self.refuse(node.span, &format!("JSON has no number `{number}`"), "put it in quotes if it is text");
        }
        Value { data, span: node.span }
    }

    fn scalar(&mut self, node: &Node, text: &Rc<str>, style: Style) -> Data {
        match node.tag.as_deref().map(core_tag) {
            Some(Some(tag @ ("bool" | "float" | "int" | "null"))) => self.tagged(node.span, text, tag),
            Some(Some("binary")) => {
                self.refuse(node.span, "kubectl makes bytes of what `!!binary` says", "write the text itself");
                Data::Str(Rc::clone(text))
            }
            Some(_) => Data::Str(Rc::clone(text)),
            None if style != Style::Plain => Data::Str(Rc::clone(text)),
            None => {
                self.warn_of_ambiguity(node.span, text);
                read_plain(text)
            }
        }
    }

    /// A scalar that says of which type it is; go-yaml holds it to that.
    fn tagged(&mut self, span: Span, text: &Rc<str>, tag: &str) -> Data {
        let data = read_plain(text);
        let fits = match &data {
            Data::Null => tag == "null",
            Data::Bool(_) => tag == "bool",
            Data::Int(_) => matches!(tag, "int" | "float"),
            Data::Float(number) if number.parse::<u64>().is_ok() => tag == "int",
            Data::Float(_) => tag == "float",
            _ => false,
        };
        if !fits {
            self.refuse(span, &format!("`{text}` is no `!!{tag}`"), "leave the tag out, or write what it says");
        }
        data
    }

    fn refuse(&mut self, span: Span, message: &str, help: &str) {
        if self.open.is_empty() {
            self.diagnostics.push(Diagnostic::new(Code::YamlSyntax, span, message).help(help));
        }
    }

    fn warn_of_ambiguity(&mut self, span: Span, text: &str) {
        // What an alias repeats was reported where it stands.
        if !self.open.is_empty() || self.warned > LIMIT_FINDINGS {
            return;
        }
        let read_as = match ambiguity(text) {
            None => return,
            Some(Scalar::Word(truth)) => format!("the boolean `{truth}`"),
            Some(Scalar::Number(number)) => format!("the number `{number}`"),
        };
        self.warned += 1;
        self.diagnostics.push(
            Diagnostic::new(Code::AmbiguousScalar, span, format!("kubectl reads `{text}` as {read_as}"))
                .help("put it in quotes if it is text, or write what kubectl reads"),
        );
    }

    fn alias(&mut self, node: &Node, anchor: usize) -> Data {
        let Some(&target) = self.anchors.get(&anchor) else {
            return Data::Null;
        };
        if self.open.contains(&anchor) {
            self.diagnostics.push(Diagnostic::new(
                Code::YamlSyntax,
                node.span,
                "this alias stands inside of what it names",
            ));
            return Data::Null;
        }
        if self.aliased > LIMIT_ALIASED {
            if self.aliased != usize::MAX {
                self.aliased = usize::MAX;
                let message = format!("the aliases stand for more than {LIMIT_ALIASED} values");
                self.diagnostics.push(Diagnostic::new(Code::InputTooLarge, node.span, message));
            }
            return Data::Null;
        }
        self.open.push(anchor);
        let value = self.value(target);
        self.open.pop();
        value.data
    }

    /// What a mapping says itself, and then what its merges supply.
    fn map(&mut self, entries: &'a [(Node, Node)]) -> Map {
        let mut map = Map::default();
        let mut merges = Vec::new();
        for (key, value) in entries {
            if key.is_merge() {
                merges.push(value);
                continue;
            }
            let name = self.key(key);
            if map.get(&name).is_some() {
                let message = format!("the key `{name}` stands here twice");
                self.diagnostics.push(Diagnostic::new(Code::DuplicateKey, key.span, message));
                continue;
            }
            let value = self.value(value);
            map.push(Key { name, span: key.span }, value);
        }
        for node in merges {
            self.merge(&mut map, node);
        }
        map
    }

    /// Sets the entries that a merge supplies; of several mappings in a list the first wins.
    ///
    /// kubectl's reader fills a mapping from first to last: a merge wins over what stands before it.
    fn merge(&mut self, map: &mut Map, node: &'a Node) {
        let sources = match &node.kind {
            Kind::Seq { items, .. } => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        for source in sources.iter().rev() {
            let Data::Map(supplied) = self.value(source).data else {
                let message = "`<<` merges mappings, and this is none";
                self.diagnostics.push(Diagnostic::new(Code::YamlSyntax, source.span, message));
                continue;
            };
            for (key, value) in supplied.iter() {
                let is_behind = map.key(&key.name).is_some_and(|there| there.span.start >= node.span.end);
                if !is_behind {
                    set(map, key.clone(), value.clone());
                }
            }
        }
    }

    fn key(&mut self, key: &'a Node) -> Rc<str> {
        match self.value(key).data {
            Data::Str(text) => text,
            Data::Bool(truth) => truth.to_string().into(),
            Data::Int(number) => number.to_string().into(),
            Data::Float(number) => {
                if !is_key_kept(&number) {
                    let message = format!("kubectl makes another text of the number `{number}`, which is a key");
                    self.refuse(key.span, &message, "put it in quotes");
                }
                number
            }
            Data::Null => {
                self.refuse(key.span, "a key has to be text, and this is nothing", "put it in quotes if it is text");
                "null".into()
            }
            Data::Seq(_) | Data::Map(_) => {
                self.diagnostics.push(Diagnostic::new(Code::YamlSyntax, key.span, "a key has to be text"));
                "".into()
            }
        }
    }
}

/// What a node costs that an alias repeats: one, and more for a long text.
fn size(node: &Node) -> usize {
    match &node.kind {
        Kind::Scalar { text, .. } => 1 + text.len() / 64,
        _ => 1,
    }
}

/// Sets an entry in its place, or at the end where it is new.
fn set(map: &mut Map, key: Key, value: Value) {
    match map.get_mut(&key.name) {
        Some(there) => *there = value,
        None => map.push(key, value),
    }
}

/// The name of a tag of YAML's own; `None` for any other.
fn core_tag(tag: &str) -> Option<&str> {
    tag.strip_prefix("tag:yaml.org,2002:").or_else(|| tag.strip_prefix("!!"))
}
