//! What a rollout depends on in the controllers of a cluster, on the real ones: what the cluster in memory is held to.

#[path = "../../../crates/foreshift-executor/tests/controllers/suite.rs"]
mod suite;

use foreshift_executor::cluster::{Access, Json, Kubernetes, connect};
use futures_util::future::join_all;
use k8s_openapi::api::core::v1::Pod;
use kube::Client;
use kube::api::{Api, Patch, PatchParams};
use serde_json::json;
use suite::{CASES, Case, World};
use test_cluster::{Cluster, Failure, Result};

struct Real {
    cluster: Kubernetes,
    client: Client,
    namespace: String,
}

impl World for Real {
    type Cluster = Kubernetes;

    fn cluster(&self) -> &Kubernetes {
        &self.cluster
    }

    fn namespace(&self) -> &str {
        &self.namespace
    }

    async fn end(&self, pod: &Json, phase: &str) {
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), &self.namespace);
        let status = json!({ "status": { "phase": phase } });
        let name = pod["metadata"]["name"].as_str().unwrap_or_default();
        // Where it was not done the suite will miss it.
        let _ = pods.patch_status(name, &PatchParams::default(), &Patch::Merge(status)).await;
    }

    /// The stand-in for the kubelet reads the annotation.
    fn lets_none_get_ready(&self) {}
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn the_real_controllers_do_as_the_suite_says() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let said: Vec<String> = join_all(CASES.iter().map(|case| run(cluster, case))).await.into_iter().flatten().collect();
    if said.is_empty() { Ok(()) } else { Err(Failure::new(said.join("\n"))) }
}

/// What went otherwise than the case says.
async fn run(cluster: &Cluster, case: &Case) -> Option<String> {
    let outcome = async {
        let namespace = cluster.namespace().await.map_err(|failure| failure.to_string())?;
        let client = cluster.client().await.map_err(|failure| failure.to_string())?;
        let access = Access { kubeconfig: Some(cluster.kubeconfig()), ..Access::default() };
        let connected = connect(access).await.map_err(|error| error.to_string())?;
        let world = Real { cluster: connected, client, namespace: namespace.name.clone() };
        case.run_in(&world).await
    };
    outcome.await.err().map(|why| format!("{}: {why}", case.name))
}
