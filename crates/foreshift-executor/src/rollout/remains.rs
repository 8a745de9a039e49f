//! The way out without a record: what a rollout has left in the cluster is found by its labels and annotations, and taken
//! back in the order in which nobody loses a request.
//!
//! Requests go first to pods that are Ready and not the rollout's; then what it had made goes; then the marks go.

use std::rc::Rc;
use std::time::Duration;

use foreshift_core::Request;
use foreshift_core::config::{self, Target};
use foreshift_core::istio::host::resolve;
use foreshift_core::istio::{destination_rule, remains};
use foreshift_core::kubernetes::{HASH_LABEL, NATIVE_HASH_LABEL, selector_selects};
use foreshift_core::text::SourceId;
use foreshift_core::value::Value;
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::{Of, lease, taken, walker};
use crate::approval;
use crate::cluster::{ApiError, At, Cluster, Dependents, Json, Kind, Mode, Reason, Scope};
use crate::gate;
use crate::lease::{Holder, Leases, Place};
use crate::patience::persist;
use crate::record::{self, ROLLOUT};
use crate::report::{Event, Report};
use crate::stop::{Stop, StopKind};
use crate::tree::{self, items, put, text};
use crate::walk::{self, Options};

/// How often pods that are on their way are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Takes back what a rollout of a target has left, by what the cluster says and the user's own files; returns how many
/// objects were written or removed. The record, if there is one, is not gone by, and is removed.
pub async fn abort_from_cluster<C: Cluster>(
    cluster: &C,
    of: &Of,
    own: &Request,
    options: &Options,
    report: Report<'_>,
) -> Result<usize, Stop> {
    let config = config::parse(SourceId(0), own.config_text(), &mut Vec::new());
    let config = config.ok_or_else(|| Stop::new(StopKind::Input, "this is no deployment config"))?;
    let Some(target) = config.targets.iter().find(|target| target.name.value == of.target) else {
        return Err(Stop::new(StopKind::Input, format!("the config has no target `{}`", of.target)));
    };
    let say = |words: String| report(&of.target, &Event::Note { words });
    let mut remains = Remains { cluster, of, options, say: &say, rules: Vec::new(), services: Vec::new(), written: 0 };
    remains.find(&config, target).await?;
    let holder =
        Holder { walker: walker(), rollout: format!("{} in {}", of.application, of.target), by: remains.who().await };
    let leases = Leases::new(cluster, remains.places(), holder, (options.lease, options.patience), &say);
    leases.take().await.map_err(taken)?;
    let outcome = tokio::select! {
        outcome = remains.take_back(own) => outcome,
        lost = leases.keep() => Err(Stop::new(StopKind::Interrupted, lost)),
    };
    leases.give().await;
    outcome.map(|()| remains.written)
}

struct Remains<'a, C> {
    cluster: &'a C,
    of: &'a Of,
    options: &'a Options,
    say: &'a dyn Fn(String),
    /// The DestinationRules and VirtualServices of the target that are there.
    rules: Vec<(At, Json)>,
    services: Vec<(At, Json)>,
    written: usize,
}

