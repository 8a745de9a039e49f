//! What somebody tries who may write ConfigMaps, and nothing else.

use std::time::Duration;

use foreshift_core::preview::File;
use foreshift_executor::cluster::{ApiError, At, Cluster, Json, Kind, Memory, Mode, Reason, Trouble};
use foreshift_executor::live::Planned;
use foreshift_executor::record::{self, Answer, Direction, Record};
use foreshift_executor::{Event, Options, Outcome, StopKind, rollout};
use serde_json::json;

use crate::stage::{Stage, options, play};

const BINDING: &str = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: pwn}\n\
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}\n\
    subjects: [{kind: User, name: mallory, apiGroup: rbac.authorization.k8s.io}]\n";

fn place(stage: &Stage) -> At {
    record::place(&stage.of.application, &stage.of.target, &stage.of.namespace).unwrap()
}

/// A rollout that waits for its first approval, and that nobody walks.
async fn detached(stage: &Stage) {
    let options = Options { detach: true, ..options() };
    let planned = stage.planned().await;
    let outcome = stage.begin_with(&planned, &options).await.unwrap();
    assert!(matches!(outcome, Outcome::Detached(_)), "{outcome:?}");
}

async fn tamper(stage: &Stage, change: impl FnOnce(&mut Record)) {
    let object = stage.memory.get(&place(stage)).await.unwrap().unwrap();
    let mut record = Record::read(&object).unwrap();
    change(&mut record);
    stage.memory.replace(&place(stage), &record.write(Some(&object)), Mode::Real).await.unwrap();
}

fn snapshot(stage: &Stage) -> Vec<Json> {
    let is_kept = |object: &Json| !["Lease", "ConfigMap", "Secret"].contains(&object["kind"].as_str().unwrap());
    stage.memory.all().into_iter().filter(is_kept).collect()
}

#[test]
fn a_manifest_that_a_record_was_given_is_applied_by_nobody() {
    play(async {
        let stage = Stage::of("canary/reference").await;
        detached(&stage).await;
        tamper(&stage, |record| {
            let mut request = record::decode(&record.inputs).unwrap();
            request.files.push(File { path: "manifests/x.yaml".into(), text: BINDING.into() });
            record.inputs = record::encode(&request);
            record.run.plan.clone_from(&Planned::again(&request).digest);
            record.cursor = record::Cursor { announced: 1, ..record::Cursor::default() };
        })
        .await;
        let before = snapshot(&stage);
        for outcome in [stage.resume().await, stage.resume_with_own().await] {
            assert_eq!(outcome.unwrap_err().kind, StopKind::OffPlan);
        }
        assert_eq!(snapshot(&stage), before, "nothing was written");
    });
}

#[test]
fn a_cursor_that_was_moved_is_not_gone_by() {
    for cursor in [
        json!({"done": 4, "announced": 1}),
        json!({"done": usize::MAX, "announced": usize::MAX}),
        json!({"direction": {"back": {"from": 4000}}, "done": 0}),
        json!({"gate": {"index": 99, "since": "x"}}),
    ] {
        play(async {
            let stage = Stage::of("canary/reference").await;
            detached(&stage).await;
            let object = stage.memory.get(&place(&stage)).await.unwrap().unwrap();
            let mut tampered = object.clone();
            let mut known: Json = serde_json::from_str(object["data"]["cursor"].as_str().unwrap()).unwrap();
            known.as_object_mut().unwrap().extend(cursor.as_object().unwrap().clone());
            tampered["data"]["cursor"] = json!(known.to_string());
            stage.memory.replace(&place(&stage), &tampered, Mode::Real).await.unwrap();
            let before = snapshot(&stage);
            let record = Record::read(&stage.memory.get(&place(&stage)).await.unwrap().unwrap());
            // What asks how far it is does not break either.
            let _ = record.map(|record| rollout::waiting(&record));
            assert_eq!(stage.resume().await.unwrap_err().kind, StopKind::OffPlan, "{cursor}");
            assert_eq!(snapshot(&stage), before, "{cursor}");
        });
    }
}

#[test]
fn a_baseline_that_was_changed_is_not_restored() {
    play(async {
        let stage = Stage::of("canary/reference").await;
        detached(&stage).await;
        tamper(&stage, |record| {
            let mut request = record::decode(&record.inputs).unwrap();
            for file in &mut request.files {
                file.text = file.text.replace("subset: stable", "subset: elsewhere");
            }
            record.inputs = record::encode(&request);
            record.run.plan.clone_from(&Planned::again(&request).digest);
            record.cursor.direction = Direction::Back { from: 4 };
        })
        .await;
        let before = snapshot(&stage);
        assert_eq!(stage.resume().await.unwrap_err().kind, StopKind::OffPlan);
        assert_eq!(snapshot(&stage), before);
    });
}

