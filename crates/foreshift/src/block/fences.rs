//! Where fenced blocks stand in Markdown, after `CommonMark`: blocks inside of other blocks are examples of blocks.

use std::ops::Range;

/// A fenced block called `foreshift`.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Fence<'a> {
    /// From the first line to the last, in bytes.
    pub(crate) range: Range<usize>,
    /// On which line it begins, from 1.
    pub(crate) line: usize,
    /// What stands behind its name.
    pub(crate) options: &'a str,
    /// What it holds, without the indentation of its fence.
    pub(crate) text: String,
}

/// The name of the blocks that are looked for.
const NAME: &str = "foreshift";

/// Every block with that name, from top to bottom. One that is not closed goes to the end.
pub(crate) fn fences(markdown: &str) -> Vec<Fence<'_>> {
    let mut out = Vec::new();
    let mut open: Option<(Opening<'_>, Fence<'_>)> = None;
    let mut start = 0;
    for (index, line) in markdown.split_inclusive('\n').enumerate() {
        let end = start + line.len();
        match open.take() {
            None => {
                open = Opening::of(line).map(|opening| {
                    let options = opening.info.strip_prefix(NAME).unwrap_or_default();
                    (opening, Fence { range: start..end, line: index + 1, options, text: String::new() })
                });
            }
            Some((opening, fence)) if opening.is_closed_by(line) => {
                let range = fence.range.start..start + line.trim_end_matches(['\r', '\n']).len();
                out.extend(opening.is_ours().then_some(Fence { range, ..fence }));
            }
            Some((opening, mut fence)) => {
                fence.text.push_str(unindented(line, opening.indent));
                fence.range.end = end;
                open = Some((opening, fence));
            }
        }
        start = end;
    }
    out.extend(open.filter(|(opening, _)| opening.is_ours()).map(|(_, fence)| fence));
    out
}

/// The first line of a block.
struct Opening<'a> {
    indent: usize,
    mark: char,
    length: usize,
    info: &'a str,
}

impl<'a> Opening<'a> {
    fn of(line: &'a str) -> Option<Opening<'a>> {
        let content = line.trim_start_matches(' ');
        let indent = line.len() - content.len();
        let mark = content.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
        let info = content.trim_start_matches(mark);
        let length = content.len() - info.len();
        let is_fence = indent < 4 && length >= 3 && !(mark == '`' && info.contains('`'));
        is_fence.then_some(Opening { indent, mark, length, info: info.trim() })
    }

    fn is_ours(&self) -> bool {
        self.info.strip_prefix(NAME).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '{', ',']))
    }

    fn is_closed_by(&self, line: &str) -> bool {
        Opening::of(line)
            .is_some_and(|other| other.mark == self.mark && other.length >= self.length && other.info.is_empty())
    }
}

fn unindented(line: &str, indent: usize) -> &str {
    let spaces = line.len() - line.trim_start_matches(' ').len();
    line.get(spaces.min(indent)..).unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::fences;

    #[test]
    fn blocks_are_found_where_markdown_has_them() {
        let text = "a\n\n  ```foreshift {state=4}\n  b: 1\n    c\n  ```\nd\n\n~~~~ foreshift src=x\n~~~~\n";
        let found = fences(text);
        let parts: Vec<_> = found.iter().map(|fence| (fence.line, fence.options.trim(), fence.text.as_str())).collect();
        assert_eq!(parts, [(3, "{state=4}", "b: 1\n  c\n"), (9, "src=x", "")]);
        assert_eq!(text.get(found[0].range.clone()), Some("  ```foreshift {state=4}\n  b: 1\n    c\n  ```"));
    }

    #[test]
    fn examples_of_blocks_are_no_blocks() {
        assert!(fences("````md\n```foreshift\n```\n````\n").is_empty());
        assert!(fences("```foreshifter\n```\n\n    ```foreshift\n").is_empty());
        assert_eq!(fences("```foreshift\nto the end").len(), 1);
    }
}
