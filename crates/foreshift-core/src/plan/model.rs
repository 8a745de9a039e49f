//! What a plan is made of.

use std::rc::Rc;

use crate::config::{Analysis, Call};
use crate::kubernetes::{Key, Object};
use crate::traffic::RouteShares;
use crate::value::Value;
use crate::weight::Weight;

use super::{Laws, Pair, Workload, World};

/// Everything that a rollout does in one target, in order.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The target's name.
    pub target: String,
    /// The target's namespace.
    pub namespace: String,
    /// What it was planned for.
    pub world: Rc<World>,
    /// State 0.
    pub start: Start,
    /// State n is the one after stage n − 1.
    pub stages: Vec<Stage>,
    /// The writes that ways back are made of.
    pub undos: Vec<Undo>,
    /// The routes and subsets that it acts on.
    pub pairs: Vec<Pair>,
    /// The Deployments that it rolls out.
    pub workloads: Vec<Workload>,
}

/// The state before the first write.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// Every object that is known.
    pub objects: Vec<Object>,
    /// What has to hold before the first write.
    pub gates: Vec<Gate>,
    /// Who gets what.
    pub traffic: Vec<RouteShares>,
    /// Which laws it was judged by.
    pub laws: Laws,
}

/// One write, the state after it, and what has to hold before the next one.
#[derive(Clone, Debug)]
pub struct Stage {
    /// What is done.
    pub step: Step,
    /// How the one object looks after it.
    pub write: Write,
    /// What has to hold before the next write, one after the other.
    pub gates: Vec<Gate>,
    /// The routes that get something else than before, once the gates hold.
    pub traffic: Vec<RouteShares>,
    /// Which laws the state after it was judged by.
    pub laws: Laws,
    /// The way back from the state after it.
    pub back: Back,
}

/// A way out of a state.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Back {
    /// Nothing has to be taken back.
    Nothing,
    /// This [`Undo`] and those that follow it.
    Undo(usize),
    /// The rest of the way: some request can reach only new pods already.
    Forward,
}

/// One write of a way back.
#[derive(Clone, Debug)]
pub struct Undo {
    /// What is done.
    pub step: Step,
    /// How the one object looks after it.
    pub write: Write,
    /// What has to hold before the next write.
    pub gates: Vec<Gate>,
    /// The routes that get something else than before.
    pub traffic: Vec<RouteShares>,
    /// The next write.
    pub next: Option<usize>,
}

/// One object after a write.
#[derive(Clone, Debug)]
pub struct Write {
    /// Which object.
    pub key: Rc<Key>,
    /// Its version.
    pub api_version: Rc<str>,
    /// What it says; `None` where it is removed.
    pub content: Option<Content>,
}

/// What an object says.
#[derive(Clone, Debug)]
pub struct Content {
    /// As a value.
    pub value: Rc<Value>,
    /// As text.
    pub text: Rc<str>,
}

/// What a stage does. Each writes one object.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// Applies an object of the manifests.
    Apply,
    /// Keeps the Deployment controller from rolling the Deployment, whoever changes its template meanwhile: the subsets
    /// are about to be pinned to the pods that it has. An autoscaler scales it all the same.
    PauseDeployment,
    /// Makes subsets select one revision each: the active ones the old revision.
    Pin,
    /// Starts the new revision at full size.
    CreateReplicaSet {
        /// Its hash.
        revision: Rc<str>,
    },
    /// Gives this share to the canary subset.
    SetWeight(Weight),
    /// Makes the active subsets select the new revision too.
    Repin,
    /// Gives a VirtualService the user's own text again.
    RestoreVirtualService,
    /// Tells the Deployment controller the size that the new ReplicaSet is meant to have.
    Annotate,
    /// Gives the paused Deployment the new template.
    SetTemplate,
    /// Gives the new ReplicaSet the labels by which the Deployment adopts it.
    Adopt,
    /// Lets the Deployment controller act again: forward it removes the old pods.
    ResumeDeployment,
    /// Removes the new revision.
    DeleteReplicaSet {
        /// Its hash.
        revision: Rc<str>,
    },
    /// Gives a DestinationRule the user's own text again.
    RestoreDestinationRule,
    /// Removes the Deployment, and leaves the new ReplicaSet as it is.
    DeleteDeployment,
}

