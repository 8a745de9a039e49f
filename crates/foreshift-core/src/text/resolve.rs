//! Documents to values: aliases followed, merge keys expanded, scalars read as kubectl reads them.

use std::collections::BTreeMap;

use super::{Kind, Node, Scalar, Span, Style, ambiguity, read_plain};
use crate::diagnostic::{Code, Diagnostic};
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
    anchors: BTreeMap<usize, &'a Node>,
    diagnostics: &'a mut Vec<Diagnostic>,
    /// The aliases that are being followed, outermost first.
    open: Vec<usize>,
    aliased: usize,
}

impl<'a> Resolver<'a> {
    fn new(root: &'a Node, diagnostics: &'a mut Vec<Diagnostic>) -> Resolver<'a> {
        let mut anchors = BTreeMap::new();
        root.walk(&mut |node| {
            if let Some(anchor) = node.anchor {
                anchors.insert(anchor, node);
            }
        });
        Resolver { anchors, diagnostics, open: Vec::new(), aliased: 0 }
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
        Value { data, span: node.span }
    }

    fn scalar(&mut self, node: &Node, text: &str, style: Style) -> Data {
        match node.tag.as_deref().map(core_tag) {
            Some(Some("str" | "binary")) => Data::Str(text.to_owned()),
            Some(Some(_)) => read_plain(text),
            Some(None) => Data::Str(text.to_owned()),
            None if style != Style::Plain => Data::Str(text.to_owned()),
            None => {
                self.warn_of_ambiguity(node.span, text);
                read_plain(text)
            }
        }
    }

    fn warn_of_ambiguity(&mut self, span: Span, text: &str) {
        // What an alias repeats was reported where it stands.
        if !self.open.is_empty() {
            return;
        }
        let read_as = match ambiguity(text) {
            None => return,
            Some(Scalar::Word(truth)) => format!("the boolean `{truth}`"),
            Some(Scalar::Number(number)) => format!("the number `{number}`"),
        };
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

    /// Adds the entries that a merge supplies: what the mapping says itself wins, then the first of the merged.
    fn merge(&mut self, map: &mut Map, node: &'a Node) {
        match self.value(node).data {
            Data::Map(merged) => add_missing(map, &merged),
            Data::Seq(items) if items.iter().all(|item| item.as_map().is_some()) => {
                items.iter().filter_map(Value::as_map).for_each(|merged| add_missing(map, merged));
            }
            _ => {
                let message = "`<<` merges mappings, and this is none";
                self.diagnostics.push(Diagnostic::new(Code::YamlSyntax, node.span, message));
            }
        }
    }

    fn key(&mut self, key: &'a Node) -> String {
        match self.value(key).data {
            Data::Str(text) | Data::Float(text) => text,
            Data::Bool(truth) => truth.to_string(),
            Data::Int(number) => number.to_string(),
            Data::Null => "null".to_owned(),
            Data::Seq(_) | Data::Map(_) => {
                self.diagnostics.push(Diagnostic::new(Code::YamlSyntax, key.span, "a key has to be text"));
                String::new()
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

fn add_missing(map: &mut Map, merged: &Map) {
    for (key, value) in merged.iter() {
        if map.get(&key.name).is_none() {
            map.push(key.clone(), value.clone());
        }
    }
}

/// The name of a tag of YAML's own; `None` for any other.
fn core_tag(tag: &str) -> Option<&str> {
    tag.strip_prefix("tag:yaml.org,2002:").or_else(|| tag.strip_prefix("!!"))
}
