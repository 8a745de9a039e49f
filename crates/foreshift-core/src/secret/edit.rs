//! Masks in the place of scalars: every line stays where it is.

use super::mask::is_mask;
use crate::text::{Document, Kind, Node, Style, quoted};
use crate::value::{Data, Value};

/// A text in the place of a range of bytes.
pub(super) struct Edit {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) text: String,
}

/// The edits that make a document say `masked` where it said `was`; `None` where it cannot be edited so.
pub(super) fn edits(text: &str, document: &Document, was: &Value, masked: &Value, out: &mut Vec<Edit>) -> Option<()> {
    node(text, &document.root, document.span.start as usize, was, masked, out)
}

/// `before` is where the scalar before the node ends: behind it stand the node's own properties.
fn node(text: &str, at: &Node, before: usize, was: &Value, masked: &Value, out: &mut Vec<Edit>) -> Option<()> {
    if was == masked {
        return Some(());
    }
    match (&at.kind, &masked.data) {
        (Kind::Scalar { text: said, style }, Data::Str(new)) => {
            out.push(scalar(text, at, before, *style, (said, new))?);
        }
        (Kind::Alias(_), Data::Str(new)) => {
            out.push(Edit { start: at.span.start as usize, end: at.span.end as usize, text: quoted(new) });
        }
        (Kind::Seq { items, .. }, Data::Seq(new)) => {
            let was = was.as_seq()?;
            let mut before = at.span.start as usize;
            for ((item, was), masked) in items.iter().zip(was).zip(new) {
                node(text, item, before, was, masked, out)?;
                before = item.span.end as usize;
            }
        }
        (Kind::Map { entries, .. }, Data::Map(new)) => {
            for (key, value) in entries {
                let Kind::Scalar { text: name, .. } = &key.kind else { continue };
                let (Some(was), Some(masked)) = (was.get(name), new.get(name)) else { continue };
                node(text, value, key.span.end as usize, was, masked, out)?;
            }
        }
        _ => return None,
    }
    Some(())
}

fn scalar(text: &str, at: &Node, before: usize, style: Style, (said, new): (&str, &str)) -> Option<Edit> {
    let (mut start, mut end) = (at.span.start as usize, at.span.end as usize);
    if style == Style::Block {
        let header = header(text.get(before..start)?)? + before;
        end = body_end(text, start, end);
        let body = header + text.get(header..)?.find('\n')? + 1;
        let is_literal = text.get(header..)?.starts_with('|') && !is_mask(new);
        if let Some(text) = is_literal.then(|| literal(text.get(body..end)?, said, new)).flatten() {
            return Some(Edit { start: body, end, text });
        }
        start = header;
    }
    let mut text_of = quoted(new);
    breaks(text.get(start..end)?, &mut text_of);
    Some(Edit { start, end, text: text_of })
}

/// Where the indicator of a block scalar stands in the text before it: behind white space, as no tag's `>` does.
fn header(before: &str) -> Option<usize> {
    let mut last = ' ';
    before.char_indices().find_map(|(at, c)| {
        let is_it = matches!(c, '|' | '>') && last.is_whitespace();
        last = c;
        is_it.then_some(at)
    })
}

/// The end of the last line of a block scalar, which reaches up to what stands in the line behind it.
fn body_end(text: &str, start: usize, end: usize) -> usize {
    let line = line_start(text, end);
    let is_blank = text.get(line..end).is_some_and(|blank| blank.bytes().all(|byte| byte == b' '));
    if is_blank && line > start { line } else { end }
}

/// The lines of a literal text, moved to where those of the former one stand.
fn literal(body: &str, said: &str, new: &str) -> Option<String> {
    let spaces = |line: &str| line.bytes().take_while(|byte| *byte == b' ').count();
    let (written, line) = body.lines().zip(said.lines()).find(|(_, line)| !line.trim().is_empty())?;
    let indent = spaces(written).checked_sub(spaces(line))?;
    let newline = if body.contains("\r\n") { "\r\n" } else { "\n" };
    let mut out = String::with_capacity(body.len());
    for line in new.lines() {
        if !line.is_empty() {
            out.extend(std::iter::repeat_n(' ', indent));
            out.push_str(line);
        }
        out.push_str(newline);
    }
    // What chomping takes away stays, so that no line below moves.
    let missing = body.lines().count().checked_sub(new.lines().count())?;
    out.extend(std::iter::repeat_n(newline, missing));
    if !body.ends_with('\n') {
        out.truncate(out.trim_end_matches(['\r', '\n']).len());
    }
    Some(out)
}

/// The line breaks of a text that is replaced.
fn breaks(replaced: &str, out: &mut String) {
    for (at, _) in replaced.match_indices('\n') {
        let is_crlf = replaced.get(..at).is_some_and(|before| before.ends_with('\r'));
        out.push_str(if is_crlf { "\r\n" } else { "\n" });
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}

/// A range of a text with edits in it. Of two that overlap the first one stays.
pub(super) fn applied(text: &str, start: usize, end: usize, mut edits: Vec<Edit>) -> Option<String> {
    crate::order::sort_by(&mut edits, |a, b| a.start.cmp(&b.start));
    let mut out = String::with_capacity(end.saturating_sub(start));
    let mut at = start;
    for edit in edits.into_iter().filter(|edit| edit.start >= start && edit.end <= end) {
        if edit.start >= at {
            out.push_str(text.get(at..edit.start)?);
            out.push_str(&edit.text);
            at = edit.end;
        }
    }
    out.push_str(text.get(at..end)?);
    Some(out)
}
