//! Leases that earlier walks of the same rollout have left: of an object that was removed since, no other walk asks for them.

use std::collections::BTreeSet;

use super::take::{annotation, head};
use super::{Leases, ROLLOUT};
use crate::cluster::{At, Cluster, Dependents, Json, Kind, Scope};
use crate::patience::persist;
use crate::tree::{number, text};

impl<C: Cluster> Leases<'_, C> {
    /// Removes those that nobody holds any more. What cannot be removed runs out.
    pub(crate) async fn tidy(&self) {
        let namespaces: BTreeSet<&str> = self.places.iter().map(|place| &*place.lease.namespace).collect();
        for namespace in namespaces {
            let Some(kind) = Kind::ours("coordination.k8s.io", "Lease") else { return };
            let labels = "app.kubernetes.io/managed-by=foreshift".to_owned();
            let scope = Scope { labels, ..Scope::all(kind.clone(), namespace) };
            let Ok(listed) = persist(self.duration, async || self.cluster.list(&scope).await).await else { continue };
            let is_of_us = |lease: &&Json| annotation(lease, ROLLOUT) == self.holder.rollout;
            let is_left = |lease: &&Json| text(lease, "/spec/holderIdentity") != self.holder.walker;
            let leases: Vec<&Json> = listed.objects.iter().filter(is_of_us).filter(is_left).collect();
            for lease in leases.iter().filter(|lease| !is_held(lease, &listed.objects)) {
                let at = At {
                    kind: kind.clone(),
                    namespace: namespace.to_owned(),
                    name: text(lease, "/metadata/name").to_owned(),
                };
                // Nobody has renewed it since.
                let which = (text(lease, "/metadata/uid"), Some(text(lease, "/metadata/resourceVersion")));
                let _ =
                    persist(self.duration, async || self.cluster.delete(&at, which, Dependents::Removed).await).await;
            }
        }
    }
}

/// Whether a Lease, or the head that it names, was renewed in its time.
fn is_held(lease: &Json, all: &[Json]) -> bool {
    let head = match head(lease) {
        None => Some(lease),
        Some(at) => all.iter().find(|other| {
            (text(other, "/metadata/namespace"), text(other, "/metadata/name")) == (&*at.namespace, &*at.name)
        }),
    };
    head.is_some_and(|head| {
        let renewed: Option<jiff::Timestamp> = text(head, "/spec/renewTime").parse().ok();
        let age = renewed.map(|renewed| jiff::Timestamp::now().duration_since(renewed).as_secs());
        let duration = number(head, "/spec/leaseDurationSeconds").unwrap_or(0);
        text(head, "/spec/holderIdentity") == text(lease, "/spec/holderIdentity")
            && age.is_some_and(|age| age <= duration)
    })
}
