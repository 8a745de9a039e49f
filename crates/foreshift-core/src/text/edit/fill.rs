//! New text in a document: what takes the place of an alias, and what is added to a collection.

use super::{Editor, Place, Splice};
use crate::text::{Kind, Node, layout};
use crate::value::Value;

impl<'a> Editor<'a> {
    /// Puts a value in the place of a node that is an alias, or is not there at all.
    pub(super) fn write_out(&mut self, node: &'a Node, value: &Value, place: Place) {
        let text = self.writer.text;
        let (start, end) = self.place_of(node);
        let rest = text.get(end..layout::next_line(text, end)).unwrap_or_default();
        let mut out = String::new();
        match place {
            Place::Entry(column) => {
                let like_parent = None;
                self.writer.block_value(&mut out, value, Some(node), like_parent, column);
                self.write_behind_key(node, (start, end), &out, rest);
            }
            Place::Item(column) if rest.trim().is_empty() => {
                self.writer.item(&mut out, value, Some(node), column + 2);
                self.splice(node, out);
            }
            Place::Root | Place::Item(_) | Place::Flow => {
                self.writer.inline(&mut out, value, Some(node));
                if node.is_absent() {
                    out.insert(0, ' ');
                }
                self.splices.push(Splice { start, end, text: out });
            }
        }
    }

    /// Where a node stands. A value that is not there is counted to stand at its colon; what takes its place is behind that.
    fn place_of(&self, node: &Node) -> (usize, usize) {
        let (start, end) = (node.span.start as usize, node.span.end as usize);
        let is_colon = node.is_absent() && self.writer.text.get(start..).is_some_and(|rest| rest.starts_with(':'));
        (start + usize::from(is_colon), end + usize::from(is_colon))
    }

    /// Writes behind a key; lines of its own go behind a comment that stands on the key's line.
    fn write_behind_key(&mut self, node: &Node, (start, end): (usize, usize), out: &str, rest: &str) {
        let text = self.writer.text;
        let blank = text.get(..start).map_or(0, |before| before.len() - before.trim_end_matches(' ').len());
        if out.starts_with(' ') || rest.trim().is_empty() {
            self.splices.push(Splice { start: start - blank, end, text: out.to_owned() });
            return;
        }
        let line_end = end + rest.trim_end_matches(['\n', '\r']).len();
        if !node.is_absent() {
            let comment = if blank == 0 { "" } else { " " };
            self.splices.push(Splice {
                start: start - blank,
                end: end + rest.len() - rest.trim_start().len(),
                text: comment.to_owned(),
            });
        }
        self.splices.push(Splice { start: line_end, end: line_end, text: out.to_owned() });
    }

    /// Replaces `<<` by the entries that it supplies.
    pub(super) fn expand_merge(&mut self, node: &'a Node, entries: &'a [(Node, Node)], planned: &Value) -> Option<()> {
        let mut merges = entries.iter().filter(|(key, _)| key.is_merge());
        let (Some((key, value)), None) = (merges.next(), merges.next()) else {
            return None;
        };
        let supplied =
            planned.as_map()?.iter().filter(|(key, _)| !entries.iter().any(|(name, _)| name.is_text(&key.name)));
        let mut out = String::new();
        let column = node.column as usize;
        let like = Some(self.writer.followed(value));
        for (index, (name, entry)) in supplied.enumerate() {
            let like_entry = like.and_then(|like| like.get(&name.name));
            if index > 0 && node.is_flow() {
                out.push_str(", ");
            } else if index > 0 {
                self.writer.line(&mut out, column);
            }
            self.writer.key(&mut out, &name.name, None);
            out.push(':');
            if node.is_flow() {
                out.push(' ');
                self.writer.inline(&mut out, entry, like_entry);
            } else {
                self.writer.block_value(&mut out, entry, like_entry, like, column);
            }
        }
        self.splices.push(Splice { start: key.span.start as usize, end: value.span.end as usize, text: out });
        Some(())
    }

    pub(super) fn insert_entry(
        &mut self,
        map: &'a Node,
        entries: &'a [(Node, Node)],
        key: &str,
        after: Option<&str>,
        value: &Value,
    ) {
        let Some(last) = entries.last() else {
            let mut out = String::new();
            self.writer.key(&mut out, key, None);
            out.push_str(": ");
            self.writer.inline(&mut out, value, None);
            let (start, end) = (map.span.start as usize + 1, map.span.end as usize - 1);
            // A comment in there stays, on lines of its own.
            let has_comment = self.writer.text.get(start..end).is_some_and(|inside| inside.contains('#'));
            self.splices.push(Splice { start: if has_comment { end } else { start }, end, text: out });
            return;
        };
        let (before_key, before) =
            entries.iter().find(|(name, _)| after.is_some_and(|after| name.is_text(after))).unwrap_or(last);
        let mut out = String::new();
        if map.is_flow() {
            let flow = layout::Flow::of(self.writer.text, Some(map), self.writer.json);
            flow.separate(&mut out, 1, self.writer.newline);
            self.writer.key(&mut out, key, Some(before_key));
            out.push_str(flow.colon);
            self.writer.inline(&mut out, value, None);
            let at = self.place_of(before).1.max(before_key.span.end as usize);
            self.splices.push(Splice { start: at, end: at, text: out });
        } else {
            let column = map.column as usize;
            self.writer.key(&mut out, key, Some(before_key));
            out.push(':');
            self.writer.block_value(&mut out, value, None, Some(map), column);
            let node = if before.is_absent() { before_key } else { before };
            self.insert_line(layout::behind(self.writer.text, node, column), column, &out);
        }
    }

    pub(super) fn insert_item(&mut self, seq: &'a Node, after: &'a Node, like: &'a Node, value: &Value) -> Option<()> {
        let text = self.writer.text;
        let mut out = String::new();
        if seq.is_flow() {
            layout::Flow::of(text, Some(seq), self.writer.json).separate(&mut out, 1, self.writer.newline);
            self.writer.inline(&mut out, value, Some(like));
            let at = after.span.end as usize;
            self.splices.push(Splice { start: at, end: at, text: out });
            return Some(());
        }
        let column = layout::dash_column(text, after)?;
        let content = like.column as usize;
        let is_near = layout::line_start(text, like.span.start as usize) + content == like.span.start as usize
            && (column + 2..column + 8).contains(&content);
        let gap = if is_near && like.anchor.is_none() && like.tag.is_none() && !matches!(like.kind, Kind::Alias(_)) {
            content - column - 1
        } else {
            1
        };
        out.push('-');
        out.extend(std::iter::repeat_n(' ', gap));
        self.writer.item(&mut out, value, Some(like), column + 1 + gap);
        self.insert_line(layout::behind(text, after, column), column, &out);
        Some(())
    }

    fn insert_line(&mut self, at: usize, column: usize, line: &str) {
        let newline = self.writer.newline;
        let indent = " ".repeat(column);
        let ends_open = at == self.writer.text.len() && !self.writer.text.ends_with('\n');
        let text = if ends_open { format!("{newline}{indent}{line}") } else { format!("{indent}{line}{newline}") };
        self.splices.push(Splice { start: at, end: at, text });
    }
}