#[test]
fn an_approval_is_given_where_it_is_asked_for_and_nowhere_else() {
    play(async {
        let stage = Stage::of("canary/reference").await;
        let planned = stage.planned().await;
        let forging = async {
            let cluster = stage.memory.for_another();
            // Before any gate waits, under every name, as often as can be: in the record, and where answers are taken.
            for _ in 0..200 {
                tokio::time::sleep(Duration::from_millis(50)).await;
                let yes = Answer { yes: true, by: "mallory".into(), groups: vec![], at: String::new() };
                let at = place(&stage);
                if let Some(mut object) = cluster.get(&at).await.unwrap() {
                    let gates: Vec<String> = (0..14).map(|gate| format!("{gate}.0")).collect();
                    let answers: serde_json::Map<_, _> = gates.iter().map(|gate| (gate.clone(), json!(yes))).collect();
                    object["data"]["answers"] = json!(json!(answers).to_string());
                    let _ = cluster.replace(&at, &object, Mode::Real).await;
                }
            }
        };
        let options = options();
        tokio::select! {
            outcome = stage.begin_with(&planned, &options) => panic!("{outcome:?}"),
            () = forging => {}
        }
        let weights: Vec<_> = stage
            .events
            .borrow()
            .iter()
            .filter_map(|event| match event {
                Event::Writing { weight, .. } => *weight,
                _ => None,
            })
            .collect();
        assert_eq!(weights, [10], "it stands at its first approval");
    });
}

#[test]
fn a_second_answer_is_told_who_gave_the_first() {
    play(async {
        let stage = Stage::of("canary/reference").await;
        detached(&stage).await;
        let answer = |by: &str| Answer { yes: true, by: by.into(), groups: vec![], at: jiff_now() };
        let patience = Duration::from_secs(1);
        let given = rollout::approve(&stage.memory, &stage.of, None, &answer("alice"), patience).await.unwrap();
        assert_eq!(given, ["4.0"]);
        let again = rollout::approve(&stage.memory, &stage.of, None, &answer("bob"), patience).await.unwrap_err();
        assert!(again.message.contains("already answered: approved by alice"), "{again}");
        let ahead = rollout::answer(&stage.memory, &stage.of, "5.0", &answer("bob"), patience).await.unwrap_err();
        assert!(ahead.message.contains("no such approval"), "{ahead}");
        // The next gate waits by now; who answers twice does not answer it.
        let outcome = tokio::select! {
            outcome = stage.resume() => panic!("{outcome:?}"),
            () = tokio::time::sleep(Duration::from_secs(30)) => rollout::approve(&stage.memory, &stage.of, None, &answer("alice"), patience).await,
        };
        assert!(outcome.unwrap_err().message.contains("already answered"), "within a moment by the clock on the wall");
    });
}

#[test]
fn an_answer_for_another_run_or_gate_is_none() {
    play(async {
        let stage = Stage::of("canary/reference").await;
        detached(&stage).await;
        let secret = At::ours("", "Secret", &stage.of.namespace, &format!("{}-approve", place(&stage).name)).unwrap();
        let there = stage.memory.get(&secret).await.unwrap().unwrap();
        let open: Json = serde_json::from_slice(&decoded(there["data"]["open"].as_str().unwrap())).unwrap();
        for (part, value) in [("run", "another"), ("gate", "5.0"), ("since", "2020-01-01T00:00:00Z")] {
            let mut of = open.clone();
            of[part] = json!(value);
            let said = json!({"of": of, "answer": {"yes": true, "by": "mallory", "groups": [], "at": ""}});
            let mut forged = stage.memory.get(&secret).await.unwrap().unwrap();
            forged["data"]["answer"] = json!(encoded(said.to_string().as_bytes()));
            stage.memory.replace(&secret, &forged, Mode::Real).await.unwrap();
            let resumed = tokio::time::timeout(Duration::from_mins(1), stage.resume()).await;
            assert!(resumed.is_err(), "{part}: {resumed:?}");
        }
    });
}

