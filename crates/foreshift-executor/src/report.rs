//! What a walk tells while it goes on: one event for each thing that a person or a program may want to know.

use serde::Serialize;

use crate::gate::Progress;

/// Something that has happened, or begins.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Event {
    /// A walk begins, or goes on.
    Begun {
        /// The run's id.
        run: String,
        /// How many writes there are on this way.
        writes: usize,
        /// How many of them are made already.
        done: usize,
        /// `forward` or `back`.
        direction: &'static str,
    },
    /// A write is about to be made.
    Writing {
        /// Which one of this way, from 1.
        write: usize,
        /// The step's kind.
        step: &'static str,
        /// The object.
        object: String,
        /// Of setWeight: percent.
        #[serde(skip_serializing_if = "Option::is_none")]
        weight: Option<u8>,
    },
    /// A write is made.
    Written {
        /// Which one of this way, from 1.
        write: usize,
        /// Whether the cluster had it already.
        was_there: bool,
    },
    /// Something is waited for.
    Waiting {
        /// The write that it stands behind; 0 before the first.
        write: usize,
        /// The gate's kind.
        gate: &'static str,
        /// What is waited for, for a reader.
        words: String,
        /// Of an approval: what to call it when it is answered from elsewhere.
        #[serde(skip_serializing_if = "Option::is_none")]
        approval: Option<String>,
        /// Of a timer: how long it still takes.
        #[serde(skip_serializing_if = "Option::is_none")]
        seconds: Option<u64>,
    },
    /// A webhook or a metric provider was asked.
    Asked {
        /// The gate's name.
        name: String,
        /// What came of it.
        #[serde(flatten)]
        progress: Progress,
    },
    /// How many pods are Ready.
    Pods {
        /// The ReplicaSet or Deployment.
        object: String,
        /// So many.
        ready: i64,
        /// Of so many.
        wanted: i64,
    },
    /// What was waited for holds.
    Held {
        /// The gate's kind.
        gate: &'static str,
    },
    /// The rollout turns round.
    TurningRound {
        /// Why.
        why: String,
        /// The state that it goes back from.
        from: usize,
    },
    /// Something that deserves a look and stops nothing.
    Note {
        /// What.
        words: String,
    },
    /// The walk has ended.
    Ended {
        /// `done`, `nothing`, `aborted` or `detached`.
        outcome: &'static str,
        /// Why, where there is a reason.
        #[serde(skip_serializing_if = "String::is_empty")]
        why: String,
    },
}

/// Where events go, each with the target that it is about.
pub type Report<'a> = &'a dyn Fn(&str, &Event);