impl<C: Cluster> Remains<'_, C> {
    async fn find(&mut self, config: &config::Config, target: &Target) -> Result<(), Stop> {
        let entries = config.traffic.iter().filter(|traffic| traffic.covers(&target.name.value));
        for pair in entries.flat_map(|traffic| &traffic.istio) {
            let service = Some(&pair.virtual_service.value);
            let rule = pair.destination_rule.as_ref().map(|rule| &rule.value);
            for (kind, name) in [("VirtualService", service), ("DestinationRule", rule)] {
                let Some(at) = name.and_then(|name| At::ours("networking.istio.io", kind, &self.of.namespace, name))
                else {
                    continue;
                };
                let Some(found) = self.get(&at).await? else { continue };
                let list = if kind == "VirtualService" { &mut self.services } else { &mut self.rules };
                if list.iter().all(|(known, _)| *known != at) {
                    list.push((at, found));
                }
            }
        }
        Ok(())
    }

    fn places(&self) -> Vec<Place> {
        let objects = self.rules.iter().chain(&self.services);
        let mut places: Vec<Place> = objects
            .filter_map(|(at, object)| {
                let name = format!("foreshift-{}", text(object, "/metadata/uid"));
                Some(Place { lease: lease(&at.namespace, &name)?, object: at.to_string() })
            })
            .collect();
        places.sort();
        places
    }

    async fn who(&self) -> String {
        self.cluster.who().await.map(|who| who.user).unwrap_or_default()
    }

    async fn take_back(&mut self, own: &Request) -> Result<(), Stop> {
        let given = foreshift_core::preview(&Request { target: Some(self.of.target.clone()), ..own.clone() });
        let world = given.plans.first().map(|plan| Rc::clone(&plan.world));
        let given = |at: &At| {
            world.as_ref().and_then(|world| world.included.get(&at.key())).map(|object| (*object.value).clone())
        };
        let sets = self.all("ReplicaSet").await?;
        let deployments = self.all("Deployment").await?;
        let canaries = self.canary_hashes();
        // One that an earlier rollout left behind on purpose looks the same, but nobody else stands in for it.
        let is_made = |set: &&Json| {
            let owner = deployments.iter().find(|deployment| belongs(set, deployment));
            is_ours(set) && (owner.is_some() || hash_of(set).is_some_and(|hash| canaries.contains(&hash)))
        };
        let made: Vec<Json> = sets.iter().filter(is_made).cloned().collect();
        let of_made: Vec<&Json> =
            deployments.iter().filter(|deployment| made.iter().any(|set| belongs(set, deployment))).collect();
        for deployment in of_made.iter().filter(|deployment| live_sets(deployment, &sets).is_empty()) {
            let name = text(deployment, "/metadata/name");
            if made.iter().any(|set| walk::controller(set).is_empty() && ready(set) > 0) {
                let message = format!("no pod of Deployment {name} is Ready: its requests are not given back to it");
                return Err(Stop::new(StopKind::OffPlan, message)
                    .help(format!("scale Deployment {name} up, and do the same again")));
            }
        }
        // First the active subsets select somebody who is Ready and stays.
        for deployment in &of_made {
            self.follow(deployment, &sets).await?;
        }
        let mut subsets = Vec::new();
        let mut rules = Vec::new();
        for (at, _) in self.rules.clone() {
            let Some(found) = self.get(&at).await? else { continue };
            let value = tree::value(&found);
            let (cleaned, names) = remains::rule(&value, given(&at).as_ref());
            let host = resolve(destination_rule::host(&value), &at.namespace).into_owned();
            subsets.extend(names.into_iter().map(|name| (host.clone(), name)));
            rules.push((at, value, cleaned));
        }
        let services = self.services.clone();
        let mut has_shifted = false;
        for (at, _) in services {
            let (namespace, wanted) = (at.namespace.clone(), given(&at));
            let clean = |value: &Value| remains::service(value, &subsets, wanted.as_ref(), &namespace);
            has_shifted |= self.put(&at, clean).await?;
        }
        if has_shifted {
            self.settle().await;
        }
        for set in &made {
            self.remove_set(set).await?;
        }
        let mut has_shifted = false;
        for (at, _, _) in &rules {
            let wanted = given(at);
            has_shifted |= self.put(at, |value| remains::rule(value, wanted.as_ref()).0).await?;
        }
        if has_shifted {
            self.settle().await;
        }
        for deployment in of_made {
            self.resume(deployment, &made, &sets).await?;
        }
        self.forget().await
    }

    /// The hashes of the subsets that a rollout had made.
    fn canary_hashes(&self) -> Vec<String> {
        let hashes = self.rules.iter().flat_map(|(_, rule)| {
            let value = tree::value(rule);
            let (_, made) = remains::rule(&value, None);
            let of_made =
                destination_rule::subsets(&value).filter(|subset| made.iter().any(|name| name == subset.name));
            of_made.filter_map(|subset| subset.labels().get(HASH_LABEL).cloned()).collect::<Vec<_>>()
        });
        hashes.collect()
    }

    /// Pins the active subsets that select none of a Deployment's own Ready pods to those that there are.
    async fn follow(&mut self, deployment: &Json, sets: &[Json]) -> Result<(), Stop> {
        let live = live_sets(deployment, sets);
        let labels = |set: &Json| set.pointer("/spec/template/metadata/labels").cloned().unwrap_or_default();
        for (at, _) in self.rules.clone() {
            let Some(found) = self.get(&at).await? else { continue };
            let value = tree::value(&found);
            let lost: Vec<String> = destination_rule::subsets(&value)
                .filter(|subset| {
                    let wanted = subset.labels();
                    let is_pinned = wanted.get(HASH_LABEL).is_some() || wanted.get(NATIVE_HASH_LABEL).is_some();
                    let selects = |set: &&Json| subset.selects(&walk::labels_in(&labels(set)));
                    // A subset of the new version's own goes by itself.
                    let is_of_live = live.iter().any(|set| {
                        let mut bare = wanted.clone();
                        bare.remove(HASH_LABEL);
                        bare.remove(NATIVE_HASH_LABEL);
                        foreshift_core::kubernetes::selects(&bare, &walk::labels_in(&labels(set)))
                    });
                    is_pinned && is_of_live && !live.iter().any(selects)
                })
                .map(|subset| subset.name.to_owned())
                .collect();
            let (_, created) = remains::rule(&value, None);
            let lost: Vec<String> = lost.into_iter().filter(|name| !created.contains(name)).collect();
            let Some(set) = live.last().filter(|_| !lost.is_empty()) else { continue };
            let hash = labels(set).get(NATIVE_HASH_LABEL).and_then(Json::as_str).unwrap_or_default().to_owned();
            (self.say)(format!("{at}: {} follows the Deployment to its revision {hash}", lost.join(", ")));
            self.change(&at, |observed| {
                let mut object = observed.clone();
                let subsets = object.pointer_mut("/spec/subsets").and_then(Json::as_array_mut);
                for subset in
                    subsets.into_iter().flatten().filter(|subset| lost.iter().any(|name| name == text(subset, "/name")))
                {
                    if let Some(labels) = subset.get_mut("labels").and_then(Json::as_object_mut) {
                        labels.remove(HASH_LABEL);
                    }
                    put(subset, &["labels", NATIVE_HASH_LABEL], json!(hash));
                }
                object
            })
            .await?;
            self.settle().await;
        }
        Ok(())
    }

    /// Removes a ReplicaSet that nobody has taken over, and waits for the end of its pods.
    async fn remove_set(&mut self, set: &Json) -> Result<(), Stop> {
        let name = text(set, "/metadata/name");
        if !walk::controller(set).is_empty() {
            (self.say)(format!("ReplicaSet {name} belongs to its Deployment by now: it stays"));
            return Ok(());
        }
        let Some(at) = At::ours("apps", "ReplicaSet", &self.of.namespace, name) else { return Ok(()) };
        let uid = text(set, "/metadata/uid").to_owned();
        let gone =
            persist(self.options.patience, async || self.cluster.delete(&at, (&uid, None), Dependents::Removed).await);
        gone.await.map_err(|error| failed("removed", &at, &error))?;
        self.written += 1;
        (self.say)(format!("{at} is removed"));
        let begun = Instant::now();
        loop {
            let pods = self.all("Pod").await?;
            let left: Vec<&str> = pods
                .iter()
                .filter(|pod| walk::controller(pod) == uid && walk::is_ready(pod))
                .map(|pod| text(pod, "/metadata/name"))
                .collect();
            if left.is_empty() {
                return Ok(());
            }
            if begun.elapsed() > Duration::from_mins(5) {
                let message = format!("these pods do not end: {}", left.join(", "));
                return Err(Stop::new(StopKind::OffPlan, message).help("remove them, and do the same again"));
            }
            sleep(LOOK).await;
        }
    }

    /// Lets the controller act on a Deployment again. A template of the removed version would be rolled out then: its own
    /// ReplicaSet has the one from before.
    async fn resume(&mut self, deployment: &Json, made: &[Json], sets: &[Json]) -> Result<(), Stop> {
        let Some(at) = At::ours("apps", "Deployment", &self.of.namespace, text(deployment, "/metadata/name")) else {
            return Ok(());
        };
        let removed: Vec<String> =
            made.iter().filter(|set| walk::controller(set).is_empty()).filter_map(hash_of).collect();
        let uid = text(deployment, "/metadata/uid");
        let own = sets.iter().filter(|set| walk::controller(set) == uid);
        let earlier = own.max_by_key(|set| tree::number(set, "/spec/replicas")).and_then(|set| {
            let mut template = set.pointer("/spec/template")?.clone();
            template.pointer_mut("/metadata/labels")?.as_object_mut()?.remove(NATIVE_HASH_LABEL);
            Some(template)
        });
        self.change(&at, |observed| {
            let mut object = observed.clone();
            let is_removed = hash_of(observed).is_some_and(|hash| removed.contains(&hash));
            if let (Some(earlier), true) = (&earlier, is_removed) {
                put(&mut object, &["spec", "template"], earlier.clone());
            }
            if let Some(spec) = object.pointer_mut("/spec").and_then(Json::as_object_mut) {
                spec.remove("paused");
            }
            object
        })
        .await
        .map(|_| ())
    }

    /// Removes the record, the key of its seal, and what approvals were answered in.
    async fn forget(&mut self) -> Result<(), Stop> {
        let Some(place) = record::place(&self.of.application, &self.of.target, &self.of.namespace) else {
            return Ok(());
        };
        let ours = self
            .listed(Kind::ours("", "Secret").as_ref(), "app.kubernetes.io/managed-by=foreshift")
            .await
            .unwrap_or_default();
        let secrets = ours.iter().map(|secret| text(secret, "/metadata/name")).filter(|name| {
            *name == place.name
                || name.strip_prefix(&*place.name).is_some_and(|rest| rest.starts_with(approval::SUFFIX))
        });
        let secrets = secrets.filter_map(|name| At::ours("", "Secret", &place.namespace, name));
        for at in secrets.chain([place.clone()]) {
            let Some(found) = self.get(&at).await? else { continue };
            walk::remove(self.cluster, (&at, &found), self.options.patience).await?;
            self.written += 1;
        }
        Ok(())
    }

    async fn put(&mut self, at: &At, clean: impl Fn(&Value) -> Value) -> Result<bool, Stop> {
        self.change(at, |observed| {
            let value = tree::value(observed);
            let cleaned = clean(&value);
            if cleaned == value { observed.clone() } else { tree::json(&cleaned) }
        })
        .await
    }

    /// Changes an object; whether there was anything to change.
    async fn change(&mut self, at: &At, change: impl Fn(&Json) -> Json) -> Result<bool, Stop> {
        loop {
            let Some(found) = self.get(at).await? else { return Ok(false) };
            let wanted = change(&found);
            if wanted == found {
                return Ok(false);
            }
            let written = persist(self.options.patience, async || self.cluster.replace(at, &wanted, Mode::Real).await);
            match written.await {
                Ok(_) => {
                    self.written += 1;
                    (self.say)(format!("{at} is as it was before"));
                    return Ok(true);
                }
                Err(error) if error.reason == Reason::Conflict => {}
                Err(error) => return Err(failed("written", at, &error)),
            }
        }
    }

    async fn settle(&self) {
        sleep(self.options.settle).await;
        gate::settled::acknowledged(&self.options.outside.istiods, |words| (self.say)(words)).await;
    }

    async fn get(&self, at: &At) -> Result<Option<Json>, Stop> {
        let found = persist(self.options.patience, async || self.cluster.get(at).await).await;
        found.map_err(|error| failed("read", at, &error))
    }

    async fn all(&self, kind: &str) -> Result<Vec<Json>, Stop> {
        let group = if kind == "Pod" { "" } else { "apps" };
        self.listed(Kind::ours(group, kind).as_ref(), "").await
    }

    async fn listed(&self, kind: Option<&Kind>, labels: &str) -> Result<Vec<Json>, Stop> {
        let Some(kind) = kind else { return Ok(Vec::new()) };
        let scope = Scope { labels: labels.to_owned(), ..Scope::all(kind.clone(), &self.of.namespace) };
        let listed = persist(self.options.patience, async || self.cluster.list(&scope).await).await;
        Ok(listed.map_err(|error| Stop::refused(&format!("{} cannot be listed", kind.plural), &error))?.objects)
    }
}

