//! Gates that ask somebody else: webhooks and metric providers.
//!
//! A gate's function ends with a verdict, is stopped by dropping it, and goes on where its [`Begun`] says that it was.

pub mod analysis;
pub mod callback;
mod needs;
mod outside;
mod prometheus;
pub(crate) mod settled;
pub mod webhook;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use callback::Callbacks;
pub use needs::{needs, secrets};
pub use outside::{Facts, Outside, Provider, Providers, Secrets, Whether};

/// What a gate has come to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// The rollout goes on.
    Holds,
    /// The rollout goes back.
    Failed {
        /// Why.
        why: String,
    },
    /// A person decides: yes goes on, no goes back.
    Ask {
        /// Whether the gate itself speaks for going on.
        forward: bool,
        /// What it found.
        why: String,
    },
}

/// How far a gate is: what a record has to hold for it, and nothing that can be computed again.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Begun {
    /// When it began.
    pub since: Timestamp,
    /// Of a webhook: what came of the call, once it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called: Option<Called>,
    /// Of an analysis: the runs that were judged, each with what its queries returned, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<Vec<Option<String>>>,
}

/// A call that was made and whose outcome is not known yet.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Called {
    /// Where the outcome can be asked for; `None` where it is called back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<Address>,
}

/// An address that somebody gave us. There may be a secret in it, so it is neither shown nor told: who keeps it says so by
/// serializing it.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Address(String);

impl Address {
    /// An address.
    pub fn new(address: impl Into<String>) -> Address {
        Address(address.into())
    }

    /// What stands for an address that is kept elsewhere.
    pub(crate) fn hidden() -> Address {
        Address::new("…")
    }

    /// All of it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Address(…)")
    }
}

/// Something that a gate has done.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "progress", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Progress {
    /// A webhook was called and did not take the call.
    NotCalled {
        /// Which one.
        webhook: String,
        /// Which attempt, from 1.
        attempt: u32,
        /// Of so many.
        of: u32,
        /// Why.
        why: String,
    },
    /// A webhook took the call, and its outcome comes later.
    Called {
        /// Which one.
        webhook: String,
        /// What is known of the call: for a record, and for no event.
        #[serde(skip)]
        called: Called,
    },
    /// Nobody was asked, because a simulation answers by itself.
    NotAsked {
        /// Who would have been, for a reader.
        whom: String,
    },
    /// A run of an analysis was judged.
    Judged {
        /// Which run, from 1.
        run: u32,
        /// Of so many.
        of: u32,
        /// What each query returned, in the analysis's order.
        measured: Vec<Measured>,
    },
}

/// What a query returned.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Measured {
    /// The query's name.
    pub query: String,
    /// The number, as the metric provider writes it.
    pub value: Option<String>,
    /// What is wrong: there is no number, or it is not within the limits.
    pub fault: Option<String>,
}

impl Begun {
    /// A gate that begins now.
    pub fn now() -> Begun {
        Begun { since: Timestamp::now(), called: None, runs: Vec::new() }
    }

    /// Takes over what was done, so that a resume does not do it again.
    pub fn note(&mut self, progress: &Progress) {
        match progress {
            Progress::NotCalled { .. } | Progress::NotAsked { .. } => {}
            Progress::Called { called, .. } => self.called = Some(called.clone()),
            Progress::Judged { measured, .. } => {
                self.runs.push(measured.iter().map(|measured| measured.value.clone()).collect());
            }
        }
    }
}
