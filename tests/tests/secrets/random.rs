//! Random Secrets in random layouts: no output has a value of one.

use foreshift_core::render::{self, Selection};
use foreshift_core::text::quoted;
use foreshift_core::{preview, secret};
use proptest::prelude::*;

use super::request;

/// How a value is written.
#[derive(Clone, Copy, Debug)]
enum Style {
    Plain,
    Single,
    Double,
    Literal,
    Folded,
}

fn styles() -> impl Strategy<Value = Style> {
    prop_oneof![Just(Style::Plain), Just(Style::Single), Just(Style::Double), Just(Style::Literal), Just(Style::Folded)]
}

/// Values with letters that YAML has a use for, and a part that stands nowhere else.
fn values() -> impl Strategy<Value = String> {
    "[ -~äß€\u{1f600}]{0,12}Zq7[a-z]{6}[ -~]{0,12}(\n[ -~]{1,12}){0,3}"
}

fn written(style: Style, indent: usize, value: &str) -> String {
    let blank = " ".repeat(indent + 2);
    let block = |mark: &str| {
        let lines: String = value.split('\n').map(|line| format!("{blank}{line}\n")).collect();
        format!("{mark}2\n{lines}")
    };
    match style {
        Style::Plain => format!("{value}\n"),
        Style::Single => format!("'{}'\n", value.replace('\'', "''").replace('\n', &format!("\n\n{blank}"))),
        Style::Double => format!("{}\n", quoted(value)),
        Style::Literal => block("|"),
        Style::Folded => block(">"),
    }
}

proptest! {
    /// Plain ones are often no YAML at all: of those nothing is shown either.
    #[test]
    fn no_output_has_a_value(
        entries in prop::collection::vec((styles(), values(), any::<bool>()), 1..5),
        section in prop_oneof![Just("data"), Just("stringData")],
        indent in 1..5_usize,
        in_list: bool,
        crlf: bool,
    ) {
        let mut text = format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: db}}\n{section}:\n");
        let mut marks = Vec::new();
        for (index, (style, value, comment)) in entries.iter().enumerate() {
            text.push_str(&format!("{}key{index}: {}", " ".repeat(indent), written(*style, indent, value)));
            let at = value.find("Zq7").expect("the mark");
            let mark = &value[at..at + 9];
            marks.push(mark.to_owned());
            if *comment {
                text.push_str(&format!("{}# {mark}\n", " ".repeat(indent)));
            }
        }
        if in_list {
            let lines: String = text.lines().map(|line| format!("  {line}\n")).collect();
            text = format!("apiVersion: v1\nkind: List\nitems:\n-{}", lines.get(1..).unwrap_or_default());
        }
        if crlf {
            text = text.replace('\n', "\r\n");
        }
        let marks: Vec<&str> = marks.iter().map(String::as_str).collect();
        let request = request(&text, None);
        let found = preview(&request);
        let shown = [render::text(&found, Selection::All), render::diagnostics(&found), format!("{:?}", secret::mask(&request))];
        for mark in marks {
            prop_assert!(shown.iter().all(|shown| !shown.contains(mark)), "{} of\n{}", mark, text);
        }
        let masked = secret::mask_text(&text);
        prop_assert_eq!(masked.matches('\n').count(), text.matches('\n').count());
        prop_assert_eq!(&secret::mask_text(&masked), &masked);
    }
}
