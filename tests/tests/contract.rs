//! Laws of the JSON contract: what holds for the document of every case and of random rollouts.

use std::collections::BTreeMap;

use foreshift_core::contract::{self, Abort, Direction, Document, Line, Object, Route, State, Target};
use foreshift_core::{Preview, preview};
use proptest::prelude::*;
use tests::case;
use tests::scenario::scenarios;

/// What holds for each target of a preview.
const LAWS: [fn(&Preview, usize, &Target<'_>); 8] = [
    lines_make_up_both_texts,
    changed_lines_lead_back_to_both_texts,
    every_state_says_what_it_was_judged_by,
    a_whole_state_is_the_changes_until_then,
    a_way_back_is_its_states_and_then_those_of_an_earlier_one,
    ways_back_together_are_no_longer_than_the_plan,
    every_way_back_leads_to_the_traffic_of_the_start,
    shares_name_one_recipient_and_add_up_to_100,
];

#[test]
fn every_case_keeps_the_laws() {
    for case in case::all() {
        check(&preview(&case.request));
    }
}

proptest! {
    #[test]
    fn random_rollouts_keep_the_laws(scenario in scenarios()) {
        check(&preview(&scenario.request()));
    }
}

fn check(preview: &Preview) {
    for (index, target) in contract::document(preview).targets.iter().enumerate() {
        LAWS.iter().for_each(|law| law(preview, index, target));
    }
}

/// A state's texts and shares, by the names of objects and routes.
#[derive(Clone, Debug, Default, PartialEq)]
struct Moment {
    objects: BTreeMap<String, String>,
    routes: BTreeMap<String, Vec<String>>,
}

impl Moment {
    fn apply(&mut self, state: &State<'_>) {
        for object in state.objects.iter().flatten() {
            let name = object_name(object);
            match object.text {
                Some(text) => self.objects.insert(name, text.to_owned()),
                None => self.objects.remove(&name),
            };
        }
        self.routes.extend(state.traffic.iter().map(route));
        self.routes.retain(|_, shares| !shares.is_empty());
    }
}

fn a_whole_state_is_the_changes_until_then(preview: &Preview, index: usize, target: &Target<'_>) {
    let mut moment = Moment::default();
    for state in &target.states {
        moment.apply(state);
        let whole = contract::state(preview, index, state.index).expect("a state of the target");
        let mut alone = Moment::default();
        alone.apply(&whole);
        assert_eq!(moment, alone, "state {}", state.index);
        assert_eq!((&state.step, &state.gate), (&whole.step, &whole.gate));
        let changed = whole.objects.iter().flatten().filter(|object| object.changed).count();
        assert_eq!(changed, usize::from(state.index > 0), "state {}", state.index);
    }
    assert_eq!(contract::state(preview, index, target.states.len()), None);
}

fn lines_make_up_both_texts(preview: &Preview, index: usize, target: &Target<'_>) {
    let mut texts: BTreeMap<String, &str> = BTreeMap::new();
    for state in &target.states {
        let lines = contract::diff(preview, index, state.index).expect("a state of the target");
        let side =
            |other: &str| lines.iter().filter(|line| line.mark != other).map(|line| line.text).collect::<Vec<_>>();
        for object in state.objects.iter().flatten() {
            let before = texts.insert(object_name(object), object.text.unwrap_or_default()).unwrap_or_default();
            if state.index > 0 {
                assert_eq!(side("added"), before.lines().collect::<Vec<_>>());
                assert_eq!(side("removed"), object.text.unwrap_or_default().lines().collect::<Vec<_>>());
            }
        }
    }
}

/// So that a reader of a document needs no diff: put over the text after, they give the text before and that of state 0.
fn changed_lines_lead_back_to_both_texts(_: &Preview, _: usize, target: &Target<'_>) {
    let mut texts: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let start = written(&target.states[0]);
    texts.extend(start.clone());
    for state in &target.states[1..] {
        for (name, after) in written(state) {
            assert_eq!(undone(&after, &state.lines), texts.insert(name.clone(), after.clone()).unwrap_or_default());
            if let Some(lines) = &state.since_start {
                assert_eq!(undone(&after, lines), start.get(&name).cloned().unwrap_or_default());
            }
        }
    }
}

fn written<'a>(state: &State<'a>) -> BTreeMap<String, Vec<&'a str>> {
    let objects = state.objects.iter().flatten();
    objects.map(|object| (object_name(object), object.text.unwrap_or_default().lines().collect())).collect()
}

