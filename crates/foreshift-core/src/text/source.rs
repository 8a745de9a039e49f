//! The texts that a user gave, and places in them.

use std::cell::OnceCell;
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
    /// Where each line but the first begins, once somebody asked for a place: there may be many places.
    lines: OnceCell<Rc<[u32]>>,
}

/// Where the first character of a [`Source`] stands in the file that the user sees.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Origin {
    /// Lines before it.
    pub lines: u32,
    /// Columns before each of its lines.
    pub columns: u32,
    /// What stands for every place in it, where its lines are none of the file's: it was quoted, folded or escaped there.
    pub whole: Option<Span>,
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
    /// Paths of files whose lines had another length when the user wrote them, with where each began.
    written: Vec<(String, Vec<u32>)>,
}

impl Sources {
    /// Adds a source and returns its id.
    pub fn add(&mut self, path: &str, text: &str, origin: Origin) -> SourceId {
        let id = SourceId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.list.push(Source { path: path.into(), text: text.into(), origin, lines: OnceCell::new() });
        id
    }

    /// The source of that id; `None` for [`SourceId::NONE`].
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.list.get(id.0 as usize)
    }

    /// Keeps where the lines of files began, in UTF-16 units, before masks came to stand in them.
    pub(crate) fn keep_lines(&mut self, written: Vec<(String, Vec<u32>)>) {
        self.written = written;
    }

    /// Where each line of a file began for the user, in UTF-16 units; `None` where it still does.
    pub(crate) fn written_lines(&self, path: &str) -> Option<&[u32]> {
        let found = self.written.iter().find(|(written, _)| written == path);
        found.map(|(_, lines)| lines.as_slice())
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
        let (line, line_start) = self.line_at(before.len());
        let ahead = before.get(line_start..).unwrap_or_default();
        // Only the first line has a mark: the parser refuses any other.
        let column = ahead.chars().count() - usize::from(ahead.starts_with('\u{feff}'));
        Position { line: count(line) + self.origin.lines + 1, column: count(column) + self.origin.columns + 1 }
    }

    /// The line that holds a byte offset, without its line break.
    pub fn line(&self, offset: u32) -> &str {
        let (line, start) = self.line_at(floor(&self.text, offset as usize).len());
        let end = self.line_starts().get(line).map_or(self.text.len(), |next| *next as usize);
        let whole = self.text.get(start..end).unwrap_or_default();
        let whole = whole.strip_suffix('\n').unwrap_or(whole);
        whole.trim_end_matches('\r').trim_start_matches('\u{feff}')
    }

    /// The number from 0 of the line that holds a byte, and where it begins.
    fn line_at(&self, byte: usize) -> (usize, usize) {
        let starts = self.line_starts();
        let line = starts.partition_point(|start| *start as usize <= byte);
        let start = line.checked_sub(1).and_then(|index| starts.get(index));
        (line, start.map_or(0, |start| *start as usize))
    }

    fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| self.text.match_indices('\n').map(|(at, _)| count(at + 1)).collect())
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

/// Where each line of a text begins in UTF-16 units, and the text's end.
pub(crate) fn line_starts(text: &str) -> Vec<u32> {
    let mut starts = vec![0];
    let mut units = 0;
    for line in text.split_inclusive('\n') {
        units += count(line.encode_utf16().count());
        starts.push(units);
    }
    starts
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
