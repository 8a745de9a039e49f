//! Texts from outside – of an API server, a webhook, a metric provider – as they may be shown, logged and kept.

use foreshift_core::render::lines::safe;

/// The most bytes that are kept of a text.
const LIMIT_BYTES: usize = 1 << 10;

/// What somebody said, in one line of at most 1 KiB: without characters that move a cursor, colour a terminal or turn the
/// direction of writing. What is cut off leaves a `…`.
pub fn said(text: &str) -> String {
    let mut out = String::new();
    for letter in text.trim().chars() {
        let shown = if matches!(letter, '\n' | '\r' | '\t') { ' ' } else { safe(letter) };
        if shown == ' ' && out.ends_with(' ') {
            continue;
        }
        if out.len() + shown.len_utf8() > LIMIT_BYTES {
            out.push('…');
            break;
        }
        out.push(shown);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{LIMIT_BYTES, said};

    #[test]
    fn nothing_that_is_said_moves_a_cursor() {
        assert_eq!(said("too slow:\r\n\tp99 is 3 s\n"), "too slow: p99 is 3 s");
        assert_eq!(said("\x1b[2J\x1b]0;title\x07"), "␛[2J␛]0;title␇");
        assert_eq!(said("a\u{202e}b\u{2066}c\u{200f}d\u{61c}e"), "a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}e");
        assert_eq!(said("a\u{9b}31m\u{7f}\0"), "a\u{fffd}31m␡␀");
        assert_eq!(said("größer als 5 %"), "größer als 5 %");
    }

    #[test]
    fn what_is_long_is_cut_between_letters() {
        let long = said(&"ä".repeat(1 << 20));
        assert_eq!(long, format!("{}…", "ä".repeat(LIMIT_BYTES / 2)));
        assert_eq!(said(&" ".repeat(1 << 20)), "");
    }
}
