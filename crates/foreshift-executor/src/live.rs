//! What runs now, read from the cluster, as texts that a plan can be made from.

mod applied;
mod near;
mod written;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use foreshift_core::config;
use foreshift_core::diagnostic::Diagnostic;
use foreshift_core::kubernetes::{HASH_LABEL, Key, Object};
use foreshift_core::plan::{Occasion, PLACEHOLDER};
use foreshift_core::preview::{APPLIED, File, Request, masked as masked_preview};
use foreshift_core::secret::{self, Vault};
use foreshift_core::text::SourceId;
use foreshift_core::value::Value;
use foreshift_core::{Preview, contract, diagnostic};

use crate::cluster::{ApiError, At, Cluster, Json, Kind, Listed, Lists, Reason, Scope};
use crate::patience::persist;
use crate::record::digest;
use crate::rollout;
use crate::stop::{Stop, StopKind};
use crate::tree::text as text_at;
use crate::view;
use applied::Applied;
use written::written;

/// The folder that the cluster's objects have in a request.
pub const FOLDER: &str = "cluster";

/// A rollout of one target, planned against what runs now.
pub struct Planned {
    /// Everything that the plan was made from; what Secrets hold is masked.
    pub request: Request,
    /// The plan, and what was found.
    pub preview: Preview,
    /// SHA-256 of the whole plan: who has another one has another plan.
    pub digest: String,
    /// What stands behind the masks of the manifests.
    pub(crate) vault: Vault,
    /// What its walk need not list again.
    pub(crate) lists: Lists,
}

impl Planned {
    /// Plans again what was planned before.
    pub fn again(request: &Request) -> Planned {
        let masked = secret::mask(request);
        let preview = masked_preview(&masked);
        let document = serde_json::to_string(&contract::document(&preview)).unwrap_or_default();
        let (request, vault) = (masked.request.into_owned(), masked.vault);
        Planned { request, digest: digest(document.as_bytes()), preview, vault, lists: Lists::default() }
    }
}

/// Plans one target of a request against a cluster. `request.target` names it; `namespace` is its namespace, and `listed`
/// what its walk need not list again.
///
/// Nothing is written: the API server is asked what it would make of the manifests. VirtualServices, DestinationRules and
/// Services of other namespaces are looked at where the cluster allows it.
pub async fn plan<C: Cluster>(
    cluster: &C,
    request: &Request,
    namespace: &str,
    patience: Duration,
    listed: Lists,
) -> Result<Planned, Stop> {
    plan_in(&Mesh::default(), cluster, request, (namespace, patience), listed).await
}

/// What every namespace of a cluster has, listed once for all targets that are planned there.
#[derive(Default)]
pub struct Mesh {
    lists: RefCell<Vec<(Scope, Listed)>>,
}

/// The same for one of several targets of a cluster.
pub async fn plan_in<C: Cluster>(
    mesh: &Mesh,
    cluster: &C,
    request: &Request,
    (namespace, patience): (&str, Duration),
    listed: Lists,
) -> Result<Planned, Stop> {
    let mut looking = Looking::new(cluster, mesh, namespace, patience);
    looking.look_around().await?;
    looking.keep_near(request);
    let mut planned = looking.planned(request, Occasion::Change);
    if looking.look_at_manifests(&planned).await? {
        planned = looking.planned(request, Occasion::Change);
    }
    let occasion = occasion(&planned)?;
    if occasion == Occasion::First {
        planned = looking.planned(request, occasion);
    }
    if looking.try_manifests(&planned).await {
        planned = looking.planned(request, occasion);
        looking.say_what_is_untold(&mut planned.preview);
    }
    if let Ok(plan) = planned.plan() {
        planned.lists = looking.lists.keep(&rollout::scopes(plan, &planned.of(plan).place()?));
        planned.lists.extend(listed);
    }
    Ok(planned)
}

/// Nothing of what is rolled out runs yet, or all of it does.
fn occasion(planned: &Planned) -> Result<Occasion, Stop> {
    let workloads: Vec<_> = planned.preview.plans.iter().flat_map(|plan| &plan.workloads).collect();
    // A ReplicaSet that an earlier rollout left behind is a running version.
    let (new, running): (Vec<_>, Vec<_>) =
        workloads.into_iter().partition(|workload| workload.live.is_none() && *workload.active == *PLACEHOLDER);
    match (new.as_slice(), running.as_slice()) {
        ([], _) => Ok(Occasion::Change),
        (_, []) => Ok(Occasion::First),
        ([new, ..], [running, ..]) => {
            let message = format!("{} does not run yet, and {} does", new.deployment, running.deployment);
            Err(Stop::new(StopKind::Input, message).help("deploy the new one by itself first, then roll out both"))
        }
    }
}