/// The text before, from the one after and the changed lines.
fn undone<'a>(after: &[&'a str], changed: &[Line<'a>]) -> Vec<&'a str> {
    let is_added = |number: usize| changed.iter().any(|line| line.after == Some(number));
    let mut kept = after.iter().enumerate().filter(|(index, _)| !is_added(index + 1)).map(|(_, text)| *text);
    let removed: BTreeMap<usize, &str> = changed.iter().filter_map(|line| Some((line.before?, line.text))).collect();
    let mut before = Vec::new();
    loop {
        match removed.get(&(before.len() + 1)) {
            Some(text) => before.push(*text),
            None => match kept.next() {
                Some(text) => before.push(text),
                None => return before,
            },
        }
    }
}

fn every_state_says_what_it_was_judged_by(_: &Preview, _: usize, target: &Target<'_>) {
    let known: Vec<u8> = target.laws.iter().map(|law| law.law).collect();
    for state in &target.states {
        assert!(state.laws.iter().all(|law| known.contains(law)), "{:?}", state.laws);
        if state.step.as_ref().is_some_and(|step| step.weight.is_some()) {
            assert!(state.laws.contains(&5), "state {}", state.index);
        }
    }
    assert_eq!(target.states[0].laws, [0]);
}

fn a_way_back_is_its_states_and_then_those_of_an_earlier_one(preview: &Preview, index: usize, target: &Target<'_>) {
    assert_eq!(target.aborts.len(), target.states.len());
    for abort in &target.aborts {
        let whole = contract::way_back(preview, index, abort.from).expect("a state of the target");
        assert_eq!(abort.direction, whole.direction);
        let spelt = spelt(abort, target);
        assert_eq!(spelt.len(), whole.states.len());
        for (number, (short, long)) in spelt.iter().zip(&whole.states).enumerate() {
            assert_eq!(long.index, number + 1);
            assert_eq!(State { index: long.index, ..(*short).clone() }, *long);
        }
    }
}

fn ways_back_together_are_no_longer_than_the_plan(_: &Preview, _: usize, target: &Target<'_>) {
    let written: usize = target.aborts.iter().map(|abort| abort.states.len()).sum();
    assert!(written < target.states.len(), "{written} states");
}

fn every_way_back_leads_to_the_traffic_of_the_start(_: &Preview, _: usize, target: &Target<'_>) {
    let mut moment = Moment::default();
    let start = &target.states[0];
    for (state, abort) in target.states.iter().zip(&target.aborts) {
        moment.apply(state);
        let mut back = moment.clone();
        spelt(abort, target).into_iter().for_each(|state| back.apply(state));
        if abort.direction == Direction::Back {
            let routes: BTreeMap<_, _> = start.traffic.iter().map(route).collect();
            assert_eq!(back.routes, routes, "from {}", abort.from);
        }
    }
}

fn shares_name_one_recipient_and_add_up_to_100(_: &Preview, _: usize, target: &Target<'_>) {
    let aborts = target.aborts.iter().flat_map(|abort| &abort.states);
    for route in target.states.iter().chain(aborts).flat_map(|state| &state.traffic) {
        let (mut sum, mut below) = (0_u128, 1_u128);
        for share in &route.shares {
            let named = [share.revision.is_some(), share.destination.is_some(), share.error.is_some()];
            assert_eq!(named.iter().filter(|is_named| **is_named).count(), 1, "{share:?}");
            let (over, under) = share.exact;
            sum = sum * u128::from(under) + u128::from(over) * below;
            below *= u128::from(under);
        }
        let all = if route.shares.is_empty() { 0 } else { 100 };
        assert_eq!(sum, all * below, "{route:?}");
    }
}

#[test]
fn a_summary_is_the_document_without_objects() {
    for case in case::all() {
        let preview = preview(&case.request);
        let mut document = contract::document(&preview);
        let mut summary = contract::summary(&preview);
        every_state(&mut document, |state| {
            (state.objects, state.since_start) = (None, None);
            state.lines.clear();
        });
        summary.diagnostics.iter_mut().for_each(|finding| (finding.from, finding.to) = (None, None));
        assert_eq!(document, summary, "{}", case.name);
    }
}

#[test]
fn a_range_counts_in_the_units_of_a_browser() {
    for case in case::all() {
        let preview = preview(&case.request);
        for finding in contract::summary(&preview).diagnostics {
            let Some(path) = finding.file else {
                assert_eq!((finding.from, finding.to, finding.line), (None, None, None), "{}", case.name);
                continue;
            };
            let file = case.request.files.iter().find(|file| file.path == path).expect("a file of the case");
            let units: Vec<u16> = file.text.encode_utf16().collect();
            let (from, to) = (finding.from.expect("a file") as usize, finding.to.expect("a file") as usize);
            assert!(from <= to && to <= units.len(), "{}: {finding:?}", case.name);
            let before = String::from_utf16(&units[..from]).expect("whole characters");
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or("").trim_start_matches('\u{feff}').chars().count() + 1;
            let position = (finding.line.map(|n| n as usize), finding.column.map(|n| n as usize));
            assert_eq!((Some(line), Some(column)), position, "{}: {finding:?}", case.name);
        }
    }
}

/// The states of a way back with those that it shares.
fn spelt<'a>(abort: &'a Abort<'a>, target: &'a Target<'a>) -> Vec<&'a State<'a>> {
    let mut states: Vec<&State<'_>> = abort.states.iter().collect();
    if let Some(earlier) = abort.same_as {
        assert!(earlier < abort.from, "an earlier entry");
        states.extend(spelt(&target.aborts[earlier], target));
    }
    states
}

fn every_state(document: &mut Document<'_>, change: impl Fn(&mut State<'_>)) {
    for target in &mut document.targets {
        target.states.iter_mut().for_each(&change);
        target.aborts.iter_mut().flat_map(|abort| &mut abort.states).for_each(&change);
    }
}

fn object_name(object: &Object<'_>) -> String {
    let group = object.api_version.split_once('/').map_or("", |(group, _)| group);
    format!("{group} {} {} {}", object.kind, object.namespace, object.name)
}

fn route(route: &Route<'_>) -> (String, Vec<String>) {
    let name = format!("{} {} {}", route.virtual_service, route.namespace, route.route);
    (name, route.shares.iter().map(|share| format!("{share:?}")).collect())
}
