//! Findings in the contract, with their places in the user's files.

use crate::order::Table;
use std::rc::Rc;

use super::Finding;
use crate::preview::Preview;
use crate::text::{Origin, Source, SourceId, line_starts};

/// How much is said about where a finding is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Detail {
    /// Line and column.
    Place,
    /// Also the range in UTF-16 units: what editors in a browser count in.
    Range,
}

/// Every finding, in order.
pub(super) fn findings(preview: &Preview, detail: Detail) -> Vec<Finding<'_>> {
    let mut walk = Walk { preview, source: SourceId::NONE, at: At::default(), lines: Table::new() };
    preview
        .diagnostics
        .iter()
        .map(|found| {
            let mut finding = Finding {
                code: found.code.name(),
                severity: found.severity.name(),
                message: &found.message,
                file: None,
                line: None,
                column: None,
                help: found.help.as_deref(),
                from: None,
                to: None,
            };
            let Some(source) = preview.sources.get(found.span.source) else { return finding };
            let start = walk.to(found.span.source, source, found.span.start as usize);
            finding.file = Some(&source.path);
            finding.line = Some(start.line + source.origin.lines + 1);
            finding.column = Some(start.column + source.origin.columns + 1);
            if matches!(detail, Detail::Range) {
                let end = start.forward(&source.text, found.span.end as usize);
                finding.from = Some(walk.unit(source, start));
                finding.to = Some(walk.unit(source, end));
            }
            finding
        })
        .collect()
}

/// A place in a text, by every count; all begin at 0.
#[derive(Clone, Copy, Debug, Default)]
struct At {
    byte: usize,
    line: u32,
    /// In characters.
    column: u32,
    /// UTF-16 units before it in its line.
    line_units: u32,
    /// UTF-16 units before it.
    units: u32,
}

impl At {
    /// A place further on; the text's end where it would be behind it.
    fn forward(mut self, text: &str, byte: usize) -> At {
        for character in text.get(self.byte..).unwrap_or_default().chars() {
            if self.byte + character.len_utf8() > byte {
                break;
            }
            self.byte += character.len_utf8();
            // As in a position: a byte order mark is no column.
            self.column += u32::from(character != '\u{feff}');
            let units = if character.len_utf16() == 2 { 2 } else { 1 };
            self.line_units += units;
            self.units += units;
            if character == '\n' {
                self = At { line: self.line + 1, column: 0, line_units: 0, ..self };
            }
        }
        self
    }
}

/// One walk through the texts: findings come in their order, so each text is read once.
struct Walk<'a> {
    preview: &'a Preview,
    source: SourceId,
    at: At,
    /// Where each line of a file begins, in UTF-16 units; found when it is first asked for.
    lines: Table<Rc<str>, Vec<u32>>,
}

impl Walk<'_> {
    fn to(&mut self, id: SourceId, source: &Source, byte: usize) -> At {
        if self.source != id || byte < self.at.byte {
            self.source = id;
            self.at = At::default();
        }
        self.at = self.at.forward(&source.text, byte);
        self.at
    }

    /// Where a place is in its file, in UTF-16 units. A text that stands inside of another is indented there, and one with
    /// masks has other lengths than the user's.
    fn unit(&mut self, source: &Source, at: At) -> u32 {
        let written = self.preview.sources.written_lines(&source.path);
        if source.origin == Origin::default() && written.is_none() {
            return at.units;
        }
        let is_file = |other: &&Source| other.path == source.path && other.origin == Origin::default();
        let file = || self.preview.sources.iter().find(is_file).map_or("", |file| &file.text);
        let starts = || written.map_or_else(|| line_starts(file()), <[u32]>::to_vec);
        let lines = self.lines.or_insert_with(Rc::clone(&source.path), starts);
        let line = (at.line + source.origin.lines) as usize;
        let start = lines.get(line).copied().unwrap_or_default();
        let unit = start + source.origin.columns + at.line_units;
        // An empty line may be less indented than the others.
        lines.get(line + 1).map_or(unit, |next| unit.min(next.saturating_sub(1)))
    }
}
