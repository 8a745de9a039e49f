//! How a rollout stands, for somebody who only asks: how far it is, whether anybody walks it, what ends it.

use std::time::Duration;

use foreshift_core::kubernetes::HASH_LABEL;
use foreshift_core::plan::{Back, Step};

use super::Of;
use crate::cluster::{Cluster, Json, Kind, Reason, Scope};
use crate::lease;
use crate::live::Planned;
use crate::patience::persist;
use crate::record::{self, Direction, ROLLOUT, Record};
use crate::tree::{number, text};
use crate::walk;

/// How far a running rollout is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Standing {
    /// The state that it is in, or that it went back from.
    pub state: usize,
    /// The last state.
    pub last: usize,
    /// The new version's share of the planned routes, in percent.
    pub percent: u32,
    /// Whether it can be taken back.
    pub has_way_back: bool,
}

/// Who walks a rollout.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Walked {
    /// Somebody does: who, and where.
    By(String),
    /// Nobody.
    ByNobody,
    /// The cluster does not let us see it.
    Unknown,
}

/// How far a running rollout is, by its record; `None` where that cannot be read.
pub fn standing(record: &Record) -> Option<Standing> {
    let planned = Planned::again(&record::decode(&record.inputs).ok()?);
    let plan = planned.preview.plans.first()?;
    let cursor = &record.cursor;
    let reached = cursor.done.saturating_add(cursor.announced);
    let (state, reached) = match cursor.direction {
        Direction::Forward => (cursor.done, reached),
        Direction::Back { from } => (from, from),
    };
    let last = plan.stages.len();
    (reached <= last).then(|| Standing {
        state,
        last,
        percent: percent(plan, state),
        has_way_back: plan.back(reached) != Back::Forward,
    })
}

/// What an approval's name stands for: `state 4 (10 %)`.
pub fn state_of(record: &Record, gate: &str) -> String {
    let state: usize = gate.split('.').next().and_then(|state| state.parse().ok()).unwrap_or_default();
    let planned = record::decode(&record.inputs).map(|request| Planned::again(&request));
    let plan = planned.as_ref().ok().and_then(|planned| planned.preview.plans.first());
    format!("state {state} ({} %)", plan.map_or(0, |plan| percent(plan, state)))
}

/// The new version's share once a state is reached.
fn percent(plan: &foreshift_core::plan::Plan, state: usize) -> u32 {
    let weight = plan.stages.iter().take(state).rev().find_map(|stage| match stage.step {
        Step::SetWeight(weight) => Some(u32::from(weight.percent())),
        _ => None,
    });
    weight.unwrap_or(0)
}

/// Who walks a running rollout, by the Lease that it renews.
pub async fn walked<C: Cluster>(cluster: &C, of: &Of, record: &Record, patience: Duration) -> Walked {
    let Some(kind) = Kind::ours("coordination.k8s.io", "Lease") else { return Walked::Unknown };
    let labels = format!("{}={}", lease::WALKER, record.run.walker);
    // Those of other namespaces name their head; it is one of these, or there is none of the target's own.
    let scope = Scope { labels, ..Scope::all(kind, &of.namespace) };
    match persist(patience, async || cluster.list(&scope).await).await {
        Ok(listed) => match listed.objects.iter().find(|lease| is_renewed(lease)) {
            Some(lease) => Walked::By(lease::who(lease)),
            None => Walked::ByNobody,
        },
        Err(_) => Walked::Unknown,
    }
}

/// Whether a head was renewed in its time, by the clocks of both who write and who read.
fn is_renewed(lease: &Json) -> bool {
    let renewed: Option<jiff::Timestamp> = text(lease, "/spec/renewTime").parse().ok();
    let duration = number(lease, "/spec/leaseDurationSeconds").unwrap_or(0);
    let age = renewed.map(|renewed| jiff::Timestamp::now().duration_since(renewed).as_secs());
    lease::is_head(lease) && age.is_some_and(|age| age <= duration)
}

/// Whether a record is as the walk of its rollout wrote it; `None` where the key of its seal may not be read.
pub async fn is_sealed<C: Cluster>(cluster: &C, of: &Of, patience: Duration) -> Option<bool> {
    let place = of.place().ok()?;
    let record = persist(patience, async || cluster.get(&place).await).await.ok()??;
    let at = walk::secret(&place)?;
    match persist(patience, async || cluster.get(&at).await).await {
        Ok(secret) => Some(secret.and_then(|secret| record::Key::of(&secret)).is_some_and(|key| key.holds(&record))),
        Err(error) if error.reason == Reason::Forbidden => None,
        Err(_) => None,
    }
}

/// What a rollout without a record has left in a namespace: the key of its seal, which goes with the record where that
/// goes by itself, and the names of ReplicaSets.
pub async fn left_behind<C: Cluster>(cluster: &C, of: &Of, patience: Duration) -> Vec<String> {
    let mut left = Vec::new();
    if let Some(at) = of.place().ok().and_then(|place| walk::secret(&place))
        && let Ok(Some(_)) = persist(patience, async || cluster.get(&at).await).await
    {
        left.push(at.to_string());
    }
    let Some(kind) = Kind::ours("apps", "ReplicaSet") else { return left };
    let scope = Scope::all(kind, &of.namespace);
    let Ok(listed) = persist(patience, async || cluster.list(&scope).await).await else { return left };
    let is_left = |set: &&Json| {
        let annotations = set.pointer("/metadata/annotations");
        let labels = set.pointer("/spec/template/metadata/labels");
        walk::controller(set).is_empty()
            && annotations.is_some_and(|annotations| annotations.get(ROLLOUT).is_some())
            && labels.is_some_and(|labels| labels.get(HASH_LABEL).is_some())
    };
    left.extend(listed.objects.iter().filter(is_left).map(|set| text(set, "/metadata/name").to_owned()));
    left
}
