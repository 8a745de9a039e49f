//! Stopped at every single request, before and after it is carried out, and troubled at every one: every run ends as
//! planned, and nothing that the cluster goes through on the way breaks a law.
//!
//! A run of the tests takes a part of them, another one each day; `FORESHIFT_STOPS=all` takes all.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use foreshift_executor::Outcome;
use foreshift_executor::cluster::{ApiError, Cluster, Kind, Reason, Scope, Seen, Trouble};
use futures_util::StreamExt as _;
use serde_json::Value as Json;
use tokio::sync::Notify;

use crate::judge::Moment;
use crate::stage::{Stage, play};

/// What happens to one request of a run.
#[derive(Clone, Copy, Debug)]
enum Happening {
    KilledBefore,
    KilledAfter,
    Lost,
    Answered(Reason),
}

const HAPPENINGS: &[Happening] = &[
    Happening::KilledBefore,
    Happening::KilledAfter,
    Happening::Lost,
    Happening::Answered(Reason::Conflict),
    Happening::Answered(Reason::Passing),
    Happening::Answered(Reason::Unauthorized),
];

/// How a run is answered at its approvals, and so where it ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Way {
    Forward,
    Back,
}

#[test]
fn every_rollout_survives_being_stopped_anywhere() {
    let mut runs = 0;
    let is_all = std::env::var("FORESHIFT_STOPS").is_ok_and(|stops| stops == "all");
    let every = if is_all { 1 } else { 19 };
    // Another part each day.
    let part = usize::try_from(jiff::Timestamp::now().as_second() / 86_400).unwrap();
    let both: &[Way] = &[Way::Forward, Way::Back];
    for (case, ways) in [
        ("canary/reference", both),
        ("canary/two-virtual-services-of-one-workload", both),
        ("canary/replica-set-left-behind", &[Way::Forward]),
        ("warned/deployment-removed", &[Way::Forward]),
    ] {
        for way in ways.iter().copied() {
            let requests = play(run(case, way, None));
            let all = (0..requests).flat_map(|at| HAPPENINGS.iter().map(move |happening| (at, *happening)));
            for happens in all.skip(part % every).step_by(every) {
                play(run(case, way, Some(happens)));
                runs += 1;
            }
        }
    }
    println!("{runs} runs, {runs} survived");
}

/// One run, and what happens to one of its requests; returns how many there were.
async fn run(case: &str, way: Way, happens: Option<(usize, Happening)>) -> usize {
    let name = format!("{case} {way:?} {happens:?}");
    let stage = Stage::of(case).await;
    let start = (stage.traffic(), versions_aside(&stage.of_kind("Deployment")));
    let log = follow(&stage);
    let killed = Rc::new(Notify::new());
    let planned = stage.planned().await;
    let new: Vec<String> =
        planned.preview.plans[0].workloads.iter().map(|workload| workload.canary.to_string()).collect();
    let kill = Rc::clone(&killed);
    let is_hit = Rc::new(RefCell::new(false));
    let hit = Rc::clone(&is_hit);
    stage.memory.trouble(Box::new(move |number, _| {
        let (at, happening) = happens?;
        if number != at || hit.replace(true) {
            return None;
        }
        match happening {
            Happening::KilledBefore | Happening::KilledAfter => kill.notify_one(),
            _ => {}
        }
        Some(match happening {
            Happening::KilledBefore => Trouble::Silence,
            Happening::KilledAfter => Trouble::DoneInSilence,
            Happening::Lost => Trouble::Lost,
            Happening::Answered(reason) => Trouble::Refused(ApiError::new(reason, "as the test wants it")),
        })
    }));
    let options = crate::stage::options();
    let walking = async {
        let mut outcome = tokio::select! {
            outcome = stage.begin_with(&planned, &options) => Some(outcome),
            () = killed.notified() => None,
        };
        for _ in 0..5 {
            if let Some(Ok(outcome)) = outcome {
                return outcome;
            }
            outcome = Some(match stage.resume().await {
                // It was stopped before there was a record, or after the record said that it had ended.
                Err(stop) if stop.message.starts_with("no rollout") => match ended(&stage).await {
                    Some(outcome) => Ok(outcome),
                    None => stage.begin_with(&stage.planned().await, &options).await,
                },
                resumed => resumed,
            });
        }
        panic!("{name}: {outcome:?}");
    };
    let walking = tokio::time::timeout(Duration::from_hours(1), walking);
    let outcome = tokio::select! {
        outcome = walking => outcome.unwrap_or_else(|_| panic!("{name}: it does not end: {:?}", stage.events.borrow().last())),
        () = stage.answer_everything(way == Way::Forward) => unreachable!(),
    };
    tokio::time::sleep(Duration::from_mins(1)).await;
    let requests = stage.memory.requests();
    match way {
        Way::Forward => {
            assert_eq!(outcome, Outcome::Done, "{name}");
            for deployment in stage.of_kind("Deployment") {
                assert_eq!(deployment["spec"].get("paused"), None, "{name}");
                let label = &deployment["spec"]["template"]["metadata"]["labels"]["armory-pod-template-hash"];
                assert!(new.iter().any(|hash| label == hash.as_str()), "{name}: {label}");
            }
        }
        Way::Back => {
            assert!(matches!(outcome, Outcome::Aborted(_)), "{name}: {outcome:?}");
            assert_eq!(versions_aside(&stage.of_kind("Deployment")), start.1, "{name}");
        }
    }
    assert_eq!(stage.traffic(), start.0, "{name}");
    let sets = stage.of_kind("ReplicaSet").iter().filter(|set| set["spec"]["replicas"] != 0).count();
    assert_eq!(sets, new.len(), "{name}: no third ReplicaSet");
    judge(&log.borrow(), &new, &name);
    requests
}

