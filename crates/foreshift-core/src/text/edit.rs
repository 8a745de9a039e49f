//! Edits of a document: only the lines that a change owns become others.
//!
//! An alias or a merge key that supplies an owned line is written out in place. Where an owned line stands inside an
//! anchor, whoever else uses that anchor gets its value written out instead, and so keeps it.

mod fill;
mod users;

use crate::order::{self, Keys};

use super::write::Writer;
use super::{Change, Document, Kind, Node, SourceId, changed, layout, parse, resolve};
use crate::value::{Step, Value};

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
    let mut editor = Editor::new(text, &document.root);
    let all: Vec<&Change> = changes.iter().collect();
    let at = At { depth: 0, before: Some(value), planned: &planned };
    editor.node(&document.root, at, &all, Place::Root)?;
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

/// What a node means, before and after.
#[derive(Clone, Copy)]
struct At<'v> {
    /// How long its path is.
    depth: usize,
    before: Option<&'v Value>,
    planned: &'v Value,
}

impl<'v> At<'v> {
    fn key(self, key: &str) -> Option<At<'v>> {
        let before = self.before.and_then(|before| before.get(key));
        Some(At { depth: self.depth + 1, before, planned: self.planned.get(key)? })
    }

    /// An item, which new ones before it have moved.
    fn item(self, index: usize, moved: usize) -> Option<At<'v>> {
        let before = self.before.and_then(|before| before.items().get(index));
        Some(At { depth: self.depth + 1, before, planned: self.planned.items().get(index + moved)? })
    }
}

struct Splice {
    start: usize,
    end: usize,
    text: String,
}

struct Editor<'a> {
    writer: Writer<'a>,
    root: &'a Node,
    splices: Vec<Splice>,
    /// Anchors that owned lines stand in.
    touched: Keys<usize>,
}

impl<'a> Editor<'a> {
    fn new(text: &'a str, root: &'a Node) -> Editor<'a> {
        let json = matches!(&root.kind, Kind::Map { flow: true, entries } if entries.first().is_some_and(|(key, _)| is_quoted(key)));
        let newline = layout::newline(text, root.span.start as usize);
        let seq_offset = seq_offset(text, root).unwrap_or(0);
        let writer = Writer { text, anchors: root.anchors(), newline, json, seq_offset };
        Editor { writer, root, splices: Vec::new(), touched: Keys::new() }
    }

    fn node(&mut self, node: &'a Node, at: At, changes: &[&Change], place: Place) -> Option<()> {
        if changes.is_empty() {
            return Some(());
        }
        if let Kind::Alias(_) = node.kind {
            self.write_out(node, at.planned, place);
            return Some(());
        }
        self.touched.extend(node.anchor);
        match &node.kind {
            Kind::Map { entries, .. } => self.map(node, entries, at, changes),
            Kind::Seq { items, .. } => self.seq(node, items, at, changes),
            _ => None,
        }
    }

    fn map(&mut self, node: &'a Node, entries: &'a [(Node, Node)], at: At, changes: &[&Change]) -> Option<()> {
        // Each once; they are few, however many changes there are.
        let mut keys: Vec<&str> = Vec::new();
        for key in changes.iter().filter_map(|change| key_below(change, at.depth)) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        let before = at.before?;
        let is_merged = |key: &&str| before.get(key).is_some() && !entries.iter().any(|(name, _)| name.is_text(key));
        if keys.iter().any(is_merged) {
            self.expand_merge(node, entries, at.planned)?;
        }
        for key in keys.iter().copied().filter(|key| !is_merged(key)) {
            let below: Vec<&Change> =
                changes.iter().copied().filter(|change| key_below(change, at.depth) == Some(key)).collect();
            let put = below.iter().find(|change| change.path().len() == at.depth).copied();
            let inside = at.key(key)?;
            let written = entries.iter().find(|(name, _)| name.is_text(key)).map(|(_, value)| value);
            match (put, written) {
                (Some(_), Some(value)) => self.replace(value, inside.planned, place_in(node)),
                (Some(Change::Put { after, .. }), None) => {
                    self.insert_entry(node, entries, key, *after, inside.planned);
                }
                (_, Some(value)) => self.node(value, inside, &below, place_in(node))?,
                _ => return None,
            }
        }
        Some(())
    }

    fn seq(&mut self, node: &'a Node, items: &'a [Node], at: At, changes: &[&Change]) -> Option<()> {
        let (mut here, mut below_all) = (Vec::new(), vec![Vec::new(); items.len()]);
        for change in changes.iter().copied() {
            match change.path().get(at.depth) {
                Some(Step::Index(of)) => below_all.get_mut(*of)?.push(change),
                Some(Step::Key(_)) => {}
                None => here.push(change),
            }
        }
        let moved = |index: usize| {
            here.iter().filter(|change| matches!(change, Change::Insert { after, .. } if *after < index)).count()
        };
        for (index, (item, below)) in items.iter().zip(&below_all).enumerate() {
            if below.is_empty() {
                continue;
            }
            let place = match layout::dash_column(self.writer.text, item) {
                Some(column) if !node.is_flow() => Place::Item(column),
                _ => Place::Flow,
            };
            self.node(item, at.item(index, moved(index))?, below, place)?;
        }
        for change in here {
            let Change::Insert { after, like, value, .. } = change else {
                return None;
            };
            self.insert_item(node, items.get(*after)?, items.get(*like)?, value)?;
        }
        Some(())
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

    fn splice(&mut self, node: &Node, text: String) {
        self.splices.push(Splice { start: node.span.start as usize, end: node.span.end as usize, text });
    }

    /// The document with every splice made, in the order of the text; two at one place in the order they were planned.
    fn spliced(mut self, document: &Document) -> Option<String> {
        order::sort_by(&mut self.splices, |a, b| (a.start, a.end).cmp(&(b.start, b.end)));
        let mut at = document.span.start as usize;
        let mut out = String::with_capacity(document.span.end as usize - at + 128);
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

/// How far the first list of a block mapping stands to the right of its key.
fn seq_offset(text: &str, node: &Node) -> Option<usize> {
    match &node.kind {
        Kind::Map { flow: false, entries } => {
            let here = entries.iter().find_map(|(_, value)| match &value.kind {
                Kind::Seq { flow: false, items } => {
                    layout::dash_column(text, items.first()?)?.checked_sub(node.column as usize)
                }
                _ => None,
            });
            here.or_else(|| entries.iter().find_map(|(_, value)| seq_offset(text, value)))
        }
        Kind::Seq { flow: false, items } => items.iter().find_map(|item| seq_offset(text, item)),
        _ => None,
    }
}

fn place_in(map: &Node) -> Place {
    if map.is_flow() { Place::Flow } else { Place::Entry(map.column as usize) }
}
