//! `foreshift status`, `approve`, `abort`, `resume` and `history`: rollouts in a cluster, from any machine.

mod status;

use std::fmt::Write as _;

use foreshift_core::Request;
use foreshift_core::config::Target;
use foreshift_core::render::words::counted;
use foreshift_executor::cluster::{Cluster as _, Kubernetes};
use foreshift_executor::live::Planned;
use foreshift_executor::record::{Answer, Phase, Record, seconds};
use foreshift_executor::rollout::{self, Of};
use foreshift_executor::{Event, Outcome, Stop, StopKind};
use serde_json::json;
use tokio::sync::watch;

use super::apply::targets::{self, Walker};
use super::plan::json;
use crate::arguments::{
    AbortArguments, ApproveArguments, EventFormat, Input, ResumeArguments, RolloutArguments, Rollouts,
};
use crate::failure::{Exit, Failure};
use crate::live::named::{Named, named};
use crate::live::{self, PATIENCE, progress};
use crate::{input, output};

/// Says how far each rollout is.
pub(crate) fn status(arguments: &RolloutArguments) -> Result<Exit, Failure> {
    each(&arguments.rollouts, async |cluster, of, record| {
        let status = status::Status::of(&cluster, of, record, &arguments.rollouts).await;
        tell(arguments.output, &status.data(), &status.words())
    })
}

/// Lists the rollouts that have ended.
pub(crate) fn history(arguments: &RolloutArguments) -> Result<Exit, Failure> {
    each(&arguments.rollouts, async |_, of, record| {
        let history = record.map(|record| record.history).unwrap_or_default();
        let mut words = String::new();
        for ended in &history {
            let _ = write!(
                words,
                "{}  {}  {:<8} {}",
                of.target,
                seconds(&ended.ended),
                phase(ended.phase),
                ended.revisions.join(", ")
            );
            let _ = writeln!(
                words,
                "  by {}{}",
                ended.by,
                if ended.why.is_empty() { String::new() } else { format!("  ({})", ended.why) }
            );
        }
        if words.is_empty() {
            words = format!("{}: no rollout has ended\n", of.target);
        }
        tell(arguments.output, &json!({ "target": of.target, "history": history }), &words)
    })
}

/// Answers the approval that each rollout waits for.
pub(crate) fn approve(arguments: &ApproveArguments) -> Result<Exit, Failure> {
    each(&arguments.rollout.rollouts, async |cluster, of, record| {
        let Some(record) = record.filter(Record::is_running) else {
            return Err(Failure::input(format!("no rollout of {} is in progress in {}", of.application, of.target)));
        };
        let who = cluster.who().await.map_err(|error| Stop::refused("who you are cannot be found out", &error))?;
        let answer = Answer::now(!arguments.reject, &who);
        let given = rollout::approve(&cluster, &of, arguments.state, &answer, PATIENCE).await?;
        let verb = if arguments.reject { "rejected" } else { "approved" };
        let states: Vec<String> = given.iter().map(|gate| rollout::state_of(&record, gate)).collect();
        output::plain(&format!("{}: {verb} {}\n", of.target, states.join(", ")))
    })
}

/// Asks each running rollout to turn round; where nobody walks it, this does.
pub(crate) fn abort(arguments: &AbortArguments) -> Result<Exit, Failure> {
    if arguments.from_cluster {
        return abort_from_cluster(&arguments.resume);
    }
    let arguments = &arguments.resume;
    going_on(arguments, async |running, cancelled| {
        let mut asked = Vec::new();
        let mut exit = Exit::Done;
        for running in running {
            let (cluster, of) = (&running.cluster, &running.of);
            let who = cluster.who().await.unwrap_or_default();
            if rollout::ask_to_abort(cluster, of, &Answer::now(true, &who), PATIENCE).await? {
                asked.push(running);
                continue;
            }
            let message = format!("{} has no way back any more: the new version has every request", of.target);
            let failure = Failure::exit(Exit::OffPlan, message).help("`foreshift resume` goes on to its end");
            output::errors(&failure.to_string())?;
            exit = Exit::OffPlan;
        }
        let walkers = walkers(arguments, &asked, &cancelled).await?;
        let mut ends = targets::at_once(&walkers, async |walker| walk(arguments, walker).await).await;
        for (target, end) in &mut ends {
            match end {
                // It is what was asked for.
                Some(Ok(Outcome::Aborted(_))) => *end = Some(Ok(Outcome::Done)),
                Some(Err(stop)) if stop.kind == StopKind::Busy => {
                    output::plain(&format!("{target}: whoever walks it turns it round\n"))?;
                    *end = Some(Ok(Outcome::Done));
                }
                _ => {}
            }
        }
        Ok(targets::worse(exit, targets::ended(ends)?))
    })
}

