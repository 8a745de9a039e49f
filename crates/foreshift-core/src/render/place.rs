//! Lines to paths: what a changed line of an object is called, as in `spec.http[0].route[0].weight`.

use std::fmt::Write as _;

use crate::text::{Kind, Node, SourceId, parse};

/// An object's text, read to find places in it.
pub(crate) struct Places {
    /// Of each line, the offset of its first character that is neither indentation nor the dash of an item.
    lines: Vec<u32>,
    root: Option<Node>,
}

impl Places {
    pub(crate) fn new(text: &str) -> Places {
        let root = parse(SourceId::NONE, text).ok().and_then(|documents| documents.into_iter().next());
        let (mut lines, mut end) = (Vec::new(), 0);
        for line in text.split_inclusive('\n') {
            end += line.len();
            let content = end - line.trim_start_matches([' ', '-', '\u{feff}']).len();
            lines.push(u32::try_from(content).unwrap_or(u32::MAX));
        }
        Places { lines, root: root.map(|document| document.root) }
    }

    /// The path of the innermost value that holds both lines, which count from 1; empty for the whole object.
    pub(crate) fn path(&self, first: usize, last: usize) -> String {
        let mut out = String::new();
        let content = |line: usize| self.lines.get(line.checked_sub(1)?);
        let (Some(mut node), Some(first), Some(last)) = (self.root.as_ref(), content(first), content(last)) else {
            return out;
        };
        let holds = |start: u32, end: u32| start <= *first && *last < end;
        loop {
            let inner = match &node.kind {
                Kind::Map { entries, .. } => {
                    let entry = entries.iter().find(|(key, value)| holds(key.span.start, value.span.end));
                    entry.map(|(key, value)| {
                        push_key(&mut out, key);
                        value
                    })
                }
                Kind::Seq { items, .. } => {
                    let item = items.iter().enumerate().find(|(_, item)| holds(item.span.start, item.span.end));
                    item.map(|(index, item)| {
                        let _ = write!(out, "[{index}]");
                        item
                    })
                }
                Kind::Scalar { .. } | Kind::Alias(_) => None,
            };
            match inner {
                Some(inner) => node = inner,
                None => return out,
            }
        }
    }
}

fn push_key(out: &mut String, key: &Node) {
    let name = match &key.kind {
        Kind::Scalar { text, .. } => text,
        _ => "?",
    };
    let is_plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if is_plain {
        let dot = if out.is_empty() { "" } else { "." };
        let _ = write!(out, "{dot}{name}");
    } else {
        let _ = write!(out, "[\"{name}\"]");
    }
}
