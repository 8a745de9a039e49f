//! Values to text: in the layout of something that is there already, or in our own where there is nothing.

use crate::order::Table;

use super::{Kind, Node, Style, is_plain_safe, layout, quoted, read_plain};
use crate::value::{Data, Map, Value};

/// Writes values beside or in place of what a document holds.
pub(super) struct Writer<'a> {
    /// The text of the document that is written into.
    pub(super) text: &'a str,
    /// The nodes that aliases name.
    pub(super) anchors: Table<usize, &'a Node>,
    /// The line break of the document.
    pub(super) newline: &'static str,
    /// Whether the document is JSON, where every text has quotes.
    pub(super) json: bool,
    /// How far a list stands to the right of its key.
    pub(super) seq_offset: usize,
}

/// A whole object as text, with a final line break. Texts that any reader might misread are quoted.
pub fn write(value: &Value) -> String {
    let writer = Writer { text: "", anchors: Table::new(), newline: "\n", json: false, seq_offset: 0 };
    let mut out = String::new();
    writer.block(&mut out, value, None, 0);
    out.push('\n');
    out
}

impl<'a> Writer<'a> {
    /// Writes in block style; the first line goes where `out` ends, the others start at `column`.
    pub(super) fn block(&self, out: &mut String, value: &Value, like: Option<&'a Node>, column: usize) {
        let like = like.map(|node| self.followed(node));
        match &value.data {
            Data::Map(map) if !map.is_empty() => self.block_map(out, map, like, column),
            Data::Seq(items) if !items.is_empty() => self.block_seq(out, items, like, column),
            _ => self.inline(out, value, like),
        }
    }

    fn block_map(&self, out: &mut String, map: &Map, like: Option<&'a Node>, column: usize) {
        for (index, (key, value)) in map.iter().enumerate() {
            if index > 0 {
                self.line(out, column);
            }
            let (like_key, like_value) = entry(like, &key.name);
            self.key(out, &key.name, like_key);
            out.push(':');
            self.block_value(out, value, like_value, like, column);
        }
    }

    /// Writes what stands behind a key and its colon.
    pub(super) fn block_value(
        &self,
        out: &mut String,
        value: &Value,
        like: Option<&'a Node>,
        like_parent: Option<&'a Node>,
        column: usize,
    ) {
        let like = like.map(|node| self.followed(node));
        if is_leaf(value) || like.is_some_and(Node::is_flow) {
            out.push(' ');
            return self.inline(out, value, like);
        }
        let is_seq = matches!(value.data, Data::Seq(_));
        let usual = if is_seq { self.seq_offset } else { 2 };
        let offset = like.zip(like_parent).and_then(|(like, parent)| self.offset(like, parent)).unwrap_or(usual);
        self.line(out, column + offset);
        self.block(out, value, like, column + offset);
    }

    /// How far a block collection stands to the right of the mapping that it is in.
    fn offset(&self, child: &Node, parent: &Node) -> Option<usize> {
        let column = match &child.kind {
            Kind::Seq { flow: false, items } => layout::dash_column(self.text, items.first()?)?,
            Kind::Map { flow: false, .. } => child.column as usize,
            _ => return None,
        };
        let least = usize::from(!matches!(child.kind, Kind::Seq { .. }));
        column.checked_sub(parent.column as usize).filter(|offset| *offset >= least && *offset <= 16)
    }

