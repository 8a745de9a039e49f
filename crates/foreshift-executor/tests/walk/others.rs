//! What others do to a rollout's objects and pods, and the way out of it.

use std::time::Duration;

use foreshift_core::kubernetes::Key;
use foreshift_executor::cluster::{At, Cluster, Json};
use foreshift_executor::record::{self, Answer};
use foreshift_executor::{Event, Outcome, StopKind, rollout};
use serde_json::json;

use crate::stage::{Stage, options, play};

fn at(stage: &Stage, group: &str, kind: &str, name: &str) -> At {
    At::ours(group, kind, &stage.of.namespace, name).unwrap()
}

fn traffic(stage: &Stage, kind: &str) -> At {
    at(stage, "networking.istio.io", kind, "reviews")
}

fn weights(stage: &Stage) -> Vec<i64> {
    let service = stage.object("VirtualService", "reviews");
    let route = service["spec"]["http"][0]["route"].as_array().unwrap().clone();
    route.iter().map(|to| to["weight"].as_i64().unwrap_or(100)).collect()
}

/// Waits until an approval is asked for as often as that.
async fn until_approval(stage: &Stage, times: usize) {
    let is_approval = |event: &&Event| matches!(event, Event::Waiting { approval: Some(_), .. });
    while stage.events.borrow().iter().filter(is_approval).count() < times {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn change(stage: &Stage, at: &At, change: impl FnOnce(&mut Json)) {
    let mut object = stage.memory.for_another().get(at).await.unwrap().unwrap();
    change(&mut object);
    stage.memory.put(at, object);
}

async fn remove(stage: &Stage, at: &At) {
    use foreshift_executor::cluster::Dependents;
    let cluster = stage.memory.for_another();
    let there = cluster.get(at).await.unwrap().unwrap();
    cluster.delete(at, (there["metadata"]["uid"].as_str().unwrap(), None), Dependents::Removed).await.unwrap();
}

/// The old ReplicaSet, and the pods of the old revision.
fn old_set(stage: &Stage) -> Json {
    stage
        .of_kind("ReplicaSet")
        .into_iter()
        .find(|set| set["metadata"]["ownerReferences"][0]["kind"] == "Deployment")
        .unwrap()
}

fn ready_of(stage: &Stage, set: &Json) -> usize {
    let of = |pod: &&Json| pod["metadata"]["ownerReferences"][0]["uid"] == set["metadata"]["uid"];
    let is_ready = |pod: &&Json| {
        pod["status"]["conditions"][0]["status"] == "True" && pod["metadata"].get("deletionTimestamp").is_none()
    };
    stage.of_kind("Pod").iter().filter(of).filter(is_ready).count()
}

async fn aborted(stage: &Stage) -> Outcome {
    let by = Answer { yes: true, by: "sre".into(), groups: vec![], at: String::new() };
    rollout::ask_to_abort(&stage.memory, &stage.of, &by, Duration::from_secs(1)).await.unwrap();
    stage.resume().await.unwrap()
}

#[test]
fn a_new_image_meanwhile_does_not_roll_and_stops_the_rollout_with_a_diff() {
    play(async {
        let stage = Stage::of("canary/reference").await;
        let set = old_set(&stage);
        let edits = async {
            until_approval(&stage, 1).await;
            change(&stage, &at(&stage, "apps", "Deployment", "reviews"), |deployment| {
                deployment["spec"]["template"]["spec"]["containers"][0]["image"] = json!("reviews:3");
            })
            .await;
            std::future::pending::<()>().await;
        };
        let stop = tokio::select! { outcome = stage.begin() => outcome.unwrap_err(), () = edits => unreachable!() };
        assert_eq!(stop.kind, StopKind::OffPlan);
        assert_eq!(stop.drift[0].leaves[0].place, "spec.template.spec.containers[0].image");
        assert_eq!((ready_of(&stage, &set), weights(&stage)), (3, vec![90, 10]), "no pod went");
        // The way out of it leaves their edit to them.
        assert!(matches!(aborted(&stage).await, Outcome::Aborted(_)));
        let deployment = stage.object("Deployment", "reviews");
        assert_eq!(deployment["spec"].get("paused"), None);
        assert_eq!(deployment["spec"]["template"]["spec"]["containers"][0]["image"], "reviews:3");
    });
}

#[test]
fn a_deployment_that_somebody_resumes_is_paused_again() {
    play(async {
        let stage = Stage::of("canary/reference").await;
        let edits = async {
            until_approval(&stage, 1).await;
            change(&stage, &at(&stage, "apps", "Deployment", "reviews"), |deployment| {
                deployment["spec"].as_object_mut().unwrap().remove("paused");
            })
            .await;
            tokio::time::sleep(Duration::from_secs(5)).await;
            assert_eq!(stage.object("Deployment", "reviews")["spec"]["paused"], true);
        };
        tokio::select! { outcome = stage.begin() => panic!("{outcome:?}"), () = edits => {} }
    });
}

#[test]
fn requests_follow_the_pods_that_are_ready_and_come_back_with_the_others() {
    play(async {
        let stage = Stage::of("canary/reference").await;
        let set = old_set(&stage);
        let edits = async {
            until_approval(&stage, 1).await;
            // As long as somebody keeps the old pods away.
            let pace = foreshift_executor::cluster::Pace { ready: None, gone: Duration::from_secs(1) };
            stage.memory.set_pace(pace);
            for pod in stage
                .of_kind("Pod")
                .iter()
                .filter(|pod| pod["metadata"]["ownerReferences"][0]["uid"] == set["metadata"]["uid"])
            {
                remove(&stage, &at(&stage, "", "Pod", pod["metadata"]["name"].as_str().unwrap())).await;
            }
            tokio::time::sleep(Duration::from_secs(2)).await;
            assert_eq!((ready_of(&stage, &set), weights(&stage)), (0, vec![0, 100]), "all go to the new ones");
            for pod in stage
                .of_kind("Pod")
                .iter()
                .filter(|pod| pod["metadata"]["ownerReferences"][0]["uid"] == set["metadata"]["uid"])
            {
                change(&stage, &at(&stage, "", "Pod", pod["metadata"]["name"].as_str().unwrap()), |pod| {
                    pod["status"] = json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]});
                })
                .await;
            }
            tokio::time::sleep(Duration::from_secs(2)).await;
            assert_eq!((ready_of(&stage, &set), weights(&stage)), (3, vec![90, 10]), "and back as planned");
        };
        tokio::select! { outcome = stage.begin() => panic!("{outcome:?}"), () = edits => {} }
    });
}

