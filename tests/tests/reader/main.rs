//! Our YAML reader beside another one, granit-parser: over every text of the cases, over the texts that kubectl was
//! asked about, and over what comes of both when bytes of them are changed.

mod compare;
mod granit;

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use compare::difference;
use foreshift_core::diagnostic::Code;
use foreshift_core::text::{SourceId, parse};
use proptest::prelude::*;
use tests::case;

/// What is put into a text.
const PARTS: &[&str] = &[
    "\n",
    " ",
    "  ",
    "\t",
    "- ",
    "? ",
    ": ",
    ":",
    "-",
    "#",
    " #",
    "&a ",
    "*a",
    "!t ",
    "!!str ",
    "'",
    "\"",
    "[",
    "]",
    "{",
    "}",
    ",",
    "|",
    "> ",
    "|-\n",
    "|+2\n",
    "a",
    "\n\n",
    "\r\n",
    "\r",
    "---\n",
    "...\n",
    "%",
    "\\",
    "\\\n",
    "é",
    "\u{feff}",
    "1",
    "\n- ",
    "\n  ",
    "\u{85}",
    "\u{1}",
    "%TAG !e! t:\n---\n",
    "!e!a ",
    "{? a : b}",
    "[a: b]",
];

static TEXTS: LazyLock<Vec<String>> = LazyLock::new(texts);

/// Every text of a case, and every one that kubectl was asked about.
fn texts() -> Vec<String> {
    let cases = case::all().into_iter().flat_map(|case| case.request.files);
    let mut texts: Vec<String> = cases.map(|file| file.text).collect();
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs this");
    let answers = fs::read_to_string(Path::new(&folder).join("kubectl/answers.json")).expect("the answers");
    let answers: serde_json::Value = serde_json::from_str(&answers).expect("JSON");
    let asked = answers["answers"].as_array().expect("a list").iter();
    texts.extend(asked.map(|answer| answer["text"].as_str().expect("a text").to_owned()));
    texts
}

#[test]
fn every_text_has_the_tree_that_another_reader_gives_it() {
    let wrong: Vec<String> = TEXTS.iter().filter_map(|text| difference(text)).collect();
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_tab_that_indents_is_named_where_it_stands() {
    let refused = TEXTS.iter().filter_map(|text| Some((text, parse(SourceId(0), text).err()?)));
    let tabs: Vec<_> = refused.filter(|(_, found)| found.code == Code::TabIndentation).collect();
    assert!(tabs.len() > 10, "{tabs:?}");
    for (text, found) in tabs {
        assert_eq!(found.span.slice(text), "\t", "{text:?}");
    }
}

/// Some lines of a text.
fn excerpt(text: &str, from: prop::sample::Index, count: usize) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    if lines.is_empty() {
        return String::new();
    }
    lines.iter().skip(from.index(lines.len())).take(count).copied().collect()
}

/// Puts a part somewhere, in place of a character where `replaces` says so; the part behind the last one is nothing.
fn change(text: &mut String, at: prop::sample::Index, part: usize, replaces: bool) {
    let at = text.floor_char_boundary(at.index(text.len() + 1));
    if replaces && at < text.len() {
        text.remove(at);
    }
    text.insert_str(at, PARTS.get(part).copied().unwrap_or_default());
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 2000, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_text_has_the_tree_that_another_reader_gives_it(
        text in any::<prop::sample::Index>(),
        from in any::<prop::sample::Index>(),
        count in 1_usize..12,
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..=PARTS.len(), any::<bool>()), 1..5),
    ) {
        let mut text = excerpt(&TEXTS[text.index(TEXTS.len())], from, count);
        for (at, part, replaces) in changes {
            change(&mut text, at, part, replaces);
        }
        if let Some(found) = difference(&text) {
            prop_assert!(false, "{found}");
        }
    }
}
