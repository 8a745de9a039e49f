//! Where the text of an `inline` manifest stands in the config's file.

use crate::text::{Kind, Node, Origin, Style};

/// Where the first character of the literal block under `manifests[index].inline` stands.
///
/// `None` where the lines of the text are not lines of the file: in quotes, folded, or brought in by an alias.
pub(super) fn origin(config: &Node, index: usize, file: &str, counted: &mut Counted) -> Option<Origin> {
    let Kind::Seq { items, .. } = &config.get("manifests")?.kind else {
        return None;
    };
    let node = items.get(index)?.get("inline")?;
    let Kind::Scalar { text, style: Style::Block } = &node.kind else {
        return None;
    };
    let start = first_line(file, node.span.start as usize)?;
    let written = file.get(start..)?;
    let indent = indentation(text, written)?;
    let is_same = text.lines().zip(written.lines()).all(|(line, written)| dedented(written, indent) == Some(line));
    is_same.then(|| Origin { lines: counted.up_to(start, file), columns: count(indent), whole: None })
}

/// How many lines end before a place: counted on from the one before, because a config may have very many manifests.
#[derive(Default)]
pub(super) struct Counted {
    place: usize,
    lines: u32,
}

impl Counted {
    fn up_to(&mut self, place: usize, file: &str) -> u32 {
        if place < self.place {
            *self = Counted::default();
        }
        let between = file.get(self.place..place).unwrap_or_default();
        self.lines += count(between.bytes().filter(|&byte| byte == b'\n').count());
        self.place = place;
        self.lines
    }
}

/// Where the block's first line begins: behind the line with its `|`, which is the last one before that is not blank.
///
/// The node itself may begin only at its first line that is not blank, behind the indentation.
fn first_line(file: &str, inside: usize) -> Option<usize> {
    let before = file.get(..inside)?.trim_end();
    let rest = file.get(before.len()..)?;
    Some(before.len() + rest.find('\n')? + 1)
}

/// How far the block is indented: what its first line that is not blank has more in the file than in the text.
fn indentation(text: &str, written: &str) -> Option<usize> {
    let spaces = |line: &str| line.bytes().take_while(|&byte| byte == b' ').count();
    let (line, written) = text.lines().zip(written.lines()).find(|(line, _)| !line.trim().is_empty())?;
    spaces(written).checked_sub(spaces(line))
}

/// A line without its indentation; a blank one may be shorter.
fn dedented(written: &str, indent: usize) -> Option<&str> {
    let is_blank = |part: &str| part.bytes().all(|byte| byte == b' ');
    match written.split_at_checked(indent) {
        Some((before, line)) => is_blank(before).then_some(line),
        None => is_blank(written).then_some(""),
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
