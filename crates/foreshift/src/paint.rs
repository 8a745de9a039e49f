//! Colours for what the core renders, line by line; without them the bytes are the same.

use anstyle::{AnsiColor, Style};

const HEAD: Style = Style::new().bold();
const QUIET: Style = Style::new().dimmed();
const PLACE: Style = AnsiColor::Cyan.on_default();
const GUTTER: Style = AnsiColor::Blue.on_default().bold();
const ADDED: Style = AnsiColor::Green.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const WAITING: Style = AnsiColor::Yellow.on_default().bold();
const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const NOTE: Style = AnsiColor::Cyan.on_default().bold();

/// A plan as text, with colours.
pub(crate) fn plan(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut is_first_of_block = true;
    for line in text.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        plan_line(&mut out, line, is_first_of_block);
        out.push_str(end);
        is_first_of_block = line.is_empty();
    }
    out
}

fn plan_line(out: &mut String, line: &str, is_first_of_block: bool) {
    if line.starts_with("── no way back") {
        push(out, WAITING, line);
    } else if is_first_of_block && !line.starts_with(' ') {
        push(out, HEAD, line);
    } else if line.starts_with("   @ ") {
        push(out, PLACE, line);
    } else if let Some(style) = diff_style(line) {
        push(out, style, line);
    } else {
        table_line(out, line);
    }
}

/// The style of a changed or kept line: three spaces, its number, its mark.
fn diff_style(line: &str) -> Option<Style> {
    let rest = line.strip_prefix("   ")?.trim_start_matches(' ');
    let behind_number = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    if behind_number.len() == rest.len() {
        return None;
    }
    match behind_number.get(..2)? {
        " +" => Some(ADDED),
        " -" => Some(REMOVED),
        _ => None,
    }
}

/// Bars, and what somebody has to do.
fn table_line(out: &mut String, line: &str) {
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let (style, taken) = match c {
            '█' => (ADDED, run(rest, '█')),
            '░' => (QUIET, run(rest, '░')),
            'a' if is_approval(rest) => (WAITING, "approval".len()),
            '5' if rest.starts_with("503 ") => (ERROR, "503 XX".len()),
            _ => (Style::new(), c.len_utf8()),
        };
        let (head, tail) = rest.split_at_checked(taken).unwrap_or((rest, ""));
        push(out, style, head);
        rest = tail;
    }
}

/// Whether an approval is waited for here; a summary counts approvals.
fn is_approval(text: &str) -> bool {
    text.strip_prefix("approval").is_some_and(|rest| !rest.starts_with('s'))
}

/// Findings, with colours.
pub(crate) fn findings(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut severity = ERROR;
    for line in text.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        severity = severity_of(line).unwrap_or(severity);
        finding_line(&mut out, line, severity);
        out.push_str(end);
    }
    out
}

fn severity_of(line: &str) -> Option<Style> {
    let styles = [("error", ERROR), ("warning", WARNING), ("note", NOTE)];
    let is_head = |name: &str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['[', ':']));
    styles.into_iter().find(|(name, _)| is_head(name)).map(|(_, style)| style)
}

fn finding_line(out: &mut String, line: &str, severity: Style) {
    if let (Some(style), Some((head, message))) = (severity_of(line), line.split_once(": ")) {
        push(out, style, head);
        push(out, HEAD, ": ");
        push(out, HEAD, message);
        return;
    }
    let rest = line.trim_start_matches([' ', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    let mark = ["-->", "|", "="].into_iter().find(|mark| rest.starts_with(mark));
    let split = mark.map(|mark| line.len() - rest.len() + mark.len());
    let Some((gutter, behind)) = split.and_then(|split| line.split_at_checked(split)) else {
        push(out, Style::new(), line);
        return;
    };
    let is_carets = !behind.trim().is_empty() && behind.chars().all(|c| matches!(c, ' ' | '^'));
    push(out, GUTTER, gutter);
    push(out, if is_carets { severity } else { Style::new() }, behind);
}

/// How many bytes of the same character stand first.
fn run(text: &str, c: char) -> usize {
    text.len() - text.trim_start_matches(c).len()
}

fn push(out: &mut String, style: Style, text: &str) {
    out.push_str(&style.render().to_string());
    out.push_str(text);
    out.push_str(&style.render_reset().to_string());
}