#[test]
fn an_evicted_pod_and_one_of_a_lost_node_hold_nothing_up() {
    for status in [
        json!({"phase": "Failed", "reason": "Evicted"}),
        json!({"phase": "Succeeded"}),
        json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "Unknown"}]}),
    ] {
        play(async {
            let stage = Stage::of("canary/reference").await;
            let pod = stage.of_kind("Pod")[0].clone();
            let mut dead = json!({
                "metadata": {"labels": pod["metadata"]["labels"], "ownerReferences": pod["metadata"]["ownerReferences"]},
                "status": status,
            });
            dead["metadata"]["ownerReferences"][0]["uid"] = json!("an-older-replica-set");
            dead["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
            let walk = async {
                until_approval(&stage, 1).await;
                stage.memory.put(&at(&stage, "", "Pod", "dead"), dead);
                stage.approve_everything().await;
            };
            let outcome = tokio::select! {
                outcome = tokio::time::timeout(Duration::from_mins(15), stage.begin()) => outcome,
                () = walk => unreachable!(),
            };
            assert_eq!(outcome.expect("it waits for no such pod").unwrap(), Outcome::Done, "{status}");
        });
    }
}

/// Something that somebody does to a rollout which waits for its first approval.
type Deed = (&'static str, fn(&Stage));

const DEEDS: &[Deed] = &[
    ("a weight was edited", |stage| {
        let mut service = stage.object("VirtualService", "reviews");
        service["spec"]["http"][0]["route"][0]["weight"] = json!(50);
        service["spec"]["http"][0]["route"][1]["weight"] = json!(50);
        stage.memory.put(&traffic(stage, "VirtualService"), service);
    }),
    ("a pin was taken off", |stage| {
        let mut rule = stage.object("DestinationRule", "reviews");
        rule["spec"]["subsets"][0]["labels"] = json!({"app": "reviews"});
        stage.memory.put(&traffic(stage, "DestinationRule"), rule);
    }),
    ("a pin was put on another revision", |stage| {
        let mut rule = stage.object("DestinationRule", "reviews");
        rule["spec"]["subsets"][0]["labels"] = json!({"app": "reviews", "armory-pod-template-hash": "theirs"});
        stage.memory.put(&traffic(stage, "DestinationRule"), rule);
    }),
    ("both were put back, and the new ReplicaSet was removed", |stage| {
        let mut service = stage.object("VirtualService", "reviews");
        let route = &mut service["spec"]["http"][0]["route"];
        *route = json!([{"destination": route[0]["destination"]}]);
        stage.memory.put(&traffic(stage, "VirtualService"), service);
        let mut rule = stage.object("DestinationRule", "reviews");
        rule["spec"]["subsets"] = json!([{"name": "stable", "labels": {"app": "reviews"}}]);
        stage.memory.put(&traffic(stage, "DestinationRule"), rule);
        remove_now(stage, "apps", "ReplicaSet");
    }),
    ("the VirtualService is gone", |stage| remove_now(stage, "networking.istio.io", "VirtualService")),
    ("the DestinationRule is gone", |stage| remove_now(stage, "networking.istio.io", "DestinationRule")),
    ("the new ReplicaSet is gone", |stage| remove_now(stage, "apps", "ReplicaSet")),
];

/// Removes the one object of a kind, or the new one of the ReplicaSets.
fn remove_now(stage: &Stage, group: &str, kind: &str) {
    let is_new = |object: &&Json| kind != "ReplicaSet" || object["metadata"].get("ownerReferences").is_none();
    let found = stage.of_kind(kind);
    let name = found.iter().find(is_new).unwrap()["metadata"]["name"].as_str().unwrap().to_owned();
    let key = Key { group: group.into(), kind: kind.into(), namespace: stage.of.namespace.clone(), name };
    stage.memory.forget(&key);
}

#[test]
fn an_abort_takes_back_what_is_ours_whoever_wrote_there() {
    for (what, deed) in DEEDS {
        play(async {
            let stage = Stage::of("canary/reference").await;
            let before = (stage.traffic(), ready_of(&stage, &old_set(&stage)));
            let deeds = async {
                until_approval(&stage, 1).await;
                deed(&stage);
                std::future::pending::<()>().await;
            };
            // It stops by itself, or turns round where new pods are missing.
            let ended = tokio::select! {
                outcome = tokio::time::timeout(Duration::from_mins(1), stage.begin()) => outcome.expect("it is noticed"),
                () = deeds => unreachable!(),
            };
            if ended.is_err() {
                assert!(matches!(aborted(&stage).await, Outcome::Aborted(_)), "{what}");
            }
            assert_eq!((stage.traffic(), ready_of(&stage, &old_set(&stage))), before, "{what}");
            assert_eq!(stage.of_kind("ReplicaSet").len(), 1, "{what}");
            assert_eq!(stage.object("Deployment", "reviews")["spec"].get("paused"), None, "{what}");
        });
    }
}

#[test]
fn a_record_that_is_gone_is_noticed_and_the_cluster_says_enough() {
    for approvals in [1, 2] {
        play(async {
            let stage = Stage::of("canary/reference").await;
            let before = (stage.traffic(), ready_of(&stage, &old_set(&stage)));
            let removing = async {
                for answered in 1..approvals {
                    until_approval(&stage, answered).await;
                    let yes = Answer { yes: true, by: "sre".into(), groups: vec![], at: String::new() };
                    let gate = format!("{}.0", 3 + answered);
                    rollout::answer(&stage.memory.for_another(), &stage.of, &gate, &yes, Duration::from_secs(1))
                        .await
                        .unwrap();
                }
                until_approval(&stage, approvals).await;
                let place = record::place(&stage.of.application, &stage.of.target, &stage.of.namespace).unwrap();
                remove(&stage, &place).await;
                std::future::pending::<()>().await;
            };
            let stop =
                tokio::select! { outcome = stage.begin() => outcome.unwrap_err(), () = removing => unreachable!() };
            assert!(stop.message.contains("has removed the record"), "{stop}");
            assert!(stop.help.as_deref().unwrap().contains("--from-cluster"), "{stop:?}");
            let report = |_: &str, event: &Event| stage.events.borrow_mut().push(event.clone());
            let written =
                rollout::abort_from_cluster(&stage.memory, &stage.of, &stage.request, &options(), &report).await;
            assert!(written.unwrap() > 3);
            assert_eq!((stage.traffic(), ready_of(&stage, &old_set(&stage))), before);
            assert_eq!(stage.of_kind("ReplicaSet").len(), 1);
            assert_eq!(stage.object("Deployment", "reviews")["spec"].get("paused"), None);
            assert_eq!((stage.of_kind("Secret").len(), stage.of_kind("Lease").len()), (0, 0), "nothing is left");
            let again =
                rollout::abort_from_cluster(&stage.memory, &stage.of, &stage.request, &options(), &report).await;
            assert_eq!(again.unwrap(), 0, "there is nothing more to do");
        });
    }
}
