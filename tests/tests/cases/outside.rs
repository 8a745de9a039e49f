//! Law 7 from outside: the end is the user's text, and every way back leads to the start, byte for byte.

use std::collections::BTreeMap;

use foreshift_core::kubernetes::Key;
use foreshift_core::plan::{Plan, Step};
use foreshift_core::text::write;
use tests::case::Case;

/// The text of every object that is there.
type Texts<'a> = BTreeMap<&'a Key, &'a str>;

/// Adds a fault for every end that is not what it should be.
pub fn check(case: &Case, plan: &Plan, faults: &mut Vec<String>) {
    let states = states(plan);
    ends(case, plan, &states, faults);
    for (n, state) in states.iter().enumerate() {
        let Some(undos) = plan.way_back(n) else {
            let is_past = plan.stages[..n].iter().any(|stage| matches!(stage.step, Step::Repin | Step::Apply));
            if !is_past {
                faults.push(format!("{}: state {n} has no way back, and nothing is pinned anew", plan.target));
            }
            continue;
        };
        let mut texts = state.clone();
        for undo in undos {
            put(&mut texts, &undo.write.key, undo.write.content.as_ref().map(|content| &*content.text));
        }
        // The rest of the manifests stays where it was applied.
        let stays = |key: &Key| {
            plan.stages.iter().any(|stage| stage.step == Step::Apply && !key.is_traffic() && *stage.write.key == *key)
        };
        texts.retain(|key, _| !stays(key));
        let start: Texts = states[0].iter().filter(|(key, _)| !stays(key)).map(|(key, text)| (*key, *text)).collect();
        if texts != start {
            faults.push(format!("{}: the way back from state {n} does not lead to state 0", plan.target));
        }
    }
}

/// Every object in every state.
fn states(plan: &Plan) -> Vec<Texts<'_>> {
    let mut now: Texts = plan.start.objects.iter().map(|object| (&object.key, &*object.text)).collect();
    let mut states = vec![now.clone()];
    for stage in &plan.stages {
        put(&mut now, &stage.write.key, stage.write.content.as_ref().map(|content| &*content.text));
        states.push(now.clone());
    }
    states
}

fn put<'a>(texts: &mut Texts<'a>, key: &'a Key, text: Option<&'a str>) {
    match text {
        Some(text) => texts.insert(key, text),
        None => texts.remove(key),
    };
}

/// The last text of each planned object stands in a file of the case.
fn ends(case: &Case, plan: &Plan, states: &[Texts<'_>], faults: &mut Vec<String>) {
    let end = &states[states.len() - 1];
    for key in plan.pairs.iter().flat_map(|pair| [&*pair.virtual_service, &*pair.destination_rule]) {
        let text = end.get(key).copied().unwrap_or_default();
        let is_given = !text.is_empty() && case.request.files.iter().any(|file| stands_in(text, &file.text));
        // An item of a list that means nothing alone has no text of its own.
        let is_rendered = || plan.world.wanted(key).is_some_and(|object| write(&object.value) == text);
        if !is_given && !is_rendered() {
            faults.push(format!("{}: {key} does not end as a text of the case", plan.target));
        }
    }
}

/// Whether a text is a part of a file: as it is, or, as an item of a list or a manifest of the config, moved as a whole.
fn stands_in(text: &str, file: &str) -> bool {
    // An item of a list gets a line break that it may not have there.
    if file.contains(text) || (file.contains("List") && file.contains(text.trim_end_matches('\n'))) {
        return true;
    }
    let wanted: Vec<&str> = text.lines().collect();
    let lines: Vec<&str> = file.lines().collect();
    let is_moved = |indent: usize, line: &str, in_file: &str, is_last: bool| {
        let Some(there) = in_file.get(indent..) else { return line.trim().is_empty() && in_file.trim().is_empty() };
        // Behind an item in brackets comes a comma.
        there == line || (is_last && there.strip_suffix(',') == Some(line))
    };
    let begins_at = |at: usize| {
        let indent = lines[at].len() - wanted[0].len();
        let pairs = wanted.iter().zip(&lines[at..]).enumerate().skip(1);
        at + wanted.len() <= lines.len()
            && pairs.into_iter().all(|(n, (line, there))| {
                is_moved(moved_by(indent, &lines[at..], &wanted), line, there, n + 1 == wanted.len())
            })
    };
    (0..lines.len()).filter(|at| lines[*at].ends_with(wanted[0])).any(begins_at)
}

/// How far the lines behind the first one are moved: as far as it is, or as its line is indented.
fn moved_by(first: usize, lines: &[&str], wanted: &[&str]) -> usize {
    let blank = |line: &str| line.len() - line.trim_start().len();
    match (lines.get(1), wanted.get(1)) {
        (Some(there), Some(line)) => blank(there).saturating_sub(blank(line)),
        _ => first,
    }
}
