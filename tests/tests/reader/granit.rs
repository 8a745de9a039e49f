//! The tree that another YAML reader, granit-parser, gives: its events as our documents.

use foreshift_core::text::{Document, Kind, LIMIT_DEPTH, Node, SourceId, Span, Style};
use granit_parser::{Event, Parser, ScalarStyle, Span as RawSpan, StructureStyle};

/// Every document of a text that is not empty, or what granit says against it.
pub fn parse(text: &str) -> Result<Vec<Document>, String> {
    Reader::new(text).documents()
}

struct Reader<'a> {
    parser: Parser<'a, granit_parser::StrInput<'a>>,
    text: &'a str,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Reader<'a> {
        let options = granit_parser::options! {
            emit_comments: false,
            flow_nesting_limit: LIMIT_DEPTH + 1,
            block_nesting_limit: LIMIT_DEPTH + 1,
        };
        Reader { parser: Parser::new_from_str_with_options(text, options), text }
    }

    fn next(&mut self) -> Result<Option<(Event<'a>, RawSpan)>, String> {
        self.parser.next_event().transpose().map_err(|error| error.info())
    }

    fn documents(&mut self) -> Result<Vec<Document>, String> {
        let mut documents: Vec<Document> = Vec::new();
        let mut starts = 0;
        while let Some((event, span)) = self.next()? {
            match event {
                Event::DocumentStart(explicit, _) => {
                    if starts > 0 {
                        let marker = self.offset(&span.start);
                        if let Some(last) = documents.last_mut() {
                            last.span.end = last.span.end.min(marker);
                        }
                    }
                    starts += 1;
                    let start = if starts == 1 { 0 } else { self.behind_marker(self.offset(&span.start), explicit) };
                    let Some((event, span)) = self.next()? else {
                        break;
                    };
                    let root = self.node(event, span)?;
                    if root.is_absent() && root.tag.is_none() {
                        continue;
                    }
                    let span = Span { source: SourceId(0), start, end: self.len() };
                    documents.push(Document { root, span });
                }
                Event::StreamEnd => break,
                _ => {}
            }
        }
        if let [only] = documents.as_mut_slice() {
            only.span = Span { source: SourceId(0), start: 0, end: self.len() };
        }
        Ok(documents)
    }

    fn node(&mut self, event: Event<'a>, raw: RawSpan) -> Result<Node, String> {
        let mut span = self.span(&raw);
        let column = u32::try_from(raw.start.col()).unwrap_or(u32::MAX);
        let (anchor, tag, kind) = match event {
            Event::Alias(id) => (0, None, Kind::Alias(id)),
            Event::Scalar(text, style, anchor, tag) => {
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted => Style::Single,
                    ScalarStyle::DoubleQuoted => Style::Double,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                };
                let mut text = text.into_owned();
                let ends_here = style == Style::Block && span.end == self.len();
                let last_line = self.text.rsplit(['\n', '\r']).next().unwrap_or_default();
                let is_line = last_line.len() > column as usize || !last_line.trim_matches(' ').is_empty();
                if ends_here && text.ends_with('\n') && is_line {
                    // kubectl's reader adds no line break that the file does not have.
                    text.pop();
                }
                let written = self.text.get(span.start as usize..span.end as usize).unwrap_or_default();
                let header = written.trim_end_matches(' ').trim_end_matches(['\n', '\r']);
                let is_blank = written.split(['\n', '\r']).skip(1).all(|line| line.trim_matches(' ').is_empty());
                let breaks = written.replace("\r\n", "\n").matches(['\n', '\r']).count();
                if ends_here && header.starts_with(['|', '>']) && is_blank && breaks == 1 && text == "\n" {
                    // There is no line either where nothing but blanks stands below the indicator.
                    text.clear();
                }
                if style == Style::Plain && span.start == span.end {
                    // What is not there, granit writes as `~`.
                    text.clear();
                }
                (anchor, tag, Kind::Scalar { text: text.into(), style })
            }
            Event::SequenceStart(style, anchor, tag) => {
                let flow = style == StructureStyle::Flow;
                let (items, end) = self.items()?;
                span.end = if flow { end } else { items.last().map_or(span.end, |last| last.span.end) };
                (anchor, tag, Kind::Seq { flow, items })
            }
            Event::MappingStart(style, anchor, tag) => {
                let flow = style == StructureStyle::Flow;
                let (entries, end) = self.entries()?;
                if flow {
                    entries.iter().try_for_each(|entry| self.refuse_glued_colon(entry))?;
                }
                let last_end = entries.last().map(|(key, value)| value.span.end.max(key.span.end));
                span.end = if flow { end } else { last_end.unwrap_or(span.end) };
                (anchor, tag, Kind::Map { flow, entries })
            }
            _ => {
                return Err("a value was expected".to_owned());
            }
        };
        let anchor = (anchor != 0).then_some(anchor);
        let tag = tag.map(|tag| tag.to_string());
        Ok(Node { span, column, anchor, tag, kind })
    }

    fn items(&mut self) -> Result<(Vec<Node>, u32), String> {
        let mut items = Vec::new();
        while let Some((event, span)) = self.next()? {
            if matches!(event, Event::SequenceEnd) {
                return Ok((items, self.offset(&span.end)));
            }
            items.push(self.node(event, span)?);
        }
        Ok((items, self.len()))
    }

    fn entries(&mut self) -> Result<(Vec<(Node, Node)>, u32), String> {
        let mut entries = Vec::new();
        while let Some((event, span)) = self.next()? {
            if matches!(event, Event::MappingEnd) {
                return Ok((entries, self.offset(&span.end)));
            }
            let key = self.node(event, span)?;
            let Some((event, span)) = self.next()? else {
                break;
            };
            let value = self.node(event, span)?;
            entries.push((key, value));
        }
        Ok((entries, self.len()))
    }

    /// `{a:}`, where the colon ends the key in YAML 1.2 and belongs to it in 1.1.
    fn refuse_glued_colon(&self, (key, value): &(Node, Node)) -> Result<(), String> {
        let is_plain = matches!(key.kind, Kind::Scalar { style: Style::Plain, .. });
        let behind = self.text.get(key.span.end as usize..).unwrap_or_default();
        let glued = behind.strip_prefix(':').is_some_and(|rest| rest.starts_with([',', ']', '}']));
        if is_plain && value.is_absent() && glued && !key.is_absent() {
            return Err("a glued colon".to_owned());
        }
        Ok(())
    }

    /// Where a document's own text begins: behind the line of its marker, or behind the marker where more follows it.
    fn behind_marker(&self, offset: u32, explicit: bool) -> u32 {
        if !explicit {
            return offset;
        }
        let behind = offset + 3;
        let rest = self.text.get(behind as usize..).unwrap_or_default();
        let line = rest.split_inclusive('\n').next().unwrap_or_default();
        if line.trim().is_empty() { behind + u32::try_from(line.len()).unwrap_or(0) } else { behind }
    }

    fn span(&self, raw: &RawSpan) -> Span {
        Span { source: SourceId(0), start: self.offset(&raw.start), end: self.offset(&raw.end) }
    }

    fn offset(&self, marker: &granit_parser::Marker) -> u32 {
        marker.byte_offset().and_then(|offset| u32::try_from(offset).ok()).unwrap_or(self.len())
    }

    fn len(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }
}