/// How a rollout has ended, where it has.
async fn ended(stage: &Stage) -> Option<Outcome> {
    let record = foreshift_executor::rollout::find(&stage.memory, &stage.of, Duration::from_secs(1)).await.unwrap()?;
    Some(match record.cursor.phase {
        foreshift_executor::record::Phase::Done => Outcome::Done,
        _ => Outcome::Aborted(record.cursor.why),
    })
}

fn versions_aside(objects: &[Json]) -> Vec<Json> {
    objects.iter().map(|object| object["spec"].clone()).collect()
}

type Log = Rc<RefCell<Vec<(u64, Json, bool)>>>;

/// Writes down everything that the cluster goes through from now on.
fn follow(stage: &Stage) -> Log {
    let log: Log = Rc::default();
    for (group, kind) in [
        ("networking.istio.io", "VirtualService"),
        ("networking.istio.io", "DestinationRule"),
        ("", "Service"),
        ("", "Pod"),
    ] {
        let scope = Scope::all(Kind::ours(group, kind).unwrap(), "");
        let mut watch = stage.memory.watch(&scope, None);
        let log = Rc::clone(&log);
        tokio::task::spawn_local(async move {
            while let Some(Ok(seen)) = watch.next().await {
                let note = |object: Json, is_gone: bool| {
                    let version = object["metadata"]["resourceVersion"].as_str().unwrap().parse().unwrap();
                    log.borrow_mut().push((version, object, is_gone));
                };
                match seen {
                    Seen::All(objects) => objects.into_iter().for_each(|object| note(object, false)),
                    Seen::One(object) => note(object, false),
                    Seen::Gone(object) => note(object, true),
                }
            }
        });
    }
    log
}

fn judge(log: &[(u64, Json, bool)], new: &[String], name: &str) {
    let mut log: Vec<_> = log.iter().collect();
    log.sort_by_key(|(version, _, _)| *version);
    let mut moment = Moment::default();
    let first = log.iter().position(|(_, object, _)| object["kind"] == "VirtualService").unwrap();
    for (index, (version, object, is_gone)) in log.into_iter().enumerate() {
        moment.take(object, *is_gone);
        // What was there before the walk comes in the order of its versions too.
        let faults = moment.faults(new);
        let is_begun = index > first && *version > 0 && moment.is_whole();
        assert!(
            !is_begun || faults.is_empty(),
            "{name}: after {} {}: {faults:?}",
            object["kind"],
            object["metadata"]["name"]
        );
    }
}
