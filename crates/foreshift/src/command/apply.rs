//! `foreshift apply`: plans against a cluster, shows it, asks, and walks it.

mod room;
pub(crate) mod saved;
pub(crate) mod targets;

use std::collections::BTreeMap;

use foreshift_core::Request;
use foreshift_core::config::{Config, Target};
use foreshift_core::render::{self, Selection};
use foreshift_core::secret::mask_text;
use foreshift_executor::cluster::Cluster;
use foreshift_executor::live::{self as planning, Mesh, Planned};
use foreshift_executor::rollout::{self, Begin};
use foreshift_executor::{Event, record, simulate};
use tokio::sync::{mpsc, watch};

use crate::arguments::{ApplyArguments, EventFormat};
use crate::failure::{Exit, Failure};
use crate::live::signals::Signals;
use crate::live::{self, progress, prompt, terminal};
use crate::{input, output};
use prompt::{Question, Wanted};
use room::Room;
use targets::Walker;

pub(crate) fn run(arguments: &ApplyArguments) -> Result<Exit, Failure> {
    if !arguments.yes && !terminal::is_there() {
        return Err(Failure::usage("there is no terminal to ask at").help("`--yes` goes ahead without asking"));
    }
    let saved = saved::read(&arguments.config, arguments.input.root.as_deref())?;
    let request = match &saved {
        Some(saved) => saved.with_secrets(arguments.input.root.as_deref())?,
        None => input::request(&arguments.config, &arguments.input)?,
    };
    let config = live::config(request.config_text())?;
    let targets = live::targets(&config, arguments.input.target.as_deref().or(request.target.as_deref()))?;
    let id = rollout::new_id();
    live::run(async {
        if arguments.simulate {
            simulated(arguments, &request, (&config, &id), &targets).await
        } else {
            let mut clusters = Vec::new();
            let mut known = live::Clusters::default();
            // What is gone on with has another name, which only its record says.
            let run = Some(&*id).filter(|_| !arguments.resume);
            for target in &targets {
                clusters.push(known.of(&arguments.place, target, run).await?);
            }
            let mut places: Vec<String> = clusters.iter().map(|cluster| cluster.place().to_owned()).collect();
            places.dedup();
            walk(arguments, &request, (&config, &id, &places.join(" and ")), &targets, &clusters, saved.as_ref()).await
        }
    })
}

/// The same in memory, where an earlier version runs.
async fn simulated(
    arguments: &ApplyArguments,
    request: &Request,
    (config, id): (&Config, &str),
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
    walk(arguments, &simulate::request(request), (config, id, "memory"), targets, &clusters, None).await
}

async fn walk<C: Cluster + Clone>(
    arguments: &ApplyArguments,
    request: &Request,
    (config, id, place): (&Config, &str, &str),
    targets: &[&Target],
    clusters: &[C],
    saved: Option<&saved::Saved>,
) -> Result<Exit, Failure> {
    let mut signals = Signals::new().map_err(|error| Failure::input(format!("nobody could interrupt: {error}")))?;
    let nothing_written = || Err(Failure::exit(Exit::Interrupted, "nothing was written".to_owned()));
    let mut plans: Vec<Planned> = Vec::new();
    let mut new = Vec::new();
    let mut meshes: BTreeMap<String, Mesh> = BTreeMap::new();
    let planning = async {
        for (target, cluster) in targets.iter().zip(clusters) {
            // What it does where a rollout is in progress would make every walk as large.
            let room = Box::pin(room::make(arguments, (request, config), target, cluster, id)).await?;
            new.push(matches!(room, Room::Free(_)));
            plans.push(match room {
                Room::Running(planned) => *planned,
                Room::Free(lists) => {
                    let request = Request { target: Some(target.name.value.clone()), ..request.clone() };
                    let (namespace, patience) = (&target.namespace.value, arguments.walk.patience);
                    let mesh = meshes.entry(cluster.name()).or_default();
                    planning::plan_in(mesh, cluster, &request, (namespace, patience), lists).await?
                }
            });
        }
        Ok::<(), Failure>(())
    };
    tokio::select! {
        planned = planning => planned?,
        () = signals.next() => {
            return Err(Failure::exit(Exit::Interrupted, "stopped before the first write of this rollout".to_owned()));
        }
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
    }
    if has_errors {
        return Ok(Exit::Errors);
    }
    let writes: usize = plans.iter().flat_map(|planned| &planned.preview.plans).map(|plan| plan.stages.len()).sum();
    if writes > 0 && !arguments.yes {
        let is_wanted = tokio::select! {
            is_wanted = is_wanted(arguments, &plans, writes, place) => is_wanted?,
            () = signals.next() => false,
        };
        if !is_wanted {
            return nothing_written();
        }
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
    let config = mask_text(request.config_text());
    let begin = Begin { id: id.to_owned(), config: record::digest(config.as_bytes()), by };
    let report = |target: &str, event: &Event| {
        progress::print(arguments.walk.output, target, event);
        let found = walkers.iter().zip(&plans).find(|(walker, _)| walker.target.name.value == target);
        if let (Event::Waiting { approval: Some(gate), words, .. }, Some((walker, planned))) = (event, found)
            // In memory nobody else can approve.
            && (terminal::is_there() || arguments.simulate)
            && !arguments.walk.detach
        {
            let _ = questions.send(Question::new(&walker.of, planned.preview.plans.first(), gate, words));
        }
    };
    let outcome = targets::all(&walkers, async |walker: &Walker<'_, C>| match walker.planned {
        Some(planned) => rollout::begin(walker.cluster, planned, &begin, &walker.options, &report).await,
        None => rollout::resume_with(walker.cluster, &walker.of, request, &walker.options, &report).await,
    });
    let find = |of: &rollout::Of| walkers.iter().find(|walker| walker.of == *of).map(|walker| walker.cluster.clone());
    tokio::select! {
        outcome = outcome => targets::ended(outcome),
        () = prompt::answer(find, asked) => Err(Failure::exit(Exit::Interrupted, "nobody can be asked any more".to_owned())),
        () = targets::interrupted_by(signals, cancel) => Err(Failure::exit(Exit::Interrupted, "stopped at once; `foreshift resume` goes on".to_owned())),
    }
}

/// Whether whoever is at the terminal wants the writes, after a look at the table, and at all of it where that is asked for.
async fn is_wanted(arguments: &ApplyArguments, plans: &[Planned], writes: usize, place: &str) -> Result<bool, Failure> {
    // Standard output is for the events, where those are for a program.
    let show = |text: &str| match arguments.walk.output {
        EventFormat::Text => output::plan(text),
        EventFormat::Json => output::errors(text),
    };
    for planned in plans {
        show(&render::outline(&planned.preview))?;
    }
    let plural = if writes == 1 { "this 1 write" } else { &format!("these {writes} writes") };
    loop {
        match prompt::wanted(&format!("make {plural} in {place}?")).await {
            Wanted::Yes => return Ok(true),
            Wanted::No => return Ok(false),
            Wanted::Details => {
                for planned in plans {
                    show(&render::text(&planned.preview, Selection::All))?;
                }
            }
        }
    }
}

async fn who<C: Cluster>(walkers: &[Walker<'_, C>]) -> String {
    match walkers.first() {
        Some(walker) => walker.cluster.who().await.map(|who| who.user).unwrap_or_default(),
        None => String::new(),
    }
}
