//! Scalars in single and in double quotes.

use super::Fault;
use super::cursor::{Reader, fault};
use super::plain::fold;

impl Reader<'_> {
    /// The text between single quotes, of which two stand for one.
    pub(super) fn single_quoted(&mut self) -> Result<String, Fault> {
        let open = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            self.quoted_run(b'\'', &mut text);
            match self.peek() {
                b'\'' if self.byte(self.at + 1) == b'\'' => {
                    text.push('\'');
                    self.at += 2;
                }
                b'\'' => {
                    self.at += 1;
                    return Ok(text);
                }
                _ => self.quoted_breaks(open, &mut text, 0)?,
            }
        }
    }

    /// The text between double quotes, its escapes read.
    pub(super) fn double_quoted(&mut self) -> Result<String, Fault> {
        let open = self.at;
        self.at += 1;
        let mut text = String::new();
        // Blanks before this place were escaped: they stay where the line ends behind them.
        let mut kept = 0;
        loop {
            self.quoted_run(b'"', &mut text);
            match self.peek() {
                b'"' => {
                    self.at += 1;
                    return Ok(text);
                }
                b'\\' => {
                    self.at += 1;
                    if self.skip_break() {
                        self.escaped_break(open, &mut text)?;
                    } else {
                        let c = self.escape()?;
                        text.push(c);
                    }
                    kept = text.len();
                }
                _ => self.quoted_breaks(open, &mut text, kept)?,
            }
        }
    }

    /// Appends what stands as it is, up to a quote, a line break or, in double quotes, a backslash.
    fn quoted_run(&mut self, quote: u8, text: &mut String) {
        let start = self.at;
        let is_double = quote == b'"';
        while !matches!(self.peek(), b'\n' | b'\r' | 0) && self.peek() != quote && (self.peek() != b'\\' || !is_double)
        {
            self.at += 1;
        }
        text.push_str(self.slice(start, self.at));
    }

    /// Line breaks, and the blanks around them.
    fn quoted_breaks(&mut self, open: usize, text: &mut String, kept: usize) -> Result<(), Fault> {
        let trimmed = text.trim_end_matches([' ', '\t']).len();
        text.truncate(trimmed.max(kept));
        let breaks = self.count_breaks(open)?;
        fold(text, breaks);
        Ok(())
    }

    /// A line break that a backslash takes away; those behind it stay.
    fn escaped_break(&mut self, open: usize, text: &mut String) -> Result<(), Fault> {
        for _ in 0..self.count_breaks(open)? {
            text.push('\n');
        }
        Ok(())
    }

    /// Passes over line breaks and blanks, and counts the breaks.
    fn count_breaks(&mut self, open: usize) -> Result<usize, Fault> {
        let mut breaks = 0;
        loop {
            self.skip_blanks();
            if !self.skip_break() {
                break;
            }
            breaks += 1;
        }
        if self.is_end() {
            return fault(open, "this quote is never closed");
        }
        Ok(breaks)
    }

    /// The character that an escape stands for, behind its backslash.
    fn escape(&mut self) -> Result<char, Fault> {
        let byte = self.peek();
        self.at += 1;
        Ok(match byte {
            b'0' => '\0',
            b'a' => '\x07',
            b'b' => '\x08',
            b't' | b'\t' => '\t',
            b'n' => '\n',
            b'v' => '\x0b',
            b'f' => '\x0c',
            b'r' => '\r',
            b'e' => '\x1b',
            b' ' | b'"' | b'/' | b'\\' => char::from(byte),
            b'N' => '\u{85}',
            b'_' => '\u{a0}',
            b'L' => '\u{2028}',
            b'P' => '\u{2029}',
            b'x' => self.code(2)?,
            b'u' => self.code(4)?,
            b'U' => self.code(8)?,
            _ => return fault(self.at - 2, "this escape is not known"),
        })
    }

    /// The character with a code of so many hexadecimal digits. JSON writes some as two halves.
    fn code(&mut self, digits: usize) -> Result<char, Fault> {
        let start = self.at - 2;
        let high = self.hexadecimal(digits)?;
        let mut code = high;
        if digits == 4 && (0xd800..0xdc00).contains(&high) && self.peek() == b'\\' && self.byte(self.at + 1) == b'u' {
            self.at += 2;
            let low = self.hexadecimal(4)?;
            if (0xdc00..0xe000).contains(&low) {
                code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
            }
        }
        match char::from_u32(code) {
            Some(c) => Ok(c),
            None => fault(start, "no character has this code"),
        }
    }

    fn hexadecimal(&mut self, digits: usize) -> Result<u32, Fault> {
        let mut code = 0;
        for _ in 0..digits {
            let Some(digit) = char::from(self.peek()).to_digit(16) else {
                return self.fault("a hexadecimal digit was expected");
            };
            code = (code << 4) | digit;
            self.at += 1;
        }
        Ok(code)
    }
}
