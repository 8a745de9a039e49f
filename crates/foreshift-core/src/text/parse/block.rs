//! Block style: lists, mappings, and what may stand behind a dash, behind a key, and at the root.

use super::Fault;
use super::cursor::{Reader, Tabs, fault};
use super::property::Properties;
use crate::text::{Kind, Node, Style};

/// A place that waits for a node.
#[derive(Clone, Copy)]
pub(super) struct Slot {
    /// The least column that the node has on a line of its own.
    pub(super) min: usize,
    /// Whether a list or a mapping may begin on this line.
    pub(super) starts: bool,
    /// Whether a list may stand at the column of the key that it belongs to.
    pub(super) is_level: bool,
    /// The place and column of a node that is not there; without them, where the next token is.
    pub(super) absent: Option<(usize, u32)>,
    pub(super) depth: usize,
}

/// The most characters from the start of a key to its colon, unless `?` says that it is a key.
const LONGEST_KEY: usize = 1024;

/// What is wrong with a key that has line breaks.
pub(super) const MANY_LINES: &str = "a key has to stand on one line with its colon";

impl Reader<'_> {
    /// The node for a place.
    pub(super) fn value(&mut self, slot: Slot) -> Result<Node, Fault> {
        let mut starts = slot.starts;
        let mut outer = Properties::default();
        loop {
            starts |= self.gap(if starts { Tabs::Indenting } else { Tabs::Apart })?;
            let column = self.at - self.line;
            let is_level = slot.is_level && column + 1 == slot.min && self.is_indicator(b'-');
            if self.is_end() || (column < slot.min && !is_level) {
                let place = slot.absent.unwrap_or_else(|| self.place());
                return self.absent(place, slot.depth, outer);
            }
            if !matches!(self.peek(), b'&' | b'!') {
                return self.content(slot, starts, outer);
            }
            let (start, column) = self.place();
            let own = self.properties()?;
            self.skip_blanks();
            if !self.is_gap(self.at) && self.peek() != b'#' {
                return self.behind_properties(slot, starts, (start, column), outer, own);
            }
            outer = outer.join(own, start)?;
            starts = false;
        }
    }

    /// A node that has no properties on its line.
    fn content(&mut self, slot: Slot, starts: bool, outer: Properties) -> Result<Node, Fault> {
        let start = self.at;
        let column = self.column(start);
        let is_list = self.is_indicator(b'-');
        let is_mapping = self.is_indicator(b'?') || self.is_indicator(b':');
        if (is_list || is_mapping) && !starts {
            return self.fault(self.surprise());
        }
        let kind = if is_list {
            self.list(slot.depth)?
        } else if is_mapping {
            self.mapping(start, None, slot.depth)?
        } else {
            return self.behind_properties(slot, starts, (start, column), outer, Properties::default());
        };
        Ok(self.collection(start, column, outer, kind))
    }

    /// A scalar, an alias or a flow collection, or a mapping that has it as its first key.
    fn behind_properties(
        &mut self,
        slot: Slot,
        starts: bool,
        (start, column): (usize, u32),
        outer: Properties,
        own: Properties,
    ) -> Result<Node, Fault> {
        let line = self.line;
        if matches!(self.peek(), b'|' | b'>') {
            let properties = outer.join(own, start)?;
            return self.literal(slot.min, slot.depth, properties);
        }
        let node = self.inline(slot.min, slot.depth, own)?;
        self.skip_blanks();
        if !self.is_indicator(b':') {
            return node.with(outer, start);
        }
        if !starts {
            return self.fault(self.surprise());
        }
        self.check_key(start, line, self.line)?;
        // The line of its first key is the mapping's.
        let kind = self.mapping(start, Some(node), slot.depth)?;
        Ok(self.collection(start, column, outer, kind))
    }

    /// A node that needs no indentation: a scalar on one line or several, an alias, a flow collection.
    pub(super) fn inline(&mut self, min: usize, depth: usize, properties: Properties) -> Result<Node, Fault> {
        if self.is_indicator(b':') {
            let place = self.place();
            return self.absent(place, depth, properties);
        }
        let start = self.at;
        let column = self.column(start);
        self.count(start, depth)?;
        let kind = match self.peek() {
            b'"' => Kind::Scalar { text: self.double_quoted()?.into(), style: Style::Double },
            b'\'' => Kind::Scalar { text: self.single_quoted()?.into(), style: Style::Single },
            b'[' | b'{' => self.flow(min, depth)?,
            b'*' if properties.is_none() => Kind::Alias(self.alias()?),
            _ => Kind::Scalar { text: self.plain(min)?, style: Style::Plain },
        };
        let span = self.span(start, self.at);
        let Properties { anchor, tag, .. } = properties;
        Ok(Node { span, column, anchor, tag, kind })
    }

    /// A node that is not there, though it may have properties: it is behind them then.
    pub(super) fn absent(&mut self, place: (usize, u32), depth: usize, found: Properties) -> Result<Node, Fault> {
        let (at, column) = if found.is_none() { place } else { found.end };
        self.count(at, depth)?;
        let kind = Kind::Scalar { text: "".into(), style: Style::Plain };
        Ok(Node { span: self.span(at, at), column, anchor: found.anchor, tag: found.tag, kind })
    }

    /// A collection of block style, which ends where the last node in it does.
    fn collection(&self, start: usize, column: u32, properties: Properties, kind: Kind) -> Node {
        let mut span = self.span(start, start);
        match &kind {
            Kind::Seq { items, .. } => span.end = items.last().map_or(span.end, |last| last.span.end),
            Kind::Map { entries, .. } => {
                let end = entries.last().map(|(key, value)| value.span.end.max(key.span.end));
                span.end = end.unwrap_or(span.end);
            }
            Kind::Scalar { .. } | Kind::Alias(_) => {}
        }
        let Properties { anchor, tag, .. } = properties;
        Node { span, column, anchor, tag, kind }
    }

    /// A list whose first dash stands here.
    fn list(&mut self, depth: usize) -> Result<Kind, Fault> {
        self.count(self.at, depth + 1)?;
        let column = self.at - self.line;
        let mut items = Vec::new();
        while self.is_indicator(b'-') {
            self.at += 1;
            self.skip_spaces();
            self.skip_comment()?;
            let absent = Some(self.place());
            items.push(self.value(Slot {
                min: column + 1,
                starts: true,
                is_level: false,
                absent,
                depth: depth + 1,
            })?);
            self.gap(Tabs::Apart)?;
            if !self.is_first_at(column) {
                break;
            }
        }
        Ok(Kind::Seq { flow: false, items })
    }

    /// A mapping that starts in this line. Its first key was read, or has an indicator that stands here.
    fn mapping(&mut self, start: usize, first: Option<Node>, depth: usize) -> Result<Kind, Fault> {
        self.count(start, depth + 1)?;
        let column = start - self.line;
        let slot = Slot { min: column + 1, starts: true, is_level: true, absent: None, depth: depth + 1 };
        let mut entries = Vec::new();
        let mut key = first;
        loop {
            let is_explicit = key.is_none() && self.is_indicator(b'?');
            let is_missing = key.is_none() && self.is_indicator(b':');
            let found = match key.take() {
                Some(key) => key,
                None if is_explicit => {
                    self.at += 1;
                    let key = self.value(slot)?;
                    self.gap(Tabs::Apart)?;
                    key
                }
                None => self.key(slot)?,
            };
            let colon = self.place();
            let value = if !is_explicit || (self.is_first_at(column) && self.is_indicator(b':')) {
                self.at += 1;
                let starts = is_explicit || is_missing;
                self.value(Slot { starts, absent: Some(colon), ..slot })?
            } else {
                self.absent(colon, slot.depth, Properties::default())?
            };
            entries.push((found, value));
            self.gap(Tabs::Apart)?;
            if !self.is_first_at(column) {
                return Ok(Kind::Map { flow: false, entries });
            }
        }
    }

    /// A key and what stands before its colon.
    fn key(&mut self, slot: Slot) -> Result<Node, Fault> {
        let start = self.at;
        let line = self.line;
        let own = self.properties()?;
        self.skip_blanks();
        let key = self.inline(slot.min, slot.depth, own)?;
        self.skip_blanks();
        if !self.is_indicator(b':') {
            return fault(start, "a colon was expected behind this key");
        }
        self.check_key(start, line, self.line)?;
        Ok(key)
    }

    /// Whether what began at `start` in the line `first` and ends in the line `last` may be a key: its colon stands here.
    pub(super) fn check_key(&self, start: usize, first: usize, last: usize) -> Result<(), Fault> {
        if first != last {
            return self.fault(MANY_LINES);
        }
        if self.at - start > LONGEST_KEY && self.slice(start, self.at).chars().count() > LONGEST_KEY {
            return fault(start, "a key of more than 1024 characters needs a `?` before it");
        }
        Ok(())
    }

    /// What to say where something else was expected.
    pub(super) fn surprise(&self) -> &'static str {
        match self.peek() {
            b'-' if self.is_indicator(b'-') => "a list cannot begin here",
            b':' | b'?' if self.is_gap(self.at + 1) => "a mapping cannot begin here",
            _ => "this cannot stand here",
        }
    }
}
