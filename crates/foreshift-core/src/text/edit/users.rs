//! Other users of an anchor that owned lines stand in: each keeps the old value.

use super::{Editor, Place};
use crate::text::{Kind, Node, layout, resolve_within};

impl<'a> Editor<'a> {
    /// Writes the old value out wherever an anchor is used that owned lines stand in.
    pub(super) fn keep_other_users(&mut self, node: &'a Node) {
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
