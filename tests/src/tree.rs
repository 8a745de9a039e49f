//! Objects as tests make them, and texts that say the same in many ways.

use std::collections::BTreeMap;
use std::fmt::Write;

/// A value to be written.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// A whole number.
    Int(i64),
    /// Text.
    Str(String),
    /// A list.
    Seq(Vec<Tree>),
    /// A mapping.
    Map(Vec<(String, Tree)>),
}

/// Text.
pub fn text(text: &str) -> Tree {
    Tree::Str(text.to_owned())
}

/// A mapping.
pub fn map<const N: usize>(entries: [(&str, Tree); N]) -> Tree {
    Tree::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// How a text is laid out; every choice that is left open is made by the seed.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Decides comments, quotes, flow style and anchors.
    pub seed: u64,
    /// JSON instead of YAML.
    pub json: bool,
    /// Lines end with a carriage return too.
    pub crlf: bool,
    /// The text begins with a byte order mark.
    pub bom: bool,
    /// The last line is not ended.
    pub open_end: bool,
    /// Equal collections become aliases.
    pub anchors: bool,
    /// Comments stand in the text.
    pub comments: bool,
    /// Lists stand to the right of their keys.
    pub indented_lists: bool,
}

/// The tree as text.
pub fn print(tree: &Tree, look: Look) -> String {
    let mut printer = Printer { look, state: look.seed | 1, comments: 0, names: 0, anchors: BTreeMap::new() };
    let mut out = String::new();
    if look.json {
        printer.json(&mut out, tree, look.seed.is_multiple_of(2).then_some(0));
    } else {
        printer.block(&mut out, tree, 0);
    }
    let mut out = out.trim_end_matches('\n').to_owned();
    if !look.open_end {
        out.push('\n');
    }
    if look.crlf {
        out = out.replace('\n', "\r\n");
    }
    if look.bom { format!("\u{feff}{out}") } else { out }
}

struct Printer {
    look: Look,
    state: u64,
    comments: usize,
    names: usize,
    /// Anchored collections by what they say.
    anchors: BTreeMap<String, String>,
}

impl Printer {
    /// One time in `n`.
    fn once_in(&mut self, n: u64) -> bool {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state.is_multiple_of(n)
    }

