//! Every case: what comes out is what its folder says, and the laws hold as far as they can be seen from outside.
//!
//! `cargo xtask cases --update` takes over what comes out.

#[path = "cases/expected.rs"]
mod expected;
#[path = "cases/outside.rs"]
mod outside;
#[path = "cases/reread.rs"]
mod reread;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use foreshift_core::diagnostic::Code;
use foreshift_core::preview;
use tests::case::{self, Case};

/// Codes that no case can have.
const WITHOUT_CASE: [(Code, &str); 2] = [
    (Code::PlanTooLarge, "it takes texts larger than a folder should have: `weights of routes` of the hostile inputs"),
    (Code::NotTried, "it takes a cluster: `live` of the executor's tests"),
];

#[test]
fn every_case_gives_what_its_folder_says() {
    let is_update = std::env::var_os("UPDATE_EXPECT").is_some();
    report(|case, faults| {
        let preview = preview(&case.request);
        for output in expected::outputs(case, &preview) {
            if is_update {
                output.write();
            } else {
                faults.extend(output.fault());
            }
        }
    });
}

#[test]
fn every_case_ends_as_the_user_wrote_it_and_every_way_back_where_it_began() {
    report(|case, faults| {
        for plan in &preview(&case.request).plans {
            outside::check(case, plan, faults);
        }
    });
}

#[test]
fn another_reader_understands_every_text_as_it_was_planned() {
    report(|case, faults| {
        for plan in &preview(&case.request).plans {
            reread::check(plan, faults);
        }
    });
}

#[test]
fn every_code_has_a_case() {
    let found: BTreeSet<Code> =
        case::all().iter().flat_map(|case| preview(&case.request).diagnostics).map(|found| found.code).collect();
    let without: Vec<&str> = Code::ALL.iter().filter(|code| !found.contains(code)).map(|code| code.name()).collect();
    let listed: Vec<&str> = WITHOUT_CASE.iter().map(|(code, _)| code.name()).collect();
    assert_eq!(without, listed, "left: codes without a case, right: in this file, each with its reason");
}

/// Looks at every case, and fails with every fault of all of them.
fn report(check: impl Fn(&Case, &mut Vec<String>)) {
    let mut faults = Vec::new();
    for case in case::all() {
        let mut found = Vec::new();
        let outcome = catch_unwind(AssertUnwindSafe(|| check(&case, &mut found)));
        if outcome.is_err() {
            found.push("a panic".to_owned());
        }
        faults.extend(found.into_iter().map(|fault| format!("── {}: {fault}", case.name)));
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}
