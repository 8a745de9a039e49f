//! A stand-in for scheduler and kubelet: pods get a node and an address, become Ready, answer requests and go away in
//! grace. No container runs; a small server of this process answers for each pod.

mod behaviour;
mod pod;
mod server;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use futures_util::TryStreamExt;
use k8s_openapi::api::core::v1::{Node, Pod};
use kube::api::{Api, Patch, PatchParams, PostParams};
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Client, ResourceExt};
use serde_json::json;
use tokio::sync::oneshot;

use crate::addresses::Block;
use crate::cluster;
use crate::failure::Result;
use pod::Life;

/// The node that every pod is on.
const NODE: &str = "loopback";

/// Runs on a thread of its own until it is dropped, whatever becomes of the runtime that started it.
pub(crate) struct Kubelet {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What every pod's life needs.
struct Host {
    client: Client,
    block: Block,
}

impl Kubelet {
    /// Begins to care for the pods of a cluster.
    pub(crate) fn start(kubeconfig: &Path) -> Result<Kubelet> {
        let block = Block::claim()?;
        let kubeconfig = kubeconfig.to_owned();
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let thread = thread::Builder::new().name("kubelet".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    result = run(kubeconfig, block) => if let Err(failure) = result {
                        eprintln!("the stand-in for the kubelet ended: {failure}");
                    },
                    _ = stopped => {}
                }
            });
            runtime.shutdown_background();
        })?;
        Ok(Kubelet { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Kubelet {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn run(kubeconfig: PathBuf, block: Block) -> Result<()> {
    let client = cluster::client(&kubeconfig).await?;
    register(&client, &block).await?;
    let pods: Api<Pod> = Api::all(client.clone());
    let host = Arc::new(Host { client, block });
    let mut lives: BTreeMap<String, Life> = BTreeMap::new();
    let mut events = std::pin::pin!(watcher(pods, watcher::Config::default()).default_backoff());
    loop {
        match events.try_next().await {
            Ok(Some(watcher::Event::Apply(pod) | watcher::Event::InitApply(pod))) => {
                let life = lives.entry(pod.uid().unwrap_or_default());
                life.or_insert_with(|| Life::begin(Arc::clone(&host), pod.clone())).notice(&pod);
            }
            Ok(Some(watcher::Event::Delete(pod))) => {
                lives.remove(&pod.uid().unwrap_or_default());
            }
            Ok(Some(watcher::Event::Init | watcher::Event::InitDone)) => {}
            Ok(None) => return Ok(()),
            // The stream goes on after a pause.
            Err(error) => eprintln!("the stand-in for the kubelet watches again: {error}"),
        }
    }
}

async fn register(client: &Client, block: &Block) -> Result<()> {
    let nodes: Api<Node> = Api::all(client.clone());
    let node =
        serde_json::from_value(json!({ "metadata": { "name": NODE, "labels": { "kubernetes.io/hostname": NODE } } }))?;
    nodes.create(&PostParams::default(), &node).await?;
    let amounts = json!({ "cpu": "1000", "memory": "1000Gi", "pods": "65000" });
    let status = json!({ "status": {
        "addresses": [{ "type": "InternalIP", "address": block.host().to_string() }],
        "allocatable": amounts,
        "capacity": amounts,
        "conditions": [{ "type": "Ready", "status": "True", "reason": "KubeletReady" }],
    } });
    nodes.patch_status(NODE, &PatchParams::default(), &Patch::Merge(status)).await?;
    Ok(())
}
