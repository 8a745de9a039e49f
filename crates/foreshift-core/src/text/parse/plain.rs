//! Plain scalars: without quotes, on one line or several.

use std::rc::Rc;

use super::Fault;
use super::cursor::{MARK, Reader};

/// What a byte may mean in a plain scalar.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Class {
    Text,
    Blank,
    /// The line or the text is over.
    Over,
    Colon,
    Hash,
    /// It ends the scalar within brackets.
    Flow,
}

fn class(byte: u8) -> Class {
    match byte {
        b' ' | b'\t' => Class::Blank,
        b'\n' | b'\r' | 0 => Class::Over,
        b':' => Class::Colon,
        b'#' => Class::Hash,
        b',' | b'[' | b']' | b'{' | b'}' => Class::Flow,
        _ => Class::Text,
    }
}

impl Reader<'_> {
    /// The text of a plain scalar, up to its last character that is no blank.
    ///
    /// Its further lines have at least the column `min`, unless it stands within brackets.
    pub(super) fn plain(&mut self, min: usize) -> Result<Rc<str>, Fault> {
        if let Some(info) = self.no_plain() {
            return self.fault(info);
        }
        let mut start = self.at;
        let mut folded = String::new();
        loop {
            let end = self.plain_line();
            let line = self.line;
            self.at = end;
            let breaks = self.plain_breaks(min)?;
            if breaks == 0 {
                let text = self.slice(start, end);
                self.at = end;
                self.line = line;
                if folded.is_empty() {
                    return Ok(text.into());
                }
                folded.push_str(text);
                return Ok(folded.into());
            }
            folded.push_str(self.slice(start, end));
            fold(&mut folded, breaks);
            start = self.at;
        }
    }

    /// Where the text in this line ends.
    fn plain_line(&self) -> usize {
        let in_flow = self.brackets > 0;
        let mut at = self.at;
        let mut end = at;
        loop {
            let rest = self.bytes.get(at..).unwrap_or_default();
            let text = rest.iter().position(|byte| class(*byte) != Class::Text).unwrap_or(rest.len());
            if text > 0 {
                at += text;
                end = at;
            }
            match class(self.byte(at)) {
                Class::Blank => {
                    at += 1;
                    continue;
                }
                Class::Over => return end,
                Class::Colon => {
                    let next = class(self.byte(at + 1));
                    if matches!(next, Class::Blank | Class::Over) || (next == Class::Flow && in_flow) {
                        return end;
                    }
                }
                Class::Hash if at > end => return end,
                Class::Flow if in_flow => return end,
                _ => {}
            }
            at += 1;
            end = at;
        }
    }

    /// The number of line breaks before a further line; 0 where there is none.
    fn plain_breaks(&mut self, min: usize) -> Result<usize, Fault> {
        self.skip_blanks();
        let mut breaks = 0;
        while self.skip_break() {
            breaks += 1;
            self.skip_spaces();
            if self.peek() == b'\t' && self.at - self.line < min {
                return self.tab();
            }
            self.skip_blanks();
        }
        let is_indented = self.brackets > 0 || self.at - self.line >= min;
        let goes_on = is_indented && !self.is_end() && self.peek() != b'#' && self.plain_line() > self.at;
        Ok(if goes_on { breaks } else { 0 })
    }

    /// What keeps a plain scalar from beginning here.
    fn no_plain(&self) -> Option<&'static str> {
        let in_flow = self.brackets > 0;
        let next = self.byte(self.at + 1);
        let is_apart = self.is_gap(self.at + 1);
        match self.peek() {
            b'-' | b'?' | b':' if is_apart => Some(self.surprise()),
            b'-' if in_flow && matches!(next, b',' | b'[' | b']' | b'{' | b'}') => Some(self.surprise()),
            // It is an indicator in YAML 1.1.
            b'?' | b':' if in_flow => Some("write a space behind this, or put it in quotes"),
            b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'%' | b'@' | b'`' | 0 => {
                Some(self.surprise())
            }
            0xef if self.slice(self.at, self.at + MARK.len()) == MARK => {
                Some("a mark of byte order stands only at the start of a text")
            }
            _ => None,
        }
    }
}

/// Appends what line breaks become in a scalar that is folded: one becomes a space.
pub(super) fn fold(text: &mut String, breaks: usize) {
    if breaks == 1 {
        text.push(' ');
    }
    for _ in 1..breaks {
        text.push('\n');
    }
}
