//! One run: a rollout with trouble at one request, what goes on with it, and whether it ended as planned.

use std::fmt;
use std::path::Path;
use std::process::{Child, Command, Output};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use test_cluster::{Change, Cluster, Failure, FaultProxy, Recorder, Result, Scene, foreshift, log, objects};
use tokio::time::timeout;

use crate::trouble::{Kind, Trouble};

const NAME: &str = "reviews";
const CONFIG: &str = "deploy.yaml";
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
    /// To the version after the new one, where the config keeps no Deployment: from the ReplicaSet that the first of the two
    /// left behind to that of the second, with the Deployment made again in between. The second `apply` is troubled.
    Again,
    /// Back from wherever the trouble left it; `apply` is troubled.
    Turned,
    /// Back from an approval after somebody else has edited what is the rollout's; `abort` is troubled.
    Edited,
    /// To the new version beside a pod that was evicted and stays; `apply` is troubled.
    Evicted,
    /// Back from an approval without a record, by what the cluster says; `abort --from-cluster` is troubled.
    Lost,
}

pub(super) const WAYS: [Way; 7] =
    [Way::Forward, Way::Back, Way::Again, Way::Turned, Way::Edited, Way::Evicted, Way::Lost];

impl Way {
    /// Whether it begins at an approval.
    fn is_from_an_approval(self) -> bool {
        matches!(self, Way::Back | Way::Edited | Way::Lost)
    }

    /// The command that is troubled.
    fn command(self) -> &'static [&'static str] {
        match self {
            Way::Forward | Way::Again | Way::Turned | Way::Evicted => &["apply", CONFIG],
            Way::Back | Way::Edited => &["abort", CONFIG],
            Way::Lost => &["abort", CONFIG, "--from-cluster"],
        }
    }
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
    let mut steps = vec![objects::weight(10), objects::weight(50)];
    if case.way.is_from_an_approval() {
        steps.insert(1, objects::approval());
    }
    let scene = Scene::with_earlier(cluster, &steps, &[NAME]).await?;
    if case.way == Way::Again {
        scene.configure(|config| config["deploymentConfig"] = json!({ "keepDeploymentObject": false }))?;
        foreshift::run(&scene.folder, cluster.kubeconfig(), &["apply", CONFIG]).await?.exits(0)?;
        scene.release(NAME, 3)?;
    }
    if case.way == Way::Evicted {
        evict_one(&scene).await?;
    }
    let recorder = scene.record().await?;
    let start = scene.traffic(NAME).await?;
    let straight = cluster.kubeconfig();
    if case.way.is_from_an_approval() {
        until_approval(&scene.folder, straight).await?;
    }
    meddle(&scene, case.way).await?;
    let (_, earlier) = status(&scene.folder, straight).await?;
    let earlier = earlier.filter(|_| case.way == Way::Again);
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
    let first = walked(&scene.folder, &through, case.way.command(), &trouble).await?;
    let requests = proxy.requests().len();
    ending.abort();
    drop(ending.await);
    drop(proxy);
    if case.trouble.is_none() && !first.status.success() {
        return Err(said(&case.way.command().join(" "), &first));
    }
    let phase = recover(&scene.folder, straight, (case.way, earlier), first).await?;
    judge((case.way, &phase), scene, recorder, start).await?;
    Ok(End { requests, is_reached: trouble.is_made() })
}

/// A command that walks, with a Lease that runs out soon.
fn command(folder: &Path, kubeconfig: &Path, arguments: &[&str]) -> Command {
    foreshift::command(folder, kubeconfig, &[arguments, &["--lease=1s", "--target=test"]].concat())
}

