//! How a user lays out text: where lines end, where dashes stand, what separates the entries of a flow collection.

use super::last;
use super::{Kind, Node, Style};

/// Where the line that holds `offset` begins.
pub(super) fn line_start(text: &str, offset: usize) -> usize {
    text.get(..offset).and_then(|before| last(before, b'\n')).map_or(0, |newline| newline + 1)
}

/// Where the line behind the one that holds `offset` begins; the end of the text where there is none.
pub(super) fn next_line(text: &str, offset: usize) -> usize {
    text.get(offset..).and_then(|rest| rest.find('\n')).map_or(text.len(), |newline| offset + newline + 1)
}

/// The white space before `offset`, if there is nothing else on its line.
pub(super) fn indent_before(text: &str, offset: usize) -> Option<&str> {
    let before = text.get(line_start(text, offset)..offset)?;
    before.bytes().all(|byte| matches!(byte, b' ' | b'\t')).then_some(before)
}

/// The column of the dash that a list item of block style stands behind.
pub(super) fn dash_column(text: &str, item: &Node) -> Option<usize> {
    let mut end = item.span.start as usize;
    loop {
        let start = line_start(text, end);
        let line = text.get(start..end)?;
        let lead = line.bytes().take_while(|byte| matches!(byte, b' ' | b'-')).count();
        if let Some(dash) = line.get(..lead).and_then(|lead| last(lead, b'-')) {
            let mark = usize::from(line.starts_with('\u{feff}')) * 3;
            return Some(dash - mark.min(dash));
        }
        end = start.checked_sub(1)?;
    }
}

/// Where something new goes that follows `node` in a block collection: the start of a line, or the end of the text.
///
/// Comments that stand deeper than `column` belong to the node and stay with it.
pub(super) fn behind(text: &str, node: &Node, column: usize) -> usize {
    let last = last_leaf(node);
    let end = last.span.end as usize;
    let at_line_start = matches!(last.kind, Kind::Scalar { style: Style::Block, .. });
    let mut at = match indent_before(text, end) {
        Some(indent) if at_line_start => end - indent.len(),
        _ => next_line(text, end),
    };
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let line = rest.split('\n').next().unwrap_or_default();
        let indent = line.bytes().take_while(|byte| *byte == b' ').count();
        let is_comment = line.get(indent..).is_some_and(|line| line.starts_with('#'));
        if !is_comment || indent <= column {
            break;
        }
        at = next_line(text, at);
    }
    at
}

/// The text of an item of a list, and the indentation of its lines behind the first.
pub fn behind_item<'a>(text: &'a str, item: &Node) -> Option<(&'a str, usize)> {
    let start = item.span.start as usize;
    if item.is_flow() {
        let line = text.get(line_start(text, start)..start)?;
        let indent = line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        return Some((text.get(start..item.span.end as usize)?, indent));
    }
    let dash = dash_column(text, item)?;
    Some((text.get(start..behind(text, item, dash))?, item.column as usize))
}

fn last_leaf(node: &Node) -> &Node {
    match &node.kind {
        Kind::Seq { flow: false, items } => items.last().map_or(node, last_leaf),
        Kind::Map { flow: false, entries } => entries
            .last()
            .map_or(node, |(key, value)| if value.is_absent() { last_leaf(key) } else { last_leaf(value) }),
        _ => node,
    }
}

/// The line break that the text uses around `offset`.
pub(super) fn newline(text: &str, offset: usize) -> &'static str {
    let here = text.get(..next_line(text, offset)).unwrap_or(text);
    let line_end = last(here, b'\n').or_else(|| text.find('\n'));
    let is_crlf = line_end.is_some_and(|at| at > 0 && text.as_bytes().get(at - 1) == Some(&b'\r'));
    if is_crlf { "\r\n" } else { "\n" }
}

/// The layout of a flow collection.
pub(super) struct Flow<'a> {
    /// What stands between a key and its value.
    pub(super) colon: &'a str,
    /// The indentation of the entries, where each has a line of its own.
    own_lines: Option<&'a str>,
    /// The indentation of the closing bracket.
    closing: &'a str,
    comma: &'static str,
}

impl<'a> Flow<'a> {
    /// The layout of `like` where that is a flow collection; else ours.
    pub(super) fn of(text: &'a str, like: Option<&'a Node>, json: bool) -> Flow<'a> {
        let mut flow = Flow { colon: ": ", own_lines: None, closing: "", comma: ", " };
        let Some(like) = like.filter(|like| like.is_flow()) else {
            return flow;
        };
        let starts: Vec<usize> = match &like.kind {
            Kind::Map { entries, .. } => entries.iter().map(|(key, _)| key.span.start as usize).collect(),
            Kind::Seq { items, .. } => items.iter().map(|item| item.span.start as usize).collect(),
            _ => Vec::new(),
        };
        if let Kind::Map { entries, .. } = &like.kind
            && let Some((key, value)) = entries.first()
            && let Some(colon) = text.get(key.span.end as usize..value.span.start as usize)
            && (colon == ":"
                || (colon.starts_with(':') && colon.get(1..).is_some_and(|rest| rest.bytes().all(|byte| byte == b' '))))
            && !value.is_absent()
        {
            flow.colon = colon;
        }
        flow.own_lines = starts.first().and_then(|start| indent_before(text, *start)).filter(|_| {
            // The first line of a text has no line break before it.
            starts.first().is_some_and(|start| line_start(text, *start) > like.span.start as usize)
        });
        let end = like.span.end as usize;
        flow.closing = end.checked_sub(1).and_then(|close| indent_before(text, close)).unwrap_or_default();
        let is_tight = match starts.get(1) {
            Some(second) => text.get(..*second).is_some_and(|before| before.ends_with(',')),
            None => json && flow.colon == ":",
        };
        if is_tight {
            flow.comma = ",";
        }
        flow
    }

    /// Writes what stands before the entry `index`.
    pub(super) fn separate(&self, out: &mut String, index: usize, newline: &str) {
        match self.own_lines {
            Some(indent) => {
                out.push_str(if index > 0 { "," } else { "" });
                out.push_str(newline);
                out.push_str(indent);
            }
            None => out.push_str(if index > 0 { self.comma } else { "" }),
        }
    }

    /// Writes what stands before the closing bracket.
    pub(super) fn close(&self, out: &mut String, is_empty: bool, newline: &str) {
        if self.own_lines.is_some() && !is_empty {
            out.push_str(newline);
            out.push_str(self.closing);
        }
    }
}
