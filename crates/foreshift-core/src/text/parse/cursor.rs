//! The place in a text that is read next: its bytes, its line and column, and what may be passed over there.

use super::{Fault, Why, small};
use crate::order::Table;
use crate::text::{SourceId, Span};

/// A text that is being read.
pub(super) struct Reader<'a> {
    pub(super) source: SourceId,
    pub(super) text: &'a str,
    pub(super) bytes: &'a [u8],
    /// The byte that is read next.
    pub(super) at: usize,
    /// Where its line begins.
    pub(super) line: usize,
    /// The last place that was reached by a line break: only what stands there is the first of its line.
    pub(super) first: usize,
    /// Whether a byte is a character.
    is_ascii: bool,
    /// A place for which the column is known: its line, itself, and its column.
    known: (usize, usize, usize),
    /// How many brackets are open.
    pub(super) brackets: usize,
    pub(super) nodes: usize,
    /// The number of each anchor of the document by its name.
    pub(super) anchors: Table<&'a str, usize>,
    pub(super) last_anchor: usize,
    /// What the document's directives say of tags: a handle and what it stands for.
    pub(super) handles: Vec<(&'a str, String)>,
}

/// What tabs are at a place.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Tabs {
    /// They stand behind what is complete on its line.
    Apart,
    /// They would indent a node of block style that may begin here.
    Indenting,
}

/// What some editors begin a text with.
pub(super) const MARK: &str = "\u{feff}";

