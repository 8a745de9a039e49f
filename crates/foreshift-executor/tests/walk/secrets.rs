//! What Secrets hold reaches the cluster's Secrets, and nothing else that a rollout writes.

use std::rc::Rc;

use foreshift_core::preview::File;
use foreshift_executor::cluster::{ApiError, At, Cluster, Json, Kind, Mode, Reason, Trouble};
use foreshift_executor::record::{self, Record};
use foreshift_executor::{Options, Outcome, StopKind, rollout};
use serde_json::json;
use tokio::sync::Notify;

use crate::stage::{Stage, options, play};

/// What the manifest has, and what runs, plain and in base64.
const VALUES: &[&str] = &["NEWSECRET", "TkVXU0VDUkVU", "LIVESECRET", "TElWRVNFQ1JFVA"];

/// A rollout with a Secret among its manifests, over another one of the same name.
async fn stage() -> Stage {
    let mut stage = Stage::of("canary/reference").await;
    let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: NEWSECRET} # NEWSECRET\n";
    stage.request.files.push(File { path: "manifests/secret.yaml".to_owned(), text: text.to_owned() });
    let live = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "db",
            "namespace": stage.of.namespace,
            "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": "{\"data\":{\"other\":\"TElWRVNFQ1JFVA==\"}}",
                "note": "LIVESECRET",
            },
        },
        "data": {"other": "TElWRVNFQ1JFVA=="},
    });
    stage.memory.create(&at(&stage), &live, Mode::Real).await.unwrap();
    stage
}

fn at(stage: &Stage) -> At {
    let kind = Kind {
        group: String::new(),
        version: "v1".to_owned(),
        kind: "Secret".to_owned(),
        plural: "secrets".to_owned(),
        is_namespaced: true,
    };
    At { kind, namespace: stage.of.namespace.clone(), name: "db".to_owned() }
}

/// The record as it stands in the cluster, with its inputs unfolded.
async fn kept(stage: &Stage) -> (Record, String) {
    let place = record::place(&stage.of.application, &stage.of.target, &stage.of.namespace).unwrap();
    let object = stage.memory.get(&place).await.unwrap().unwrap();
    let record = Record::read(&object).unwrap();
    let inputs =
        if record.inputs.is_empty() { String::new() } else { format!("{:?}", record::decode(&record.inputs).unwrap()) };
    (record, format!("{object}\n{inputs}"))
}

fn assert_hidden(text: &str) {
    for value in VALUES {
        assert!(!text.contains(value), "`{value}` is in {text}");
    }
}

/// Everything in the cluster but the Secret itself.
fn assert_nothing_else_has_it(stage: &Stage) {
    let others: Vec<Json> = stage.memory.all().into_iter().filter(|object| object["kind"] != "Secret").collect();
    assert_hidden(&Json::from(others).to_string());
}

#[test]
fn no_record_has_a_value_and_the_cluster_gets_it() {
    play(async {
        let stage = stage().await;
        let planned = stage.planned().await;
        assert_hidden(&format!("{:?} {:?} {}", planned.request, planned.preview, record::encode(&planned.request)));
        let detached = stage.begin_with(&planned, &Options { detach: true, ..options() }).await;
        assert!(matches!(detached, Ok(Outcome::Detached(_))), "{detached:?}");
        let (running, text) = kept(&stage).await;
        assert!(running.is_running() && text.contains("*** ("), "{text}");
        assert_hidden(&text);
        assert_nothing_else_has_it(&stage);
        let secret = stage.memory.get(&at(&stage)).await.unwrap().unwrap();
        assert_eq!(secret["stringData"], json!({"password": "NEWSECRET"}));
        assert_eq!(secret["data"], json!({"other": "TElWRVNFQ1JFVA=="}), "what others keep in it stays");
        let outcome = tokio::select! {
            outcome = stage.resume_with_own() => outcome,
            () = stage.approve_everything() => unreachable!(),
        };
        assert_eq!(outcome.unwrap(), Outcome::Done);
        let (ended, text) = kept(&stage).await;
        assert_hidden(&text);
        assert_eq!((ended.inputs.as_str(), ended.history.len()), ("", 1), "its inputs go with the end");
        assert!(!text.contains("binaryData"), "{text}");
        assert_nothing_else_has_it(&stage);
    });
}

#[test]
fn inputs_go_when_it_was_taken_back() {
    play(async {
        let stage = stage().await;
        let outcome = tokio::select! {
            outcome = stage.begin() => outcome,
            () = stage.answer_everything(false) => unreachable!(),
        };
        assert!(matches!(outcome, Ok(Outcome::Aborted(_))), "{outcome:?}");
        let (ended, text) = kept(&stage).await;
        assert_hidden(&text);
        assert_eq!((ended.inputs.as_str(), ended.history.len()), ("", 1));
        assert!(rollout::waiting(&ended).is_none());
        // And another one can begin in its place.
        let again = stage.begin_with(&stage.planned().await, &Options { detach: true, ..options() }).await;
        assert!(matches!(again, Ok(Outcome::Detached(_))), "{again:?}");
        assert_eq!(kept(&stage).await.0.history.len(), 1);
    });
}

#[test]
fn a_resume_without_the_users_files_applies_no_mask() {
    play(async {
        let stage = stage().await;
        let planned = stage.planned().await;
        // Killed at the Secret: the first time it is tried, the second time it is meant.
        let killed = Rc::new(Notify::new());
        let (kill, mut applied) = (Rc::clone(&killed), 0);
        stage.memory.trouble(Box::new(move |_, request| {
            applied += usize::from(request == "apply");
            (request == "apply" && applied == 2).then(|| {
                kill.notify_one();
                Trouble::Silence
            })
        }));
        let options = options();
        tokio::select! {
            outcome = stage.begin_with(&planned, &options) => panic!("{outcome:?}"),
            () = killed.notified() => {}
        }
        let stop = rollout::resume(&stage.memory, &stage.of, &options, &|_, _| ()).await.unwrap_err();
        assert_eq!(stop.kind, StopKind::Input);
        assert!(stop.message.contains("/db is still to be applied, and a record alone applies nothing"), "{stop}");
        let secret = stage.memory.get(&at(&stage)).await.unwrap().unwrap();
        assert_eq!(secret.get("stringData"), None, "nothing was applied");
        let outcome = tokio::select! {
            outcome = stage.resume_with_own() => outcome,
            () = stage.approve_everything() => unreachable!(),
        };
        assert_eq!(outcome.unwrap(), Outcome::Done);
        let secret = stage.memory.get(&at(&stage)).await.unwrap().unwrap();
        assert_eq!(secret["stringData"], json!({"password": "NEWSECRET"}));
    });
}

#[test]
fn what_the_server_quotes_is_hidden() {
    play(async {
        for (number, applied) in [("the trial", 1), ("the write", 2)] {
            let stage = stage().await;
            let planned = stage.planned().await;
            let mut count = 0;
            stage.memory.trouble(Box::new(move |_, request| {
                count += usize::from(request == "apply");
                let quoted = "stringData.password: expected something else than NEWSECRET (TkVXU0VDUkVU)";
                (request == "apply" && count >= applied)
                    .then(|| Trouble::Refused(ApiError::new(Reason::Refused, quoted)))
            }));
            let stop = stage.begin_with(&planned, &options()).await.unwrap_err();
            assert!(stop.message.contains("expected something else than ***"), "{number}: {stop}");
            assert_hidden(&stop.to_string());
        }
    });
}
