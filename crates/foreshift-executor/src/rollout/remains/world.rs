//! What the way out without a record asks of the cluster, and writes into it.

use foreshift_core::value::Value;

use super::Remains;
use crate::cluster::{ApiError, At, Cluster, Json, Kind, Mode, Reason, Scope};
use crate::gate;
use crate::patience::persist;
use crate::stop::Stop;
use crate::tree;
use crate::walk::{Options, released};

impl<C: Cluster> Remains<'_, C> {
    pub(super) async fn put(&mut self, at: &At, clean: impl Fn(&Value) -> Value) -> Result<bool, Stop> {
        self.change(at, |observed| {
            let value = tree::value(observed);
            let cleaned = clean(&value);
            if cleaned == value { observed.clone() } else { tree::json(&cleaned) }
        })
        .await
    }

    /// Changes an object, and leaves no field of ours in it; whether there was anything to change.
    pub(super) async fn change(&mut self, at: &At, change: impl Fn(&Json) -> Json) -> Result<bool, Stop> {
        let mut is_changed = false;
        loop {
            let Some(found) = self.get(at).await? else { return Ok(is_changed) };
            let changed = change(&found);
            let wanted = released(&changed).unwrap_or(changed);
            if wanted == found {
                return Ok(is_changed);
            }
            let written = persist(self.options.patience, async || self.cluster.replace(at, &wanted, Mode::Real).await);
            match written.await {
                // What it has changed has become ours by that: it is given back by a write that changes nothing else.
                Ok(_) if is_changed => {}
                Ok(_) => {
                    is_changed = true;
                    self.written += 1;
                    (self.say)(format!("{at} is as it was before"));
                }
                Err(error) if error.reason == Reason::Conflict => {}
                Err(error) => return Err(failed("written", at, &error)),
            }
        }
    }

    pub(super) async fn settle(&self) {
        let Options { settle, outside, .. } = self.options;
        gate::settled::settle(*settle, &outside.istiods, |words| (self.say)(words)).await;
    }

    pub(super) async fn get(&self, at: &At) -> Result<Option<Json>, Stop> {
        let found = persist(self.options.patience, async || self.cluster.get(at).await).await;
        found.map_err(|error| failed("read", at, &error))
    }

    pub(super) async fn all(&self, kind: &str) -> Result<Vec<Json>, Stop> {
        let group = if kind == "Pod" { "" } else { "apps" };
        self.listed(Kind::ours(group, kind).as_ref(), "").await
    }

    pub(super) async fn listed(&self, kind: Option<&Kind>, labels: &str) -> Result<Vec<Json>, Stop> {
        let Some(kind) = kind else { return Ok(Vec::new()) };
        let scope = Scope { labels: labels.to_owned(), ..Scope::all(kind.clone(), &self.of.namespace) };
        let listed = persist(self.options.patience, async || self.cluster.list(&scope).await).await;
        Ok(listed.map_err(|error| Stop::refused(&format!("{} cannot be listed", kind.plural), &error))?.objects)
    }
}

pub(super) fn failed(what: &str, at: &At, error: &ApiError) -> Stop {
    Stop::refused(&format!("{at} cannot be {what}"), error)
}
