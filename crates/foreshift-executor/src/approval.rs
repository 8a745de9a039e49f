//! Approvals: who gives one is for the API server to say.
//!
//! While an approval is waited for, a Secret beside the record is open for its answer: it names the run, the gate, and since
//! when the gate waits. Whoever may update that Secret may answer, and nobody else; `foreshift rbac` prints the Role, one
//! for each set of `requiresRoles`, bound to those groups. An answer counts for the gate that it names and no other, and the
//! first one stands. What anybody writes before the gate waits is thrown away when it begins to.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::cluster::{ApiError, At, Cluster, Json, Mode, Reason};
use crate::patience::persist;
use crate::record::{self, Answer, seconds};
use crate::said;
use crate::stop::{Stop, StopKind};
use crate::tree::{put, text};

/// A gate that waits for an answer.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Open {
    /// The run.
    pub(crate) run: String,
    /// The gate's name.
    pub(crate) gate: String,
    /// Since when it waits.
    pub(crate) since: String,
}

/// What somebody says, and of what.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Said {
    of: Open,
    answer: Answer,
}

/// What the name of such a Secret has behind that of the record.
pub(crate) const SUFFIX: &str = "-approve";

/// Where approvals of a set of roles are answered.
pub(crate) fn place(record: &At, roles: &[String]) -> Option<At> {
    let mut sorted = roles.to_vec();
    sorted.sort();
    let suffix = if roles.is_empty() { String::new() } else { format!("-{}", record::short(&sorted.join("\n"))) };
    At::ours("", "Secret", &record.namespace, &format!("{}{SUFFIX}{suffix}", record.name))
}

/// The Secret, open for the answer of a gate and with none in it yet; out of the one that is there, if one is.
pub(crate) fn opened(at: &At, open: &Open, there: Option<&Json>) -> Json {
    let mut secret = there.cloned().unwrap_or_else(|| json!({ "apiVersion": "v1", "kind": "Secret" }));
    put(&mut secret, &["metadata", "name"], json!(at.name));
    put(&mut secret, &["metadata", "namespace"], json!(at.namespace));
    put(&mut secret, &["metadata", "labels", "app.kubernetes.io/managed-by"], json!("foreshift"));
    put(&mut secret, &["type"], json!("foreshift.dev/approval"));
    let mut data = json!({ "open": encoded(open) });
    // So that somebody who answers twice does not answer two gates.
    if let Some(last) = there.and_then(|there| there.pointer("/data/answer")) {
        put(&mut data, &["last"], last.clone());
    }
    put(&mut secret, &["data"], data);
    secret
}

/// Which gate a Secret is open for.
pub(crate) fn open_of(secret: &Json) -> Option<Open> {
    decoded(text(secret, "/data/open"))
}

/// The answer in a Secret, where it is one to that gate.
pub(crate) fn answer_of(secret: &Json, open: &Open) -> Option<Answer> {
    let said: Said = decoded(text(secret, "/data/answer"))?;
    (said.of == *open).then_some(said.answer)
}

/// Whether the gate is named by who answers, or is just the one that waits now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Named {
    /// It is.
    Yes,
    /// It is not: who answers may mean the one before, if that was answered just now.
    No,
}

/// For how long somebody who names no gate may mean the one that was answered before.
const TWICE: jiff::SignedDuration = jiff::SignedDuration::from_secs(3);

/// Answers a gate of a running rollout that waits; fails where somebody has already, or where it waits no longer.
pub(crate) async fn give<C: Cluster>(
    cluster: &C,
    (record, roles): (&At, &[String]),
    (open, named): (&Open, Named),
    answer: &Answer,
    patience: Duration,
) -> Result<(), Stop> {
    let Some(at) = place(record, roles) else { return Ok(()) };
    let refused = |error: &ApiError| refused(&at, roles, error);
    loop {
        let found = persist(patience, async || cluster.get(&at).await).await.map_err(|error| refused(&error))?;
        let waiting = found.as_ref().and_then(open_of).filter(|there| there == open);
        let (Some(mut secret), Some(_)) = (found, waiting) else {
            return Err(Stop::new(StopKind::Input, format!("the approval {} is not waited for", open.gate))
                .help("`foreshift status` says what is"));
        };
        if let Some(given) = answer_of(&secret, open) {
            return Err(answered(open, &given));
        }
        if let Some(last) = decoded::<Said>(text(&secret, "/data/last"))
            && named == Named::No
            && is_just_now(&last.answer)
        {
            return Err(answered(&last.of, &last.answer).help(format!(
                "another approval waits by now: `--state {}` answers it",
                open.gate.split('.').next().unwrap_or_default()
            )));
        }
        let said = Said { of: open.clone(), answer: answer.clone() };
        put(&mut secret, &["data", "answer"], json!(encoded(&said)));
        match persist(patience, async || cluster.replace(&at, &secret, Mode::Real).await).await {
            Ok(_) => return Ok(()),
            Err(error) if error.reason == Reason::Conflict => {}
            Err(error) => return Err(refused(&error)),
        }
    }
}

fn answered(open: &Open, given: &Answer) -> Stop {
    let what = if given.yes { "approved" } else { "rejected" };
    Stop::new(
        StopKind::Input,
        format!("approval {} is already answered: {what} by {} at {}", open.gate, said(&given.by), seconds(&given.at)),
    )
    .help("the first answer stands; `foreshift status` says what is waited for now")
}

fn is_just_now(answer: &Answer) -> bool {
    let at: Option<jiff::Timestamp> = answer.at.parse().ok();
    at.is_some_and(|at| jiff::Timestamp::now().duration_since(at).abs() < TWICE)
}

fn refused(at: &At, roles: &[String], error: &ApiError) -> Stop {
    let stop = Stop::refused("the approval cannot be given", error);
    if error.reason != Reason::Forbidden {
        return stop;
    }
    let groups = if roles.is_empty() { String::new() } else { format!(", for the groups {}", roles.join(", ")) };
    stop.help(format!("whoever approves may get and update {at}: `foreshift rbac` prints that Role{groups}"))
}

fn encoded(value: &impl Serialize) -> String {
    STANDARD.encode(serde_json::to_string(value).unwrap_or_default())
}

fn decoded<T: for<'a> Deserialize<'a>>(text: &str) -> Option<T> {
    serde_json::from_slice(&STANDARD.decode(text).ok()?).ok()
}
