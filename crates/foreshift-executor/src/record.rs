//! The record of a rollout: a ConfigMap in the target's namespace, from which any machine can go on.
//!
//! It holds what the plan was made from and how far it has come, never the states. It is written before the write that it
//! announces, and only on the version that was seen: who cannot write it any more has lost the rollout to another one.

mod inputs;
mod seal;

pub use inputs::{decode, encode};
pub(crate) use seal::Key;

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::cluster::{At, Json, Who};
use crate::gate::Begun;
use crate::said;
use crate::stop::{Outcome, Stop, StopKind};
use crate::tree::{put, text};

/// The version of the record's shape, looked at before anything else.
pub const FORMAT: u8 = 1;

/// The annotation by which a ReplicaSet belongs to a rollout.
pub const ROLLOUT: &str = "foreshift.dev/rollout";

/// How many ended rollouts are remembered.
const REMEMBERED: usize = 20;

/// The largest record, in bytes as JSON: a ConfigMap may have 1 MiB, and others write into it beside us.
const LIMIT: usize = 900_000;

/// What a record is left to grow by when it begins: its gates, what they found, why it turned round.
const GROWTH: usize = 100_000;

/// What is known of a rollout in one target.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// What it is and what it was made from.
    pub run: Run,
    /// How far it has come.
    pub cursor: Cursor,
    /// Whether somebody wants it to turn round.
    pub asked: Option<Answer>,
    /// The rollout that waits for the end of this one.
    pub next: Option<Next>,
    /// Rollouts of the target that have ended, the newest first.
    pub history: Vec<Ended>,
    /// The request that the plan is made from, compressed; empty once the rollout has ended. What Secrets hold is masked.
    pub inputs: String,
}

/// What a rollout is. It does not change while it runs, but for who walks it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// See [`FORMAT`].
    pub format: u8,
    /// One for all targets of a run.
    pub id: String,
    /// The application.
    pub application: String,
    /// The target's name.
    pub target: String,
    /// SHA-256 of the deployment config, whose Secrets are masked.
    pub config: String,
    /// SHA-256 of the plan.
    pub plan: String,
    /// The version of foreshift that made it.
    pub planner: String,
    /// Who began it.
    pub by: String,
    /// When, in RFC 3339.
    pub began: String,
    /// The process that walks it, which is new with every one: who finds another one here has lost it.
    pub walker: String,
}

/// How far a rollout has come.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cursor {
    /// Whether it runs.
    pub phase: Phase,
    /// Which way.
    pub direction: Direction,
    /// How many writes of that way are made.
    pub done: usize,
    /// How many of the writes after those may have been made too.
    pub announced: usize,
    /// The gate behind the last write that is waited for, where that takes time.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub gate: Option<GateAt>,
    /// Why it turned round or stopped.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub why: String,
}

impl Cursor {
    /// The writes that may be made, by their place on the way.
    pub(crate) fn may_be_made(&self) -> Range<usize> {
        self.done..self.done.saturating_add(self.announced)
    }
}

/// Whether a rollout runs.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Phase {
    /// It is on its way, whether somebody walks it at the moment or not.
    #[default]
    Running,
    /// It has reached its end.
    Done,
    /// It has been taken back.
    Aborted,
}

/// Which way a rollout goes.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Direction {
    /// To the new version.
    #[default]
    Forward,
    /// Back from a state.
    Back {
        /// The state.
        from: usize,
    },
}

/// A gate that takes time, so that a resume does not begin it again.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GateAt {
    /// Which one behind its write, from 0.
    pub index: usize,
    /// Since when, in RFC 3339.
    pub since: String,
    /// How far the webhooks and analyses of it are, by their names.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub begun: BTreeMap<String, Begun>,
}

/// What somebody said.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// Whether it is yes.
    pub yes: bool,
    /// Who said it.
    pub by: String,
    /// The groups that the cluster knows them in.
    pub groups: Vec<String>,
    /// When, in RFC 3339.
    pub at: String,
}

impl Answer {
    /// What somebody says now.
    pub fn now(yes: bool, who: &Who) -> Answer {
        Answer { yes, by: who.user.clone(), groups: who.groups.clone(), at: jiff::Timestamp::now().to_string() }
    }
}

/// A rollout that waits: the newest one only.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Next {
    /// What its run will be called.
    pub id: String,
    /// Who began it.
    pub by: String,
}

/// A rollout that has ended.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ended {
    /// Its run.
    pub id: String,
    /// How.
    pub phase: Phase,
    /// Who began it.
    pub by: String,
    /// When it began.
    pub began: String,
    /// When it ended.
    pub ended: String,
    /// The revisions that it was about, as `Deployment hash`.
    pub revisions: Vec<String>,
    /// Why, where it was taken back.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub why: String,
}

/// Where the record of a target is.
pub fn place(application: &str, target: &str, namespace: &str) -> Option<At> {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
    let slug: String = application.chars().map(letter).take(40).collect();
    let name = format!("foreshift-{}-{}", slug.trim_matches('-'), short(&format!("{application}\n{target}")));
    At::ours("", "ConfigMap", namespace, &name)
}

/// A few letters that stand for a text.
pub(crate) fn short(text: &str) -> String {
    digest(text.as_bytes()).chars().take(8).collect()
}

/// SHA-256, in hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    hexadecimal(&sha2::Sha256::digest(bytes))
}

/// Bytes as two digits each.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

