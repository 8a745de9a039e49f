//! What somebody who does not walk a rollout may ask of it: how far it is, an answer, to turn round.

use std::time::Duration;

use foreshift_core::plan::Gate;
use foreshift_core::render::words;

use super::{Of, find, is_sealed, standing, unreadable};
use crate::approval::{self, Named, Open};
use crate::cluster::{At, Cluster, Mode, Reason, Scope};
use crate::course::Course;
use crate::lease::{Place, holder as holder_of};
use crate::live::Planned;
use crate::patience::persist;
use crate::record::{self, Answer, Direction, Next, Record};
use crate::stop::{Stop, StopKind};
use crate::tree::{put, text};
use crate::view::View;
use crate::walk;

/// Answers an approval of a running rollout that waits, by its name.
pub async fn answer<C: Cluster>(
    cluster: &C,
    of: &Of,
    gate: &str,
    answer: &Answer,
    patience: Duration,
) -> Result<(), Stop> {
    give(cluster, of, (|name: &str| name == gate, Named::Yes), answer, patience).await.map(|_| ())
}

/// Answers every approval that a running rollout waits for: those behind the write `state` where one is named, else all
/// that wait now. Returns their names.
pub async fn approve<C: Cluster>(
    cluster: &C,
    of: &Of,
    state: Option<usize>,
    answer: &Answer,
    patience: Duration,
) -> Result<Vec<String>, Stop> {
    let is_meant = |name: &str| state.is_none_or(|state| name.split('.').next() == Some(&*state.to_string()));
    let named = if state.is_some() { Named::Yes } else { Named::No };
    give(cluster, of, (is_meant, named), answer, patience).await
}

async fn give<C: Cluster>(
    cluster: &C,
    of: &Of,
    (is_meant, named): (impl Fn(&str) -> bool, Named),
    answer: &Answer,
    patience: Duration,
) -> Result<Vec<String>, Stop> {
    let place = of.place()?;
    let record = find(cluster, of, patience).await?.filter(Record::is_running).ok_or_else(|| none(of))?;
    let since = record.cursor.gate.as_ref().map(|gate| gate.since.clone()).unwrap_or_default();
    let approvals = waiting(&record).map(|waiting| waiting.approvals).unwrap_or_default();
    let meant: Vec<_> = approvals.into_iter().filter(|(name, _)| is_meant(name)).collect();
    if meant.is_empty() {
        return Err(Stop::new(StopKind::Input, format!("{} waits for no such approval now", of.target))
            .help("`foreshift status` says what it waits for"));
    }
    let mut given = Vec::new();
    for (gate, roles) in meant {
        if !is_of(answer, &roles) {
            let message = format!("{} may not answer this: it needs one of the groups {}", answer.by, roles.join(", "));
            return Err(Stop::new(StopKind::Input, message).help(format!(
                "the cluster knows {} in {}",
                answer.by,
                answer.groups.join(", ")
            )));
        }
        let open = Open { run: record.run.id.clone(), gate: gate.clone(), since: since.clone() };
        approval::give(cluster, (&place, &roles), (&open, named), answer, patience).await?;
        given.push(gate);
    }
    Ok(given)
}

/// Whether whoever answers is in one of the groups that may.
pub(crate) fn is_of(answer: &Answer, roles: &[String]) -> bool {
    roles.is_empty() || roles.iter().any(|role| answer.groups.contains(role))
}

/// Asks a running rollout to turn round. Whoever walks it does so; where nobody does, a resume. `false` where there is no
/// way back any more: then nothing is asked for.
pub async fn ask_to_abort<C: Cluster>(cluster: &C, of: &Of, by: &Answer, patience: Duration) -> Result<bool, Stop> {
    let there = find(cluster, of, patience).await?;
    if there.is_some_and(|record| record.is_running() && has_no_way_back(&record)) {
        // Somebody may have written that, to keep everybody from going back.
        if is_sealed(cluster, of, patience).await == Some(false) {
            return Err(walk::unsealed(&of.place()?));
        }
        return Ok(false);
    }
    say(cluster, of, patience, "asked", by).await?;
    Ok(true)
}

/// Whether a rollout can only go on.
fn has_no_way_back(record: &Record) -> bool {
    record.cursor.direction == Direction::Forward && standing(record).is_some_and(|standing| !standing.has_way_back)
}

/// What a running rollout waits for.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    /// For a reader.
    pub words: String,
    /// The approvals among it: what they are called, and the groups that may give them; none where anybody may.
    pub approvals: Vec<(String, Vec<String>)>,
}

