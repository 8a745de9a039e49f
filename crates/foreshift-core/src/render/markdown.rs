//! A preview as a comment on a pull request: a table of states, what changes behind a click, findings.

use std::fmt::Write as _;

use super::diff::Mark;
use super::frames::{Act, Frame, Way, frames};
use super::hunks::Hunks;
use super::lines::push_safe;
use super::table::{cells, name};
use super::{Selection, head, words};
use crate::diagnostic::Diagnostic;
use crate::plan::Plan;
use crate::preview::Preview;

/// The most changed lines of one state: GitHub takes no comment longer than 65536 characters.
const LIMIT_LINES: usize = 60;

/// The selected states of every plan and every finding as GitHub's Markdown. No text of a user can end what it stands
/// in.
pub fn markdown(preview: &Preview, selection: Selection) -> String {
    let mut out = String::new();
    for plan in &preview.plans {
        let (way, frames) = frames(plan, selection);
        if frames.is_empty() {
            continue;
        }
        let _ = write!(out, "### {}\n\n", escaped(&head::title(preview, plan)));
        for workload in &plan.workloads {
            for line in std::iter::once(head::workload(workload)).chain(head::images(workload)) {
                let _ = writeln!(out, "{}<br>", escaped(&line));
            }
        }
        let _ = write!(out, "{}\n\n", escaped(&head::summary(plan, selection, way)));
        table(&mut out, plan, &frames, selection, way);
        for frame in &frames {
            if let Some(act) = &frame.act {
                let words = words::act(act, plan);
                details(&mut out, &format!("{}  {words}", name(frame.index, selection, way)), act, frame);
            }
        }
        out.push('\n');
    }
    findings(&mut out, preview);
    out.truncate(out.trim_end().len());
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

fn table(out: &mut String, plan: &Plan, frames: &[Frame<'_>], selection: Selection, way: Way) {
    let rows = cells(plan, frames, selection, way);
    for (row, frame) in rows.iter().zip(std::iter::once(None).chain(frames.iter().map(Some))) {
        out.push('|');
        for cell in row {
            let _ = write!(out, " {} |", escaped(cell.trim()));
        }
        let Some(frame) = frame else {
            out.push_str(" then waits for |\n|--:|");
            out.extend(row.iter().map(|_| "---|"));
            out.push('\n');
            continue;
        };
        let _ = writeln!(out, " {} |", escaped(&words::gates(frame.gates)));
    }
    out.push('\n');
}

fn details(out: &mut String, title: &str, act: &Act<'_>, frame: &Frame<'_>) {
    let _ = write!(out, "<details><summary>{}</summary>\n\n", escaped(title));
    let hunks = Hunks::of(act);
    let texts = [act.before, act.after].into_iter().flatten();
    let ticks = texts.map(|text| longest_run(text, '`')).max().unwrap_or(0).max(2) + 1;
    let fence = "`".repeat(ticks);
    let _ = writeln!(out, "{fence}diff");
    let mut shown = 0;
    for hunk in hunks.runs() {
        if !hunk.path.is_empty() && shown < LIMIT_LINES {
            let _ = writeln!(out, "@@ {} @@", hunk.path);
        }
        for change in hunk.lines {
            shown += usize::from(change.mark != Mark::Kept);
            if shown > LIMIT_LINES {
                continue;
            }
            out.push(match change.mark {
                Mark::Kept => ' ',
                Mark::Removed => '-',
                Mark::Added => '+',
            });
            push_safe(out, change.text);
            out.push('\n');
        }
    }
    if shown > LIMIT_LINES {
        let _ = writeln!(out, "  … and {} more", words::counted(shown - LIMIT_LINES, "line"));
    }
    let _ = write!(out, "{fence}\n\n");
    for route in &frame.traffic {
        let _ = write!(out, "{}: {}\n\n", escaped(&words::route(route, act)), escaped(&words::shares(route)));
    }
    out.push_str("</details>\n");
}

fn findings(out: &mut String, preview: &Preview) {
    if preview.diagnostics.is_empty() {
        return;
    }
    out.push_str("#### Findings\n\n");
    for found in &preview.diagnostics {
        finding(out, found, preview);
    }
}

fn finding(out: &mut String, found: &Diagnostic, preview: &Preview) {
    let _ = write!(out, "- **{}** `{}`", found.severity.name(), found.code.name());
    if let Some((source, position)) = found.place(&preview.sources) {
        let _ = write!(out, " {}:{}:{}", escaped(&source.path), position.line, position.column);
    }
    let _ = writeln!(out, ": {}", prose(&found.message));
    if let Some(help) = &found.help {
        let _ = writeln!(out, "  <br>help: {}", prose(help));
    }
}

/// A message, whose backticks stay.
fn prose(message: &str) -> String {
    let parts = message.split('`').enumerate();
    let is_paired = message.matches('`').count().is_multiple_of(2);
    if !is_paired {
        return escaped(message);
    }
    let part = |(index, part): (usize, &str)| match index % 2 {
        0 => escaped(part),
        _ => code(part),
    };
    parts.map(part).collect()
}

/// What stands between backticks is taken as it is; between HTML tags, line breaks and pipes are not.
fn code(text: &str) -> String {
    let mut out = String::from("`");
    push_safe(&mut out, text);
    out.push('`');
    out
}

/// A text without a meaning of its own.
fn escaped(text: &str) -> String {
    let mut safe = String::new();
    push_safe(&mut safe, text);
    let mut out = String::with_capacity(safe.len());
    for c in safe.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

fn longest_run(text: &str, of: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == of { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}