struct Looking<'a, C> {
    cluster: &'a C,
    mesh: &'a Mesh,
    namespace: &'a str,
    patience: Duration,
    /// Of the kinds that every rollout deals with.
    lists: Lists,
    /// What the manifests hold besides, and where it is.
    objects: BTreeMap<Key, (At, Json)>,
    /// What the manifests say.
    manifests: BTreeMap<Key, Value>,
    /// What the API server would make of them.
    applied: Applied,
}

impl<'a, C> Looking<'a, C> {
    fn new(cluster: &'a C, mesh: &'a Mesh, namespace: &'a str, patience: Duration) -> Looking<'a, C> {
        let (objects, manifests) = (BTreeMap::new(), BTreeMap::new());
        Looking {
            cluster,
            mesh,
            namespace,
            patience,
            lists: Lists::default(),
            objects,
            manifests,
            applied: Applied::default(),
        }
    }
}

impl<C: Cluster> Looking<'_, C> {
    /// Everything that a plan may depend on.
    async fn look_around(&mut self) -> Result<(), Stop> {
        let namespace = self.namespace;
        let everywhere =
            [("networking.istio.io", "VirtualService"), ("networking.istio.io", "DestinationRule"), ("", "Service")];
        for (group, kind) in everywhere {
            let found = match self.list(group, kind, "").await {
                Err(error) if error.reason == Reason::Forbidden => self.list(group, kind, namespace).await,
                found => found,
            };
            found.map_err(|error| unreadable(kind, &error))?;
        }
        for (group, kind) in [("apps", "Deployment"), ("apps", "ReplicaSet"), ("", "Pod")] {
            self.list(group, kind, namespace).await.map_err(|error| unreadable(kind, &error))?;
        }
        Ok(())
    }

    /// Forgets what is listed of other namespaces and cannot be about the rollout.
    fn keep_near(&mut self, request: &Request) {
        let far = near::far(self.lists.objects(), self.namespace, said(request, self.namespace));
        self.lists.retain(|key| !far.contains(key));
    }