/// What somebody else does before the command that is troubled.
async fn meddle(scene: &Scene<'_>, way: Way) -> Result<()> {
    match way {
        Way::Edited => {
            let edit = |service: &mut Value| {
                service["spec"]["http"][0]["route"][0]["weight"] = json!(33);
                service["spec"]["http"][0]["route"][1]["weight"] = json!(67);
            };
            scene.change("VirtualService", NAME, edit).await.map(|_| ())
        }
        Way::Lost => {
            let maps = scene.list("ConfigMap").await?;
            let record = maps.iter().find(|map| map["data"]["cursor"].is_string());
            let record = record.and_then(|map| map["metadata"]["name"].as_str()).unwrap_or_default();
            scene.kubectl(&["delete", "configmap", record]).map(|_| ())
        }
        Way::Forward | Way::Back | Way::Again | Way::Turned | Way::Evicted => Ok(()),
    }
}

/// A pod of the old version has ended before its time, and its ReplicaSet has made another.
async fn evict_one(scene: &Scene<'_>) -> Result<()> {
    let pods = scene.pods("reviews:1").await?;
    let pod = pods.first().ok_or_else(|| Failure::new("there is no pod"))?;
    let ready = |kind: &str| json!({ "type": kind, "status": "False", "reason": "PodFailed" });
    let conditions = json!([ready("Ready"), ready("ContainersReady")]);
    scene.say_of_pod(pod, &json!({ "phase": "Failed", "reason": "Evicted", "conditions": conditions }))?;
    scene.is_available(NAME, 2).await
}

