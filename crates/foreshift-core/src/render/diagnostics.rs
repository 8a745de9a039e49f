//! Findings as a compiler prints them: what, where, the line, what to do.

use std::fmt::Write as _;

use super::lines::{columns, push_repeated, push_safe, safe};
use crate::diagnostic::Diagnostic;
use crate::preview::Preview;
use crate::text::{Position, Source, Sources};

/// The most columns of a line that are shown.
const WINDOW: usize = 120;

/// The columns before the place that are shown of a longer line.
const LEAD: usize = 40;

/// Every finding in its order, divided by empty lines; empty where there is none.
pub fn diagnostics(preview: &Preview) -> String {
    let mut out = String::new();
    for found in &preview.diagnostics {
        if !out.is_empty() {
            out.push('\n');
        }
        one(&mut out, found, &preview.sources);
    }
    out
}

fn one(out: &mut String, found: &Diagnostic, sources: &Sources) {
    out.push_str(found.severity.name());
    out.push('[');
    out.push_str(found.code.name());
    out.push_str("]: ");
    push_safe(out, &found.message);
    out.push('\n');
    let mut gutter = 1;
    if let Some((source, position)) = found.place(sources) {
        let number = position.line.to_string();
        gutter = number.len();
        push_repeated(out, ' ', gutter);
        out.push_str("--> ");
        push_safe(out, &source.path);
        let _ = writeln!(out, ":{}:{}", position.line, position.column);
        snippet(out, found, source, position, &number);
    }
    if let Some(help) = &found.help {
        push_repeated(out, ' ', gutter + 1);
        out.push_str("= help: ");
        push_safe(out, help);
        out.push('\n');
    }
}

/// The line of a finding with carets below its place.
fn snippet(out: &mut String, found: &Diagnostic, source: &Source, position: Position, number: &str) {
    let line = source.line(found.span.start);
    let before = (position.column - 1).saturating_sub(source.origin.columns) as usize;
    let marked = marked(found, source, line, before);
    let (first, last) = window(line, before);
    let shown = || line.chars().enumerate().skip(first).take(last - first);
    let indent = if first == 0 { source.origin.columns as usize } else { 0 };
    let is_cut_behind = line.chars().nth(last).is_some();

    push_repeated(out, ' ', number.len());
    out.push_str(" |\n");
    out.push_str(number);
    out.push_str(" | ");
    push_repeated(out, ' ', indent);
    if first > 0 {
        out.push('…');
    }
    out.extend(shown().map(|(_, c)| safe(c)));
    if is_cut_behind {
        out.push('…');
    }
    super::lines::trim_end(out);
    out.push('\n');
    push_repeated(out, ' ', number.len());
    out.push_str(" | ");
    push_repeated(out, ' ', indent + usize::from(first > 0));
    let lead: usize = shown().take_while(|(index, _)| *index < before).map(|(_, c)| columns(safe(c))).sum();
    push_repeated(out, ' ', lead);
    let carets = shown().skip_while(|(index, _)| *index < before).take(marked).map(|(_, c)| columns(safe(c))).sum();
    push_repeated(out, '^', usize::max(carets, 1));
    out.push('\n');
}

/// How many characters of the line belong to the finding.
fn marked(found: &Diagnostic, source: &Source, line: &str, before: usize) -> usize {
    let text = found.span.slice(&source.text);
    let in_line = text.split(['\n', '\r']).next().unwrap_or_default();
    let length = in_line.trim_end_matches([' ', '\t']).chars().count();
    length.min(line.chars().count().saturating_sub(before))
}

/// The first character of a line that is shown, and the one behind the last.
fn window(line: &str, before: usize) -> (usize, usize) {
    let length = line.chars().count();
    if length <= WINDOW {
        return (0, length);
    }
    let first = if before < WINDOW - LEAD { 0 } else { before - LEAD };
    (first, length.min(first + WINDOW))
}