fn is_ours(set: &Json) -> bool {
    set.pointer("/metadata/annotations").is_some_and(|annotations| annotations.get(ROLLOUT).is_some())
}

/// The hash in the pod template of a ReplicaSet or a Deployment.
fn hash_of(object: &Json) -> Option<String> {
    let labels = object.pointer("/spec/template/metadata/labels")?;
    labels.get(HASH_LABEL)?.as_str().map(str::to_owned)
}

fn ready(set: &Json) -> i64 {
    tree::number(set, "/status/readyReplicas").unwrap_or(0)
}

/// The ReplicaSets of a Deployment that have Ready pods, the largest last.
fn live_sets<'a>(deployment: &Json, sets: &'a [Json]) -> Vec<&'a Json> {
    let uid = text(deployment, "/metadata/uid");
    let mut live: Vec<&Json> = sets.iter().filter(|set| walk::controller(set) == uid && ready(set) > 0).collect();
    live.sort_by_key(|set| ready(set));
    live
}

/// Whether a ReplicaSet was made of a Deployment: its pods are those that the Deployment selects.
fn belongs(set: &Json, deployment: &Json) -> bool {
    let labels = set.pointer("/spec/template/metadata/labels").cloned().unwrap_or_default();
    let selector = deployment.pointer("/spec/selector").map(tree::value);
    !items(deployment, "/spec/template/spec/containers").is_empty()
        && selector_selects(selector.as_ref(), &walk::labels_in(&labels))
}

fn failed(what: &str, at: &At, error: &ApiError) -> Stop {
    Stop::refused(&format!("{at} cannot be {what}"), error)
}
