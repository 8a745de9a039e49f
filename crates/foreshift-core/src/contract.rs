//! The JSON contract: a preview as data for scripts, pages and pull requests. It only ever grows.
//!
//! A field that may be missing is absent and not `null`, except where `null` is listed. Lists are in the order of the
//! rollout or of the user's files. Texts are whole YAML documents. Format 1:
//!
//! ```text
//! { "format": 1,
//!   "application": "reviews",         whose rollout it is; empty where the config does not say
//!   "targets": [TARGET],              those that have a plan, in the order of the config
//!   "diagnostics": [DIAGNOSTIC] }     by place, those without one last
//!
//! TARGET
//! { "name", "namespace",              of the config's target
//!   "states": [STATE],                0 is the baseline, the last one is the end
//!   "aborts": [ABORT],                one for each state, in their order
//!   "revisions": [REVISION],          the Deployments that are rolled out
//!   "laws": [{ "law": 3, "words" }] } what states are judged by, for a reader
//!
//! STATE
//! { "index": 0,                       counts from 0; in a way back from 1
//!   "step": null | STEP,              the one write that leads here; null in state 0
//!   "gate": null | GATE,              what has to hold before the next write
//!   "objects": [OBJECT],              in state 0 every object that is known, later the one that the step wrote
//!   "traffic": [ROUTE],               in state 0 every route that is followed, later those that get something else,
//!                                     once the gate has let pass
//!   "lines": [LINE],                  those that the step changes in its object, where there are some
//!   "sinceStart": [LINE],             those in which the object differs from state 0, where a step before wrote it too
//!   "laws": [3, 6, 8] }               the laws that it was judged by, where there are some; all of them hold
//! The states of a way back have no lines and no laws.
//!
//! STEP
//! { "kind": "apply" | "pin" | "createReplicaSet" | "setWeight" | "repin" | "restoreVirtualService" | "annotate"
//!         | "pauseDeployment" | "setTemplate" | "adopt" | "resumeDeployment" | "deleteReplicaSet" | "restoreDestinationRule"
//!         | "deleteDeployment",
//!   "object": { "kind", "namespace", "name" },
//!   "weight": 10,                     of setWeight only: percent, 0 to 100
//!   "revision": "cd6648" }            of createReplicaSet and deleteReplicaSet only: the hash
//!
//! GATE
//! { "kind": "ready" | "settled" | "podsGone" | "duration" | "approval" | "analysis" | "webhook",
//!   "words": "approval by sre (1 h)", what is waited for, for a reader; without `with` and `then`
//!   "timeoutSeconds": 1800,           of ready
//!   "seconds": 60,                    of duration
//!   "requiresRoles": ["sre"],         of approval; empty where anybody may approve
//!   "expiresSeconds": 3600,           of approval, where the answer is no after that time
//!   "queries": ["error-rate"],        of analysis
//!   "intervalSeconds": 30,            of analysis: the time between two judgments
//!   "judgmentRuns": 3,                of analysis: how many judgments there are
//!   "name": "smoke-test",             of webhook
//!   "with": [GATE],                   gates that have to hold at the same time, where there are some
//!   "then": [GATE] }                  gates that follow one after the other, where there are some; the gates of
//!                                     `with` and `then` have no `then` of their own
//!
//! OBJECT
//! { "apiVersion", "kind", "name",
//!   "namespace",                      empty for what has none
//!   "text": "…" | null,               null where it is removed
//!   "changed": true }                 only in a whole state (`state`), on what the step wrote
//!
//! ROUTE
//! { "virtualService", "namespace",    where it stands
//!   "route": "http-route-reviews",    its name, else where it stands in the VirtualService
//!   "shares": [SHARE],                add up to 100; empty where the route is not there any more
//!   "mirrors": [SHARE],               who gets copies of its requests beside them, where there are some
//!   "changed": true }                 only in a whole state, on what got something else by the step
//!
//! SHARE has exactly one of the first three
//! { "revision": "cd6648",             a planned revision, by its hash
//!   "destination": "ratings/v1",      something else: another host or subset
//!   "error": "UH" | "NC",             nobody: 503, by Envoy's response flag
//!   "percent": 33.333333333333336,    a whole number where it is one, else the nearest double
//!   "exact": [100, 3] }               the same percentage as a fraction in lowest terms; these add up to 100 exactly
//!
//! ABORT: the way out of state `from`
//! { "from": 5,
//!   "direction": "back" | "forward",  forward: the way out is the rest of the way, the states from 6 on
//!   "states": [STATE],                how each state differs from the one before it; the first from state `from`
//!   "sameAs": 4 }                     where it is there, all states of the entry with that `from` follow, which is an
//!                                     earlier one; it may have a `sameAs` of its own
//! With `back`, no states and no `sameAs` nothing has to be taken back.
//!
//! REVISION
//! { "deployment", "active", "canary", a name and two hashes
//!   "images": [IMAGE] }               those that change, where there are some
//!
//! IMAGE
//! { "container": "reviews",           its name
//!   "before": "reviews:1",            absent where it is not known, and where there is no such container
//!   "after": "reviews:2" }            absent where the container goes
//!
//! DIAGNOSTIC
//! { "code": "unknown-field", "message",
//!   "severity": "error" | "warning" | "note",
//!   "file": "deploy.yaml" | null,     null where it has no place in a text, and so are:
//!   "line": 9 | null,                 from 1
//!   "column": 20 | null,              from 1, in characters
//!   "help": "…" | null,
//!   "from": 120, "to": 123 }          only in a summary, where there is a file: the range in UTF-16 units of the file
//!
//! LINE of the object that a step wrote (`diff`)
//! { "mark": "kept" | "removed" | "added",
//!   "before": 9,                      its number in the text before, from 1; absent where it is added
//!   "after": 9,                       its number in the text after, from 1; absent where it is removed
//!   "text",                           without its line break
//!   "path": "spec.http[0].route" }    what changes there, where the object is there before and after; not of a kept
//!                                     line, and absent for the object as a whole
//! ```
//!
//! A *summary* is a document whose states have no `objects` and no lines.