    async fn list(&mut self, group: &str, kind: &str, namespace: &str) -> Result<(), ApiError> {
        let Some(kind) = Kind::ours(group, kind) else { return Ok(()) };
        let scope = Scope::all(kind, namespace);
        let known =
            self.mesh.lists.borrow().iter().find(|(known, _)| *known == scope).map(|(_, listed)| listed.clone());
        if let Some(known) = known {
            self.lists.put(scope, known);
            return Ok(());
        }
        match persist(self.patience, async || self.cluster.list(&scope).await).await {
            Ok(listed) => {
                if namespace.is_empty() {
                    self.mesh.lists.borrow_mut().push((scope.clone(), listed.clone()));
                }
                self.lists.put(scope, listed);
            }
            // A cluster without Istio has none.
            Err(error) if error.reason == Reason::NotFound => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// What the manifests hold besides; whether anything of it is there.
    async fn look_at_manifests(&mut self, planned: &Planned) -> Result<bool, Stop> {
        let mut found_any = false;
        let included = || planned.preview.plans.iter().flat_map(|plan| plan.world.included.iter());
        self.manifests = included().map(|object| (object.key.clone(), Value::clone(&object.value))).collect();
        let others: Vec<_> = included()
            .filter(|object| {
                let ours = Kind::ours(&object.key.group, &object.key.kind);
                ours.is_none_or(|kind| ["ConfigMap", "HorizontalPodAutoscaler", "Secret"].contains(&&*kind.kind))
            })
            .collect();
        for object in others {
            let kind =
                persist(self.patience, async || self.cluster.kind(&object.api_version, &object.key.kind).await).await;
            let kind = kind.map_err(|error| unreadable(&object.key.kind, &error))?;
            let Some(kind) = kind else { continue };
            let at = At { kind, namespace: object.key.namespace.clone(), name: object.key.name.clone() };
            let live = persist(self.patience, async || self.cluster.get(&at).await).await;
            if let Some(live) = live.map_err(|error| unreadable(&at.to_string(), &error))? {
                self.objects.insert(object.key.clone(), (at, live));
                found_any = true;
            }
        }
        let is_sized = |object: &Object| object.value.at(&["spec", "replicas"]).is_some();
        if included().any(is_sized) {
            // Who may not see them has those that the manifests hold.
            let _ = self.list("autoscaling", "HorizontalPodAutoscaler", self.namespace).await;
        }
        Ok(found_any || !self.manifests.is_empty())
    }

    /// Asks the API server what it would make of the manifests of a plan; whether there is one.
    async fn try_manifests(&mut self, planned: &Planned) -> bool {
        let Ok(plan) = planned.plan() else { return false };
        let listed = self.lists.objects().filter_map(|object| {
            let key = view::key(object)?;
            let at = At::ours(&key.group, &key.kind, &key.namespace, &key.name)?;
            Some((key, (at, object.clone())))
        });
        let mut running = self.objects.clone();
        running.extend(listed.filter(|(key, _)| self.manifests.contains_key(key)));
        self.applied = applied::applied(self.cluster, self.patience, plan, &running).await;
        true
    }

    /// Adds the findings about what the API server did not say.
    fn say_what_is_untold(&self, preview: &mut Preview) {
        for found in &self.applied.untold {
            let whole = preview.sources.get(found.span.source).and_then(|source| source.origin.whole);
            preview.diagnostics.push(Diagnostic { span: whole.unwrap_or(found.span), ..found.clone() });
        }
        diagnostic::tidy(&mut preview.diagnostics);
    }

    fn planned(&self, request: &Request, occasion: Occasion) -> Planned {
        let listed = self.lists.objects().filter(|object| matters(object));
        let listed = listed.filter_map(|object| Some((view::key(object)?, object)));
        let objects: BTreeMap<Key, &Json> =
            self.objects.iter().map(|(key, (_, object))| (key.clone(), object)).chain(listed).collect();
        let mut request = Request { occasion, knows_all: true, ..request.clone() };
        // What a live Secret holds stays in the cluster: no walk has to know it.
        let text = |key: &Key, object: &Json| {
            secret::mask_text(&written(key, &own(object), self.manifests.get(key))).into_owned()
        };
        let file = |folder, key, object| File { path: path(folder, key), text: text(key, object) };
        request.files.extend(objects.iter().map(|(key, object)| file(FOLDER, key, object)));
        request.files.extend(self.applied.objects.iter().map(|(key, object)| file(APPLIED, key, object)));
        // Of an empty namespace there is nothing to say.
        request.current = if objects.is_empty() { Vec::new() } else { vec![FOLDER.to_owned()] };
        Planned::again(&request)
    }
}

/// What the texts of a rollout say, without the namespaces of its other targets.
fn said<'a>(request: &'a Request, namespace: &str) -> Vec<&'a str> {
    let config = config::parse(SourceId(0), request.config_text(), &mut Vec::new());
    let targets = config.iter().flat_map(|config| &config.targets);
    let others: Vec<&str> =
        targets.map(|target| target.namespace.value.as_str()).filter(|other| *other != namespace).collect();
    let manifests = request.files.iter().filter(|file| file.path != request.config).map(|file| &*file.text);
    near::words(request.config_text()).filter(|word| !others.contains(word)).chain(manifests).collect()
}

/// Whether a plan can depend on an object: of pods on those that a subset may select.
fn matters(object: &Json) -> bool {
    let labels = object.pointer("/metadata/labels");
    text_at(object, "/kind") != "Pod" || labels.is_some_and(|labels| labels.get(HASH_LABEL).is_some())
}

fn path(folder: &str, Key { kind, namespace, name, .. }: &Key) -> String {
    if namespace.is_empty() {
        format!("{folder}/{kind}/{name}.yaml")
    } else {
        format!("{folder}/{namespace}/{kind}/{name}.yaml")
    }
}

/// What somebody wrote of an object, without what the server keeps of it.
fn own(object: &Json) -> Json {
    let mut out = object.clone();
    if let Some(map) = out.as_object_mut() {
        map.remove("status");
    }
    if let Some(metadata) = out.pointer_mut("/metadata").and_then(Json::as_object_mut) {
        for field in ["managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "selfLink"] {
            metadata.remove(field);
        }
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Json::as_object_mut) {
            annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
            annotations.remove("deployment.kubernetes.io/revision");
        }
        if metadata.get("annotations").and_then(Json::as_object).is_some_and(serde_json::Map::is_empty) {
            metadata.remove("annotations");
        }
    }
    if text_at(&out, "/kind") == "Pod"
        && let Some(map) = out.as_object_mut()
    {
        // Its labels are all that a plan looks at.
        map.remove("spec");
    }
    out
}

fn unreadable(what: &str, error: &ApiError) -> Stop {
    Stop::refused(&format!("{what} cannot be read"), error)
}
