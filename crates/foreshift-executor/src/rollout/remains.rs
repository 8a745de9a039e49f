//! The way out without a record: what a rollout has left in the cluster is found by its labels and annotations, and taken
//! back in the order in which nobody loses a request.
//!
//! Requests go first to pods that are Ready and not the rollout's; then what it had made goes; then the marks go.

mod sets;
mod world;

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use foreshift_core::Request;
use foreshift_core::config::{self, Target};
use foreshift_core::istio::host::resolve;
use foreshift_core::istio::{destination_rule, remains};
use foreshift_core::kubernetes::{HASH_LABEL, Labels, NATIVE_HASH_LABEL};
use foreshift_core::text::SourceId;
use foreshift_core::value::Value;
use tokio::time::{Instant, sleep};

use self::sets::{bare, belongs, hash_of, is_held_by_us, is_ours, keep_last_pods, live_sets, ready};
use self::world::failed;
use super::{Of, lease, taken, walker};
use crate::approval;
use crate::cluster::{At, Cluster, Dependents, Json, Kind};
use crate::lease::{Holder, Leases, Place};
use crate::patience::persist;
use crate::record::{self};
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
    if outcome.is_ok() {
        // Whoever walked it is not among the living: its Leases were free.
        leases.tidy().await;
    }
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
        let selectors = self.selectors().await?;
        let is_selected = |object: &Json| {
            let labels = object.pointer("/spec/template/metadata/labels").map(walk::labels_in).unwrap_or_default();
            selectors.iter().any(|selector| foreshift_core::kubernetes::selects(selector, &labels))
        };
        let deployments = self.all("Deployment").await?;
        // Others in the namespace have rollouts of their own.
        let deployments: Vec<Json> = deployments.into_iter().filter(is_selected).collect();
        let canaries = self.canary_hashes();
        // One that an earlier rollout left behind on purpose looks the same, but nobody else stands in for it.
        let is_made = |set: &&Json| {
            let owner = deployments.iter().find(|deployment| belongs(set, deployment));
            is_ours(set) && (owner.is_some() || hash_of(set).is_some_and(|hash| canaries.contains(&hash)))
        };
        let made: Vec<Json> = sets.iter().filter(is_made).cloned().collect();
        let of_made: Vec<&Json> = deployments
            .iter()
            .filter(|deployment| made.iter().any(|set| belongs(set, deployment)) || is_held_by_us(deployment))
            .collect();
        let mut others = sets.iter().filter(|set| is_selected(set) && !made.contains(set));
        if others.all(|set| ready(set) == 0) {
            keep_last_pods(&made, &deployments)?;
        }
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

    /// What the Services select that the target's routes lead to; of a host that is no Service of the cluster, what the
    /// subsets do.
    async fn selectors(&self) -> Result<Vec<Labels>, Stop> {
        let mut selectors = Vec::new();
        let mut hosts = Vec::new();
        for (at, rule) in &self.rules {
            let value = tree::value(rule);
            let host = resolve(destination_rule::host(&value), &at.namespace).into_owned();
            match self.selector(&host).await? {
                Some(selector) => selectors.push(selector),
                None => selectors.extend(destination_rule::subsets(&value).map(|subset| bare(&subset.labels()))),
            }
            hosts.push(host);
        }
        for (at, service) in &self.services {
            let routes = items(service, "/spec/http").iter().flat_map(|route| items(route, "/route"));
            for host in routes.map(|route| resolve(text(route, "/destination/host"), &at.namespace).into_owned()) {
                if !hosts.contains(&host) {
                    selectors.extend(self.selector(&host).await?);
                    hosts.push(host);
                }
            }
        }
        // One without labels would select what is anybody's.
        selectors.retain(|selector| !selector.is_empty());
        Ok(selectors)
    }

    async fn selector(&self, host: &str) -> Result<Option<Labels>, Stop> {
        let service = walk::service_of(host);
        let Some(at) = service.and_then(|key| At::ours("", "Service", &key.namespace, &key.name)) else {
            return Ok(None);
        };
        let found = self.get(&at).await?;
        Ok(found.and_then(|service| service.pointer("/spec/selector").map(walk::labels_in)))
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
                    let bare = bare(&wanted);
                    let is_of_live = live
                        .iter()
                        .any(|set| foreshift_core::kubernetes::selects(&bare, &walk::labels_in(&labels(set))));
                    is_pinned && is_of_live && !live.iter().any(selects)
                })
                .map(|subset| subset.name.to_owned())
                .collect();
            let (_, created) = remains::rule(&value, None);
            let lost: Vec<String> = lost.into_iter().filter(|name| !created.contains(name)).collect();
            let Some(set) = live.last().filter(|_| !lost.is_empty()) else { continue };
            let hash = labels(set).get(NATIVE_HASH_LABEL).and_then(Json::as_str).unwrap_or_default().to_owned();
            (self.say)(format!("{at}: {} follows the Deployment to its revision {hash}", lost.join(", ")));
            let names: Vec<&str> = lost.iter().map(String::as_str).collect();
            self.change(&at, |observed| tree::json(&remains::follow(&tree::value(observed), &names, &hash))).await?;
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
        // Who may not list Secrets may still know these by their names; those of `requiresRoles` have a digest behind them.
        let listed = self.listed(Kind::ours("", "Secret").as_ref(), "app.kubernetes.io/managed-by=foreshift").await;
        let listed = listed.unwrap_or_default();
        let approvals = format!("{}{}", place.name, approval::SUFFIX);
        let mut names: BTreeSet<String> = [place.name.clone(), approvals.clone()].into();
        let found = listed.iter().map(|secret| text(secret, "/metadata/name").to_owned());
        names.extend(found.filter(|name| name.starts_with(&approvals)));
        let secrets = names.iter().filter_map(|name| At::ours("", "Secret", &place.namespace, name));
        for at in secrets.chain([place.clone()]) {
            let Some(found) = self.get(&at).await? else { continue };
            walk::remove(self.cluster, (&at, &found), self.options.patience).await?;
            self.written += 1;
        }
        Ok(())
    }
}
