//! The laws over random rollouts: every state, every way back, every byte that is not owned.

use foreshift_core::diagnostic::Code;
use foreshift_core::laws;
use foreshift_core::plan::{Plan, Step};
use foreshift_core::weight::Weight;
use foreshift_core::{Preview, preview};
use proptest::prelude::*;
use tests::scenario::{Scenario, scenarios};

fn planned(scenario: &Scenario) -> Preview {
    let request = scenario.request();
    let preview = preview(&request);
    if preview.has_errors() || preview.plans.len() != 1 {
        let errors: Vec<_> = preview.diagnostics.iter().filter(|found| found.is_error()).collect();
        let files: Vec<String> = request.files.iter().map(|file| format!("── {}\n{}", file.path, file.text)).collect();
        panic!("no plan: {errors:#?}\n{}", files.join("\n"));
    }
    preview
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 2000, ..ProptestConfig::default() })]

    /// The shipped laws ran already, or there would be no plan; what remains is what they leave to tests.
    #[test]
    fn every_way_back_keeps_the_laws(scenario in scenarios()) {
        let preview = planned(&scenario);
        for plan in &preview.plans {
            for state in 0..plan.states() {
                let broken = laws::judge_way_back(plan, state);
                prop_assert!(broken.is_empty(), "from state {state}: {broken:#?}");
            }
        }
    }

    #[test]
    fn one_request_gives_one_plan(scenario in scenarios()) {
        let (first, second) = (planned(&scenario), planned(&scenario));
        for (left, right) in first.plans.iter().zip(&second.plans) {
            prop_assert_eq!(texts(left), texts(right));
        }
    }

    /// Comments in their order, the byte order mark, the line breaks, the open end: all of them in every state.
    #[test]
    fn what_is_not_owned_stays(scenario in scenarios()) {
        let preview = planned(&scenario);
        for plan in &preview.plans {
            for stage in plan.stages.iter().filter(|stage| stage.write.key.is_traffic()) {
                let given = plan.world.wanted(&stage.write.key).map(|object| object.text.to_string()).unwrap_or_default();
                let text = stage.write.content.as_ref().map(|content| content.text.to_string()).unwrap_or_default();
                prop_assert_eq!(notes(&given), notes(&text), "{}", text);
                prop_assert_eq!(given.starts_with('\u{feff}'), text.starts_with('\u{feff}'));
                prop_assert_eq!(given.ends_with('\n'), text.ends_with('\n'), "{:?}", text);
                let is_crlf = given.contains("\r\n");
                let lone = text.replace("\r\n", "").contains(if is_crlf { '\n' } else { '\r' });
                prop_assert!(!lone, "{:?}", text);
            }
        }
    }

    /// Two stages in the wrong order break a law, and the traffic model says so.
    #[test]
    fn the_order_of_writes_is_needed(mut scenario in scenarios()) {
        // The writes of one service may well stand behind those of another.
        scenario.services.truncate(1);
        let preview = planned(&scenario);
        for plan in &preview.plans {
            for (early, late) in NEEDED {
                let (Some(early_at), Some(late_at)) = (last(plan, early), first(plan, late)) else { continue };
                if early_at > late_at {
                    continue;
                }
                let mut wrong = plan.clone();
                wrong.stages.swap(early_at, late_at);
                let found = laws::judge(&mut wrong);
                let is_found = found.iter().any(|found| found.code == Code::UnsafeState && !found.message.contains("law 7"));
                prop_assert!(is_found, "{early} behind {late} was not found");
            }
        }
    }
}

/// Steps of which the first has to be finished before the second begins.
const NEEDED: [(&str, &str); 7] = [
    ("pauseDeployment", "pin"),
    ("pin", "createReplicaSet"),
    ("pin", "setWeight"),
    ("createReplicaSet", "setWeight"),
    ("setWeight", "repin"),
    ("repin", "restoreVirtualService"),
    ("resumeDeployment", "restoreDestinationRule"),
];

fn first(plan: &Plan, kind: &str) -> Option<usize> {
    plan.stages.iter().position(|stage| is(&stage.step, kind))
}

fn last(plan: &Plan, kind: &str) -> Option<usize> {
    plan.stages.iter().rposition(|stage| is(&stage.step, kind))
}

fn is(step: &Step, kind: &str) -> bool {
    // A weight of 0 moves nothing.
    step.kind() == kind && *step != Step::SetWeight(Weight::NONE)
}

fn texts(plan: &Plan) -> Vec<String> {
    let text = |write: &foreshift_core::plan::Write| {
        write.content.as_ref().map(|content| content.text.to_string()).unwrap_or_default()
    };
    let stages = plan.stages.iter().map(|stage| text(&stage.write));
    stages.chain(plan.undos.iter().map(|undo| text(&undo.write))).collect()
}

/// Every comment of a text, in order.
fn notes(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.split_once("# note ").map(|(_, note)| note)).collect()
}
