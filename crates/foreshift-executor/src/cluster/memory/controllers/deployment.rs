//! The Deployment controller: which ReplicaSet is how large (`pkg/controller/deployment` of Kubernetes).

use foreshift_core::kubernetes::{Key, NATIVE_HASH_LABEL, labels_of, selector_selects, template_hash};
use serde_json::json;

use super::{has_ended, owner, replica_set};
use crate::cluster::memory::store::controller;
use crate::cluster::{At, Json, Memory};
use crate::tree::{number, put, text, value};

/// What a ReplicaSet is meant to have, by the Deployment's size when it was last scaled.
const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
/// The same with the surge.
const MOST: &str = "deployment.kubernetes.io/max-replicas";

/// A Deployment with its ReplicaSets.
struct Deploying<'a> {
    at: &'a At,
    object: &'a Json,
    /// How many pods are wanted.
    replicas: i64,
    /// How many more there may be in between.
    surge: i64,
    /// How many of them may be missing in between.
    unavailable: i64,
    /// The ReplicaSet with its template.
    new: Option<&'a (Key, Json)>,
    /// The others, oldest first.
    old: Vec<&'a (Key, Json)>,
}

impl Memory {
    pub(super) fn deployments(&self) -> bool {
        self.of_kind("Deployment").into_iter().any(|(key, deployment)| self.deployment(&key, &deployment))
    }

    fn deployment(&self, key: &Key, object: &Json) -> bool {
        let Some(at) = At::ours("apps", "Deployment", &key.namespace, &key.name) else { return false };
        let uid = text(object, "/metadata/uid");
        let mut sets: Vec<(Key, Json)> = self.of_kind("ReplicaSet");
        sets.retain(|(found, _)| found.namespace == key.namespace);
        if let Some(changed) = self.adopt_set(&at, object, &sets) {
            return changed;
        }
        sets.retain(|(_, set)| controller(set) == uid);
        sets.sort_by_key(|(_, set)| text(set, "/metadata/uid").to_owned());
        let deploying = Deploying::new(&at, object, &sets);
        let is_paused = object.pointer("/spec/paused") == Some(&json!(true));
        let is_recreated = text(object, "/spec/strategy/type") == "Recreate";
        let acted = if is_paused || deploying.is_scaled() {
            self.scale_all(&deploying)
        } else if is_recreated {
            self.recreate(&deploying)
        } else {
            self.roll(&deploying)
        };
        acted || self.note(&deploying)
    }

    /// Takes in a ReplicaSet of nobody's that its selector selects; `None` where there is none.
    fn adopt_set(&self, at: &At, object: &Json, sets: &[(Key, Json)]) -> Option<bool> {
        let selector = object.pointer("/spec/selector").map(value);
        let (key, set) = sets.iter().find(|(_, set)| {
            let labels = labels_of(set.pointer("/metadata/labels").map(value).as_ref());
            controller(set).is_empty() && selector_selects(selector.as_ref(), &labels)
        })?;
        let mut set = set.clone();
        put(&mut set, &["metadata", "ownerReferences"], owner(at, text(object, "/metadata/uid")));
        Some(replica_set(key).is_some_and(|at| self.change(&at, set)))
    }

    /// Brings ReplicaSets to a new size without rolling anything out: the one that there is, the old ones to nothing where
    /// the new one is full, else all of them in proportion.
    fn scale_all(&self, deploying: &Deploying<'_>) -> bool {
        let active = deploying.active();
        let only = match active.as_slice() {
            [] => deploying.new.or(deploying.old.last().copied()),
            [only] => Some(*only),
            _ => None,
        };
        if let Some(set) = only {
            return size(set) != deploying.replicas && self.scale(set, deploying.replicas, deploying);
        }
        if deploying.is_saturated() {
            return self.empty(&deploying.old, deploying);
        }
        let total: i64 = active.iter().map(|set| size(set)).sum();
        let allowed = if deploying.replicas > 0 { deploying.replicas + deploying.surge } else { 0 };
        let to_add = allowed - total;
        let mut sorted = active;
        // Where there is to add, the larger gets more of it, and of equals the newer; where there is to take, the older.
        sorted.sort_by_key(|set| (-size(set), if to_add > 0 { -age(set) } else { age(set) }));
        let mut added = 0;
        let mut sizes = Vec::new();
        for set in &sorted {
            let share = if to_add == 0 { 0 } else { deploying.share(set, to_add, added) };
            added += share;
            sizes.push(size(set) + share);
        }
        if let Some(first) = sizes.first_mut() {
            *first = (*first + to_add - added).max(0);
        }
        let mut acted = false;
        for (set, size) in sorted.into_iter().zip(sizes) {
            acted |= self.scale(set, size, deploying);
        }
        acted
    }