mod gate;
mod line;
mod model;
mod place;
mod state;
mod way_back;

pub use line::Line;
pub use model::{
    Abort, Direction, Document, Finding, GateForm, Image, Law, Object, ObjectName, Percent, Revision, Route, Share,
    State, StepForm, Target,
};

use crate::laws::WORDS;
use crate::plan::{self, Plan, Workload};
use crate::preview::Preview;
use place::{Detail, findings};
use state::{Texts, states};

/// The version of the shape.
pub const FORMAT: u8 = 1;

/// The whole preview.
pub fn document(preview: &Preview) -> Document<'_> {
    with(preview, Texts::Written, Detail::Place)
}

/// The whole preview without the objects of its states, and with the ranges of its findings.
pub fn summary(preview: &Preview) -> Document<'_> {
    with(preview, Texts::Left, Detail::Range)
}

/// Everything about one state: all objects and all routes, with what its step changed marked as such. `None` where
/// there is no such target or state.
pub fn state(preview: &Preview, target: usize, index: usize) -> Option<State<'_>> {
    state::whole(preview.plans.get(target)?, index)
}

/// The way out of one state, whole: it has no `sameAs`. `None` where there is no such target or state.
pub fn way_back(preview: &Preview, target: usize, from: usize) -> Option<Abort<'_>> {
    way_back::whole(preview.plans.get(target)?, from)
}

/// The lines of the object that a state's step wrote, kept, removed and added; none in state 0. An object that was not
/// known before has only added ones. `None` where there is no such target or state.
pub fn diff(preview: &Preview, target: usize, index: usize) -> Option<Vec<Line<'_>>> {
    line::lines(preview.plans.get(target)?, index)
}

fn with(preview: &Preview, texts: Texts, detail: Detail) -> Document<'_> {
    Document {
        format: FORMAT,
        application: &preview.application,
        targets: preview.plans.iter().map(|plan| target(plan, texts)).collect(),
        diagnostics: findings(preview, detail),
    }
}

fn target(plan: &Plan, texts: Texts) -> Target<'_> {
    Target {
        name: &plan.target,
        namespace: &plan.namespace,
        states: states(plan, texts),
        aborts: way_back::all(plan, texts),
        revisions: plan.workloads.iter().map(revision).collect(),
        laws: WORDS.iter().map(|(law, words)| Law { law: *law, words }).collect(),
    }
}

fn revision(workload: &Workload) -> Revision<'_> {
    Revision {
        deployment: &workload.deployment.name,
        active: &workload.active,
        canary: &workload.canary,
        images: workload.images.iter().map(image).collect(),
    }
}

fn image(image: &plan::Image) -> Image<'_> {
    Image { container: &image.container, before: image.before.as_deref(), after: image.after.as_deref() }
}