/// A rollout that stands at its approval, and that nobody walks.
async fn until_approval(folder: &Path, kubeconfig: &Path) -> Result<()> {
    let mut last = None;
    for name in ["apply", "resume", "resume", "resume"] {
        let child = command(folder, kubeconfig, &[name, CONFIG, "--detach"]).spawn()?;
        let output = timeout(LIMIT, ended(child)).await??;
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
async fn walked(folder: &Path, kubeconfig: &Path, arguments: &[&str], trouble: &Trouble) -> Result<Output> {
    let (out, err) = {
        let mut place = trouble.child.lock().unwrap_or_else(PoisonError::into_inner);
        let mut child = command(folder, kubeconfig, arguments).spawn()?;
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
        return Err(Failure::new(format!("{} does not end in {LIMIT:?}", arguments.join(" "))));
    };
    let (stdout, stderr) = pipes?;
    Ok(Output { status: child.wait()?, stdout, stderr })
}

/// Goes on without trouble until the rollout has ended; says how.
async fn recover(
    folder: &Path,
    kubeconfig: &Path,
    (way, earlier): (Way, Option<String>),
    first: Output,
) -> Result<String> {
    let mut last = said("at first", &first);
    let mut is_refused = false;
    for _ in 0..8 {
        if way == Way::Lost {
            // Of a rollout without a record nobody knows whether it has ended: whoever asks once more finds nothing left.
            let output = timeout(LIMIT, ended(command(folder, kubeconfig, way.command()).spawn()?)).await??;
            last = said("abort --from-cluster", &output);
            if output.status.success() {
                return Ok("aborted".to_owned());
            }
            continue;
        }
        let (mut phase, run) = status(folder, kubeconfig).await?;
        if earlier.is_some() && run == earlier {
            "none".clone_into(&mut phase);
        }
        let name = match (phase.as_str(), way) {
            ("done", Way::Forward | Way::Again | Way::Turned | Way::Evicted)
            | ("aborted", Way::Back | Way::Turned | Way::Edited) => {
                return Ok(phase);
            }
            ("none", _) => "apply",
            ("running", Way::Forward | Way::Again | Way::Evicted) => "resume",
            // Behind the point of no return there is only the way on.
            ("running", _) if is_refused => "resume",
            ("running", _) => "abort",
            _ => return Err(Failure::new(format!("it is {phase}; {last}"))),
        };
        let child = command(folder, kubeconfig, &[name, CONFIG]).spawn()?;
        let Ok(output) = timeout(LIMIT, ended(child)).await else {
            return Err(Failure::new(format!("{name} does not end in {LIMIT:?}; before: {last}")));
        };
        let output = output?;
        is_refused |= String::from_utf8_lossy(&output.stderr).contains("no way back");
        last = said(name, &output);
    }
    Err(Failure::new(format!("nothing ends it; {last}")))
}

/// The phase that its record has, `none` where there is no record, and the run that it is about.
async fn status(folder: &Path, kubeconfig: &Path) -> Result<(String, Option<String>)> {
    let said = foreshift::run(folder, kubeconfig, &["status", CONFIG]).await?.exits(0)?;
    let status: Value = serde_json::from_str(&said.out)?;
    let phase = status["cursor"]["phase"].as_str().or(status["phase"].as_str());
    Ok((phase.unwrap_or_default().to_owned(), status["run"]["id"].as_str().map(str::to_owned)))
}

/// Waits for its end.
async fn ended(child: Child) -> Result<Output> {
    Ok(tokio::task::spawn_blocking(move || child.wait_with_output()).await??)
}

fn said(name: &str, output: &Output) -> Failure {
    let text = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<&str> = text.lines().collect();
    let end = lines.get(lines.len().saturating_sub(4)..).unwrap_or_default().join("\n");
    Failure::new(format!("{name}, {}: {end}\n{}", output.status, String::from_utf8_lossy(&output.stderr)))
}

/// Whether the end is the planned one, and every moment until then within the laws.
async fn judge((way, phase): (Way, &str), scene: Scene<'_>, recorder: Recorder, start: (Value, Value)) -> Result<()> {
    let service = scene.get("Service", NAME).await?;
    let events = recorder.finish().await?;
    let mut faults = log::faults(&events, &[service]);
    let mut check = |holds: bool, words: &str| {
        if !holds {
            faults.push(words.to_owned());
        }
    };
    check(scene.traffic(NAME).await? == start, "VirtualService and DestinationRule are not what they were");
    let sets = scene.list("ReplicaSet").await?;
    let with_pods: Vec<_> = sets.iter().filter(|set| set["spec"]["replicas"] != 0).collect();
    let deployments = scene.list("Deployment").await?;
    check(
        deployments.is_empty() == (way == Way::Again),
        "there is a Deployment where none is kept, or none where it is",
    );
    check(deployments.iter().all(|one| one["spec"]["paused"] != true), "the Deployment is paused");
    let template = deployments.iter().chain(with_pods.iter().copied()).map(|one| &one["spec"]["template"]).next();
    let template = template.cloned().unwrap_or_default();
    let (image, hash) = (&template["spec"]["containers"][0]["image"], &template["metadata"]["labels"][HASH]);
    let added = events.iter().filter(|event| event.kind == "ReplicaSet" && event.change == Change::Added).count();
    let is_right = if phase == "done" {
        let versions = if way == Way::Again { 3 } else { 2 };
        image.as_str() == Some(&*format!("reviews:{versions}"))
            && sets.len() == versions
            && log::new_revisions(&events).iter().eq(hash.as_str().iter())
    } else {
        image == "reviews:1" && sets.len() == 1 && hash.is_null()
    };
    check(is_right, "the Deployment has another version");
    check(added <= 1, &format!("{added} ReplicaSets were made"));
    check(with_pods.len() == 1, &format!("{} ReplicaSets have pods", with_pods.len()));
    check(with_pods.iter().all(|set| set["metadata"]["labels"][HASH] == *hash), "another ReplicaSet has the pods");
    let leases = scene.list("Lease").await?;
    check(leases.is_empty(), &format!("{} Leases are left", leases.len()));
    let traffic = [scene.get("VirtualService", NAME).await?, scene.get("DestinationRule", NAME).await?];
    for object in traffic.iter().chain(&deployments) {
        let managers = object["metadata"]["managedFields"].as_array().into_iter().flatten();
        let ours = managers.filter(|of| of["manager"] == "foreshift").count();
        check(ours == 0, &format!("foreshift still owns fields of {}", object["kind"]));
    }
    if faults.is_empty() {
        return scene.clear().await;
    }
    Err(Failure::new(format!("{}, log in {}: {}", scene.namespace.name, scene.folder.display(), faults.join("; "))))
}
