//! Where a rollout is left: killed before a certain write, and with all before it made.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;
use test_cluster::{Action, Failure, FaultProxy, Moment, Request, Result, Scene, foreshift};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::CONFIG;

/// What is made; in the order of the writes.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum State {
    /// The Deployment is paused.
    Paused,
    /// The active subset selects the old pods only.
    Pinned,
    /// The new ReplicaSet is there.
    Created,
    /// It has 10 % of the requests.
    Shifted,
    /// It has all of them, and the record says that the next write may be made, from which there is no way back.
    Full,
    /// The active subset selects the new pods only.
    Repinned,
    /// The VirtualService is the user's own again.
    Restored,
    /// The paused Deployment has the new template.
    Templated,
    /// The new ReplicaSet is the Deployment's.
    Adopted,
    /// The Deployment rolls again, which ends the old pods.
    Resumed,
}

pub(super) const STATES: [State; 10] = [
    State::Paused,
    State::Pinned,
    State::Created,
    State::Shifted,
    State::Full,
    State::Repinned,
    State::Restored,
    State::Templated,
    State::Adopted,
    State::Resumed,
];

impl State {
    /// Whether the new version has every request, and the only way is on.
    pub(super) fn is_past_the_point(self) -> bool {
        self >= State::Full
    }

    /// The write that comes next: its step, a part of its address, and which of those that part leads to.
    fn next(self) -> (&'static str, &'static str, usize) {
        match self {
            State::Paused => ("pin", "/destinationrules/", 1),
            State::Pinned => ("createReplicaSet", "/replicasets", 1),
            State::Created => ("setWeight", "/virtualservices/", 1),
            State::Shifted => ("setWeight", "/virtualservices/", 2),
            State::Full => ("repin", "/destinationrules/", 2),
            State::Repinned => ("restoreVirtualService", "/virtualservices/", 4),
            State::Restored => ("annotate", "/replicasets/", 1),
            State::Templated => ("adopt", "/replicasets/", 2),
            State::Adopted => ("resumeDeployment", "/deployments/", 3),
            State::Resumed => ("restoreDestinationRule", "/destinationrules/", 3),
        }
    }
}

/// Begins the rollout of a scene, and leaves it there.
pub(super) async fn lead_to(scene: &Scene<'_>, state: State) -> Result<()> {
    let (step, address, which) = state.next();
    let (seen, is_there) = (AtomicUsize::new(0), Arc::new(Notify::new()));
    let told = Arc::clone(&is_there);
    let decide = move |request: &Request, moment| {
        if moment != Moment::Before || !request.is_write() || !request.path.contains(address) {
            return Action::Pass;
        }
        if seen.fetch_add(1, Ordering::SeqCst) + 1 < which {
            return Action::Pass;
        }
        told.notify_one();
        Action::Hang
    };
    let straight = scene.cluster.kubeconfig();
    let proxy = FaultProxy::start(straight, decide).await?;
    let through = proxy.write_kubeconfig(straight, &scene.folder.join("kubeconfig"))?;
    let mut apply = foreshift::start(&scene.folder, &through, &["apply", CONFIG, "--lease=1s"])?;
    let is_next = |event: &Value| event["event"] == "writing" && event["step"] == step;
    let mut steps = 0;
    // Of several such steps the last one.
    let wanted = if state == State::Shifted { 2 } else { 1 };
    while steps < wanted {
        apply.until(is_next).await?;
        steps += 1;
    }
    timeout(Duration::from_secs(60), is_there.notified()).await?;
    apply.signal("KILL")?;
    match apply.end().await?.code {
        -1 => Ok(()),
        code => Err(Failure::new(format!("{state:?} is not led to: exit code {code}"))),
    }
}
