//! What a rollout may do in a cluster, and nothing else: the one list of it.

use std::collections::BTreeMap;

use foreshift_core::kubernetes::{Key, is_cluster_scoped};
use foreshift_core::plan::{Plan, Step};

use crate::approval;
use crate::cluster::{At, Kind};
use crate::record;
use crate::walk;

/// Verbs on a resource.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Permission {
    /// Where; empty for a resource without namespaces.
    pub namespace: String,
    /// The API group; empty for the core group.
    pub group: String,
    /// The resource, as addresses name it.
    pub resource: String,
    /// On which objects; empty for all of the namespace.
    pub names: Vec<String>,
    /// What, in the order of [`VERBS`].
    pub verbs: Vec<&'static str>,
}

/// The verbs that are used, in the order in which people write them.
pub const VERBS: &[&str] = &["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];

/// What is known of the target before there is a plan, and followed while it is carried out. A plan depends on every
/// object of these kinds: on another route to the same host, on a pod that a subset would select.
const FOLLOWED: &[(&str, &str)] = &[
    ("networking.istio.io", "VirtualService"),
    ("networking.istio.io", "DestinationRule"),
    ("apps", "Deployment"),
    ("apps", "ReplicaSet"),
    ("", "Service"),
    ("", "Pod"),
    ("discovery.k8s.io", "EndpointSlice"),
];

/// What the rollout makes and removes itself, under names that are not known before: with the hash of a pod template
/// or the uid of an object in them.
const OWN: &[(&str, &str, &[&str])] =
    &[("apps", "ReplicaSet", &["get", "create", "update", "delete"]), ("coordination.k8s.io", "Lease", LEASES)];

/// They are given back together, found by a label.
const LEASES: &[&str] = &["get", "list", "watch", "create", "update", "delete", "deletecollection"];

/// What it takes to carry out a plan, to abort it, and to resume it. Reviews of oneself and discovery are open to
/// everybody who is authenticated, so they are not in it.
pub fn permissions(plan: &Plan, application: &str) -> Vec<Permission> {
    let mut given = Given::default();
    let here = plan.namespace.as_str();
    for (group, kind) in FOLLOWED {
        given.all(here, group, &plural(group, kind), &["list", "watch"]);
    }
    for (group, kind, verbs) in OWN {
        given.all(here, group, &plural(group, kind), verbs);
    }
    if let Some(place) = record::place(application, &plan.target, here) {
        // It is removed where a rollout is taken back without it.
        given.one(&place.key(), &["get", "list", "watch", "update", "delete"]);
        let seal = walk::secret(&place).map(|at| at.key());
        given.one_of(seal.iter(), &["get", "update", "delete"]);
        let approvals: Vec<Key> = approvals(plan, application).iter().map(|approval| approval.secret.key()).collect();
        given.one_of(approvals.iter(), &["get", "list", "watch", "update", "delete"]);
        // A request to create has no name that could be compared.
        given.all(here, "", "configmaps", &["create"]);
        given.all(here, "", "secrets", &["create"]);
    }
    for pair in &plan.pairs {
        for key in [&pair.virtual_service, &pair.destination_rule] {
            given.one(key, &["get", "update"]);
            given.elsewhere(here, key);
        }
        if let Some(namespace) = service_namespace(&pair.host).filter(|namespace| *namespace != here) {
            given.all(namespace, "discovery.k8s.io", "endpointslices", &["list", "watch"]);
        }
    }
    for workload in &plan.workloads {
        given.one(&workload.deployment, &["get", "update"]);
        if workload.is_gone {
            given.all(here, "apps", "deployments", &["create"]);
        }
    }
    for stage in plan.stages.iter().filter(|stage| stage.step == Step::DeleteDeployment) {
        given.one(&stage.write.key, &["delete"]);
    }
    // What the manifests hold is read, and tried on the API server, also where the plan leaves it as it is.
    let is_rolled_out = |key: &Key| plan.workloads.iter().any(|workload| *workload.deployment == *key);
    for object in plan.world.included.iter() {
        let is_applied = !object.key.is_traffic() && !is_rolled_out(&object.key);
        given.one(&object.key, if is_applied { &["get", "patch"] } else { &["get"] });
        if is_applied && object.value.at(&["spec", "replicas"]).is_some() {
            // Whose size an autoscaler sets.
            given.all(here, "autoscaling", &plural("autoscaling", "HorizontalPodAutoscaler"), &["list"]);
        }
    }
    for stage in plan.stages.iter().filter(|stage| stage.step == Step::Apply) {
        let key = &stage.write.key;
        given.one(key, &["get", "patch"]);
        // Applying an object that is not there yet is creating it.
        given.all(&key.namespace, &key.group, &plural(&key.group, &key.kind), &["create"]);
    }
    given.list()
}

/// Who may answer a rollout's approvals: one for each set of roles that its gates ask for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Approvers {
    /// The groups; none where whoever may update the Secret may answer.
    pub roles: Vec<String>,
    /// The Secret that they answer in.
    pub secret: At,
    /// The record that says what is waited for.
    pub record: At,
}

