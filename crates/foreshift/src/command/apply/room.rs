//! Whether another rollout is in progress where one is to begin, and what then: it is gone on with, taken back, waited
//! for, or the new one is refused.

use std::time::Duration;

use foreshift_core::Request;
use foreshift_core::config::{Config, IfInProgress, Target};
use foreshift_executor::cluster::{At, Cluster, Lists};
use foreshift_executor::live::Planned;
use foreshift_executor::record::{self, Answer, Next, Record};
use foreshift_executor::rollout::{self, Of};
use foreshift_executor::{Event, Outcome, StopKind};

use super::targets;
use crate::arguments::ApplyArguments;
use crate::failure::{Exit, Failure};
use crate::live::{self, progress};

/// Where a rollout is to begin.
pub(super) enum Room {
    /// No other is in progress; with what its walk need not list again.
    Free(Lists),
    /// One is, as it was planned, and is to be gone on with.
    Running(Box<Planned>),
}

/// Waits or works until no rollout of the application is in progress in the target, but for one that `--resume` goes on
/// with.
pub(super) async fn make<C: Cluster>(
    arguments: &ApplyArguments,
    (request, config): (&Request, &Config),
    target: &Target,
    cluster: &C,
    id: &str,
) -> Result<Room, Failure> {
    let (of, patience) = (live::of(config, target), arguments.walk.patience);
    loop {
        let (found, lists) = rollout::look(cluster, &of, patience).await?;
        let Some(running) = found.filter(Record::is_running) else { return Ok(Room::Free(lists)) };
        if arguments.resume {
            // One of another version is another rollout.
            let recorded = record::decode(&running.inputs).map_err(Failure::input)?;
            if rollout::is_same(request, &recorded) {
                return Ok(Room::Running(Box::new(Planned::again(&recorded))));
            }
        }
        if arguments.replace {
            replace(arguments, &of, cluster).await?;
        } else if config.if_in_progress == IfInProgress::EnqueueOne {
            wait(arguments, &of, cluster, &running, id).await?;
        } else {
            return Err(running.busy().into());
        }
    }
}

/// Takes a running rollout back, or to its end where there is no way back.
async fn replace<C: Cluster>(arguments: &ApplyArguments, of: &Of, cluster: &C) -> Result<(), Failure> {
    let patience = arguments.walk.patience;
    let asked = Answer::now(true, &cluster.who().await.unwrap_or_default());
    rollout::ask_to_abort(cluster, of, &asked, patience).await?;
    let options = targets::plain_options(&arguments.walk);
    let report = |target: &str, event: &Event| progress::print(arguments.walk.output, target, event);
    // No Secret is applied on the way back.
    match rollout::resume(cluster, of, &options, &report).await {
        Ok(Outcome::Aborted(_) | Outcome::Done | Outcome::Nothing) => Ok(()),
        Ok(Outcome::Detached(what)) => Err(Failure::exit(Exit::Busy, format!("the running rollout waits for {what}"))),
        // Whoever walks it turns it round.
        Err(found) if found.kind == StopKind::Busy => Ok(rollout::until_ended(cluster, of).await?),
        Err(found) => Err(found.into()),
    }
}

/// Waits for the end of a running rollout, as `enqueueOne` says.
async fn wait<C: Cluster>(
    arguments: &ApplyArguments,
    of: &Of,
    cluster: &C,
    running: &Record,
    id: &str,
) -> Result<(), Failure> {
    let by = cluster.who().await.map(|who| who.user).unwrap_or_default();
    let words = format!("waits for the end of the rollout in progress, begun by {}", running.run.by);
    progress::print(arguments.walk.output, &of.target, &Event::Note { words });
    let next = Next { id: id.to_owned(), by };
    Ok(rollout::wait_for_end(cluster, of, &next, arguments.walk.patience).await?)
}

/// Refuses where a rollout of whatever application holds an object that the target's rollout would write.
pub(super) async fn is_free<C: Cluster>(
    config: &Config,
    target: &Target,
    cluster: &C,
    patience: Duration,
) -> Result<(), Failure> {
    let entries = config.traffic.iter().filter(|traffic| traffic.covers(&target.name.value));
    for pair in entries.flat_map(|traffic| &traffic.istio) {
        let objects = [
            ("VirtualService", Some(&pair.virtual_service.value)),
            ("DestinationRule", pair.destination_rule.as_ref().map(|rule| &rule.value)),
        ];
        for (kind, name) in objects.into_iter().filter_map(|(kind, name)| Some((kind, name?))) {
            let Some(at) = At::ours("networking.istio.io", kind, &target.namespace.value, name) else { continue };
            if let Some(holder) = rollout::holder(cluster, &at, patience).await {
                let message = format!("another rollout is in progress: {holder}");
                return Err(Failure::exit(Exit::Busy, message).help("one rollout at a time for each object"));
            }
        }
    }
    Ok(())
}
