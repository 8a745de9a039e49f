//! Edits of a document: only the lines that a change owns become others.
//!
//! An alias or a merge key that supplies an owned line is written out in place. Where an owned line stands inside an
//! anchor, whoever else uses that anchor gets its value written out instead, and so keeps it.

use std::collections::{BTreeMap, BTreeSet};

use super::write::Writer;
use super::{Change, Document, Kind, Node, SourceId, changed, layout, parse, resolve, resolve_within};
use crate::value::{Path, Step, Value};

/// An edited document.
#[derive(Clone, Debug)]
pub struct Edited {
    /// Its text.
    pub text: String,
    /// What kubectl reads in that text.
    pub value: Value,
}

/// Makes the changes in the text of a document.
///
/// The result was read again and is what was planned; `None` where it is not, because the text is laid out in a way
/// that this editor does not know.
pub fn edit(text: &str, document: &Document, value: &Value, changes: &[Change]) -> Option<Edited> {
    let planned = changed(value, changes);
    let mut editor = Editor::new(text, &document.root, value, &planned, changes);
    let all: Vec<&Change> = changes.iter().collect();
    editor.node(&document.root, &mut Path::new(), &all, Place::Root)?;
    editor.keep_other_users(&document.root);
    let edited = editor.spliced(document)?;
    let value = read(&edited)?;
    (value == planned).then_some(Edited { text: edited, value })
}

/// The value of a text with one document.
fn read(text: &str) -> Option<Value> {
    let documents = parse(SourceId::NONE, text).ok()?;
    let [document] = documents.as_slice() else {
        return None;
    };
    Some(resolve(&document.root, &mut Vec::new()))
}

/// Where a node stands, which decides how something else can take its place.
#[derive(Clone, Copy)]
enum Place {
    Root,
    /// Behind a key of a block mapping whose keys stand at this column.
    Entry(usize),
    /// Behind a dash at this column.
    Item(usize),
    /// Inside of brackets, or behind a merge key.
    Flow,
}

struct Splice {
    start: usize,
    end: usize,
    text: String,
}

struct Editor<'a> {
    writer: Writer<'a>,
    root: &'a Node,
    before: &'a Value,
    planned: &'a Value,
    changes: &'a [Change],
    splices: Vec<Splice>,
    /// Anchors that owned lines stand in.
    touched: BTreeSet<usize>,
}

impl<'a> Editor<'a> {
    fn new(text: &'a str, root: &'a Node, before: &'a Value, planned: &'a Value, changes: &'a [Change]) -> Editor<'a> {
        let mut anchors = BTreeMap::new();
        let mut seq_offset = None;
        root.walk(&mut |node| {
            if let Some(anchor) = node.anchor {
                anchors.insert(anchor, node);
            }
            seq_offset = seq_offset.or_else(|| seq_offset_in(text, node));
        });
        let json = matches!(&root.kind, Kind::Map { flow: true, entries } if entries.first().is_some_and(|(key, _)| is_quoted(key)));
        let newline = layout::newline(text, root.span.start as usize);
        let writer = Writer { text, anchors, newline, json, seq_offset: seq_offset.unwrap_or(0) };
        Editor { writer, root, before, planned, changes, splices: Vec::new(), touched: BTreeSet::new() }
    }

    fn node(&mut self, node: &'a Node, path: &mut Path, changes: &[&Change], place: Place) -> Option<()> {
        if changes.is_empty() {
            return Some(());
        }
        if let Kind::Alias(_) = node.kind {
            let planned = self.planned_at(path)?;
            self.write_out(node, planned, place);
            return Some(());
        }
        self.touched.extend(node.anchor);
        match &node.kind {
            Kind::Map { entries, .. } => self.map(node, entries, path, changes),
            Kind::Seq { items, .. } => self.seq(node, items, path, changes),
            _ => None,
        }
    }

    fn map(&mut self, node: &'a Node, entries: &'a [(Node, Node)], path: &mut Path, changes: &[&Change]) -> Option<()> {
        let keys: BTreeSet<&str> = changes.iter().filter_map(|change| key_below(change, path.len())).collect();
        let before = self.before.find(path)?;
        let is_merged = |key: &&str| before.get(key).is_some() && !entries.iter().any(|(name, _)| name.is_text(key));
        if keys.iter().any(is_merged) {
            self.expand_merge(node, entries, path)?;
        }
        for key in keys.into_iter().filter(|key| !is_merged(key)) {
            let below: Vec<&Change> =
                changes.iter().copied().filter(|change| key_below(change, path.len()) == Some(key)).collect();
            let put = below.iter().find(|change| change.path().len() == path.len()).copied();
            path.push(Step::from(key));
            let written = entries.iter().find(|(name, _)| name.is_text(key)).map(|(_, value)| value);
            match (put, written) {
                (Some(_), Some(value)) => self.replace(value, self.planned_at(path)?, place_in(node)),
                (Some(Change::Put { after, .. }), None) => self.insert_entry(node, entries, key, *after, path)?,
                (_, Some(value)) => self.node(value, path, &below, place_in(node))?,
                _ => return None,
            }
            path.pop();
        }
        Some(())
    }

    fn seq(&mut self, node: &'a Node, items: &'a [Node], path: &mut Path, changes: &[&Change]) -> Option<()> {
        for (index, item) in items.iter().enumerate() {
            let below: Vec<&Change> = changes
                .iter()
                .copied()
                .filter(|change| change.path().get(path.len()) == Some(&Step::Index(index)))
                .collect();
            if below.is_empty() {
                continue;
            }
            let place = match layout::dash_column(self.writer.text, item) {
                Some(column) if !node.is_flow() => Place::Item(column),
                _ => Place::Flow,
            };
            path.push(Step::Index(index));
            self.node(item, path, &below, place)?;
            path.pop();
        }
        for change in changes.iter().filter(|change| change.path().len() == path.len()) {
            let Change::Insert { after, like, value, .. } = change else {
                return None;
            };
            self.insert_item(node, items.get(*after)?, items.get(*like)?, value)?;
        }
        Some(())
    }

    /// What is planned for the node at a path of the document, whose place a new item before it has moved.
    fn planned_at(&self, path: &[Step]) -> Option<&'a Value> {
        let mut moved = Path::new();
        for (depth, step) in path.iter().enumerate() {
            let before = path.get(..depth)?;
            moved.push(match step {
                Step::Key(key) => Step::Key(key.clone()),
                Step::Index(index) => Step::Index(index + self.inserted_before(before, *index)),
            });
        }
        self.planned.find(&moved)
    }

