//! What somebody who does not walk a rollout may ask of it: how far it is, an answer, to turn round.

use std::time::Duration;

use foreshift_core::plan::{Back, Gate};
use foreshift_core::render::words;

use super::{Of, find, unreadable};
use crate::cluster::{At, Cluster, Mode, Reason, Scope};
use crate::course::Course;
use crate::live::Planned;
use crate::patience::persist;
use crate::record::{self, Answer, Direction, Next, Record};
use crate::stop::{Stop, StopKind};
use crate::tree::text;
use crate::view::View;

/// Answers an approval of a running rollout.
pub async fn answer<C: Cluster>(
    cluster: &C,
    of: &Of,
    gate: &str,
    answer: &Answer,
    patience: Duration,
) -> Result<(), Stop> {
    say(cluster, of, patience, |record| {
        record.answers.insert(gate.to_owned(), answer.clone());
    })
    .await
}

/// Asks a running rollout to turn round. Whoever walks it does so; where nobody does, a resume. `false` where there is no
/// way back any more: then nothing is asked for.
pub async fn ask_to_abort<C: Cluster>(cluster: &C, of: &Of, by: &Answer, patience: Duration) -> Result<bool, Stop> {
    let there = find(cluster, of, patience).await?;
    if there.is_some_and(|record| record.is_running() && has_no_way_back(&record)) {
        return Ok(false);
    }
    say(cluster, of, patience, |record| record.asked = Some(by.clone())).await?;
    Ok(true)
}

/// Whether a rollout can only go on.
fn has_no_way_back(record: &Record) -> bool {
    let cursor = &record.cursor;
    let planned = record::decode(&record.inputs).map(|request| Planned::again(&request));
    let plan = planned.as_ref().ok().and_then(|planned| planned.preview.plans.first());
    cursor.direction == Direction::Forward
        && plan.is_some_and(|plan| plan.back(cursor.done + cursor.announced) == Back::Forward)
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
    approvals.retain(|(name, _)| !record.answers.contains_key(name));
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
    say(cluster, of, patience, |record| record.next = Some(next.clone())).await?;
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
    let found = view.until(|view| Record::read(&view.get(&key)?).ok().filter(&holds));
    tokio::select! {
        record = found => Ok(record),
        error = view.follow(cluster, &scopes, None) => Err(Stop::refused("the cluster cannot be followed", &error)),
    }
}

/// Who holds the Lease of an object, if anybody does.
pub async fn holder<C: Cluster>(cluster: &C, object: &At, patience: Duration) -> Option<String> {
    let there = persist(patience, async || cluster.get(object).await).await.ok()??;
    let name = format!("foreshift-{}", text(&there, "/metadata/uid"));
    let lease = At::ours("coordination.k8s.io", "Lease", &object.namespace, &name)?;
    let held = persist(patience, async || cluster.get(&lease).await).await.ok()??;
    Some(text(&held, "/spec/holderIdentity").to_owned()).filter(|holder| !holder.is_empty())
}

async fn say<C: Cluster>(cluster: &C, of: &Of, patience: Duration, change: impl Fn(&mut Record)) -> Result<(), Stop> {
    let place = of.place()?;
    loop {
        let found = persist(patience, async || cluster.get(&place).await).await;
        let found = found.map_err(|error| unreadable(&error))?;
        let record = found.as_ref().and_then(|object| Record::read(object).ok());
        let Some(mut record) = record.filter(Record::is_running) else {
            return Err(Stop::new(
                StopKind::Input,
                format!("no rollout of {} is in progress in {}", of.application, of.target),
            ));
        };
        change(&mut record);
        let object = record.write(found.as_ref());
        match persist(patience, async || cluster.replace(&place, &object, Mode::Real).await).await {
            Ok(_) => return Ok(()),
            Err(error) if error.reason == Reason::Conflict => {}
            Err(error) => return Err(Stop::refused("the record cannot be written", &error)),
        }
    }
}