impl<'a> Reader<'a> {
    /// At the first character behind a mark of byte order.
    pub(super) fn new(source: SourceId, text: &'a str) -> Result<Reader<'a>, Fault> {
        if let Some(at) = unprintable(text) {
            return Err(Fault { at, why: Why::Syntax("control characters are not allowed") });
        }
        let start = if text.starts_with(MARK) { MARK.len() } else { 0 };
        Ok(Reader {
            source,
            text,
            bytes: text.as_bytes(),
            at: start,
            line: start,
            first: start,
            is_ascii: text.is_ascii(),
            known: (start, start, 0),
            brackets: 0,
            nodes: 0,
            anchors: Table::new(),
            last_anchor: 0,
            handles: Vec::new(),
        })
    }

    /// The byte at `at`; 0, which no text has, at the end.
    pub(super) fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// The byte that is read next.
    pub(super) fn peek(&self) -> u8 {
        self.byte(self.at)
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span { source: self.source, start: small(start), end: small(end) }
    }

    pub(super) fn len(&self) -> u32 {
        small(self.bytes.len())
    }

    pub(super) fn fault<T>(&self, info: &'static str) -> Result<T, Fault> {
        fault(self.at, info)
    }

    /// The column in characters of a place in this line. Places come in order; what stands before is not counted again.
    pub(super) fn column(&mut self, at: usize) -> u32 {
        if self.is_ascii {
            return small(at - self.line);
        }
        let (line, from, column) = self.known;
        let (from, column) = if line == self.line && from <= at { (from, column) } else { (self.line, 0) };
        let column = column + self.slice(from, at).chars().count();
        self.known = (self.line, at, column);
        small(column)
    }

    /// Where the next byte stands, and in which column.
    pub(super) fn place(&mut self) -> (usize, u32) {
        (self.at, self.column(self.at))
    }

    /// Whether the next token is the first of its line, at that column.
    pub(super) fn is_first_at(&self, column: usize) -> bool {
        self.first == self.at && self.at - self.line == column && !self.is_end()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// Whether the document ends here: at the end of the text, or at a line of `---` or `...`.
    pub(super) fn is_end(&self) -> bool {
        self.is_at_end() || (self.at == self.line && (self.is_marker(b'-') || self.is_marker(b'.')))
    }

    /// Whether three of that byte stand here, and nothing glued to them.
    pub(super) fn is_marker(&self, byte: u8) -> bool {
        self.peek() == byte
            && self.byte(self.at + 1) == byte
            && self.byte(self.at + 2) == byte
            && self.is_gap(self.at + 3)
    }

    /// Passes over such a marker at the start of a line.
    pub(super) fn skip_marker(&mut self, byte: u8) -> bool {
        let is_there = self.at == self.line && self.is_marker(byte);
        self.at += if is_there { 3 } else { 0 };
        is_there
    }

    /// Whether nothing is glued to what ends at `at`.
    pub(super) fn is_gap(&self, at: usize) -> bool {
        matches!(self.byte(at), b' ' | b'\t' | b'\n' | b'\r' | 0)
    }

    /// Whether the next byte is an indicator such as `-`, with nothing glued to it.
    pub(super) fn is_indicator(&self, byte: u8) -> bool {
        self.peek() == byte && self.is_gap(self.at + 1)
    }

    pub(super) fn skip_blanks(&mut self) {
        while matches!(self.peek(), b' ' | b'\t') {
            self.at += 1;
        }
    }

    pub(super) fn skip_spaces(&mut self) {
        while self.peek() == b' ' {
            self.at += 1;
        }
    }

    /// Passes over one line break, if there is one here.
    pub(super) fn skip_break(&mut self) -> bool {
        match self.peek() {
            b'\n' => self.at += 1,
            b'\r' => self.at += if self.byte(self.at + 1) == b'\n' { 2 } else { 1 },
            _ => return false,
        }
        self.line = self.at;
        true
    }

    /// Passes over a comment, if one begins here; it may not be glued to what stands before.
    pub(super) fn skip_comment(&mut self) -> Result<(), Fault> {
        if self.peek() != b'#' {
            return Ok(());
        }
        if self.at > self.line && !self.is_gap(self.at - 1) {
            return self.fault("a space was expected before this comment");
        }
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
        Ok(())
    }

    /// Passes over blanks, comments and line breaks of a block, and says whether there was a line break.
    ///
    /// Behind a line break tabs are always indenting.
    pub(super) fn gap(&mut self, mut tabs: Tabs) -> Result<bool, Fault> {
        let mut is_broken = false;
        loop {
            self.skip_spaces();
            match self.peek() {
                b'\n' | b'\r' => {
                    self.skip_break();
                    is_broken = true;
                    tabs = Tabs::Indenting;
                }
                b'#' => self.skip_comment()?,
                b'\t' if tabs == Tabs::Apart => self.at += 1,
                b'\t' => return self.tab(),
                _ => break,
            }
        }
        if is_broken {
            self.first = self.at;
        }
        Ok(is_broken)
    }

    /// Passes over blanks, comments and line breaks within brackets.
    pub(super) fn flow_gap(&mut self) -> Result<(), Fault> {
        loop {
            self.skip_blanks();
            self.skip_comment()?;
            if !self.skip_break() {
                break;
            }
        }
        if self.at == self.line && self.is_end() && !self.is_at_end() {
            return self.fault("a document ends within brackets");
        }
        Ok(())
    }

    /// The next byte is a tab that indents something.
    pub(super) fn tab<T>(&self) -> Result<T, Fault> {
        let before = self.slice(self.line, self.at);
        let why = if before.bytes().all(|byte| byte == b' ') {
            Why::Tab("a tab indents this line; YAML allows only spaces")
        } else {
            Why::Tab("a tab stands before what begins here; YAML allows only spaces")
        };
        Err(Fault { at: self.at, why })
    }
}

pub(super) fn fault<T>(at: usize, info: &'static str) -> Result<T, Fault> {
    Err(Fault { at, why: Why::Syntax(info) })
}

/// Where a character stands that no YAML text may have.
fn unprintable(text: &str) -> Option<usize> {
    // Most texts have no such byte, and that is quick to see of many bytes at once.
    let is_odd = |byte: &u8| !matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    let mut chunks = text.as_bytes().chunks(64);
    let from = 64 * chunks.position(|chunk| chunk.iter().fold(false, |odd, byte| odd | is_odd(byte)))?;
    let is_not_allowed = |c: char| match c {
        '\t' | '\n' | '\r' | '\u{85}' => false,
        '\u{fffe}' | '\u{ffff}' => true,
        c => c.is_control(),
    };
    text.get(from..)?.find(is_not_allowed).map(|at| from + at)
}
