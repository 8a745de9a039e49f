//! Kinds as the API serves them, and where an object is.

use std::fmt;

use foreshift_core::kubernetes::Key;

/// How the API serves a kind.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Kind {
    /// The group; empty for the core group.
    pub group: String,
    /// The version in which it is read and written.
    pub version: String,
    /// The kind's name.
    pub kind: String,
    /// The name in addresses.
    pub plural: String,
    /// Whether its objects stand in namespaces.
    pub is_namespaced: bool,
}

/// The kinds that every rollout deals with: group, version, kind, plural.
const OURS: &[(&str, &str, &str, &str)] = &[
    ("", "v1", "ConfigMap", "configmaps"),
    ("", "v1", "Pod", "pods"),
    ("", "v1", "Secret", "secrets"),
    ("", "v1", "Service", "services"),
    ("apps", "v1", "Deployment", "deployments"),
    ("apps", "v1", "ReplicaSet", "replicasets"),
    ("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
    ("coordination.k8s.io", "v1", "Lease", "leases"),
    ("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices"),
    ("networking.istio.io", "v1", "DestinationRule", "destinationrules"),
    ("networking.istio.io", "v1", "VirtualService", "virtualservices"),
];

impl Kind {
    /// One of the kinds that every rollout deals with.
    pub fn ours(group: &str, kind: &str) -> Option<Kind> {
        let (group, version, kind, plural) = OURS.iter().find(|known| (known.0, known.2) == (group, kind))?;
        let [group, version, kind, plural] = [group, version, kind, plural].map(|part| (*part).to_owned());
        Some(Kind { group, version, kind, plural, is_namespaced: true })
    }

    /// The same in another version of its group, as an `apiVersion` names it.
    #[must_use]
    pub fn in_version(self, api_version: &str) -> Kind {
        let version = api_version.rsplit('/').next().unwrap_or(api_version).to_owned();
        Kind { version, ..self }
    }

    /// As objects name it.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }
}

/// Where an object is.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct At {
    /// Its kind.
    pub kind: Kind,
    /// Its namespace; empty for an object without one.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl At {
    /// Where the object of one of our kinds is.
    pub fn ours(group: &str, kind: &str, namespace: &str, name: &str) -> Option<At> {
        Some(At { kind: Kind::ours(group, kind)?, namespace: namespace.to_owned(), name: name.to_owned() })
    }

    /// What the core calls it.
    pub fn key(&self) -> Key {
        Key {
            group: self.kind.group.clone(),
            kind: self.kind.kind.clone(),
            namespace: self.namespace.clone(),
            name: self.name.clone(),
        }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let At { kind, namespace, name } = self;
        if namespace.is_empty() {
            write!(f, "{} {name}", kind.kind)
        } else {
            write!(f, "{} {namespace}/{name}", kind.kind)
        }
    }
}