/// What a record says that its rollout waits for: gates that take time only.
pub fn waiting(record: &Record) -> Option<Waiting> {
    let at = record.cursor.gate.as_ref().filter(|_| record.is_running())?;
    let planned = Planned::again(&record::decode(&record.inputs).ok()?);
    let plan = planned.preview.plans.first()?;
    let course = Course::new(plan, record.cursor.direction);
    let gate = course.gates(record.cursor.done).get(at.index)?;
    let mut approvals = Vec::new();
    collect(gate, &record::gate_name(record.cursor.done, at.index), &mut approvals);
    Some(Waiting { words: words::gates(std::slice::from_ref(gate)), approvals })
}

fn collect(gate: &Gate, name: &str, approvals: &mut Vec<(String, Vec<String>)>) {
    match gate {
        Gate::Approval { requires_roles, .. } => approvals.push((name.to_owned(), requires_roles.clone())),
        Gate::All(gates) => {
            for (index, gate) in gates.iter().enumerate() {
                collect(gate, &format!("{name}.{index}"), approvals);
            }
        }
        // What it has found may be for a person to decide.
        Gate::Analysis(_) => approvals.push((format!("{name}.ask"), Vec::new())),
        _ => {}
    }
}

/// Waits for the end of a running rollout, to begin another one then. Of several that wait only the newest goes on.
pub async fn wait_for_end<C: Cluster>(cluster: &C, of: &Of, next: &Next, patience: Duration) -> Result<(), Stop> {
    say(cluster, of, patience, "next", next).await?;
    let last = follow(cluster, of, |record| !record.is_running() || record.next.as_ref() != Some(next)).await?;
    match last.next {
        Some(newer) if newer != *next => {
            let message =
                format!("a newer rollout of {} waits for {} too, begun by {}", of.application, of.target, newer.by);
            Err(Stop::new(StopKind::Busy, message).help("the newest one that waits goes on"))
        }
        _ => Ok(()),
    }
}

/// Waits until a rollout has ended, whoever walks it.
pub async fn until_ended<C: Cluster>(cluster: &C, of: &Of) -> Result<(), Stop> {
    follow(cluster, of, |record| !record.is_running()).await.map(|_| ())
}

/// Watches a record until something holds of it.
async fn follow<C: Cluster>(cluster: &C, of: &Of, holds: impl Fn(&Record) -> bool) -> Result<Record, Stop> {
    let place = of.place()?;
    let scopes = [Scope::one(&place)];
    let view = View::new(scopes.len());
    let key = place.key();
    let found = view.until(|view| Record::read(&*view.get(&key)?).ok().filter(&holds));
    tokio::select! {
        record = found => Ok(record),
        error = view.follow(cluster, &scopes, None) => Err(Stop::refused("the cluster cannot be followed", &error)),
    }
}

/// Who holds the Lease of an object, if anybody does: who, on which machine, for which rollout, since when.
pub async fn holder<C: Cluster>(cluster: &C, object: &At, patience: Duration) -> Option<String> {
    let there = persist(patience, async || cluster.get(object).await).await.ok()??;
    let name = format!("foreshift-{}", text(&there, "/metadata/uid"));
    let lease = At::ours("coordination.k8s.io", "Lease", &object.namespace, &name)?;
    let held = persist(patience, async || cluster.get(&lease).await).await.ok()??;
    let place = Place { lease, object: object.to_string() };
    (!text(&held, "/spec/holderIdentity").is_empty()).then(|| holder_of(&held, &place))
}

/// Writes one of the things into a record that are for others to say, and leaves the rest as it is sealed.
async fn say<C: Cluster>(
    cluster: &C,
    of: &Of,
    patience: Duration,
    what: &str,
    said: &impl serde::Serialize,
) -> Result<(), Stop> {
    let place = of.place()?;
    let said = serde_json::to_string(said).unwrap_or_default();
    loop {
        let found = persist(patience, async || cluster.get(&place).await).await;
        let found = found.map_err(|error| unreadable(&error))?;
        let is_running = found.as_ref().and_then(|object| Record::read(object).ok()).is_some_and(|it| it.is_running());
        let Some(mut object) = found.filter(|_| is_running) else { return Err(none(of)) };
        put(&mut object, &["data", what], said.clone().into());
        match persist(patience, async || cluster.replace(&place, &object, Mode::Real).await).await {
            Ok(_) => return Ok(()),
            Err(error) if error.reason == Reason::Conflict => {}
            Err(error) => return Err(Stop::refused("the record cannot be written", &error)),
        }
    }
}

fn none(of: &Of) -> Stop {
    Stop::new(StopKind::Input, format!("no rollout of {} is in progress in {}", of.application, of.target))
}