    fn block(&mut self, out: &mut String, tree: &Tree, column: usize) {
        match tree {
            Tree::Map(entries) => {
                for (index, (key, value)) in entries.iter().enumerate() {
                    if index > 0 {
                        self.comment_line(out, column);
                        indent(out, column);
                    }
                    let key = if self.once_in(9) { format!("\"{key}\"") } else { key.clone() };
                    out.push_str(&key);
                    out.push(':');
                    let offset = match value {
                        Tree::Seq(_) if !self.look.indented_lists => 0,
                        _ => 2,
                    };
                    self.value(out, value, column + offset);
                }
            }
            Tree::Seq(items) => {
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        self.comment_line(out, column);
                        indent(out, column);
                    }
                    out.push('-');
                    match self.reference(item) {
                        Some(name) => self.end_line(out, &format!(" *{name}")),
                        None if is_leaf(item) || self.once_in(6) => {
                            let inline = self.inline(item, is_leaf(item));
                            self.end_line(out, &format!(" {inline}"));
                        }
                        None => {
                            out.push(' ');
                            self.block(out, item, column + 2);
                        }
                    }
                }
            }
            leaf => {
                let inline = self.inline(leaf, true);
                self.end_line(out, &inline);
            }
        }
    }

    /// What stands behind a key.
    fn value(&mut self, out: &mut String, value: &Tree, column: usize) {
        if let Some(name) = self.reference(value) {
            return self.end_line(out, &format!(" *{name}"));
        }
        if is_leaf(value) || self.once_in(6) {
            let inline = self.inline(value, is_leaf(value));
            return self.end_line(out, &format!(" {inline}"));
        }
        let anchor = self.anchor(value).map(|name| format!(" &{name}")).unwrap_or_default();
        self.end_line(out, &anchor);
        self.comment_line(out, column);
        indent(out, column);
        self.block(out, value, column);
    }

    /// The name of an anchor that says the same.
    fn reference(&mut self, tree: &Tree) -> Option<String> {
        if is_leaf(tree) || self.once_in(3) {
            return None;
        }
        self.anchors.get(&format!("{tree:?}")).cloned()
    }

    fn anchor(&mut self, tree: &Tree) -> Option<String> {
        // One name for two things would be legal, and would mean the later one.
        if !self.look.anchors || self.once_in(2) || self.anchors.contains_key(&format!("{tree:?}")) {
            return None;
        }
        self.names += 1;
        let name = format!("a{}", self.names);
        self.anchors.insert(format!("{tree:?}"), name.clone());
        Some(name)
    }

    fn inline(&mut self, tree: &Tree, may_be_plain: bool) -> String {
        match tree {
            Tree::Int(number) => number.to_string(),
            Tree::Str(text) => self.scalar(text, may_be_plain),
            Tree::Seq(items) => {
                let items: Vec<String> = items.iter().map(|item| self.inline(item, true)).collect();
                format!("[{}]", items.join(", "))
            }
            Tree::Map(entries) => {
                let space = if self.once_in(2) { " " } else { "" };
                let entries: Vec<String> =
                    entries.iter().map(|(key, value)| format!("{key}: {}", self.inline(value, true))).collect();
                if entries.is_empty() { "{}".to_owned() } else { format!("{{{space}{}{space}}}", entries.join(", ")) }
            }
        }
    }

    fn scalar(&mut self, text: &str, may_be_plain: bool) -> String {
        let is_safe = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-./".contains(&byte))
            && text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'/')
            && !["y", "n", "on", "off", "yes", "no", "true", "false", "null"].contains(&text);
        if is_safe && may_be_plain && !self.once_in(4) {
            return text.to_owned();
        }
        if self.once_in(2) && !text.contains('\'') { format!("'{text}'") } else { format!("{text:?}") }
    }

    fn end_line(&mut self, out: &mut String, rest: &str) {
        out.push_str(rest);
        if self.look.comments && self.once_in(4) {
            self.comments += 1;
            let _ = write!(out, " # note {} – ü", self.comments);
        }
        out.push('\n');
    }

    fn comment_line(&mut self, out: &mut String, column: usize) {
        if self.look.comments && self.once_in(5) {
            self.comments += 1;
            indent(out, column);
            let _ = writeln!(out, "# note {}", self.comments);
        }
        if self.look.comments && self.once_in(11) {
            out.push('\n');
        }
    }

    fn json(&mut self, out: &mut String, tree: &Tree, column: Option<usize>) {
        let inner = column.map(|column| column + 2);
        let line = |out: &mut String, column: Option<usize>| {
            if let Some(column) = column {
                out.push('\n');
                indent(out, column);
            }
        };
        let colon = if column.is_some() { ": " } else { ":" };
        match tree {
            Tree::Int(number) => {
                let _ = write!(out, "{number}");
            }
            Tree::Str(text) => {
                let _ = write!(out, "{text:?}");
            }
            Tree::Seq(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    line(out, inner);
                    self.json(out, item, inner);
                }
                line(out, column);
                out.push(']');
            }
            Tree::Map(entries) => {
                out.push('{');
                for (index, (key, value)) in entries.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    line(out, inner);
                    let _ = write!(out, "{key:?}{colon}");
                    self.json(out, value, inner);
                }
                line(out, column);
                out.push('}');
            }
        }
    }
}

fn is_leaf(tree: &Tree) -> bool {
    match tree {
        Tree::Int(_) | Tree::Str(_) => true,
        Tree::Seq(items) => items.is_empty(),
        Tree::Map(entries) => entries.is_empty(),
    }
}

fn indent(out: &mut String, column: usize) {
    out.extend(std::iter::repeat_n(' ', column));
}