    /// One step of a rolling update.
    fn roll(&self, deploying: &Deploying<'_>) -> bool {
        let Some(new) = deploying.new else { return self.new_set(deploying) };
        if size(new) > deploying.replicas && self.scale(new, deploying.replicas, deploying)
            || size(new) < deploying.replicas && self.scale(new, deploying.next_size(), deploying)
        {
            return true;
        }
        let all = || deploying.old.iter().copied().chain([new]);
        let least = deploying.replicas - deploying.unavailable;
        let not_yet = size(new) - available(new);
        let mut room = all().map(size).sum::<i64>() - least - not_yet;
        if room <= 0 {
            return false;
        }
        let mut acted = false;
        // Pods that answer nobody can go at once.
        for set in &deploying.old {
            let going = room.min(size(set) - available(set)).max(0);
            room -= going;
            acted |= going > 0 && self.scale(set, size(set) - going, deploying);
        }
        if acted {
            return true;
        }
        let mut spare = all().map(available).sum::<i64>() - least;
        for set in &deploying.old {
            let going = spare.min(size(set)).max(0);
            spare -= going;
            acted |= going > 0 && self.scale(set, size(set) - going, deploying);
        }
        acted
    }

    /// One step of a rollout that removes every old pod first.
    fn recreate(&self, deploying: &Deploying<'_>) -> bool {
        if self.empty(&deploying.old, deploying) {
            return true;
        }
        let is_old = |pod: &Json| {
            deploying.old.iter().any(|(_, set)| controller(pod) == text(set, "/metadata/uid")) && !has_ended(pod)
        };
        if self.of_kind("Pod").iter().any(|(_, pod)| is_old(pod)) {
            return false;
        }
        match deploying.new {
            None => self.new_set(deploying),
            Some(new) => size(new) != deploying.replicas && self.scale(new, deploying.replicas, deploying),
        }
    }

    /// Takes the pods of one of these that has some.
    fn empty(&self, sets: &[&(Key, Json)], deploying: &Deploying<'_>) -> bool {
        sets.iter().any(|set| size(set) > 0 && self.scale(set, 0, deploying))
    }

    fn new_set(&self, deploying: &Deploying<'_>) -> bool {
        let Deploying { at, object, .. } = deploying;
        let mut template = object.pointer("/spec/template").cloned().unwrap_or_default();
        let hash = template_hash(&value(&template), 0);
        put(&mut template, &["metadata", "labels", NATIVE_HASH_LABEL], json!(hash));
        let labels = template.pointer("/metadata/labels").cloned().unwrap_or_default();
        let mut selector = object.pointer("/spec/selector").cloned().unwrap_or_default();
        put(&mut selector, &["matchLabels", NATIVE_HASH_LABEL], json!(hash));
        let Some(set) = At::ours("apps", "ReplicaSet", &at.namespace, &format!("{}-{hash}", at.name)) else {
            return false;
        };
        let mut made = json!({
            "metadata": { "labels": labels, "ownerReferences": owner(at, text(object, "/metadata/uid")) },
            "spec": { "replicas": deploying.next_size(), "selector": selector, "template": template },
        });
        deploying.annotate(&mut made);
        self.change(&set, made)
    }

    fn scale(&self, (key, set): &(Key, Json), replicas: i64, deploying: &Deploying<'_>) -> bool {
        let mut set = set.clone();
        put(&mut set, &["spec", "replicas"], replicas.into());
        deploying.annotate(&mut set);
        replica_set(key).is_some_and(|at| self.change(&at, set))
    }

    /// Says how far a Deployment is.
    fn note(&self, deploying: &Deploying<'_>) -> bool {
        let count = |set: &Json, what: &str| number(set, &format!("/status/{what}")).unwrap_or(0);
        let all = || deploying.old.iter().copied().chain(deploying.new);
        let sum = |what: &str| all().map(|(_, set)| count(set, what)).sum::<i64>();
        let mut noted = deploying.object.clone();
        let failure = all().flat_map(|(_, set)| crate::tree::items(set, "/status/conditions")).next().cloned();
        let status = json!({
            "observedGeneration": number(deploying.object, "/metadata/generation").unwrap_or(1),
            "replicas": sum("replicas"),
            "updatedReplicas": deploying.new.map_or(0, |(_, set)| count(set, "replicas")),
            "readyReplicas": sum("readyReplicas"),
            "availableReplicas": sum("availableReplicas"),
            "conditions": failure.map(|failure| json!([failure])),
        });
        put(&mut noted, &["status"], status);
        self.change(deploying.at, noted)
    }
}

