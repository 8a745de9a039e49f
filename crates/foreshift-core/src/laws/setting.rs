//! The mesh that a plan is judged in, and what Kubernetes does to its pods.

use crate::order::{Keys, Table};
use std::rc::Rc;

use super::untouched;
use crate::istio::virtual_service::{self, Destination, Protocol, Route};
use crate::istio::{destination_rule, host};
use crate::kubernetes::{Key, Labels, Object, labels_of, pod_labels, selects, service_ports};
use crate::plan::{self, Pair, Plan, Step, Write};
use crate::text::Span;
use crate::traffic::{Mesh, Pods, Presence, Recipient, RouteId};
use crate::value::Value;

/// Routes, subsets and pods, with an index of what depends on what.
pub(super) struct Setting {
    pub(super) mesh: Mesh,
    /// The namespace of which it is known what runs there.
    known: Option<String>,
    /// Every route that can reach the planned hosts, and every other one of the planned VirtualServices.
    followed: Vec<Followed>,
    by_host: Table<String, Vec<RouteId>>,
    workloads: Vec<Revisions>,
    /// The route of each pair.
    routes: Vec<Option<RouteId>>,
    /// The planned objects, and the VirtualServices of the routes that are followed.
    objects: Table<Rc<Key>, Known>,
}

pub(super) struct Followed {
    pub(super) id: RouteId,
    pub(super) service: Rc<Key>,
    pub(super) protocol: Protocol,
    pub(super) index: usize,
    pub(super) label: String,
    /// The pair that it is planned by.
    pair: Option<usize>,
}

impl Followed {
    fn is_of(&self, pair: &Pair) -> bool {
        self.service == pair.virtual_service
            && self.protocol == Protocol::Http
            && self.index == pair.http
            && *self.label == *pair.route
    }
}

/// What is known of an object.
#[derive(Default)]
struct Known {
    /// Of a VirtualService, the routes that are followed.
    routes: Vec<RouteId>,
    /// The pairs that own something of it.
    pairs: Vec<usize>,
    /// Of a planned object, what the user gave.
    given: Option<Rc<Value>>,
}

/// The pods of a workload, by their numbers in the mesh.
struct Revisions {
    replica_set: Rc<Key>,
    old: usize,
    new: usize,
    /// What the next gate makes of the pods that are on their way.
    coming: bool,
    going: bool,
    leaving: bool,
}

impl Setting {
    pub(super) fn new(plan: &Plan) -> Setting {
        let world = &plan.world;
        let mut mesh = Mesh::default();
        for object in world.all_start() {
            mesh.put(&Rc::new(object.key.clone()), Some(&object.value));
            serve(&mut mesh, &object.key, &object.value);
        }
        for pair in &plan.pairs {
            if mesh.serves(&pair.host) {
                continue;
            }
            let rule = world.wanted(&pair.destination_rule).map(|rule| Rc::clone(&rule.value));
            let labels = rule.and_then(|rule| Some(destination_rule::subset(&rule, &pair.active_name)?.labels()));
            mesh.serve(pair.host.to_string(), labels.unwrap_or_default(), Vec::new());
        }
        let workloads = revisions(&mut mesh, plan);
        let known = (world.known > plan::Known::Nothing).then(|| plan.namespace.clone());
        mesh.forget_unknown(known.as_deref());
        // What sends requests to the old pods and would to the new ones, whatever it calls them.
        let shared = workloads.iter().flat_map(|workload| hosts_of_both(&mesh, workload));
        let hosts: Keys<String> = plan.pairs.iter().map(|pair| pair.host.to_string()).chain(shared).collect();
        let mut setting = Setting {
            mesh,
            known,
            followed: Vec::new(),
            by_host: Table::new(),
            workloads,
            routes: vec![None; plan.pairs.len()],
            objects: Table::new(),
        };
        for (index, pair) in plan.pairs.iter().enumerate() {
            for key in [&pair.virtual_service, &pair.destination_rule] {
                let known = setting.objects.or_default(Rc::clone(key));
                known.given = world.wanted(key).map(|object| Rc::clone(&object.value));
                known.pairs.push(index);
            }
        }
        for object in world.all_wanted().filter(|object| object.key.is_virtual_service()) {
            let live = world.live.get(&object.key).filter(|live| !Rc::ptr_eq(&live.value, &object.value));
            setting.follow(object, live, &hosts);
        }
        setting.find_planned(plan);
        setting
    }

