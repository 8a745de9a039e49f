//! To the end and back, nothing in the way.

use foreshift_core::plan::Gate;
use foreshift_executor::{Event, Outcome, StopKind};
use serde_json::json;

use crate::stage::{Stage, options, play};

#[test]
fn a_rollout_ends_with_the_users_own_objects_and_the_new_version() {
    play(async {
        let stage = Stage::of("canary/reference").await;
        let before = stage.traffic();
        let old: Vec<_> = stage.of_kind("Pod");
        let outcome = tokio::select! {
            outcome = stage.begin() => outcome,
            () = stage.approve_everything() => unreachable!(),
        };
        assert_eq!(outcome.unwrap(), Outcome::Done);
        assert_eq!(stage.traffic(), before);
        let deployment = stage.object("Deployment", "reviews");
        assert_eq!(deployment["spec"].get("paused"), None);
        assert_eq!(deployment["status"]["updatedReplicas"], json!(3));
        assert_eq!(stage.of_kind("ReplicaSet").len(), 2, "no third one");
        let pods = stage.of_kind("Pod");
        assert_eq!(pods.len(), 3);
        assert!(pods.iter().all(|pod| !old.contains(pod)));
        assert_eq!(stage.of_kind("Lease").len(), 0, "every Lease is given back");
    });
}

#[test]
fn a_no_takes_it_back() {
    play(async {
        let stage = Stage::of("canary/reference").await;
        let specs =
            || stage.of_kind("Deployment").into_iter().map(|mut object| object["spec"].take()).collect::<Vec<_>>();
        let before = (stage.traffic(), specs(), stage.of_kind("Pod"));
        let outcome = tokio::select! {
            outcome = stage.begin() => outcome,
            () = stage.answer_everything(false) => unreachable!(),
        };
        assert_eq!(outcome.unwrap(), Outcome::Aborted("sre said no".to_owned()));
        assert_eq!((stage.traffic(), specs(), stage.of_kind("Pod")), before);
        assert_eq!(stage.of_kind("ReplicaSet").len(), 1);
    });
}

#[test]
fn every_case_can_be_walked() {
    let mut walked = 0;
    for name in crate::stage::cases() {
        // A preview takes it that pods answer for its other Service; here it is known that none do.
        if name == "warned/service-without-pods-of-its-own" {
            continue;
        }
        let request = crate::stage::case(&name);
        let shown = foreshift_core::preview(&request);
        let Some(plan) = shown.plans.first().filter(|plan| !plan.workloads.is_empty() && !shown.has_errors()) else {
            continue;
        };
        let asks_others = |gate: &Gate| matches!(gate, Gate::Analysis { .. } | Gate::Webhook { .. } | Gate::All(_));
        if plan.stages.iter().flat_map(|stage| &stage.gates).chain(&plan.start.gates).any(asks_others) {
            continue;
        }
        let canaries = plan.workloads.len();
        play(async {
            let stage = Stage::of(&name).await;
            let before = stage.traffic();
            let outcome = tokio::select! {
                outcome = stage.begin() => outcome,
                () = stage.approve_everything() => unreachable!(),
            };
            match outcome {
                Ok(outcome) => assert_eq!(outcome, Outcome::Done, "{name}"),
                Err(stop) => panic!("{name}: {stop}"),
            }
            assert_eq!(stage.traffic(), before, "{name}");
            let new = stage.of_kind("ReplicaSet");
            let running = new.iter().filter(|set| set["spec"]["replicas"] != 0).count();
            assert!(running >= canaries, "{name}");
        });
        walked += 1;
    }
    assert!(walked > 100, "{walked} cases were walked");
}

#[test]
fn a_foreign_edit_of_an_owned_field_stops_it_and_any_other_survives() {
    play(async {
        let stage = Stage::of("canary/reference").await;
        let edits = async {
            loop {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                if stage.events.borrow().iter().any(|event| matches!(event, Event::Waiting { approval: Some(_), .. })) {
                    break;
                }
            }
            let mut service = stage.object("VirtualService", "reviews");
            service["spec"]["http"][0]["timeout"] = json!("5s");
            stage.memory.put(&at("VirtualService", &stage), service);
            tokio::time::sleep(std::time::Duration::from_secs(5)).await;
            let mut service = stage.object("VirtualService", "reviews");
            service["spec"]["http"][0]["route"][0]["weight"] = json!(50);
            stage.memory.put(&at("VirtualService", &stage), service);
            std::future::pending::<()>().await;
        };
        let outcome = tokio::select! {
            outcome = stage.begin() => outcome,
            () = edits => unreachable!(),
        };
        let stop = outcome.unwrap_err();
        assert_eq!(stop.kind, StopKind::OffPlan);
        assert_eq!(
            stop.drift[0].leaves[0].place,
            "spec.http[http-route-reviews].route[reviews.istiodemo.svc.cluster.local/stable].weight"
        );
        let service = stage.object("VirtualService", "reviews");
        assert_eq!(service["spec"]["http"][0]["timeout"], json!("5s"));
    });
}

#[test]
fn pods_that_never_get_ready_take_it_back() {
    play(async {
        let pace = foreshift_executor::cluster::Pace { ready: None, gone: std::time::Duration::from_secs(1) };
        let stage = Stage::at_pace("canary/reference", pace).await;
        let before = stage.traffic();
        let planned = stage.planned().await;
        let outcome = stage.begin_with(&planned, &options()).await;
        assert_eq!(outcome.unwrap(), Outcome::Aborted("the pods were not Ready in time".to_owned()));
        assert_eq!(stage.traffic(), before);
    });
}

fn at(kind: &str, stage: &Stage) -> foreshift_executor::cluster::At {
    foreshift_executor::cluster::At::ours("networking.istio.io", kind, &stage.of.namespace, "reviews").unwrap()
}
