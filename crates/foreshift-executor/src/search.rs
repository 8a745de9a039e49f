//! Rollouts that are found without their config, by the label of their records.

use std::time::Duration;

use crate::cluster::{Cluster, Kind, Scope};
use crate::patience::persist;
use crate::record::{self, Record};
use crate::rollout::Of;
use crate::stop::Stop;
use crate::tree::text;

/// The rollouts of an application in a namespace, running or ended, by target. What carries the label and is no record, or
/// is not where the record of its application and target is, is somebody else's.
pub async fn rollouts<C: Cluster>(
    cluster: &C,
    application: &str,
    namespace: &str,
    patience: Duration,
) -> Result<Vec<Of>, Stop> {
    let Some(kind) = Kind::ours("", "ConfigMap") else { return Ok(Vec::new()) };
    let scope = Scope { labels: "app.kubernetes.io/managed-by=foreshift".to_owned(), ..Scope::all(kind, namespace) };
    let listed = persist(patience, async || cluster.list(&scope).await).await;
    let listed = listed.map_err(|error| Stop::refused("the records of the namespace cannot be listed", &error))?;
    let mut found = Vec::new();
    for object in &listed.objects {
        let Ok(Record { run, .. }) = Record::read(object) else { continue };
        let place = record::place(&run.application, &run.target, namespace);
        let is_there = place.is_some_and(|place| place.name == text(object, "/metadata/name"));
        if is_there && run.application == application {
            found.push(Of { application: run.application, target: run.target, namespace: namespace.to_owned() });
        }
    }
    found.sort_by(|one, other| one.target.cmp(&other.target));
    Ok(found)
}
