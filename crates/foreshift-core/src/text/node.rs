//! A document as it was written: styles, aliases and places, nothing interpreted.

use std::rc::Rc;

use super::Span;
use crate::order::Table;

/// One document of a file.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its root.
    pub root: Node,
    /// Its text in the file, without the `---` lines around it; the whole file where it is the only document.
    pub span: Span,
}

/// One node as written.
#[derive(Clone, Debug)]
pub struct Node {
    /// From its first byte (behind anchor and tag) to its last; of a block collection, to the end of its last node.
    pub span: Span,
    /// The column of its first character, from 0.
    pub column: u32,
    /// The number of its anchor in the document, if it has one.
    pub anchor: Option<usize>,
    /// Its explicit tag in full, if it has one.
    pub tag: Option<String>,
    /// What it is.
    pub kind: Kind,
}

/// What a node is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Text, unescaped, with the style it was written in.
    Scalar {
        /// The text without quotes and escapes.
        text: Rc<str>,
        /// How it was written.
        style: Style,
    },
    /// A list.
    Seq {
        /// Whether it is written with brackets.
        flow: bool,
        /// Its items.
        items: Vec<Node>,
    },
    /// A mapping.
    Map {
        /// Whether it is written with braces.
        flow: bool,
        /// Its keys and values.
        entries: Vec<(Node, Node)>,
    },
    /// A reference to the node that has this anchor number.
    Alias(usize),
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
    /// `|` or `>`
    Block,
}

impl Node {
    /// The value under a key, as written; no alias is followed.
    pub fn get(&self, name: &str) -> Option<&Node> {
        let Kind::Map { entries, .. } = &self.kind else {
            return None;
        };
        entries.iter().find(|(key, _)| key.is_text(name)).map(|(_, value)| value)
    }

    /// Whether it is a scalar with that text.
    pub fn is_text(&self, expected: &str) -> bool {
        matches!(&self.kind, Kind::Scalar { text, .. } if **text == *expected)
    }

    /// Whether nothing was written here at all.
    pub fn is_absent(&self) -> bool {
        self.span.start == self.span.end && matches!(&self.kind, Kind::Scalar { style: Style::Plain, .. })
    }

    /// Whether it is written with brackets or braces.
    pub fn is_flow(&self) -> bool {
        matches!(self.kind, Kind::Seq { flow: true, .. } | Kind::Map { flow: true, .. })
    }

    /// Whether it is the plain key `<<`, or one that `!!merge` says it of: it merges.
    pub fn is_merge(&self) -> bool {
        let is_tagged = matches!(self.tag.as_deref(), Some("tag:yaml.org,2002:merge" | "!!merge"));
        let Kind::Scalar { text, style } = &self.kind else { return false };
        **text == *"<<" && (is_tagged || (self.tag.is_none() && *style == Style::Plain))
    }

    /// Every node inside of it that has an anchor, by the number of the anchor.
    pub(super) fn anchors(&self) -> Table<usize, &Node> {
        let mut anchors = Table::new();
        self.walk(&mut |node| {
            if let Some(anchor) = node.anchor {
                anchors.insert(anchor, node);
            }
        });
        anchors
    }

    /// Calls `visit` with this node and every node inside of it, in the order of the text.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Node)) {
        visit(self);
        match &self.kind {
            Kind::Scalar { .. } | Kind::Alias(_) => {}
            Kind::Seq { items, .. } => items.iter().for_each(|item| item.walk(visit)),
            Kind::Map { entries, .. } => {
                for (key, value) in entries {
                    key.walk(visit);
                    value.walk(visit);
                }
            }
        }
    }
}