impl Approvers {
    /// What it takes to answer.
    pub fn permissions(&self) -> Vec<Permission> {
        let mut given = Given::default();
        given.one(&self.record.key(), &["get"]);
        given.one(&self.secret.key(), &["get", "update"]);
        given.list()
    }
}

/// Those of a plan.
pub fn approvals(plan: &Plan, application: &str) -> Vec<Approvers> {
    let Some(record) = record::place(application, &plan.target, &plan.namespace) else { return Vec::new() };
    let approvers = |roles: Vec<String>| {
        Some(Approvers { secret: approval::place(&record, &roles)?, record: record.clone(), roles })
    };
    walk::role_sets(plan).into_iter().filter_map(approvers).collect()
}

/// Verbs by resource: first on all objects of it, then on those of some names.
#[derive(Default)]
struct Given {
    verbs: BTreeMap<Resource, BTreeMap<Option<String>, Vec<&'static str>>>,
}

/// A namespace, a group, and what addresses call a kind.
type Resource = (String, String, String);

impl Given {
    fn all(&mut self, namespace: &str, group: &str, resource: &str, verbs: &[&'static str]) {
        self.add((namespace, group, resource), None, verbs);
    }

    fn one(&mut self, key: &Key, verbs: &[&'static str]) {
        let namespace = if is_cluster_scoped(&key.kind) { "" } else { key.namespace.as_str() };
        self.add((namespace, &key.group, &plural(&key.group, &key.kind)), Some(key.name.clone()), verbs);
    }

    fn one_of<'a>(&mut self, keys: impl Iterator<Item = &'a Key>, verbs: &[&'static str]) {
        keys.for_each(|key| self.one(key, verbs));
    }

    /// An object of another namespace is followed by itself, with the Lease that stands beside it.
    fn elsewhere(&mut self, here: &str, key: &Key) {
        if key.namespace != here {
            self.one(key, &["list", "watch"]);
            self.all(&key.namespace, "coordination.k8s.io", "leases", LEASES);
        }
    }

    fn add(&mut self, (namespace, group, resource): (&str, &str, &str), name: Option<String>, verbs: &[&'static str]) {
        let resource = (namespace.to_owned(), group.to_owned(), resource.to_owned());
        let known = self.verbs.entry(resource).or_default().entry(name).or_default();
        known.extend(verbs.iter().filter(|verb| !known.contains(verb)).copied().collect::<Vec<_>>());
    }

    /// Names with the same verbs together, and no verb on a name that all have.
    fn list(self) -> Vec<Permission> {
        let mut list = Vec::new();
        for ((namespace, group, resource), by_name) in self.verbs {
            let on_all = by_name.get(&None).cloned().unwrap_or_default();
            let mut by_verbs: BTreeMap<Vec<&'static str>, Vec<String>> = BTreeMap::new();
            for (name, verbs) in by_name {
                let is_new = |verb: &&&str| name.is_none() || !on_all.contains(*verb);
                let in_order = VERBS.iter().filter(|verb| verbs.contains(*verb)).filter(is_new).copied().collect();
                by_verbs.entry(in_order).or_default().extend(name);
            }
            list.extend(by_verbs.into_iter().filter(|(verbs, _)| !verbs.is_empty()).map(|(verbs, names)| Permission {
                namespace: namespace.clone(),
                group: group.clone(),
                resource: resource.clone(),
                names,
                verbs,
            }));
        }
        list.sort();
        list
    }
}

/// What addresses call a kind: known for ours, else as English has it, like nearly every kind.
fn plural(group: &str, kind: &str) -> String {
    if let Some(known) = Kind::ours(group, kind) {
        return known.plural;
    }
    let lower = kind.to_ascii_lowercase();
    match lower.strip_suffix('y') {
        _ if lower == "endpoints" => lower,
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if lower.ends_with(['s', 'x']) || lower.ends_with("ch") => format!("{lower}es"),
        _ => format!("{lower}s"),
    }
}

/// The namespace in the host of a Service.
fn service_namespace(host: &str) -> Option<&str> {
    host.strip_suffix(".svc.cluster.local")?.split_once('.').map(|(_, namespace)| namespace)
}

#[cfg(test)]
mod tests {
    use super::plural;

    #[test]
    fn kinds_have_the_plural_of_english() {
        let kinds =
            ["Ingress", "NetworkPolicy", "Gateway", "Endpoints", "HorizontalPodAutoscaler", "PodDisruptionBudget"];
        let plurals = [
            "ingresses",
            "networkpolicies",
            "gateways",
            "endpoints",
            "horizontalpodautoscalers",
            "poddisruptionbudgets",
        ];
        assert_eq!(kinds.map(|kind| plural("x", kind)), plurals);
    }
}