/// A condition on going on.
#[derive(Clone, Debug, PartialEq)]
pub enum Gate {
    /// Every pod of every ReplicaSet made so far is Ready.
    Ready {
        /// After this long it counts as failed.
        timeout_seconds: u32,
    },
    /// Every proxy had time to learn of the writes before.
    Settled,
    /// Every pod that a write before sent away is gone.
    PodsGone,
    /// Time has passed.
    Duration {
        /// How much.
        seconds: u32,
    },
    /// Somebody has approved.
    Approval {
        /// Who may; empty where anybody may.
        requires_roles: Vec<String>,
        /// After how long the answer is no.
        expires_seconds: Option<u32>,
    },
    /// Metrics are within their limits.
    Analysis(Rc<Analysis>),
    /// A webhook has answered.
    Webhook(Rc<Call>),
    /// All of these, at the same time.
    All(Vec<Gate>),
}

impl Step {
    /// Its name in every output.
    pub fn kind(&self) -> &'static str {
        match self {
            Step::Apply => "apply",
            Step::PauseDeployment => "pauseDeployment",
            Step::Pin => "pin",
            Step::CreateReplicaSet { .. } => "createReplicaSet",
            Step::SetWeight(_) => "setWeight",
            Step::Repin => "repin",
            Step::RestoreVirtualService => "restoreVirtualService",
            Step::Annotate => "annotate",
            Step::SetTemplate => "setTemplate",
            Step::Adopt => "adopt",
            Step::ResumeDeployment => "resumeDeployment",
            Step::DeleteReplicaSet { .. } => "deleteReplicaSet",
            Step::RestoreDestinationRule => "restoreDestinationRule",
            Step::DeleteDeployment => "deleteDeployment",
        }
    }
}

impl Gate {
    /// Its name in every output.
    pub fn kind(&self) -> &'static str {
        match self {
            Gate::Ready { .. } => "ready",
            Gate::Settled => "settled",
            Gate::PodsGone => "podsGone",
            Gate::Duration { .. } => "duration",
            Gate::Approval { .. } => "approval",
            Gate::Analysis(_) => "analysis",
            Gate::Webhook(_) => "webhook",
            Gate::All(gates) => gates.first().map_or("settled", Gate::kind),
        }
    }
}

impl Plan {
    /// The way back from state `n`, write by write; empty where nothing has to be taken back, `None` where the way out
    /// is the rest of the way.
    pub fn way_back(&self, n: usize) -> Option<Vec<&Undo>> {
        let mut out = Vec::new();
        let mut next = match self.back(n) {
            Back::Nothing => None,
            Back::Undo(first) => Some(first),
            Back::Forward => return None,
        };
        while let Some(undo) = next.and_then(|index| self.undos.get(index)) {
            out.push(undo);
            next = undo.next;
        }
        Some(out)
    }

    /// Where the way back from state `n` begins.
    pub fn back(&self, n: usize) -> Back {
        n.checked_sub(1).and_then(|stage| self.stages.get(stage)).map_or(Back::Nothing, |stage| stage.back)
    }

    /// How many states there are.
    pub fn states(&self) -> usize {
        self.stages.len() + 1
    }

    /// An object in state `n`; `None` where it is not there.
    pub fn object_at(&self, n: usize, key: &Key) -> Option<&Rc<str>> {
        let written = self.stages.iter().take(n).rev().find(|stage| *stage.write.key == *key);
        match written {
            Some(stage) => stage.write.content.as_ref().map(|content| &content.text),
            None => self.start.objects.iter().find(|object| object.key == *key).map(|object| &object.text),
        }
    }
}
