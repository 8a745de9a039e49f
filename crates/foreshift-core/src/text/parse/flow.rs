//! Flow style: collections in brackets and braces, which JSON is made of.

use super::Fault;
use super::block::MANY_LINES;
use super::cursor::{Reader, fault};
use super::property::Properties;
use crate::text::{Kind, Node, Style};

impl Reader<'_> {
    /// A collection whose bracket stands here. What is in it may have any column.
    pub(super) fn flow(&mut self, min: usize, depth: usize) -> Result<Kind, Fault> {
        let open = self.at;
        let is_list = self.peek() == b'[';
        let close = if is_list { b']' } else { b'}' };
        self.at += 1;
        self.brackets += 1;
        let mut items = Vec::new();
        let mut entries = Vec::new();
        loop {
            self.flow_gap()?;
            if self.peek() == close {
                break;
            }
            if is_list {
                items.push(self.flow_item(min, depth + 1)?);
            } else {
                entries.push(self.flow_entry(min, depth + 1)?);
            }
            self.flow_gap()?;
            match self.peek() {
                b',' => self.at += 1,
                0 => return fault(open, "this bracket is never closed"),
                byte if byte == close => break,
                _ => return self.fault("a comma or a closing bracket was expected"),
            }
        }
        self.at += 1;
        self.brackets -= 1;
        Ok(if is_list { Kind::Seq { flow: true, items } } else { Kind::Map { flow: true, entries } })
    }

    /// An item of a list: a node, or a mapping of one pair that has no braces.
    fn flow_item(&mut self, min: usize, depth: usize) -> Result<Node, Fault> {
        let start = self.at;
        let column = self.column(start);
        let implicit = Some(self.line);
        let is_explicit = self.skip_question()?;
        let key = self.flow_node(min, depth)?;
        let colon = self.flow_colon(&key, start, implicit.filter(|_| !is_explicit))?;
        if colon.is_none() && !is_explicit {
            return Ok(key);
        }
        self.count(start, depth + 1)?;
        let value = match colon {
            Some((colon, _)) if !is_explicit && self.slice(start, colon).contains(['\n', '\r']) => {
                return fault(colon, MANY_LINES);
            }
            Some(colon) if !is_explicit && matches!(self.peek(), b',' | b']') => {
                self.absent(colon, depth + 1, Properties::default())?
            }
            Some(_) => self.flow_node(min, depth + 1)?,
            None => self.absent_here(depth + 1)?,
        };
        let kind = Kind::Map { flow: true, entries: vec![(key, value)] };
        self.flow_gap()?;
        Ok(Node { span: self.span(start, self.at), column, anchor: None, tag: None, kind })
    }

    fn flow_entry(&mut self, min: usize, depth: usize) -> Result<(Node, Node), Fault> {
        let start = self.at;
        let implicit = Some(self.line);
        let is_explicit = self.skip_question()?;
        let key = self.flow_node(min, depth)?;
        let value = match self.flow_colon(&key, start, implicit.filter(|_| !is_explicit))? {
            Some(colon) if matches!(self.peek(), b',' | b'}') => self.absent(colon, depth, Properties::default())?,
            Some(_) => self.flow_node(min, depth)?,
            None => self.absent_here(depth)?,
        };
        Ok((key, value))
    }

    fn skip_question(&mut self) -> Result<bool, Fault> {
        let is_there = self.is_indicator(b'?');
        if is_there {
            self.at += 1;
            self.flow_gap()?;
        }
        Ok(is_there)
    }

    /// Passes over the colon behind a key, and says where it stands. `line` is where a key without `?` began.
    fn flow_colon(&mut self, key: &Node, start: usize, line: Option<usize>) -> Result<Option<(usize, u32)>, Fault> {
        let end = self.at;
        let end_line = self.line;
        self.flow_gap()?;
        let (colon, column) = self.place();
        let is_plain = matches!(key.kind, Kind::Scalar { style: Style::Plain, .. });
        let is_json = !is_plain && !matches!(key.kind, Kind::Alias(_));
        if self.peek() != b':' {
            if key.is_absent() && key.anchor.is_none() && key.tag.is_none() && line.is_some() {
                return self.fault("a value was expected");
            }
            return Ok(None);
        }
        let next = self.byte(colon + 1);
        let is_glued = is_plain && !key.is_absent() && colon == end && matches!(next, b',' | b']' | b'}');
        if is_glued || (!self.is_gap(colon + 1) && !is_json && !matches!(next, b',' | b']' | b'}')) {
            // The colon ends the key in YAML 1.2 and belongs to it in 1.1.
            return self.fault("write a space behind this colon, or put it in quotes");
        }
        if let Some(line) = line {
            // JSON lets the colon stand on a line below.
            self.check_key(start, line, if is_json { end_line } else { self.line })?;
        }
        self.at += 1;
        self.flow_gap()?;
        Ok(Some((colon, column)))
    }

    /// A node within brackets, or one that is absent.
    fn flow_node(&mut self, min: usize, depth: usize) -> Result<Node, Fault> {
        let mut properties = self.properties()?;
        self.flow_gap()?;
        let start = self.at;
        if matches!(self.peek(), b'&' | b'!') {
            properties = properties.join(self.properties()?, start)?;
            self.flow_gap()?;
        }
        let is_absent = match self.peek() {
            b',' | b']' | b'}' | 0 => true,
            b':' => self.is_gap(self.at + 1) || matches!(self.byte(self.at + 1), b',' | b'[' | b']' | b'{' | b'}'),
            _ => false,
        };
        let place = self.place();
        if is_absent { self.absent(place, depth, properties) } else { self.inline(min, depth, properties) }
    }

    fn absent_here(&mut self, depth: usize) -> Result<Node, Fault> {
        let place = self.place();
        self.absent(place, depth, Properties::default())
    }
}
