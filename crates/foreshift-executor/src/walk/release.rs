//! At the end the fields that a rollout wrote belong to nobody: the next `kubectl apply --server-side` meets no conflict.

use std::rc::Rc;

use foreshift_core::plan::Step;
use serde_json::json;

use super::Walk;
use crate::FIELD_MANAGER;
use crate::cluster::{Cluster, Json};
use crate::course::traffic_keys;
use crate::stop::Stop;
use crate::tree::{items, put, text};

impl<C: Cluster> Walk<'_, C> {
    /// Takes our name out of the `managedFields` of what the rollout wrote and did not make.
    pub(super) async fn release(&self) -> Result<(), Stop> {
        let deployments = self.plan.stages.iter().filter(|stage| stage.step == Step::SetTemplate);
        let keys = traffic_keys(self.plan).into_iter().chain(deployments.map(|stage| Rc::clone(&stage.write.key)));
        for key in keys {
            // Somebody may have removed it since, or never let us write it.
            let Some(observed) = self.view.get(&key) else { continue };
            let at = self.place(&key, text(&observed, "/apiVersion")).await?;
            self.edit(&at, &key, |observed| Ok(released(observed))).await?;
        }
        Ok(())
    }
}

/// The object without fields of ours; `None` where there are none.
pub(crate) fn released(observed: &Json) -> Option<Json> {
    let fields = items(observed, "/metadata/managedFields");
    let mut others: Vec<Json> =
        fields.iter().filter(|entry| text(entry, "/manager") != FIELD_MANAGER).cloned().collect();
    if others.len() == fields.len() {
        return None;
    }
    if others.is_empty() {
        // An empty list would mean that nothing is said about it.
        others.push(json!({}));
    }
    let mut object = observed.clone();
    put(&mut object, &["metadata", "managedFields"], Json::Array(others));
    Some(object)
}
