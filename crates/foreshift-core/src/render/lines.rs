//! Lines for a fixed-width font: what a character takes, and what must not reach a terminal.

/// How many columns a text takes.
pub fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

/// How many columns a character takes; close enough for alignment, not a Unicode table.
pub(super) fn columns(c: char) -> usize {
    match u32::from(c) {
        0x0300..=0x036f | 0x200b..=0x200d | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff01..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1f64f
        | 0x1f680..=0x1f6ff
        | 0x1f900..=0x1f9ff
        | 0x2_0000..=0x3_fffd => 2,
        _ => 1,
    }
}

/// Appends a text with every character that could move a cursor or turn the writing direction replaced by a visible
/// one of one column.
pub(super) fn push_safe(out: &mut String, text: &str) {
    out.extend(text.chars().map(safe));
}

/// A character as it is shown.
pub fn safe(c: char) -> char {
    match c {
        '\t' => '→',
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\x7f' => '␡',
        '\u{80}'..='\u{9f}'
        | '\u{61c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        '\u{2028}' | '\u{2029}' | '\u{feff}' => '\u{fffd}',
        c => c,
    }
}

/// Appends a character several times.
pub(super) fn push_repeated(out: &mut String, c: char, times: usize) {
    out.extend(std::iter::repeat_n(c, times));
}

/// Appends a text and the spaces that it lacks for a width.
pub(super) fn push_padded(out: &mut String, text: &str, to: usize) {
    push_safe(out, text);
    push_repeated(out, ' ', to.saturating_sub(width(text)));
}

/// Appends parts divided by commas, the next one on a line of its own behind `lead` columns where it would go beyond
/// `to`.
pub fn push_wrapped(out: &mut String, parts: &[String], lead: usize, to: usize) {
    let mut column = lead;
    for (index, part) in parts.iter().enumerate() {
        // A comma may follow.
        if index > 0 && column + 2 + width(part) + 1 > to {
            out.push_str(",\n");
            push_repeated(out, ' ', lead);
            column = lead;
        } else if index > 0 {
            out.push_str(", ");
            column += 2;
        }
        push_safe(out, part);
        column += width(part);
    }
}

/// Takes away spaces at the end.
pub(super) fn trim_end(out: &mut String) {
    out.truncate(out.trim_end_matches(' ').len());
}
