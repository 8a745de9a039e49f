//! Why a walk ended before its end, in words for whoever started it.

use std::fmt;

use foreshift_core::carry::Leaf;

use crate::cluster::{ApiError, Reason};

/// How a walk ended, where nothing went wrong on the way.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// The new version runs.
    Done,
    /// There was nothing to roll out.
    Nothing,
    /// It was taken back; the old version runs, and why.
    Aborted(String),
    /// It waits for an approval, and nobody walks it.
    Detached(String),
}

/// Why a walk stopped. What has been written stays, and the record says how far it came.
#[derive(Clone, Debug)]
pub struct Stop {
    /// What kind of reason it is.
    pub kind: StopKind,
    /// What happened.
    pub message: String,
    /// What can be done.
    pub help: Option<String>,
    /// Where the cluster is not on the plan.
    pub drift: Vec<Drift>,
}

/// Kinds of reasons to stop.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StopKind {
    /// The input cannot be walked.
    Input,
    /// Another rollout is in progress.
    Busy,
    /// The cluster is not on the plan.
    OffPlan,
    /// The cluster refuses something or cannot be reached.
    Cluster,
    /// It was interrupted, and can be resumed.
    Interrupted,
}

/// An object that somebody else changed where the rollout owns it.
#[derive(Clone, Debug, PartialEq)]
pub struct Drift {
    /// Which object.
    pub object: String,
    /// Where; none where the object is gone.
    pub leaves: Vec<Leaf>,
}

impl Stop {
    /// A stop with words.
    pub fn new(kind: StopKind, message: impl Into<String>) -> Stop {
        Stop { kind, message: message.into(), help: None, drift: Vec::new() }
    }

    /// The same with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Stop {
        self.help = Some(help.into());
        self
    }

    /// The cluster is not on the plan.
    pub(crate) fn off_plan(drift: Vec<Drift>) -> Stop {
        let objects: Vec<&str> = drift.iter().map(|drift| drift.object.as_str()).collect();
        let message = format!("the cluster is not on the plan: somebody else changed {}", objects.join(", "));
        let help =
            "put it back as the plan has it and `foreshift resume`, or take the rollout back with `foreshift abort`";
        Stop { drift, ..Stop::new(StopKind::OffPlan, message).help(help) }
    }

    /// The cluster did not do what it was asked: `what` is what it was asked for.
    pub fn refused(what: &str, error: &ApiError) -> Stop {
        let help = match error.reason {
            Reason::Forbidden => "`foreshift rbac` prints the Role that the rollout needs",
            Reason::Unauthorized => "log in again: the cluster does not take these credentials",
            Reason::Passing => "is the cluster reachable? `kubectl get --raw /readyz` asks it",
            _ => "the cluster's own words say why",
        };
        Stop::new(StopKind::Cluster, format!("{what}: {error}")).help(help)
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.message)?;
        for Drift { object, leaves } in &self.drift {
            if leaves.is_empty() {
                writeln!(f, "  {object}")?;
            }
            for leaf in leaves {
                let shown = |value: &Option<_>| value.as_ref().map_or_else(|| "nothing".to_owned(), one_line);
                writeln!(f, "  {object}: {}", leaf.place)?;
                writeln!(f, "    - planned {}", shown(&leaf.before))?;
                writeln!(f, "    + found   {}", shown(&leaf.found))?;
            }
        }
        Ok(())
    }
}

/// A value in one line, as JSON.
fn one_line(value: &foreshift_core::value::Value) -> String {
    crate::tree::json(value).to_string()
}