impl<'a> Deploying<'a> {
    fn new(at: &'a At, object: &'a Json, sets: &'a [(Key, Json)]) -> Deploying<'a> {
        let is_new =
            |set: &&(Key, Json)| is_same_template(set.1.pointer("/spec/template"), object.pointer("/spec/template"));
        let new = sets.iter().find(is_new);
        let old = sets.iter().filter(|set| new.is_none_or(|new| new.0 != set.0)).collect();
        let replicas = number(object, "/spec/replicas").unwrap_or(1);
        let (mut surge, mut unavailable) = (0, 0);
        if text(object, "/spec/strategy/type") != "Recreate" {
            let bound = |what: &str| object.pointer(&format!("/spec/strategy/rollingUpdate/{what}"));
            surge = part(bound("maxSurge"), replicas, Rounding::Up);
            unavailable = part(bound("maxUnavailable"), replicas, Rounding::Down);
            // With neither nothing could ever happen.
            unavailable = if surge == 0 && unavailable == 0 { 1 } else { unavailable.min(replicas) };
        }
        Deploying { at, object, replicas, surge, unavailable, new, old }
    }

    /// The ReplicaSets that are to have pods.
    fn active(&self) -> Vec<&'a (Key, Json)> {
        self.old.iter().copied().chain(self.new).filter(|set| size(set) > 0).collect()
    }

    /// Whether its size has changed since its ReplicaSets were scaled.
    fn is_scaled(&self) -> bool {
        self.active().into_iter().any(|set| annotation(set, DESIRED).is_some_and(|desired| desired != self.replicas))
    }

    /// Whether the new ReplicaSet has all pods that there are to be, and is known to be meant so.
    fn is_saturated(&self) -> bool {
        self.new.is_some_and(|new| {
            size(new) == self.replicas
                && annotation(new, DESIRED) == Some(self.replicas)
                && available(new) == self.replicas
        })
    }

    /// How large the new ReplicaSet may be now.
    fn next_size(&self) -> i64 {
        let new = self.new.map_or(0, size);
        if text(self.object, "/spec/strategy/type") == "Recreate" {
            return self.replicas;
        }
        let total = self.old.iter().copied().map(size).sum::<i64>() + new;
        let most = self.replicas + self.surge;
        if total >= most { new } else { new + (most - total).min(self.replicas - new) }
    }

    /// What a ReplicaSet gets of what there is to add or to take.
    fn share(&self, set: &(Key, Json), to_add: i64, added: i64) -> i64 {
        if size(set) == 0 || to_add == added {
            return 0;
        }
        let left = to_add - added;
        let fraction = if self.replicas == 0 {
            -size(set)
        } else {
            let status = number(self.object, "/status/replicas").unwrap_or(0);
            let before = annotation(set, MOST).unwrap_or(status).max(1);
            // To the nearest, and half away from nothing.
            (size(set) * (self.replicas + self.surge) * 2 + before) / (before * 2) - size(set)
        };
        if to_add > 0 { fraction.min(left) } else { fraction.max(left) }
    }

    fn annotate(&self, set: &mut Json) {
        put(set, &["metadata", "annotations", DESIRED], json!(self.replicas.to_string()));
        put(set, &["metadata", "annotations", MOST], json!((self.replicas + self.surge).to_string()));
    }
}

#[derive(Clone, Copy)]
enum Rounding {
    Up,
    Down,
}

/// A number of pods, or so many of a hundred; by default a quarter.
fn part(bound: Option<&Json>, replicas: i64, rounding: Rounding) -> i64 {
    let percent = match bound {
        None => 25,
        Some(bound) => match bound.as_str().and_then(|text| text.strip_suffix('%')).map(str::parse) {
            Some(percent) => percent.unwrap_or(25),
            None => return bound.as_i64().unwrap_or(0),
        },
    };
    match rounding {
        Rounding::Up => (replicas * percent + 99) / 100,
        Rounding::Down => replicas * percent / 100,
    }
}

fn size((_, set): &(Key, Json)) -> i64 {
    number(set, "/spec/replicas").unwrap_or(1)
}

fn available((_, set): &(Key, Json)) -> i64 {
    number(set, "/status/availableReplicas").unwrap_or(0)
}

/// Later ones have larger numbers.
fn age((_, set): &(Key, Json)) -> i64 {
    text(set, "/metadata/uid").rsplit('-').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn annotation((_, set): &(Key, Json), name: &str) -> Option<i64> {
    set.pointer("/metadata/annotations")?.get(name)?.as_str()?.parse().ok()
}

/// As the Deployment controller compares: without its own label.
fn is_same_template(left: Option<&Json>, right: Option<&Json>) -> bool {
    let bare = |template: Option<&Json>| {
        let mut template = template.cloned().unwrap_or_default();
        if let Some(labels) = template.pointer_mut("/metadata/labels").and_then(Json::as_object_mut) {
            labels.remove(NATIVE_HASH_LABEL);
        }
        template
    };
    bare(left) == bare(right)
}
