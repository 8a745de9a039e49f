//! Kubeconfigs, and which cluster of them is meant.

use std::path::Path;

use kube::config::{Kubeconfig, KubeconfigError};

use crate::cluster::{ApiError, Reason};
use crate::said::said;

/// How a cluster is reached.
#[derive(Clone, Copy, Debug, Default)]
pub struct Access<'a> {
    /// The kubeconfig; without one the files that `KUBECONFIG` lists, else the one at home.
    pub kubeconfig: Option<&'a Path>,
    /// The context; without one the current context's, or the cluster that we run in.
    pub context: Option<&'a str>,
}

/// The contexts of a kubeconfig, by name; none where there is no kubeconfig, as in a pod.
pub fn contexts(kubeconfig: Option<&Path>) -> Result<Vec<String>, ApiError> {
    let read = read(kubeconfig)?;
    Ok(read.into_iter().flat_map(|read| read.contexts).map(|context| said(&context.name)).collect())
}

/// A kubeconfig; `None` where there is none and none is asked for.
pub(super) fn read(kubeconfig: Option<&Path>) -> Result<Option<Kubeconfig>, ApiError> {
    match kubeconfig {
        Some(path) => Kubeconfig::read_from(path).map(Some).map_err(|error| unusable(&error)),
        None => match Kubeconfig::read() {
            Ok(read) => Ok(Some(read)),
            // Neither said nor at home.
            Err(KubeconfigError::FindPath) => Ok(None),
            Err(KubeconfigError::ReadConfig(error, _))
                if error.kind() == std::io::ErrorKind::NotFound && std::env::var_os("KUBECONFIG").is_none() =>
            {
                Ok(None)
            }
            Err(error) => Err(unusable(&error)),
        },
    }
}

pub(super) fn unusable(error: &dyn std::error::Error) -> ApiError {
    ApiError::new(Reason::Unauthorized, error.to_string())
}
