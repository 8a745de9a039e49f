//! One run: a rollout with trouble at one request, what goes on with it, and whether it ended as planned.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::process::Output;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use serde_json::Value;
use test_cluster::judge::Moment as State;
use test_cluster::{Change, Cluster, Event, Failure, FaultProxy, Result};
use tokio::time::timeout;

use crate::foreshift;
use crate::scene::{self, Scene};
use crate::trouble::{Kind, Trouble};

const HASH: &str = "armory-pod-template-hash";

/// How long a command may take.
const LIMIT: Duration = Duration::from_secs(90);

/// Where a rollout goes.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Way {
    /// To the new version; `apply` is troubled.
    Forward,
    /// Back from an approval; `abort` is troubled.
    Back,
}

/// Which way, and the trouble at the request with a number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case {
    pub(super) way: Way,
    pub(super) trouble: Option<(Kind, usize)>,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.trouble {
            None => write!(f, "{:?}", self.way),
            Some((kind, number)) => write!(f, "{:?}-{kind:?}-{number}", self.way),
        }
    }
}

/// What a run was that ended as planned.
pub(super) struct End {
    pub(super) requests: usize,
    pub(super) is_reached: bool,
}

/// Makes a run; a failure says where it did not end as planned.
pub(super) async fn play(cluster: &Cluster, case: &Case) -> Result<End> {
    let scene = Scene::set(cluster, case.way == Way::Back).await?;
    let straight = cluster.kubeconfig();
    if case.way == Way::Back {
        until_approval(&scene.folder, straight).await?;
    }
    let trouble = Trouble::default();
    let proxy = {
        let (trouble, what) = (trouble.clone(), case.trouble);
        Arc::new(FaultProxy::start(straight, move |request, moment| trouble.decide(what, request, moment)).await?)
    };
    let ending = {
        let (proxy, asked) = (Arc::clone(&proxy), Arc::clone(&trouble.end_watches));
        tokio::spawn(async move {
            asked.notified().await;
            proxy.end_watches();
        })
    };
    let through = proxy.write_kubeconfig(straight, &scene.folder.join("kubeconfig"))?;
    let name = if case.way == Way::Forward { "apply" } else { "abort" };
    let first = walked(&scene.folder, &through, name, &trouble).await?;
    let requests = proxy.requests().len();
    ending.abort();
    drop(ending.await);
    drop(proxy);
    if case.trouble.is_none() && !first.status.success() {
        return Err(said(name, &first));
    }
    recover(&scene.folder, straight, case.way, first).await?;
    judge(cluster, case.way, scene).await?;
    Ok(End { requests, is_reached: trouble.is_made() })
}

/// A rollout that stands at its approval, and that nobody walks.
async fn until_approval(folder: &Path, kubeconfig: &Path) -> Result<()> {
    let mut last = None;
    for name in ["apply", "resume", "resume", "resume"] {
        let child = foreshift::command(folder, kubeconfig, name).arg("--detach").spawn()?;
        let output = timeout(LIMIT, foreshift::ended(child)).await??;
        if String::from_utf8_lossy(&output.stdout).contains(r#""outcome":"detached""#) {
            return Ok(());
        }
        // A machine that is busy may lose a Lease of a second.
        last = Some(said(name, &output));
        if output.status.code() != Some(7) {
            break;
        }
    }
    Err(last.unwrap_or_else(|| Failure::new("nothing was begun")))
}

/// A command to its end, which the trouble may be.
async fn walked(folder: &Path, kubeconfig: &Path, name: &str, trouble: &Trouble) -> Result<Output> {
    let (out, err) = {
        let mut place = trouble.child.lock().unwrap_or_else(PoisonError::into_inner);
        let mut child = foreshift::command(folder, kubeconfig, name).spawn()?;
        let pipes = (child.stdout.take(), child.stderr.take());
        *place = Some(child);
        pipes
    };
    let read = |pipe: Option<Box<dyn std::io::Read + Send>>| {
        tokio::task::spawn_blocking(move || {
            let mut bytes = Vec::new();
            pipe.map_or(Ok(0), |mut pipe| pipe.read_to_end(&mut bytes)).map(|_| bytes)
        })
    };
    let (out, err) = (read(out.map(|pipe| Box::new(pipe) as _)), read(err.map(|pipe| Box::new(pipe) as _)));
    let reading = async { Ok::<_, Failure>((out.await??, err.await??)) };
    let pipes = timeout(LIMIT, reading).await;
    let child = trouble.child.lock().unwrap_or_else(PoisonError::into_inner).take();
    let mut child = child.ok_or_else(|| Failure::new("the child is gone"))?;
    let Ok(pipes) = pipes else {
        child.kill()?;
        child.wait()?;
        return Err(Failure::new(format!("{name} does not end in {LIMIT:?}")));
    };
    let (stdout, stderr) = pipes?;
    Ok(Output { status: child.wait()?, stdout, stderr })
}

