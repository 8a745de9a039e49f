//! Block scalars, literal and folded.

use super::Fault;
use super::cursor::Reader;
use super::property::Properties;
use crate::text::{Kind, Node, Style};

/// What becomes of the line breaks at the end.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Chomping {
    Clip,
    Strip,
    Keep,
}

impl Reader<'_> {
    /// A block scalar that begins with `|` or `>` here. Its lines have at least the column `min`.
    pub(super) fn literal(&mut self, min: usize, depth: usize, properties: Properties) -> Result<Node, Fault> {
        let header = self.at;
        let header_column = self.column(header);
        self.count(header, depth)?;
        let is_folded = self.peek() == b'>';
        self.at += 1;
        let (chomping, indicator) = self.header()?;
        // What the lines are indented by counts from the collection that the scalar is in.
        let given = if indicator == 0 { None } else { Some(min.saturating_sub(1) + indicator) };
        let mut breaks = 0;
        let indent = match given {
            Some(indent) => {
                breaks += self.blank_lines(indent)?;
                indent
            }
            None => self.first_indent(min, &mut breaks)?,
        };
        let (start, column) = if self.is_at_end() { (header, header_column) } else { (self.at, self.column(self.at)) };
        let text = self.lines(indent, is_folded, chomping, breaks)?;
        self.first = self.at;
        let span = self.span(start, self.at);
        let Properties { anchor, tag, .. } = properties;
        Ok(Node { span, column, anchor, tag, kind: Kind::Scalar { text: text.into(), style: Style::Block } })
    }

    /// The indicators behind `|` or `>`, and the end of the line.
    fn header(&mut self) -> Result<(Chomping, usize), Fault> {
        let mut chomping = Chomping::Clip;
        let mut indent = 0;
        loop {
            match self.peek() {
                b'-' if chomping == Chomping::Clip => chomping = Chomping::Strip,
                b'+' if chomping == Chomping::Clip => chomping = Chomping::Keep,
                digit @ b'1'..=b'9' if indent == 0 => indent = usize::from(digit - b'0'),
                _ => break,
            }
            self.at += 1;
        }
        self.skip_blanks();
        self.skip_comment()?;
        if !self.skip_break() && !self.is_at_end() {
            return self.fault("the lines of a text begin below its `|` or `>`");
        }
        Ok((chomping, indent))
    }

    /// The column of the lines, as the first one says that is not blank.
    fn first_indent(&mut self, min: usize, breaks: &mut usize) -> Result<usize, Fault> {
        let mut indent = min.max(1);
        loop {
            self.skip_spaces();
            indent = indent.max(self.at - self.line);
            if self.peek() == b'\t' {
                return self.tab();
            }
            if !self.skip_break() {
                return Ok(indent);
            }
            *breaks += 1;
        }
    }

    /// Passes over blank lines and the indentation of the next one, and counts the blank lines.
    fn blank_lines(&mut self, indent: usize) -> Result<usize, Fault> {
        let mut breaks = 0;
        loop {
            while self.peek() == b' ' && self.at - self.line < indent {
                self.at += 1;
            }
            if self.peek() == b'\t' && self.at - self.line < indent {
                return self.tab();
            }
            if !self.skip_break() {
                return Ok(breaks);
            }
            breaks += 1;
        }
    }

    /// The text of all lines, with `breaks` blank ones before the first.
    fn lines(&mut self, indent: usize, is_folded: bool, chomping: Chomping, breaks: usize) -> Result<String, Fault> {
        let mut text = String::new();
        let mut blank = breaks;
        let mut has_break = false;
        let mut was_indented = false;
        while self.at - self.line == indent && !self.is_at_end() {
            let is_indented = matches!(self.peek(), b' ' | b'\t');
            if is_folded && has_break && !was_indented && !is_indented {
                if blank == 0 {
                    text.push(' ');
                }
            } else if has_break {
                text.push('\n');
            }
            push_breaks(&mut text, blank);
            was_indented = is_indented;
            let start = self.at;
            while !matches!(self.peek(), b'\n' | b'\r' | 0) {
                self.at += 1;
            }
            text.push_str(self.slice(start, self.at));
            has_break = self.skip_break();
            blank = self.blank_lines(indent)?;
        }
        if has_break && chomping != Chomping::Strip {
            text.push('\n');
        }
        if chomping == Chomping::Keep {
            push_breaks(&mut text, blank);
        }
        Ok(text)
    }
}

fn push_breaks(text: &mut String, count: usize) {
    for _ in 0..count {
        text.push('\n');
    }
}