    fn inserted_before(&self, list: &[Step], index: usize) -> usize {
        let is_before =
            |change: &&Change| matches!(change, Change::Insert { seq, after, .. } if seq == list && *after < index);
        self.changes.iter().filter(is_before).count()
    }

    fn replace(&mut self, node: &'a Node, value: &Value, place: Place) {
        self.touched.extend(node.anchor);
        let is_scalar = matches!(node.kind, Kind::Scalar { .. });
        if node.is_absent() || matches!(node.kind, Kind::Alias(_)) || !is_scalar {
            return self.write_out(node, value, place);
        }
        let mut text = String::new();
        self.writer.inline(&mut text, value, Some(node));
        self.splice(node, text);
    }

    /// Puts a value in the place of a node that is an alias, or is not there at all.
    fn write_out(&mut self, node: &'a Node, value: &Value, place: Place) {
        let text = self.writer.text;
        let end = node.span.end as usize;
        let rest = text.get(end..layout::next_line(text, end)).unwrap_or_default();
        let mut out = String::new();
        match place {
            Place::Entry(column) => {
                let like_parent = None;
                self.writer.block_value(&mut out, value, Some(node), like_parent, column);
                self.write_behind_key(node, &out, rest);
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
                self.splice(node, out);
            }
        }
    }

    /// Writes behind a key; lines of its own go behind a comment that stands on the key's line.
    fn write_behind_key(&mut self, node: &Node, out: &str, rest: &str) {
        let text = self.writer.text;
        let (start, end) = (node.span.start as usize, node.span.end as usize);
        let blank = text.get(..start).map_or(0, |before| before.len() - before.trim_end_matches(' ').len());
        if out.starts_with(' ') || rest.trim().is_empty() {
            self.splices.push(Splice { start: start - blank, end, text: out.to_owned() });
            return;
        }
        let line_end = end + rest.trim_end_matches(['\n', '\r']).len();
        let comment = if blank == 0 { "" } else { " " };
        self.splices.push(Splice {
            start: start - blank,
            end: end + rest.len() - rest.trim_start().len(),
            text: comment.to_owned(),
        });
        self.splices.push(Splice { start: line_end, end: line_end, text: out.to_owned() });
    }