/// Goes on without trouble until the rollout has ended.
async fn recover(folder: &Path, kubeconfig: &Path, way: Way, first: Output) -> Result<()> {
    let wanted = if way == Way::Forward { "done" } else { "aborted" };
    let mut last = said("at first", &first);
    for _ in 0..8 {
        let phase = foreshift::phase(folder, kubeconfig).await?;
        let name = match (phase.as_str(), way) {
            (phase, _) if phase == wanted => return Ok(()),
            ("none", _) => "apply",
            ("running", Way::Forward) => "resume",
            ("running", Way::Back) => "abort",
            _ => return Err(Failure::new(format!("it is {phase}, not {wanted}; {last}"))),
        };
        let child = foreshift::command(folder, kubeconfig, name).spawn()?;
        let Ok(output) = timeout(LIMIT, foreshift::ended(child)).await else {
            return Err(Failure::new(format!("{name} does not end in {LIMIT:?}; before: {last}")));
        };
        last = said(name, &output?);
    }
    Err(Failure::new(format!("nothing ends it; {last}")))
}

fn said(name: &str, output: &Output) -> Failure {
    let text = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<&str> = text.lines().collect();
    let end = lines.get(lines.len().saturating_sub(4)..).unwrap_or_default().join("\n");
    Failure::new(format!("{name}, {}: {end}\n{}", output.status, String::from_utf8_lossy(&output.stderr)))
}

/// Whether the end is the planned one, and every moment until then within the laws.
async fn judge(cluster: &Cluster, way: Way, scene: Scene) -> Result<()> {
    let Scene { namespace, folder, recorder, service, start } = scene;
    let mut events = recorder.finish().await?;
    events.sort_by_key(|event| event.resource_version);
    let mut faults = faults(&events, &service);
    let mut check = |holds: bool, words: &str| {
        if !holds {
            faults.push(words.to_owned());
        }
    };
    check(scene::traffic(&namespace).await? == start, "VirtualService and DestinationRule are not what they were");
    let deployment = scene::get(&namespace, "apps", "Deployment").await?;
    let template = &deployment["spec"]["template"];
    let (image, hash) = (&template["spec"]["containers"][0]["image"], &template["metadata"]["labels"][HASH]);
    check(deployment["spec"].get("paused").is_none_or(|paused| paused == false), "the Deployment is paused");
    let sets = scene::list(&namespace, "apps", "ReplicaSet").await?;
    let (versions, is_right) = match way {
        Way::Forward => (2, image == "reviews:2" && hashes(&events).iter().eq(hash.as_str().iter())),
        Way::Back => (1, image == "reviews:1" && hash.is_null()),
    };
    check(is_right, "the Deployment has another version");
    check(sets.len() == versions, &format!("there are {} ReplicaSets", sets.len()));
    let with_pods: Vec<_> = sets.iter().filter(|set| set["spec"]["replicas"] != 0).collect();
    check(with_pods.len() == 1, &format!("{} ReplicaSets have pods", with_pods.len()));
    check(with_pods.iter().all(|set| set["metadata"]["labels"][HASH] == *hash), "another ReplicaSet has the pods");
    let leases = scene::list(&namespace, "coordination.k8s.io", "Lease").await?;
    check(leases.is_empty(), &format!("{} Leases are left", leases.len()));
    let added = events.iter().filter(|event| event.kind == "ReplicaSet" && event.change == Change::Added).count();
    check(added == 1, &format!("{added} ReplicaSets were made"));
    for (group, kind) in
        [("networking.istio.io", "VirtualService"), ("networking.istio.io", "DestinationRule"), ("apps", "Deployment")]
    {
        let object = scene::get(&namespace, group, kind).await?;
        let managers = object["metadata"]["managedFields"].as_array().into_iter().flatten();
        let ours = managers.filter(|of| of["manager"] == "foreshift").count();
        check(ours == 0, &format!("foreshift still owns fields of the {kind}"));
    }
    if faults.is_empty() {
        return scene::clear(cluster, &namespace, &folder).await;
    }
    faults.dedup();
    Err(Failure::new(format!("{}, log in {}: {}", namespace.name, folder.display(), faults.join("; "))))
}

/// The hashes of new versions that were seen.
fn hashes(events: &[Event]) -> BTreeSet<String> {
    let labels =
        events.iter().filter(|event| event.kind == "Pod").map(|event| &event.object["metadata"]["labels"][HASH]);
    labels.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Every moment that broke a law.
fn faults(events: &[Event], service: &Value) -> Vec<String> {
    let new: Vec<String> = hashes(events).into_iter().collect();
    let mut state = State::default();
    let mut out = Vec::new();
    let mut whole = service.clone();
    whole["kind"] = Value::from("Service");
    state.take(&whole, false);
    for event in events {
        let mut object = event.object.clone();
        object["kind"] = Value::from(event.kind.clone());
        state.take(&object, event.change == Change::Deleted);
        // What was there before comes one after another too.
        if event.change != Change::Listed && state.is_whole() {
            let found = state.faults(&new);
            out.extend(
                found
                    .into_iter()
                    .map(|fault| format!("after {} {} {}: {fault}", event.kind, event.name, event.resource_version)),
            );
        }
    }
    out
}
