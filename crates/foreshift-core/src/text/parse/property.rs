//! What stands before a node: its anchor and its tag; aliases; the directives that tags need.

use super::Fault;
use super::cursor::{Reader, Tabs, fault};
use crate::order::Table;
use crate::text::split;
use crate::text::{Kind, Node};

/// An anchor and a tag, where there are some.
#[derive(Default)]
pub(super) struct Properties {
    pub(super) anchor: Option<usize>,
    pub(super) tag: Option<String>,
    /// The place and column behind the last of them.
    pub(super) end: (usize, u32),
}

impl Properties {
    pub(super) fn is_none(&self) -> bool {
        self.anchor.is_none() && self.tag.is_none()
    }

    /// Both, where one of them is on an earlier line.
    pub(super) fn join(self, other: Properties, at: usize) -> Result<Properties, Fault> {
        if (self.anchor.is_some() && other.anchor.is_some()) || (self.tag.is_some() && other.tag.is_some()) {
            return fault(at, "a value has one anchor and one tag");
        }
        Ok(Properties { anchor: self.anchor.or(other.anchor), tag: self.tag.or(other.tag), end: other.end })
    }
}

impl Node {
    /// The node, with properties that stand on an earlier line.
    pub(super) fn with(mut self, outer: Properties, at: usize) -> Result<Node, Fault> {
        if outer.is_none() {
            return Ok(self);
        }
        if matches!(self.kind, Kind::Alias(_)) {
            return fault(at, "an alias has no anchor and no tag");
        }
        let own = Properties { anchor: self.anchor, tag: self.tag.take(), end: (0, 0) };
        let both = outer.join(own, at)?;
        Ok(Node { anchor: both.anchor, tag: both.tag, ..self })
    }
}

impl<'a> Reader<'a> {
    /// The properties that stand here, up to the end of the last one.
    pub(super) fn properties(&mut self) -> Result<Properties, Fault> {
        let mut found = Properties::default();
        while matches!(self.peek(), b'&' | b'!') {
            let start = self.at;
            let mut next = Properties::default();
            if self.peek() == b'&' {
                let name = self.name()?;
                self.last_anchor += 1;
                self.anchors.insert(name, self.last_anchor);
                next.anchor = Some(self.last_anchor);
            } else {
                next.tag = Some(self.tag()?);
            }
            next.end = self.place();
            found = found.join(next, start)?;
            let end = self.at;
            self.skip_blanks();
            if !matches!(self.peek(), b'&' | b'!') {
                self.at = end;
                break;
            }
        }
        Ok(found)
    }

    /// The number of the anchor that an alias names.
    pub(super) fn alias(&mut self) -> Result<usize, Fault> {
        let start = self.at;
        let name = self.name()?;
        let Some(anchor) = self.anchors.get(name) else {
            return fault(start, "no anchor before this alias has its name");
        };
        Ok(*anchor)
    }

    /// The name of an anchor or alias, behind its indicator.
    fn name(&mut self) -> Result<&'a str, Fault> {
        let start = self.at;
        self.at += 1;
        while is_word(self.peek()) {
            self.at += 1;
        }
        let is_over =
            self.is_gap(self.at) || matches!(self.peek(), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if self.at == start + 1 || !is_over {
            return fault(start, "the name of an anchor has only letters, digits, `-` and `_`");
        }
        Ok(self.slice(start + 1, self.at))
    }

