//! Kinds: the order in which they are applied, and which of them have no namespace.

/// The order of `kubectl kustomize`: what others stand on comes first. A kind that is not listed comes between.
const FIRST: &[&str] = &[
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];

const LAST: &[&str] = &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// The place of a kind in the order of application.
pub fn application_rank(kind: &str) -> usize {
    let rank = |list: &[&str]| list.iter().position(|known| *known == kind);
    match (rank(FIRST), rank(LAST)) {
        (Some(rank), _) => rank,
        (_, Some(rank)) => FIRST.len() + 1 + rank,
        _ => FIRST.len(),
    }
}

/// Whether objects of a kind have no namespace.
pub fn is_cluster_scoped(kind: &str) -> bool {
    matches!(
        kind,
        "Namespace"
            | "Node"
            | "PersistentVolume"
            | "CustomResourceDefinition"
            | "ClusterRole"
            | "ClusterRoleBinding"
            | "StorageClass"
            | "IngressClass"
            | "GatewayClass"
            | "PriorityClass"
            | "RuntimeClass"
            | "CSIDriver"
            | "APIService"
            | "PodSecurityPolicy"
            | "MutatingWebhookConfiguration"
            | "ValidatingWebhookConfiguration"
            | "ValidatingAdmissionPolicy"
            | "ValidatingAdmissionPolicyBinding"
    )
}