#[test]
fn sixteen_ways_back_with_long_reasons_leave_room_for_a_rollout() {
    play(async {
        let stage = Stage::of("canary/reference").await;
        for _ in 0..16 {
            detached(&stage).await;
            let by = Answer { yes: true, by: "x".repeat(100_000), groups: vec![], at: String::new() };
            rollout::ask_to_abort(&stage.memory, &stage.of, &by, Duration::from_secs(1)).await.unwrap();
            assert!(matches!(stage.resume().await.unwrap(), Outcome::Aborted(_)));
            let object = stage.memory.get(&place(&stage)).await.unwrap().unwrap();
            assert!(object.to_string().len() < 1 << 20, "{}", object.to_string().len());
        }
    });
}

#[test]
fn what_ends_leaves_nothing_that_only_it_could_use() {
    play(async {
        let stage = Stage::of("canary/reference").await;
        let outcome = tokio::select! {
            outcome = stage.begin() => outcome,
            () = stage.approve_everything() => unreachable!(),
        };
        assert_eq!(outcome.unwrap(), Outcome::Done);
        assert_eq!(stage.of_kind("Secret"), Vec::<Json>::new());
        assert_eq!(stage.of_kind("Lease"), Vec::<Json>::new());
    });
}

#[test]
fn leases_that_cannot_be_given_back_together_are_given_back_one_by_one() {
    for reason in [Reason::Conflict, Reason::Forbidden, Reason::Refused] {
        play(async {
            let stage = Stage::of("canary/reference").await;
            let options = Options { detach: true, ..options() };
            let planned = stage.planned().await;
            stage.memory.trouble(Box::new(move |_, request| {
                (request == "delete all").then(|| Trouble::Refused(ApiError::new(reason, "not together")))
            }));
            let outcome = stage.begin_with(&planned, &options).await.unwrap();
            assert!(matches!(outcome, Outcome::Detached(_)), "{outcome:?}");
            assert_eq!(stage.of_kind("Lease"), Vec::<Json>::new(), "{reason:?}");
        });
    }
}

#[test]
fn a_lease_whose_head_lives_is_nobody_elses() {
    play(async {
        let stage = Stage::of("canary/reference").await;
        detached(&stage).await;
        let walking = stage.resume();
        let other = async {
            tokio::time::sleep(Duration::from_mins(2)).await;
            let memory: Memory = stage.memory.for_another();
            rollout::resume(&memory, &stage.of, &options(), &|_, _| ()).await
        };
        let end = tokio::select! { outcome = walking => panic!("{outcome:?}"), other = other => other };
        let stop = end.unwrap_err();
        assert_eq!(stop.kind, StopKind::Busy);
        assert!(stop.message.contains("is held by you on ") && stop.message.contains(" since "), "{stop}");
    });
}

#[test]
fn a_lease_that_waits_for_others_is_renewed() {
    play(async {
        let stage = Stage::of("canary/reference").await;
        let planned = stage.planned().await;
        // Somebody died who held the last of the Leases.
        let mut uids: Vec<String> = ["VirtualService", "DestinationRule", "Deployment"]
            .iter()
            .flat_map(|kind| stage.of_kind(kind))
            .map(|object| object["metadata"]["uid"].as_str().unwrap().to_owned())
            .collect();
        uids.sort();
        let lease = |uid: &str| {
            let kind = Kind::ours("coordination.k8s.io", "Lease").unwrap();
            At { kind, namespace: stage.of.namespace.clone(), name: format!("foreshift-{uid}") }
        };
        let dead = lease(uids.last().unwrap());
        let held = json!({
            "metadata": {"name": dead.name, "namespace": dead.namespace},
            "spec": {"holderIdentity": "dead", "leaseDurationSeconds": 40},
        });
        stage.memory.create(&dead, &held, Mode::Real).await.unwrap();
        let first = lease(uids.first().unwrap());
        let renewals = async {
            let mut versions = std::collections::BTreeSet::new();
            for _ in 0..38 {
                tokio::time::sleep(Duration::from_secs(1)).await;
                let there = stage.memory.for_another().get(&first).await.unwrap();
                versions.extend(there.map(|lease| lease["metadata"]["resourceVersion"].as_str().unwrap().to_owned()));
            }
            versions.len()
        };
        let options = options();
        let walking = stage.begin_with(&planned, &options);
        let renewed = tokio::select! { outcome = walking => panic!("{outcome:?}"), renewed = renewals => renewed };
        assert!(renewed >= 4, "a Lease of 15 s was written {renewed} times in 38 s");
    });
}

fn decoded(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

fn encoded(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn jiff_now() -> String {
    jiff::Timestamp::now().to_string()
}