    /// A tag in full.
    fn tag(&mut self) -> Result<String, Fault> {
        let start = self.at;
        self.at += 1;
        let tag = if self.peek() == b'<' {
            self.at += 1;
            let uri = self.uri(true, String::new())?;
            if uri.is_empty() || self.peek() != b'>' {
                return fault(start, "this tag is not complete");
            }
            self.at += 1;
            uri
        } else {
            while is_word(self.peek()) {
                self.at += 1;
            }
            if self.peek() == b'!' {
                self.at += 1;
            } else {
                self.at = start + 1;
            }
            let handle = self.slice(start, self.at);
            let given = self.handles.iter().rev().find(|(known, _)| *known == handle);
            let prefix = match (given, handle) {
                (Some((_, prefix)), _) => prefix.clone(),
                (None, "!!") => "tag:yaml.org,2002:".to_owned(),
                (None, "!") => "!".to_owned(),
                (None, _) => return fault(start, "no directive says what this tag begins with"),
            };
            let behind = self.at;
            let full = self.uri(false, prefix)?;
            match (self.at == behind, handle) {
                (true, "!") => "!".to_owned(),
                (true, _) => return fault(start, "this tag is not complete"),
                _ => full,
            }
        };
        if !self.is_gap(self.at) && !matches!(self.peek(), b',' | b']' | b'}') {
            return fault(start, "a space was expected behind this tag");
        }
        Ok(tag)
    }

    /// Appends the characters of a tag that stand here, and returns it.
    fn uri(&mut self, is_verbatim: bool, mut tag: String) -> Result<String, Fault> {
        loop {
            let byte = self.peek();
            let is_uri = match byte {
                b'%' => {
                    tag.push(self.escaped_byte()?);
                    continue;
                }
                b'!' | b',' | b'[' | b']' => is_verbatim,
                byte => is_uri(byte),
            };
            if !is_uri {
                return Ok(tag);
            }
            tag.push(char::from(byte));
            self.at += 1;
        }
    }

    /// `%` and two digits; what is not ASCII is refused.
    fn escaped_byte(&mut self) -> Result<char, Fault> {
        let code = self.slice(self.at + 1, self.at + 3);
        match u64::from_str_radix(code, 16).map(u8::try_from) {
            Ok(Ok(byte)) if byte.is_ascii() && code.len() == 2 && !code.starts_with('+') => {
                self.at += 3;
                Ok(char::from(byte))
            }
            _ => self.fault("two hexadecimal digits were expected behind this `%`"),
        }
    }

    /// Reads the directives before a document, and says whether there are any.
    pub(super) fn directives(&mut self) -> Result<bool, Fault> {
        self.anchors = Table::new();
        self.handles.clear();
        let mut has_version = false;
        let mut has_some = false;
        while self.peek() == b'%' && self.at == self.line {
            has_some = true;
            let start = self.at;
            let rest = self.slice(start, self.text.len());
            let line = rest.split(['\n', '\r']).next().unwrap_or_default();
            let line = split(line, " #").map_or(line, |(line, _)| line);
            let words: Vec<&str> = line.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
            match words.as_slice() {
                ["%YAML", version] if !has_version && is_version(version) => has_version = true,
                ["%TAG", handle, prefix] if is_handle(handle) && prefix.bytes().all(is_uri) => {
                    if self.handles.iter().any(|(known, _)| known == handle) {
                        return fault(start, "this directive stands here twice");
                    }
                    self.handles.push((handle, (*prefix).to_owned()));
                }
                _ => {
                    return fault(
                        start,
                        "there are directives of the form `%YAML 1.1` and `%TAG ! tag:`, and no others",
                    );
                }
            }
            self.at += line.len();
            self.gap(Tabs::Apart)?;
        }
        Ok(has_some)
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// What a tag is made of, apart from `%`.
fn is_uri(byte: u8) -> bool {
    is_word(byte) || b"!,[];/?:@&=+$.~*'()".contains(&byte)
}

/// `1.` and one digit or two.
fn is_version(text: &str) -> bool {
    text.strip_prefix("1.")
        .is_some_and(|minor| matches!(minor.len(), 1 | 2) && minor.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `!`, `!!` or `!name!`.
fn is_handle(text: &str) -> bool {
    let inner = text.strip_prefix('!').map(|rest| rest.strip_suffix('!').unwrap_or(rest));
    inner.is_some_and(|inner| inner.bytes().all(is_word)) && (text == "!" || text.len() > 1 && text.ends_with('!'))
}
