//! The syntax of RE2, as Go's `regexp` reads it: whether a pattern compiles, not what it matches.

mod class;

use crate::text::{number, split};

/// The largest count of a repetition, also of repetitions inside each other.
const MOST: u32 = 1000;

/// What is wrong with a pattern.
pub(super) fn check(pattern: &str) -> Result<(), &'static str> {
    let mut parser = Parser { rest: pattern, names: Vec::new(), groups: Vec::new(), last: None, inner: 1 };
    parser.run()
}

struct Parser<'a> {
    rest: &'a str,
    /// The names of groups so far.
    names: Vec<&'a str>,
    /// For each open group, the largest product of counts that stood in it so far.
    groups: Vec<u32>,
    /// What a repetition would repeat.
    last: Option<Piece>,
    /// The largest product of counts in the current group.
    inner: u32,
}

#[derive(Clone, Copy)]
enum Piece {
    /// Something that may be repeated, with the largest product of the counts in it.
    Atom(u32),
    /// A repetition right before.
    Repeated,
}

type Checked = Result<(), &'static str>;

impl Parser<'_> {
    fn run(&mut self) -> Checked {
        while let Some(next) = self.take() {
            match next {
                '(' => self.open()?,
                ')' => self.close()?,
                '|' => self.last = None,
                '*' | '+' | '?' => self.repeat(1)?,
                '{' => self.counted()?,
                '[' => {
                    self.class()?;
                    self.last = Some(Piece::Atom(1));
                }
                '\\' => self.escaped()?,
                _ => self.last = Some(Piece::Atom(1)),
            }
        }
        if self.groups.is_empty() { Ok(()) } else { Err("a `(` is not closed") }
    }

    fn take(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next();
        self.rest = chars.as_str();
        next
    }

    fn skip(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn open(&mut self) -> Checked {
        if self.skip("?P<") || self.skip("?<") {
            let Some((name, rest)) = self.rest.split_once('>') else {
                return Err("the name of a group does not end");
            };
            let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if name.is_empty() || !name.chars().all(is_word) {
                return Err("a group has a name that is no word");
            }
            if self.names.contains(&name) {
                return Err("two groups have one name");
            }
            self.names.push(name);
            self.rest = rest;
        } else if self.skip("?") && !self.flags()? {
            return Ok(());
        }
        self.groups.push(self.inner);
        self.inner = 1;
        self.last = None;
        Ok(())
    }

    /// Whether flags begin a group, as in `(?i:…)`; alone they stand for what follows, as in `(?i)`.
    fn flags(&mut self) -> Result<bool, &'static str> {
        let mut is_negated = false;
        let mut has_flag = false;
        while let Some(next) = self.take() {
            match next {
                'i' | 'm' | 's' | 'U' => has_flag = true,
                '-' if !is_negated => {
                    is_negated = true;
                    has_flag = false;
                }
                ':' | ')' if has_flag || !is_negated => return Ok(next == ':'),
                _ => break,
            }
        }
        Err("what follows `(?` is unknown; RE2 has no look-around")
    }

    fn close(&mut self) -> Checked {
        let Some(outer) = self.groups.pop() else {
            return Err("a `)` closes nothing");
        };
        self.last = Some(Piece::Atom(self.inner));
        self.inner = outer.max(self.inner);
        Ok(())
    }

    fn repeat(&mut self, count: u32) -> Checked {
        let product = match self.last {
            None => return Err("a repetition has nothing to repeat"),
            Some(Piece::Repeated) => return Err("a repetition is repeated"),
            Some(Piece::Atom(product)) => product.saturating_mul(count.max(1)),
        };
        if product > MOST {
            return Err("a repetition counts further than 1000");
        }
        self.skip("?");
        self.inner = self.inner.max(product);
        self.last = Some(Piece::Repeated);
        Ok(())
    }

    /// `{2}`, `{2,}`, `{2,4}`; a brace that begins nothing of this kind is a brace.
    fn counted(&mut self) -> Checked {
        let counts = self.rest.split_once('}').and_then(|(inside, rest)| {
            let (low, high) = inside.split_once(',').unwrap_or((inside, inside));
            Some((count(low)?, if high.is_empty() { None } else { Some(count(high)?) }, rest))
        });
        let Some((low, high, rest)) = counts else {
            self.last = Some(Piece::Atom(1));
            return Ok(());
        };
        self.rest = rest;
        if low > MOST || high.is_some_and(|high| high > MOST || high < low) {
            return Err("a repetition has counts that are over 1000 or out of order");
        }
        self.repeat(high.unwrap_or(low))
    }

    fn escaped(&mut self) -> Checked {
        if self.skip("Q") {
            let (quoted, rest) = split(self.rest, "\\E").unwrap_or((self.rest, ""));
            self.rest = rest;
            if !quoted.is_empty() {
                self.last = Some(Piece::Atom(1));
            }
            return Ok(());
        }
        if self.rest.starts_with(['A', 'b', 'B', 'z']) {
            self.take();
        } else {
            self.escape()?;
        }
        self.last = Some(Piece::Atom(1));
        Ok(())
    }
}

fn count(text: &str) -> Option<u32> {
    let is_number =
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    is_number.then(|| number(text).and_then(|number| u32::try_from(number).ok()).unwrap_or(u32::MAX))
}
