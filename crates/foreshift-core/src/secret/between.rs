//! What stands between the scalars of a document: a value that was, or one in plain text, may stand in a comment; and
//! what begins with `&` or `!` is the name of an anchor or a tag, where somebody forgot to quote a password.

use super::edit::Edit;
use crate::text::{Document, Kind};

/// What stands in the place of a comment.
pub(super) const MASK: &str = "# ***";

/// What may be seen between scalars.
#[derive(Clone, Copy)]
pub(super) enum Between<'a> {
    /// Nothing but the indicators and YAML's own tags.
    Nothing,
    /// All but the comments that this says yes to.
    Comments(&'a dyn Fn(&str) -> bool),
}

/// Edits that hide what may not be seen between the scalars of a document.
pub(super) fn masks(text: &str, document: &Document, seen: Between<'_>, edits: &mut Vec<Edit>) {
    let mut at = document.span.start as usize;
    document.root.walk(&mut |node| {
        if matches!(node.kind, Kind::Scalar { .. } | Kind::Alias(_)) {
            gap(text, at, node.span.start as usize, seen, edits);
            at = at.max(node.span.end as usize);
        }
    });
    gap(text, at, document.span.end as usize, seen, edits);
}

fn gap(text: &str, start: usize, end: usize, seen: Between<'_>, edits: &mut Vec<Edit>) {
    let mut at = start;
    while let Some(found) = text.get(at..end).and_then(|rest| rest.find(['#', '&', '!'])) {
        let start = at + found;
        let rest = text.get(start..).unwrap_or_default();
        let before = text.get(..start).and_then(|before| before.chars().next_back()).unwrap_or(' ');
        at = start + 1;
        let is_first = before.is_whitespace() || matches!(before, '\u{feff}' | '[' | '{' | ',' | ':' | '-' | '?');
        if !is_first {
            continue;
        }
        let is_comment = rest.starts_with('#');
        let length = if is_comment {
            rest.find(['\n', '\r'])
        } else {
            rest.find(|c: char| c.is_whitespace() || ",]}".contains(c))
        };
        let shown = rest.get(..length.unwrap_or(rest.len())).unwrap_or_default();
        let is_hidden = match seen {
            Between::Nothing if is_comment => shown != MASK,
            Between::Nothing => !shown.starts_with("!!") && shown != "!",
            Between::Comments(is_hidden) => is_comment && shown != MASK && is_hidden(shown),
        };
        if is_hidden {
            let text = if is_comment { MASK.to_owned() } else { String::new() };
            edits.push(Edit { start, end: start + shown.len(), text });
        }
        at = start + shown.len().max(1);
    }
}
