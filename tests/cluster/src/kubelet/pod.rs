//! The life of one pod, from its binding to its end.

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::{Binding, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;
use kube::ResourceExt;
use kube::api::{Api, DeleteParams, Patch, PatchParams, PostParams, Preconditions};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::behaviour::Behaviour;
use super::server::Server;
use super::{Host, NODE};
use crate::addresses::PodAddress;
use crate::failure::Result;

/// A pod that is cared for. Dropping it ends the pod's server at once, as for a pod that was deleted without grace.
pub(super) struct Life {
    task: JoinHandle<()>,
    grace: watch::Sender<Option<Duration>>,
}

impl Life {
    pub(super) fn begin(host: Arc<Host>, pod: Pod) -> Life {
        let (grace, deletion) = watch::channel(None);
        let task = tokio::spawn(async move {
            let name = format!("{}/{}", pod.namespace().unwrap_or_default(), pod.name_any());
            if let Err(failure) = live(&host, pod, deletion).await {
                eprintln!("pod {name}: {failure}");
            }
        });
        Life { task, grace }
    }

    /// Takes notice of a newer state of the pod: whether it is being deleted.
    pub(super) fn notice(&self, pod: &Pod) {
        if pod.metadata.deletion_timestamp.is_some() {
            let seconds = pod.metadata.deletion_grace_period_seconds.unwrap_or(0);
            self.grace.send_replace(Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0))));
        }
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn live(host: &Host, pod: Pod, mut deletion: watch::Receiver<Option<Duration>>) -> Result<()> {
    let pods: Api<Pod> = Api::namespaced(host.client.clone(), &pod.namespace().unwrap_or_default());
    if pod.spec.as_ref().is_some_and(|spec| spec.node_name.is_none()) && !gone(bind(&pods, &pod).await)? {
        return Ok(());
    }
    let behaviour = Behaviour::of(&pod)?;
    let address = host.block.next();
    let server = Server::start(&pod, address.server).await?;
    let existence = exist(&pods, &pod, &behaviour, address, &server);
    let grace = tokio::select! {
        result = existence => match result {},
        grace = deletion.wait_for(Option::is_some) => grace.ok().and_then(|grace| *grace).unwrap_or_default(),
    };
    tokio::time::sleep(behaviour.stops_after.min(grace)).await;
    server.stop().await;
    let preconditions = Preconditions { uid: pod.uid(), resource_version: None };
    let now = DeleteParams { preconditions: Some(preconditions), ..DeleteParams::default() }.grace_period(0);
    gone(pods.delete(&pod.name_any(), &now).await.map(|_| ()))?;
    Ok(())
}

enum Never {}

/// Goes through what a pod is until somebody deletes it.
async fn exist(pods: &Api<Pod>, pod: &Pod, behaviour: &Behaviour, address: PodAddress, server: &Server) -> Never {
    let started = Time(Timestamp::now());
    let say = async |is_ready| {
        let status = status(pod, address, &started, is_ready);
        let done = pods.patch_status(&pod.name_any(), &PatchParams::default(), &Patch::Strategic(status)).await;
        if let Err(error) = gone(done.map(|_| ())) {
            eprintln!("pod {}: {error}", pod.name_any());
        }
    };
    say(false).await;
    if let Some(delay) = behaviour.ready_after {
        tokio::time::sleep(delay).await;
        say(true).await;
        if let Some(delay) = behaviour.fails_after {
            tokio::time::sleep(delay).await;
            server.fail();
            say(false).await;
        }
    }
    std::future::pending().await
}

async fn bind(pods: &Api<Pod>, pod: &Pod) -> Result<(), kube::Error> {
    let binding: Binding = serde_json::from_value(json!({
        "metadata": { "name": pod.name_any(), "uid": pod.uid() },
        "target": { "kind": "Node", "name": NODE },
    }))
    .map_err(kube::Error::SerdeError)?;
    let answer: Result<Value, _> =
        pods.create_subresource("binding", &pod.name_any(), &PostParams::default(), &binding).await;
    answer.map(|_| ())
}

/// What a kubelet says of a pod whose containers run.
fn status(pod: &Pod, address: PodAddress, started: &Time, is_ready: bool) -> Value {
    let now = Time(Timestamp::now());
    let condition = |name: &str, holds: bool| {
        let status = if holds { "True" } else { "False" };
        let reason = if holds { None } else { Some("ContainersNotReady") };
        json!({ "type": name, "status": status, "reason": reason, "lastTransitionTime": now })
    };
    let containers = pod.spec.iter().flat_map(|spec| &spec.containers).map(|container| {
        json!({
            "name": container.name,
            "image": container.image.clone().unwrap_or_default(),
            "imageID": "",
            "ready": is_ready,
            "started": true,
            "restartCount": 0,
            "state": { "running": { "startedAt": started } },
        })
    });
    json!({ "status": {
        "phase": "Running",
        "startTime": started,
        "podIP": address.pod.to_string(),
        "podIPs": [{ "ip": address.pod.to_string() }],
        "conditions": [
            condition("Initialized", true),
            condition("ContainersReady", is_ready),
            condition("Ready", is_ready),
        ],
        "containerStatuses": containers.collect::<Vec<_>>(),
    } })
}

/// Whether it was done; not done is what no longer is there, or is another pod by now.
fn gone(result: Result<(), kube::Error>) -> Result<bool, kube::Error> {
    match result {
        Ok(()) => Ok(true),
        Err(kube::Error::Api(status)) if status.code == 404 || status.code == 409 => Ok(false),
        Err(error) => Err(error),
    }
}