    fn find_planned(&mut self, plan: &Plan) {
        for followed in &mut self.followed {
            let of_service = self.objects.get(&followed.service).into_iter().flat_map(|known| &known.pairs).copied();
            let mut pairs = of_service.filter_map(|index| Some((index, plan.pairs.get(index)?)));
            if let Some((pair, _)) = pairs.find(|(_, pair)| followed.is_of(pair)) {
                followed.pair = Some(pair);
                if let Some(route) = self.routes.get_mut(pair) {
                    route.get_or_insert(followed.id);
                }
            }
        }
    }

    /// Follows the routes of a VirtualService as the manifests want it, and those that it has only now.
    fn follow(&mut self, object: &Object, live: Option<&Object>, hosts: &Keys<String>) {
        let key = Rc::new(object.key.clone());
        let is_planned = self.objects.get(&key).is_some_and(|known| !known.pairs.is_empty());
        let resolved = |route: &Route<'_>| -> Vec<String> {
            let mirrored = route.mirrors().into_iter().map(|mirror| mirror.to);
            let all = route.destinations().chain(mirrored);
            all.map(|to| host::resolve(to.host, &key.namespace).into_owned()).collect()
        };
        let matters = |targets: &[String]| is_planned || targets.iter().any(|host| hosts.contains(host.as_str()));
        for route in virtual_service::routes(&object.value) {
            let now = live.and_then(|live| route.again_in(&live.value));
            let mut targets = resolved(&route);
            targets.extend(now.iter().flat_map(&resolved));
            if matters(&targets) {
                self.add(&key, &route, targets);
            }
        }
        for route in live.into_iter().flat_map(|live| virtual_service::routes(&live.value)) {
            let targets = resolved(&route);
            if route.again_in(&object.value).is_none() && matters(&targets) {
                self.add(&key, &route, targets);
            }
        }
    }

    fn add(&mut self, key: &Rc<Key>, route: &Route<'_>, targets: Vec<String>) {
        let id = self.mesh.follow(key, route);
        self.objects.or_default(Rc::clone(key)).routes.push(id);
        for host in targets {
            let routes = self.by_host.or_default(host);
            if routes.last() != Some(&id) {
                routes.push(id);
            }
        }
        let (protocol, index, label) = (route.protocol, route.index, route.label());
        self.followed.push(Followed { id, service: Rc::clone(key), protocol, index, label, pair: None });
    }

    pub(super) fn routes(&self) -> Vec<RouteId> {
        self.followed.iter().map(|followed| followed.id).collect()
    }

    /// The routes that can reach a host.
    pub(super) fn followed_to(&self, host: &str) -> impl Iterator<Item = &Followed> {
        // A route's number is its place in the list.
        self.by_host.get(host).into_iter().flatten().filter_map(|route| self.followed.get(route.0))
    }

    pub(super) fn followed(&self) -> &[Followed] {
        &self.followed
    }

    /// The hosts that have both revisions of a workload as endpoints.
    pub(super) fn hosts_of_both(&self) -> Keys<String> {
        self.workloads.iter().flat_map(|workload| hosts_of_both(&self.mesh, workload)).collect()
    }

    /// Where a route stands in the text that the user gave.
    pub(super) fn place(&self, route: RouteId, plan: &Plan) -> Span {
        let followed = self.followed.get(route.0);
        let find = |followed: &Followed| {
            let object = plan.world.start(&followed.service)?;
            let route = self.mesh.route_in(route, &object.value)?;
            Some(route.value.at(&["name"]).map_or(route.value.span.start_point(), |name| name.span))
        };
        followed.and_then(find).unwrap_or(Span::NONE)
    }

    /// Where the name of a planned object stands in the text that the user gave.
    pub(super) fn place_of(&self, key: &Rc<Key>) -> Span {
        let given = self.objects.get(key).and_then(|known| known.given.as_ref());
        let name = given.and_then(|value| value.at(&["metadata", "name"]));
        name.map_or(Span::NONE, |name| name.span)
    }

    /// The route of a pair, by its number.
    pub(super) fn route_of(&self, pair: usize) -> Option<RouteId> {
        *self.routes.get(pair)?
    }

    /// The number of the pair that a route is planned by.
    pub(super) fn pair_of(&self, route: RouteId) -> Option<usize> {
        self.followed.get(route.0)?.pair
    }

    /// The routes whose requests may take another way once this is written.
    pub(super) fn affected_by(&self, step: &Step, write: &Write) -> Vec<RouteId> {
        if write.key.is_virtual_service() {
            return self.objects.get(&write.key).map(|known| known.routes.clone()).unwrap_or_default();
        }
        if write.key.is_destination_rule() {
            let Some(content) = &write.content else { return self.routes() };
            let host = host::resolve(destination_rule::host(&content.value), &write.key.namespace);
            let is_wild = host.starts_with('*');
            return if is_wild { self.routes() } else { self.by_host.get(&*host).cloned().unwrap_or_default() };
        }
        match step {
            Step::CreateReplicaSet { .. } | Step::DeleteReplicaSet { .. } | Step::Adopt => {
                let changed = self.workloads.iter().filter(|workload| workload.replica_set == write.key);
                let pods = changed.map(|workload| if *step == Step::Adopt { workload.old } else { workload.new });
                self.routes_to_all(&pods.collect::<Vec<_>>())
            }
            Step::Apply => {
                let of_host = service_host(&write.key).and_then(|host| self.by_host.get(&host));
                of_host.cloned().unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }

    fn routes_to_all(&self, pods: &[usize]) -> Vec<RouteId> {
        let mut routes = Vec::new();
        for pods in pods {
            routes.append(&mut self.routes_to(*pods));
        }
        routes
    }

    fn routes_to(&self, pods: usize) -> Vec<RouteId> {
        let hosts = self.mesh.hosts_of(pods);
        hosts.iter().filter_map(|host| self.by_host.get(host)).flatten().copied().collect()
    }

    /// Writes, and does what Kubernetes' controllers begin to do.
    pub(super) fn write(&mut self, step: &Step, write: &Write) {
        self.mesh.put(&write.key, write.content.as_ref().map(|content| &content.value));
        let is_pods = write.key.kind == "ReplicaSet";
        for workload in self.workloads.iter_mut().filter(|workload| is_pods && workload.replica_set == write.key) {
            match step {
                Step::CreateReplicaSet { .. } => {
                    workload.coming = true;
                    self.mesh.set_presence(workload.new, Presence::Changing);
                }
                Step::DeleteReplicaSet { .. } => {
                    workload.leaving = true;
                    self.mesh.set_presence(workload.new, Presence::Changing);
                }
                // The Deployment has the new template by now: it adopts the ReplicaSet and lets go of the old one.
                Step::Adopt => {
                    workload.going = true;
                    self.mesh.set_presence(workload.old, Presence::Changing);
                }
                _ => {}
            }
        }
        if let (Step::Apply, Some(content)) = (step, &write.content)
            && serve(&mut self.mesh, &write.key, &content.value)
        {
            self.mesh.forget_unknown(self.known.as_deref());
        }
    }

    /// What a gate waits for has come to pass; returns the routes that may see it.
    pub(super) fn settle_pods(&mut self, presence: Presence) -> Vec<RouteId> {
        let mut settled = Vec::new();
        for workload in &mut self.workloads {
            if presence == Presence::Ready && std::mem::take(&mut workload.coming) {
                settled.push(workload.new);
            }
            if presence == Presence::Absent && std::mem::take(&mut workload.going) {
                settled.push(workload.old);
            }
            if presence == Presence::Absent && std::mem::take(&mut workload.leaving) {
                settled.push(workload.new);
            }
        }
        for pods in &settled {
            self.mesh.set_presence(*pods, presence);
        }
        self.routes_to_all(&settled)
    }

    /// The pairs that own something of an object.
    pub(super) fn pairs_on<'a>(&'a self, plan: &'a Plan, key: &Rc<Key>) -> impl Iterator<Item = &'a Pair> {
        self.objects.get(key).into_iter().flat_map(|known| &known.pairs).filter_map(|index| plan.pairs.get(*index))
    }

    /// Whether nothing of a planned object changes but what the rollout owns.
    pub(super) fn is_untouched(&self, plan: &Plan, key: &Rc<Key>, value: &Value) -> bool {
        let Some(given) = self.objects.get(key).and_then(|known| known.given.as_ref()) else { return true };
        if key.is_virtual_service() {
            untouched::virtual_service(given, value, self.pairs_on(plan, key))
        } else {
            untouched::destination_rule(given, value, self.pairs_on(plan, key))
        }
    }
}

/// Whether a destination of a pair's route is the active or the canary one.
pub(super) fn is_own(to: &Destination<'_>, pair: &Pair) -> bool {
    let is_ours = to.subset.is_some_and(|subset| *subset == *pair.active_name || *subset == *pair.canary_name);
    is_ours && *host::resolve(to.host, &pair.virtual_service.namespace) == *pair.host
}

fn hosts_of_both(mesh: &Mesh, workload: &Revisions) -> Vec<String> {
    let of_new = mesh.hosts_of(workload.new);
    let mut hosts = mesh.hosts_of(workload.old);
    hosts.retain(|host| of_new.contains(host));
    hosts
}

/// Puts a Service in, by what selects its endpoints; says whether it is one.
fn serve(mesh: &mut Mesh, key: &Key, value: &Value) -> bool {
    let Some(host) = service_host(key) else { return false };
    let selector = labels_of(value.at(&["spec", "selector"]));
    // Without a selector somebody else says what the endpoints are.
    let is_known = !selector.is_empty();
    if is_known {
        mesh.serve(host, selector, service_ports(value));
    }
    is_known
}

/// Both revisions of every workload, and the pods of everything else that is known.
fn revisions(mesh: &mut Mesh, plan: &Plan) -> Vec<Revisions> {
    let mut add = |revision, of: &Key, labels: &Labels, count, presence| {
        mesh.add_pods(Pods { revision, namespace: of.namespace.clone(), labels: labels.clone(), count, presence })
    };
    let mut out = Vec::new();
    for workload in &plan.workloads {
        let count = workload.replicas;
        let of = &*workload.deployment;
        let (active, canary) = (Rc::clone(&workload.active), Rc::clone(&workload.canary));
        let old = add(Recipient::Revision(active), of, &workload.old_labels, count, Presence::Ready);
        let new = add(Recipient::Revision(canary), of, &workload.new_labels, count, Presence::Absent);
        out.push(Revisions {
            replica_set: Rc::clone(&workload.replica_set),
            old,
            new,
            coming: false,
            going: false,
            leaving: false,
        });
    }
    for object in plan.world.all_start() {
        let is_planned = plan.workloads.iter().any(|workload| *workload.deployment == object.key);
        let is_owned = object.value.at(&["metadata", "ownerReferences"]).is_some();
        let is_of_planned = object.template().map(pod_labels).is_some_and(|labels| {
            object.key.kind == "ReplicaSet"
                && plan.workloads.iter().any(|workload| {
                    workload.deployment.namespace == object.key.namespace && selects(&workload.old_labels, &labels)
                })
        });
        let makes_pods = matches!(object.key.kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet");
        if is_planned || is_owned || is_of_planned || !makes_pods || object.is_past() {
            continue;
        }
        let Some(template) = object.template() else { continue };
        let count = object.value.at(&["spec", "replicas"]).and_then(Value::as_int).unwrap_or(1);
        let name = format!("{}/{}", object.key.kind, object.key.name);
        let count = u32::try_from(count).unwrap_or(0);
        add(Recipient::Destination(name.into()), &object.key, &pod_labels(template), count, Presence::Ready);
    }
    out
}

/// The host of a Service.
fn service_host(key: &Key) -> Option<String> {
    let is_service = key.kind == "Service" && key.group.is_empty();
    is_service.then(|| format!("{}.{}.svc.cluster.local", key.name, key.namespace))
}
