//! Secrets on their way into the cluster: the plan has masks, the cluster gets values.

use foreshift_core::secret::Unknown;

use super::Walk;
use crate::cluster::{ApiError, At, Json};
use crate::stop::{Stop, StopKind};
use crate::tree;

impl<C> Walk<'_, C> {
    /// An object with values in the place of its masks; a stop where one is not known, since the mask itself would be
    /// applied then.
    pub(super) fn revealed(&self, at: &At, object: Json) -> Result<Json, Stop> {
        if !at.kind.group.is_empty() || at.kind.kind != "Secret" {
            return Ok(object);
        }
        match self.vault.reveal(&tree::value(&object)) {
            Ok(revealed) => Ok(tree::json(&revealed)),
            Err(Unknown { secret, place }) => {
                let message = format!(
                    "the value of `{place}` in Secret {secret} is not known here: a plan, a record and a link hold a mask"
                );
                Err(Stop::new(StopKind::Input, message).help(
                    "give the deployment config, with the manifest of the Secret as it was when the rollout began",
                ))
            }
        }
    }

    /// An answer of the server without the values that it may quote.
    pub(super) fn hidden(&self, error: &ApiError) -> ApiError {
        ApiError { message: self.vault.hide(&error.message), ..error.clone() }
    }
}
