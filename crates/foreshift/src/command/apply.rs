//! `foreshift apply`: plans against a cluster, shows it, asks, and walks it.

mod room;
pub(crate) mod saved;
pub(crate) mod targets;

use foreshift_core::Request;
use foreshift_core::config::{Config, Target};
use foreshift_core::render::{self, Selection};
use foreshift_executor::cluster::Cluster;
use foreshift_executor::live::{self as planning, Planned};
use foreshift_executor::rollout::{self, Begin};
use foreshift_executor::{Event, record, simulate};
use tokio::sync::{mpsc, watch};

use crate::arguments::{ApplyArguments, EventFormat};
use crate::failure::{Exit, Failure};
use crate::live::{self, progress, prompt};
use crate::{input, output};
use room::Room;
use targets::Walker;

pub(crate) fn run(arguments: &ApplyArguments) -> Result<Exit, Failure> {
    if !arguments.yes && !prompt::is_possible() {
        return Err(Failure::usage("there is no terminal to ask at").help("`--yes` goes ahead without asking"));
    }
    let saved = saved::read(&arguments.config, arguments.input.root.as_deref())?;
    let request = match &saved {
        Some(saved) => saved.request.clone(),
        None => input::request(&arguments.config, &arguments.input)?,
    };
    let config = live::config(request.config_text())?;
    let targets = live::targets(&config, arguments.input.target.as_deref().or(request.target.as_deref()))?;
    live::run(async {
        if arguments.simulate {
            simulated(arguments, &request, &config, &targets).await
        } else {
            let mut clusters = Vec::new();
            for target in &targets {
                clusters.push(live::cluster(&arguments.place, target).await?);
            }
            walk(arguments, &request, &config, &targets, &clusters, saved.as_ref()).await
        }
    })
}

/// The same in memory, where an earlier version runs.
async fn simulated(
    arguments: &ApplyArguments,
    request: &Request,
    config: &Config,
    targets: &[&Target],
) -> Result<Exit, Failure> {
    let mut clusters = Vec::new();
    for target in targets {
        let shown = foreshift_core::preview(&Request { target: Some(target.name.value.clone()), ..request.clone() });
        let Some(plan) = shown.plans.first().filter(|_| !shown.has_errors()) else {
            output::errors(&render::diagnostics(&shown))?;
            return Ok(Exit::Errors);
        };
        clusters.push(simulate::cluster(plan, simulate::PACE));
    }
    if !arguments.walk.istiod.is_empty() {
        output::errors("note: istiod is not asked: a simulation has no proxies\n")?;
    }
    // The earlier version takes its time to get Ready, as in a cluster.
    tokio::time::sleep(simulate::PACE.ready.unwrap_or_default() * 2).await;
    walk(arguments, &simulate::request(request), config, targets, &clusters, None).await
}

async fn walk<C: Cluster + Clone>(
    arguments: &ApplyArguments,
    request: &Request,
    config: &Config,
    targets: &[&Target],
    clusters: &[C],
    saved: Option<&saved::Saved>,
) -> Result<Exit, Failure> {
    let id = rollout::new_id();
    let mut plans: Vec<Planned> = Vec::new();
    let mut new = Vec::new();
    for (target, cluster) in targets.iter().zip(clusters) {
        // What it does where a rollout is in progress would make every walk as large.
        let room = Box::pin(room::make(arguments, config, target, cluster, &id)).await?;
        new.push(matches!(room, Room::Free(_)));
        plans.push(match room {
            Room::Running(planned) => *planned,
            Room::Free(lists) => {
                let request = Request { target: Some(target.name.value.clone()), ..request.clone() };
                let (namespace, patience) = (&target.namespace.value, arguments.walk.patience);
                planning::plan(cluster, &request, namespace, patience, lists).await?
            }
        });
    }
    if let Some(saved) = saved.filter(|_| new.iter().all(|is_new| *is_new)) {
        saved.compare(&plans)?;
    }
    let mut has_errors = false;
    for ((planned, target), cluster) in plans.iter().zip(targets).zip(clusters) {
        if planned.preview.has_errors() {
            // What looks like the remains of a rollout may be one that is in progress.
            room::is_free(config, target, cluster, arguments.walk.patience).await?;
        }
        output::errors(&super::plan::findings(&planned.preview))?;
        has_errors |= planned.preview.has_errors() || planned.preview.plans.is_empty();
        if arguments.walk.output == EventFormat::Text && !arguments.yes {
            output::plan(&render::text(&planned.preview, Selection::All))?;
        }
    }
    if has_errors {
        return Ok(Exit::Errors);
    }
    let writes: usize = plans.iter().flat_map(|planned| &planned.preview.plans).map(|plan| plan.stages.len()).sum();
    if writes > 0 && !arguments.yes && !prompt::ask(&format!("make these {writes} writes?")) {
        return Err(Failure::exit(Exit::Interrupted, "nothing was written".to_owned()));
    }
    let (questions, asked) = mpsc::unbounded_channel();
    let (cancel, cancelled) = watch::channel(false);
    let mut walkers = Vec::new();
    for (((target, cluster), planned), is_new) in targets.iter().zip(clusters).zip(&plans).zip(new) {
        let options = if arguments.simulate {
            targets::simulated_options(&arguments.walk, target, cancelled.clone())
        } else {
            targets::options(&arguments.walk, target, planned, cancelled.clone()).await?
        };
        let planned = Some(planned).filter(|_| is_new);
        walkers.push(Walker { target, cluster, of: live::of(config, target), options, planned });
    }
    let by = who(&walkers).await;
    let begin = Begin { id, config: record::digest(request.config_text().as_bytes()), by };
    let report = |target: &str, event: &Event| {
        progress::print(arguments.walk.output, target, event);
        let walker = walkers.iter().find(|walker| walker.target.name.value == target);
        if let (Event::Waiting { approval: Some(gate), words, .. }, Some(walker)) = (event, walker)
            // In memory nobody else can approve.
            && (prompt::is_possible() || arguments.simulate)
            && !arguments.walk.detach
        {
            let _ =
                questions.send(prompt::Question { of: walker.of.clone(), gate: gate.clone(), words: words.clone() });
        }
    };
    let outcome = targets::all(&walkers, async |walker: &Walker<'_, C>| match walker.planned {
        Some(planned) => rollout::begin(walker.cluster, planned, &begin, &walker.options, &report).await,
        None => rollout::resume(walker.cluster, &walker.of, &walker.options, &report).await,
    });
    let find = |of: &rollout::Of| walkers.iter().find(|walker| walker.of == *of).map(|walker| walker.cluster.clone());
    tokio::select! {
        outcome = outcome => targets::ended(outcome),
        () = prompt::answer(find, asked) => Err(Failure::exit(Exit::Interrupted, "nobody can be asked any more".to_owned())),
        () = targets::interrupted(cancel) => Err(Failure::exit(Exit::Interrupted, "stopped at once; `foreshift resume` goes on".to_owned())),
    }
}

async fn who<C: Cluster>(walkers: &[Walker<'_, C>]) -> String {
    match walkers.first() {
        Some(walker) => walker.cluster.who().await.map(|who| who.user).unwrap_or_default(),
        None => String::new(),
    }
}