    fn block_seq(&self, out: &mut String, items: &[Value], like: Option<&'a Node>, column: usize) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.line(out, column);
            }
            out.push_str("- ");
            self.item(out, item, nth(like, index), column + 2);
        }
    }

    /// Writes what stands behind a dash.
    pub(super) fn item(&self, out: &mut String, value: &Value, like: Option<&'a Node>, column: usize) {
        let is_flow = like.is_some_and(|like| self.followed(like).is_flow());
        if is_flow { self.inline(out, value, like) } else { self.block(out, value, like, column) }
    }

    /// Writes on one line, or on several where `like` is in flow style and stands on several.
    pub(super) fn inline(&self, out: &mut String, value: &Value, like: Option<&'a Node>) {
        let like = like.map(|node| self.followed(node));
        match &value.data {
            Data::Map(map) => self.flow_map(out, map, like),
            Data::Seq(items) => self.flow_seq(out, items, like),
            data => out.push_str(&self.scalar(data, like)),
        }
    }

    fn flow_map(&self, out: &mut String, map: &Map, like: Option<&'a Node>) {
        let layout = layout::Flow::of(self.text, like, self.json);
        out.push('{');
        for (index, (key, value)) in map.iter().enumerate() {
            layout.separate(out, index, self.newline);
            let (like_key, like_value) = entry(like, &key.name);
            self.key(out, &key.name, like_key);
            out.push_str(layout.colon);
            self.inline(out, value, like_value);
        }
        layout.close(out, map.is_empty(), self.newline);
        out.push('}');
    }

    fn flow_seq(&self, out: &mut String, items: &[Value], like: Option<&'a Node>) {
        let layout = layout::Flow::of(self.text, like, self.json);
        out.push('[');
        for (index, item) in items.iter().enumerate() {
            layout.separate(out, index, self.newline);
            self.inline(out, item, nth(like, index));
        }
        layout.close(out, items.is_empty(), self.newline);
        out.push(']');
    }

    /// Writes a key in the manner of `like`.
    pub(super) fn key(&self, out: &mut String, name: &str, like: Option<&Node>) {
        let quote =
            self.json || like.is_some_and(|like| matches!(like.kind, Kind::Scalar { style: Style::Double, .. }));
        if !quote && is_plain_safe(name) { out.push_str(name) } else { out.push_str(&quoted(name)) }
    }

    /// A scalar: as it is written in `like` where that means the same, else with the quotes of `like`.
    pub(super) fn scalar(&self, data: &Data, like: Option<&Node>) -> String {
        let style = like.and_then(|like| match &like.kind {
            Kind::Scalar { style, .. } => Some(*style),
            _ => None,
        });
        if let Some(raw) = like.and_then(|like| self.raw(like, data)) {
            return raw.to_owned();
        }
        match data {
            Data::Null => "null".to_owned(),
            Data::Bool(truth) => truth.to_string(),
            Data::Int(number) => number.to_string(),
            Data::Float(text) => text.to_string(),
            Data::Str(text) if style == Some(Style::Single) && !text.contains(['\'', '\n', '\r', '\t']) => {
                format!("'{text}'")
            }
            Data::Str(text) if !self.json && style != Some(Style::Double) && is_plain_safe(text) => text.to_string(),
            Data::Str(text) => quoted(text),
            Data::Seq(_) | Data::Map(_) => String::new(),
        }
    }

    /// The text of a scalar on one line that means `data` wherever it stands.
    fn raw(&self, like: &Node, data: &Data) -> Option<&'a str> {
        let Kind::Scalar { text, style } = &like.kind else {
            return None;
        };
        let means_it = match (style, data) {
            (Style::Block, _) => false,
            (Style::Plain, _) => like.tag.is_none() && read_plain(text) == *data,
            (_, Data::Str(expected)) => text == expected,
            _ => false,
        };
        let raw = like.span.slice(self.text);
        let stands_anywhere = *style != Style::Plain || !raw.contains([',', '[', ']', '{', '}']);
        (means_it && stands_anywhere && !raw.is_empty() && !raw.contains('\n')).then_some(raw)
    }

    /// Begins a line.
    pub(super) fn line(&self, out: &mut String, column: usize) {
        out.push_str(self.newline);
        out.extend(std::iter::repeat_n(' ', column));
    }

    /// The node that an alias names; any other node itself.
    pub(super) fn followed(&self, node: &'a Node) -> &'a Node {
        match node.kind {
            Kind::Alias(anchor) => self.anchors.get(&anchor).copied().unwrap_or(node),
            _ => node,
        }
    }
}

fn is_leaf(value: &Value) -> bool {
    match &value.data {
        Data::Map(map) => map.is_empty(),
        Data::Seq(items) => items.is_empty(),
        _ => true,
    }
}

fn nth(like: Option<&Node>, index: usize) -> Option<&Node> {
    match &like?.kind {
        Kind::Seq { items, .. } => items.get(index),
        _ => None,
    }
}

fn entry<'a>(like: Option<&'a Node>, name: &str) -> (Option<&'a Node>, Option<&'a Node>) {
    let Some(Kind::Map { entries, .. }) = like.map(|like| &like.kind) else {
        return (None, None);
    };
    match entries.iter().find(|(key, _)| key.is_text(name)) {
        Some((key, value)) => (Some(key), Some(value)),
        None => (entries.first().map(|(key, _)| key), None),
    }
}