impl Record {
    /// Reads a ConfigMap; says what is wrong with one that is no record.
    pub fn read(object: &Json) -> Result<Record, String> {
        let data = |key: &str| text(object, &format!("/data/{key}")).to_owned();
        let format: Option<u64> =
            serde_json::from_str::<Json>(&data("run")).ok().and_then(|run| run.get("format")?.as_u64());
        match format {
            None => return Err("it has no `run`".to_owned()),
            Some(format) if format != u64::from(FORMAT) => {
                return Err(format!("it has format {format}, and this version of foreshift reads format {FORMAT}"));
            }
            Some(_) => {}
        }
        // Whoever may write ConfigMaps may have written it: nothing of it moves a cursor or fills a screen.
        let (mut run, mut cursor): (Run, Cursor) = (part(&data("run"))?, part(&data("cursor"))?);
        let mut asked: Option<Answer> = optional(&data("asked"))?;
        let mut next: Option<Next> = optional(&data("next"))?;
        let mut history: Vec<Ended> = optional(&data("history"))?.unwrap_or_default();
        let others = asked.iter_mut().map(|asked| &mut asked.by).chain(next.iter_mut().map(|next| &mut next.by));
        let ended = history.iter_mut().flat_map(|ended| [&mut ended.by, &mut ended.why]);
        for words in [&mut run.by, &mut cursor.why].into_iter().chain(others).chain(ended) {
            *words = said(words);
        }
        Ok(Record { run, cursor, asked, next, history, inputs: text(object, "/binaryData/inputs").to_owned() })
    }

    /// The ConfigMap, made new or out of the one that is there.
    pub fn write(&self, there: Option<&Json>) -> Json {
        let mut out = there.cloned().unwrap_or_else(|| json!({ "apiVersion": "v1", "kind": "ConfigMap" }));
        put(&mut out, &["metadata", "labels", "app.kubernetes.io/managed-by"], json!("foreshift"));
        put(&mut out, &["data", "run"], line(&self.run));
        put(&mut out, &["data", "cursor"], line(&self.cursor));
        put(&mut out, &["data", "history"], line(&self.history));
        for (key, said) in [("asked", self.asked.as_ref().map(line)), ("next", self.next.as_ref().map(line))] {
            match (said, out.pointer_mut("/data").and_then(Json::as_object_mut)) {
                (Some(said), _) => put(&mut out, &["data", key], said),
                (None, Some(data)) => drop(data.remove(key)),
                (None, None) => {}
            }
        }
        if self.inputs.is_empty() {
            out.as_object_mut().map(|object| object.remove("binaryData"));
        } else {
            put(&mut out, &["binaryData", "inputs"], json!(self.inputs));
        }
        out
    }

    /// Whether it is too large to begin with, without what is remembered of others; then how large it is.
    pub fn excess(&self) -> Option<usize> {
        let own = Record { history: Vec::new(), ..self.clone() };
        Some(own.size() + GROWTH).filter(|size| *size > LIMIT)
    }

    /// Forgets the oldest of what is remembered until a ConfigMap can hold it.
    pub(crate) fn fit(&mut self) {
        while self.size() > LIMIT && self.history.pop().is_some() {}
    }

    fn size(&self) -> usize {
        self.write(None).to_string().len()
    }

    /// Whether the rollout is on its way, walked at the moment or not.
    pub fn is_running(&self) -> bool {
        self.cursor.phase == Phase::Running
    }

    /// What whoever would begin another rollout beside it is told.
    pub fn busy(&self) -> Stop {
        let Run { application, target, by, .. } = &self.run;
        let since = seconds(&self.run.began);
        let message = format!("a rollout of {application} is in progress in {target}, begun by {by} at {since}");
        Stop::new(StopKind::Busy, message)
            .help("`foreshift status` says how far it is; `foreshift resume`, `abort`, or `apply --replace` end it")
    }

    /// How a rollout that does not run any more has ended.
    pub fn outcome(&self) -> Outcome {
        if self.cursor.phase == Phase::Aborted { Outcome::Aborted(self.cursor.why.clone()) } else { Outcome::Done }
    }

    /// Ends the rollout: nobody plans it again, so its inputs go.
    pub fn end(&mut self, phase: Phase, revisions: Vec<String>) {
        self.cursor.phase = phase;
        self.cursor.gate = None;
        self.cursor.announced = 0;
        self.inputs.clear();
        let Run { id, by, began, .. } = self.run.clone();
        let ended = jiff::Timestamp::now().to_string();
        self.history.insert(0, Ended { id, phase, by, began, ended, revisions, why: self.cursor.why.clone() });
        self.history.truncate(REMEMBERED);
    }
}

/// A time in RFC 3339, to the second.
pub fn seconds(time: &str) -> String {
    time.parse::<jiff::Timestamp>()
        .map_or_else(|_| time.to_owned(), |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// Whether a ReplicaSet was made by the run with that id.
pub(crate) fn is_ours(object: &Json, id: &str) -> bool {
    let annotations = object.pointer("/metadata/annotations");
    annotations.and_then(|annotations| annotations.get(ROLLOUT)).and_then(Json::as_str) == Some(id)
}

/// What the approval behind the write `done` is called.
pub fn gate_name(done: usize, gate: usize) -> String {
    format!("{done}.{gate}")
}

fn part<T: for<'a> Deserialize<'a>>(text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| format!("it cannot be read: {error}"))
}

fn optional<T: for<'a> Deserialize<'a>>(text: &str) -> Result<Option<T>, String> {
    if text.is_empty() { Ok(None) } else { part(text).map(Some) }
}

fn line(value: &impl Serialize) -> Json {
    Json::String(serde_json::to_string(value).unwrap_or_default())
}
