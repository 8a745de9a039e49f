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

/// The line of a finding with carets below its place. A line may be as long as a file: only what is shown is looked at.
fn snippet(out: &mut String, found: &Diagnostic, source: &Source, position: Position, number: &str) {
    let line = source.line(found.span.start);
    let before = (position.column - 1).saturating_sub(source.origin.columns) as usize;
    let at = byte_at(line, before);
    let marked = marked(found, source, line.get(at..).unwrap_or_default());
    let (first, last) = window(line, at);
    let indent = if first == 0 { source.origin.columns as usize } else { 0 };
    let lead = line.get(first..at).unwrap_or_default();
    let behind = line.get(at..last).unwrap_or_default();

    push_repeated(out, ' ', number.len());
    out.push_str(" |\n");
    out.push_str(number);
    out.push_str(" | ");
    push_repeated(out, ' ', indent);
    if first > 0 {
        out.push('…');
    }
    out.extend(lead.chars().chain(behind.chars()).map(safe));
    if last < line.len() {
        out.push('…');
    }
    super::lines::trim_end(out);
    out.push('\n');
    push_repeated(out, ' ', number.len());
    out.push_str(" | ");
    push_repeated(out, ' ', indent + usize::from(first > 0));
    push_repeated(out, ' ', lead.chars().map(|c| columns(safe(c))).sum());
    let carets = behind.chars().take(marked).map(|c| columns(safe(c))).sum();
    push_repeated(out, '^', usize::max(carets, 1));
    out.push('\n');
}

/// Where in its line the character with that index begins.
fn byte_at(line: &str, index: usize) -> usize {
    if line.is_ascii() {
        return index.min(line.len());
    }
    line.char_indices().nth(index).map_or(line.len(), |(at, _)| at)
}

/// How many characters of the line, which is given from the place on, belong to the finding.
fn marked(found: &Diagnostic, source: &Source, rest: &str) -> usize {
    let text = found.span.slice(&source.text);
    let in_line = text.split(['\n', '\r']).next().unwrap_or_default();
    let length = in_line.trim_end_matches([' ', '\t']).chars().take(WINDOW).count();
    length.min(rest.chars().take(WINDOW).count())
}

/// Where what is shown of a line begins and ends, in bytes.
fn window(line: &str, at: usize) -> (usize, usize) {
    let behind = |start: usize, characters: usize| {
        let rest = line.get(start..).unwrap_or_default();
        rest.char_indices().nth(characters).map_or(line.len(), |(at, _)| start + at)
    };
    let ahead = line.get(..at).unwrap_or_default();
    let is_near = at == 0 || behind(0, WINDOW - LEAD) > at;
    if is_near || behind(0, WINDOW) == line.len() {
        return (0, behind(0, WINDOW));
    }
    let first = ahead.char_indices().rev().nth(LEAD - 1).map_or(0, |(start, _)| start);
    (first, behind(first, WINDOW))
}
