//! The texts that a user gave, and places in them.

use std::rc::Rc;

/// A range of bytes in one [`Source`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, Ord, PartialOrd)]
pub struct Span {
    /// Which source.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// The index of a [`Source`] in its [`Sources`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, Ord, PartialOrd)]
pub struct SourceId(pub u32);

impl SourceId {
    /// The source of texts and values that we made ourselves; it is in no [`Sources`].
    pub const NONE: SourceId = SourceId(u32::MAX);
}

impl Span {
    /// The place of what we made ourselves.
    pub const NONE: Span = Span { source: SourceId::NONE, start: 0, end: 0 };

    /// The empty span at the start of `self`.
    #[must_use]
    pub fn start_point(self) -> Span {
        Span { end: self.start, ..self }
    }

    /// The bytes of `text` in this span; empty where it does not lie in `text`.
    pub fn slice(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// A text with the path that the user knows it by.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path as the user wrote it, relative to the deployment config's folder.
    pub path: Rc<str>,
    /// The whole text.
    pub text: Rc<str>,
    /// Where the text stands inside of another one: an `inline` manifest in its config.
    pub origin: Origin,
}

/// Where the first character of a [`Source`] stands in the file that the user sees.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Origin {
    /// Lines before it.
    pub lines: u32,
    /// Columns before each of its lines.
    pub columns: u32,
}

/// A place for a person: line and column count from 1, the column in characters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Position {
    /// 1-based.
    pub line: u32,
    /// 1-based, in characters (Unicode scalar values).
    pub column: u32,
}

/// All texts of one request.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    list: Vec<Source>,
}

impl Sources {
    /// Adds a source and returns its id.
    pub fn add(&mut self, path: &str, text: &str, origin: Origin) -> SourceId {
        let id = SourceId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.list.push(Source { path: path.into(), text: text.into(), origin });
        id
    }

    /// The source of that id; `None` for [`SourceId::NONE`].
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.list.get(id.0 as usize)
    }

    /// Every source in the order of [`Sources::add`].
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.list.iter()
    }
}

impl Source {
    /// Line and column of a byte offset. An offset past the end counts as the end.
    pub fn position(&self, offset: u32) -> Position {
        let before = floor(&self.text, offset as usize);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|&byte| byte == b'\n').count();
        let column = before.get(line_start..).unwrap_or_default().chars().filter(|&c| c != '\u{feff}').count();
        Position { line: count(line) + self.origin.lines + 1, column: count(column) + self.origin.columns + 1 }
    }

    /// The line that holds a byte offset, without its line break.
    pub fn line(&self, offset: u32) -> &str {
        let start = floor(&self.text, offset as usize).rfind('\n').map_or(0, |newline| newline + 1);
        let rest = self.text.get(start..).unwrap_or_default();
        rest.split('\n').next().unwrap_or_default().trim_end_matches('\r').trim_start_matches('\u{feff}')
    }
}

/// The text before `offset`, or before the character that `offset` lies in.
fn floor(text: &str, offset: usize) -> &str {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