/// Takes back what rollouts have left in the cluster, without their records.
fn abort_from_cluster(arguments: &ResumeArguments) -> Result<Exit, Failure> {
    let rollouts = &arguments.rollouts;
    let own = own(rollouts)?.ok_or_else(|| {
        Failure::usage("without a record only the config says which objects a rollout is about")
            .help("`foreshift abort deploy.yaml --from-cluster`")
    })?;
    live::run(async {
        for Named { cluster, of, .. } in named(rollouts).await?.1 {
            let options = targets::plain_options(&arguments.walk);
            let report = |target: &str, event: &Event| progress::print(arguments.walk.output, target, event);
            let written = rollout::abort_from_cluster(&cluster, &of, &own, &options, &report).await?;
            let words = match written {
                0 => "nothing of a rollout is left".to_owned(),
                _ => format!("taken back: {} written or removed", counted(written, "object")),
            };
            progress::print(arguments.walk.output, &of.target, &Event::Note { words });
        }
        Ok(Exit::Done)
    })
}

/// Goes on with each running rollout: with the config by what it says too, without it by the record alone.
pub(crate) fn resume(arguments: &ResumeArguments) -> Result<Exit, Failure> {
    going_on(arguments, async |running, cancelled| {
        let own = own(&arguments.rollouts)?;
        let walkers = walkers(arguments, &running, &cancelled).await?;
        let report = |target: &str, event: &Event| progress::print(arguments.walk.output, target, event);
        let walk = async |walker: &Walker<'_, Kubernetes>| match &own {
            Some(own) => {
                Box::pin(rollout::resume_with(walker.cluster, &walker.of, own, &walker.options, &report)).await
            }
            None => walk(arguments, walker).await,
        };
        targets::ended(targets::all(&walkers, walk).await)
    })
}

/// The config that a command is given, with everything that it names.
fn own(rollouts: &Rollouts) -> Result<Option<Request>, Failure> {
    let input = Input { root: rollouts.root.clone(), ..Input::default() };
    rollouts.config.as_deref().map(|config| input::request(config, &input)).transpose()
}

/// A rollout that is in progress.
struct Running {
    target: Target,
    cluster: Kubernetes,
    of: Of,
    planned: Planned,
}

/// Works on every rollout that is in progress, until it has ended or somebody interrupts.
fn going_on(
    arguments: &ResumeArguments,
    work: impl AsyncFnOnce(Vec<Running>, watch::Receiver<bool>) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    live::run(async {
        let mut running = Vec::new();
        let (application, named) = named(&arguments.rollouts).await?;
        for named in named {
            if let Some(record) = record(&named.cluster, &named.of).await?.filter(Record::is_running) {
                let request = foreshift_executor::record::decode(&record.inputs).map_err(Failure::input)?;
                let target = named.target(&record)?;
                let cluster = named.cluster.of_run(&record.run.id).map_err(|error| live::unreachable(&error))?;
                running.push(Running { target, cluster, of: named.of, planned: Planned::again(&request) });
            }
        }
        if running.is_empty() {
            return Err(Failure::input(format!("no rollout of {application} is in progress")));
        }
        let (cancel, cancelled) = watch::channel(false);
        tokio::select! {
            exit = work(running, cancelled) => exit,
            () = targets::interrupted(cancel) => Err(Failure::exit(Exit::Interrupted, "stopped at once".to_owned())),
        }
    })
}

async fn walkers<'a>(
    arguments: &ResumeArguments,
    running: impl IntoIterator<Item = &'a Running>,
    cancelled: &watch::Receiver<bool>,
) -> Result<Vec<Walker<'a, Kubernetes>>, Failure> {
    let mut walkers = Vec::new();
    for Running { target, cluster, of, planned } in running {
        let options = targets::options(&arguments.walk, target, planned, cancelled.clone()).await?;
        walkers.push(Walker { target, cluster, of: of.clone(), options, planned: None });
    }
    Ok(walkers)
}

async fn walk(arguments: &ResumeArguments, walker: &Walker<'_, Kubernetes>) -> Result<Outcome, Stop> {
    let report = |target: &str, event: &Event| progress::print(arguments.walk.output, target, event);
    Box::pin(rollout::resume(walker.cluster, &walker.of, &walker.options, &report)).await
}

fn each(
    rollouts: &Rollouts,
    work: impl AsyncFn(Kubernetes, Of, Option<Record>) -> Result<(), Failure>,
) -> Result<Exit, Failure> {
    live::run(async {
        for Named { cluster, of, .. } in named(rollouts).await?.1 {
            let record = record(&cluster, &of).await?;
            work(cluster, of, record).await?;
        }
        Ok(Exit::Done)
    })
}

async fn record(cluster: &Kubernetes, of: &Of) -> Result<Option<Record>, Failure> {
    Ok(rollout::find(cluster, of, PATIENCE).await?)
}

fn tell(format: EventFormat, data: &serde_json::Value, words: &str) -> Result<(), Failure> {
    match format {
        EventFormat::Json => output::plain(&json(data)?),
        EventFormat::Text => output::words(words),
    }
}

fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Running => "running",
        Phase::Done => "done",
        Phase::Aborted => "aborted",
    }
}
