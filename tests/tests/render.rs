//! What every rendering keeps to, over every case, every state and every way back.

use foreshift_core::render::diff::{Mark, diff};
use foreshift_core::render::{self, Selection, frames};
use foreshift_core::{Preview, preview};
use serde::Deserialize as _;
use serde_yaml::Value;
use tests::case;

#[test]
fn a_stream_holds_every_object_of_every_state_as_it_is() {
    each(|name, preview, selection| {
        let stream = render::yaml(preview, selection);
        let objects = preview.plans.iter().flat_map(|plan| frames(plan, selection).1).flat_map(|frame| frame.objects);
        let texts: Vec<&str> = objects.map(|(_, text)| &**text).collect();
        let documents: Vec<Value> = read(&stream, name);
        assert_eq!(documents.len(), texts.len(), "{name} {selection:?}\n{stream}");
        for (document, text) in documents.iter().zip(&texts) {
            assert_eq!(vec![document.clone()], read(text, name), "{name} {selection:?}");
            let text = text.trim_start_matches('\u{feff}');
            assert!(stream.contains(text), "{name} {selection:?}: not byte for byte\n{text}");
        }
    });
}

#[test]
fn a_diff_holds_both_texts() {
    each(|name, preview, selection| {
        for frame in preview.plans.iter().flat_map(|plan| frames(plan, selection).1) {
            let Some(act) = &frame.act else { continue };
            let (before, after) = (act.before.map_or("", |text| text), act.after.map_or("", |text| text));
            let changes = diff(before, after);
            let side = |other: Mark| -> Vec<&str> {
                changes.iter().filter(|change| change.mark != other).map(|change| change.text).collect()
            };
            assert_eq!(side(Mark::Added), before.lines().collect::<Vec<_>>(), "{name}");
            assert_eq!(side(Mark::Removed), after.lines().collect::<Vec<_>>(), "{name}");
        }
    });
}

#[test]
fn no_rendering_can_move_a_cursor_or_end_what_it_stands_in() {
    each(|name, preview, selection| {
        let texts =
            [render::text(preview, selection), render::diagnostics(preview), render::markdown(preview, selection)];
        for text in texts {
            let stray = text.chars().find(|c| c.is_control() && *c != '\n');
            assert_eq!(stray, None, "{name} {selection:?}");
            assert!(text.is_empty() || text.ends_with('\n') && !text.ends_with("\n\n\n"), "{name} {selection:?}");
            assert!(text.lines().all(|line| !line.ends_with(' ') || line.starts_with([' ', '+', '-'])), "{name}");
        }
        let markdown = render::markdown(preview, selection);
        let count = |what: &str| markdown.lines().filter(|line| line.starts_with(what)).count();
        assert_eq!(count("<details>"), count("</details>"), "{name}");
        assert_eq!(count("```") % 2, 0, "{name}");
    });
}

/// Calls `check` with every case, as a whole, in its last state, and on each way back from where it begins.
fn each(check: impl Fn(&str, &Preview, Selection)) {
    for case in case::all() {
        let preview = preview(&case.request);
        check(&case.name, &preview, Selection::All);
        let last = preview.plans.iter().map(|plan| plan.stages.len()).max().unwrap_or(0);
        check(&case.name, &preview, Selection::State(last));
        let begins = |n: &usize| preview.plans.iter().any(|plan| *n > 0 && plan.back(*n) != plan.back(*n - 1));
        (0..=last).filter(begins).for_each(|n| check(&case.name, &preview, Selection::AbortFrom(n)));
    }
}

fn read(text: &str, name: &str) -> Vec<Value> {
    // Other readers take a byte order mark for text.
    let documents = serde_yaml::Deserializer::from_str(text.trim_start_matches('\u{feff}'));
    documents
        .map(|document| Value::deserialize(document).unwrap_or_else(|error| panic!("{name}: {error}\n{text}")))
        .filter(|document| !document.is_null())
        .collect()
}
