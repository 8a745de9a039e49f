//! How the kinds of a rollout are served. `foreshift` has a table of its own; a judge takes nothing from it.

use kube::api::{ApiResource, GroupVersionKind};

use crate::failure::{Failure, Result};

/// The kind of that name.
pub(crate) fn resource(kind: &str) -> Result<ApiResource> {
    let (group, version) = match kind {
        "VirtualService" | "DestinationRule" => ("networking.istio.io", "v1"),
        "Deployment" | "ReplicaSet" => ("apps", "v1"),
        "EndpointSlice" => ("discovery.k8s.io", "v1"),
        "HorizontalPodAutoscaler" => ("autoscaling", "v2"),
        "PodDisruptionBudget" => ("policy", "v1"),
        "Rollout" => ("argoproj.io", "v1alpha1"),
        "Lease" => ("coordination.k8s.io", "v1"),
        "ConfigMap" | "Pod" | "Secret" | "Service" => ("", "v1"),
        _ => return Err(Failure::new(format!("no test has a {kind}"))),
    };
    Ok(ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind)))
}
