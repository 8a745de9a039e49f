//! The size of what is applied: where an autoscaler or a rollout sets it, it is the one that runs at that moment.

use serde_json::json;

use super::Walk;
use crate::cluster::{At, Cluster, Json};
use crate::patience::persist;
use crate::stop::Stop;
use crate::tree::{number, put};

impl<C: Cluster> Walk<'_, C> {
    /// An object as it is applied. Its size is not left out: to the server that would mean the default one, where nobody
    /// but us has ever said one.
    pub(super) async fn in_its_size(&self, at: &At, mut object: Json) -> Result<Json, Stop> {
        if !self.plan.world.keeps_size.contains(&at.key()) {
            return Ok(object);
        }
        let found = persist(self.options.patience, async || self.cluster.get(at).await).await;
        let found = found.map_err(|error| Stop::refused(&format!("{at} cannot be read"), &error))?;
        if let Some(size) = found.and_then(|found| number(&found, "/spec/replicas")) {
            put(&mut object, &["spec", "replicas"], json!(size));
        }
        Ok(object)
    }
}