    /// Replaces `<<` by the entries that it supplies.
    fn expand_merge(&mut self, node: &'a Node, entries: &'a [(Node, Node)], path: &Path) -> Option<()> {
        let mut merges = entries.iter().filter(|(key, _)| key.is_merge());
        let (Some((key, value)), None) = (merges.next(), merges.next()) else {
            return None;
        };
        let planned = self.planned_at(path)?.as_map()?;
        let supplied = planned.iter().filter(|(key, _)| !entries.iter().any(|(name, _)| name.is_text(&key.name)));
        let mut out = String::new();
        let column = key_column(node);
        let like = Some(self.writer.followed(value));
        for (index, (name, entry)) in supplied.enumerate() {
            let like_entry = like.and_then(|like| like.get(&name.name));
            if index > 0 && node.is_flow() {
                out.push_str(", ");
            } else if index > 0 {
                out.push_str(self.writer.newline);
                out.extend(std::iter::repeat_n(' ', column));
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

    fn insert_entry(
        &mut self,
        map: &'a Node,
        entries: &'a [(Node, Node)],
        key: &str,
        after: Option<&str>,
        path: &Path,
    ) -> Option<()> {
        let value = self.planned_at(path)?;
        let Some(last) = entries.last() else {
            let mut out = String::from("{");
            self.writer.key(&mut out, key, None);
            out.push_str(": ");
            self.writer.inline(&mut out, value, None);
            out.push('}');
            self.splice(map, out);
            return Some(());
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
            let at = before.span.end.max(before_key.span.end) as usize;
            self.splices.push(Splice { start: at, end: at, text: out });
        } else {
            let column = key_column(map);
            self.writer.key(&mut out, key, Some(before_key));
            out.push(':');
            self.writer.block_value(&mut out, value, None, Some(map), column);
            let node = if before.is_absent() { before_key } else { before };
            self.insert_line(layout::behind(self.writer.text, node, column), column, &out);
        }
        Some(())
    }

    fn insert_item(&mut self, seq: &'a Node, after: &'a Node, like: &'a Node, value: &Value) -> Option<()> {
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

    /// Writes the old value out wherever an anchor is used that owned lines stand in.
    fn keep_other_users(&mut self, node: &'a Node) {
        if self.touched.is_empty() {
            return;
        }
        let mut users = Vec::new();
        collect_aliases(self.writer.text, node, Place::Root, &mut users);
        for (alias, anchor, place) in users {
            let is_written = self.splices.iter().any(|splice| {
                splice.start <= alias.span.start as usize
                    && (alias.span.end as usize) <= splice.end
                    && splice.start < splice.end
            });
            if self.touched.contains(&anchor) && !is_written {
                let value = resolve_within(self.root, alias);
                self.write_out(alias, &value, place);
            }
        }
    }

    fn splice(&mut self, node: &Node, text: String) {
        self.splices.push(Splice { start: node.span.start as usize, end: node.span.end as usize, text });
    }

    /// What is planned at a path that counts in the text: items that are added before it move it.
    fn planned_at(&self, path: &[Step]) -> Option<&'a Value> {
        let mut moved = Path::new();
        for (depth, step) in path.iter().enumerate() {
            moved.push(match step {
                Step::Index(index) => {
                    let is_before = |change: &&Change| {
                        matches!(change, Change::Insert { seq, after, .. } if path.get(..depth) == Some(seq.as_slice()) && after < index)
                    };
                    Step::Index(index + self.changes.iter().filter(is_before).count())
                }
                key => key.clone(),
            });
        }
        self.planned.find(&moved)
    }

    /// The document with every splice made, in the order of the text; two at one place in the order they were planned.
    fn spliced(mut self, document: &Document) -> Option<String> {
        self.splices.sort_by_key(|splice| (splice.start, splice.end));
        let mut out = String::with_capacity(self.writer.text.len() + 128);
        let mut at = document.span.start as usize;
        for splice in &self.splices {
            out.push_str(self.writer.text.get(at..splice.start)?);
            out.push_str(&splice.text);
            at = splice.end;
        }
        out.push_str(self.writer.text.get(at..document.span.end as usize)?);
        Some(out)
    }
}

/// The key below a path of this length that a change is about.
fn key_below(change: &Change, depth: usize) -> Option<&str> {
    match (change.path().get(depth), change) {
        (Some(Step::Key(key)), _) => Some(key),
        (None, Change::Put { key, .. }) => Some(key),
        _ => None,
    }
}

fn is_quoted(key: &Node) -> bool {
    matches!(key.kind, Kind::Scalar { style: super::Style::Double, .. })
}

fn seq_offset_in(text: &str, node: &Node) -> Option<usize> {
    let Kind::Map { flow: false, entries } = &node.kind else {
        return None;
    };
    entries.iter().find_map(|(_, value)| match &value.kind {
        Kind::Seq { flow: false, items } => {
            layout::dash_column(text, items.first()?)?.checked_sub(node.column as usize)
        }
        _ => None,
    })
}

fn collect_aliases<'a>(text: &str, node: &'a Node, place: Place, out: &mut Vec<(&'a Node, usize, Place)>) {
    match &node.kind {
        Kind::Scalar { .. } => {}
        Kind::Alias(anchor) => out.push((node, *anchor, place)),
        Kind::Seq { flow, items } => {
            for item in items {
                let column = layout::dash_column(text, item).filter(|_| !flow);
                collect_aliases(text, item, column.map_or(Place::Flow, Place::Item), out);
            }
        }
        Kind::Map { flow, entries } => {
            for (key, value) in entries {
                let inside = *flow || key.is_merge();
                let place = if inside { Place::Flow } else { Place::Entry(node.column as usize) };
                collect_aliases(text, value, place, out);
            }
        }
    }
}

fn place_in(map: &Node) -> Place {
    if map.is_flow() { Place::Flow } else { Place::Entry(key_column(map)) }
}

fn key_column(map: &Node) -> usize {
    map.column as usize
}
