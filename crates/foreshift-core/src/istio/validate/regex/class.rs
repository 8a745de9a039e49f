//! Characters and sets of them: what follows a backslash, and what stands in brackets.

use super::{Checked, Parser};
use crate::text::split;

impl Parser<'_> {
    /// What may follow a backslash everywhere. `None` for a set of characters, which begins and ends no range.
    pub(super) fn escape(&mut self) -> Result<Option<char>, &'static str> {
        const UNKNOWN: &str = "a backslash is before something that has no meaning with one";
        match self.take() {
            None => Err("a backslash stands at the end"),
            Some('d' | 'D' | 's' | 'S' | 'w' | 'W') => Ok(None),
            Some('p' | 'P') => self.unicode_class().map(|()| None),
            Some('x') => self.hexadecimal().map(Some),
            Some(first @ '0'..='7') => self.octal(first).ok_or(UNKNOWN).map(Some),
            Some('a') => Ok(Some('\u{7}')),
            Some('f') => Ok(Some('\u{c}')),
            Some('n') => Ok(Some('\n')),
            Some('r') => Ok(Some('\r')),
            Some('t') => Ok(Some('\t')),
            Some('v') => Ok(Some('\u{b}')),
            Some(other) if other.is_ascii() && !other.is_ascii_alphanumeric() => Ok(Some(other)),
            Some(_) => Err(UNKNOWN),
        }
    }

    /// Up to three octal digits. A single one that is not 0 would be a back-reference, which RE2 does not have.
    fn octal(&mut self, first: char) -> Option<char> {
        let mut code = first.to_digit(8)?;
        if first != '0' && !self.rest.starts_with(|c: char| c.is_digit(8)) {
            return None;
        }
        for _ in 0..2 {
            let Some(digit) = self.rest.chars().next().and_then(|c| c.to_digit(8)) else {
                break;
            };
            code = code * 8 + digit;
            self.take();
        }
        char::from_u32(code)
    }

    fn hexadecimal(&mut self) -> Result<char, &'static str> {
        const WRONG: &str = "`\\x` is not followed by a code in hexadecimal";
        let digits = if self.skip("{") {
            let (digits, rest) = self.rest.split_once('}').ok_or(WRONG)?;
            self.rest = rest;
            digits
        } else {
            let (digits, rest) = self.rest.split_at_checked(2).ok_or(WRONG)?;
            self.rest = rest;
            digits
        };
        if digits.starts_with('+') {
            return Err(WRONG);
        }
        let code = u64::from_str_radix(digits, 16).ok().and_then(|code| u32::try_from(code).ok());
        code.and_then(char::from_u32).ok_or(WRONG)
    }

    /// `\pL`, `\p{Greek}`. Names of scripts are not looked up; a category is.
    fn unicode_class(&mut self) -> Checked {
        const WRONG: &str = "`\\p` is not followed by a class of Unicode";
        let name = if self.skip("{") {
            let (name, rest) = self.rest.split_once('}').ok_or(WRONG)?;
            self.rest = rest;
            name.strip_prefix('^').unwrap_or(name)
        } else {
            let first = self.rest.chars().next().ok_or(WRONG)?;
            let (name, rest) = self.rest.split_at_checked(first.len_utf8()).ok_or(WRONG)?;
            self.rest = rest;
            name
        };
        let is_category = |first: char| matches!(first, 'C' | 'L' | 'M' | 'N' | 'P' | 'S' | 'Z');
        let is_named = match name.len() {
            0 => false,
            1 | 2 => name.starts_with(is_category),
            _ => name.starts_with(|first: char| first.is_ascii_uppercase()),
        };
        if is_named { Ok(()) } else { Err(WRONG) }
    }

    pub(super) fn class(&mut self) -> Checked {
        const OPEN: &str = "a `[` is not closed";
        self.skip("^");
        let mut is_first = true;
        loop {
            if self.rest.is_empty() {
                return Err(OPEN);
            }
            if !is_first && self.skip("]") {
                return Ok(());
            }
            is_first = false;
            if self.posix_class()? {
                continue;
            }
            let low = self.member()?;
            let is_range = self.rest.starts_with('-') && !self.rest.starts_with("-]");
            if let Some(low) = low
                && is_range
            {
                self.take();
                match self.member()? {
                    Some(high) if low <= high => {}
                    _ => return Err("a range of characters ends before it begins"),
                }
            }
        }
    }

    fn member(&mut self) -> Result<Option<char>, &'static str> {
        if self.skip("\\") {
            return self.escape();
        }
        self.take().map(Some).ok_or("a `[` is not closed")
    }

    /// `[:alpha:]` inside of a class.
    fn posix_class(&mut self) -> Result<bool, &'static str> {
        const NAMES: &[&str] = &[
            "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper",
            "word", "xdigit",
        ];
        let Some(behind) = self.rest.strip_prefix("[:") else {
            return Ok(false);
        };
        let Some((name, rest)) = split(behind, ":]") else {
            return Ok(false);
        };
        if !NAMES.contains(&name.strip_prefix('^').unwrap_or(name)) {
            return Err("a class in `[:` and `:]` is unknown");
        }
        self.rest = rest;
        Ok(true)
    }
}
