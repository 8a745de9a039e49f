//! Argo Rollouts' controller on a cluster, to compare with.

use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use kube::Client;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::cluster::Cluster;
use crate::credentials::ARGO_ROLLOUTS;
use crate::daemon::Daemon;
use crate::failure::Result;
use crate::istiod::new_file;
use crate::{custom_resources, ports, programs};

/// A running controller; dropping it kills it.
pub struct ArgoRollouts {
    daemon: Daemon,
}

impl ArgoRollouts {
    /// Makes its kinds known to a cluster.
    pub async fn install(client: &Client) -> Result<()> {
        custom_resources::install(client, &programs::find_peer("argo-rollouts-crds")?).await
    }

    /// Starts it as it is shipped, but alone: it need not ask whether it leads.
    pub async fn start(cluster: &Cluster) -> Result<ArgoRollouts> {
        let (metrics, health) = (ports::free()?, ports::free()?);
        let arguments = [
            format!("--kubeconfig={}", cluster.kubeconfig_of(ARGO_ROLLOUTS)?.display()),
            "--leader-elect=false".to_owned(),
            "--istio-api-version=v1".to_owned(),
            format!("--metricsPort={metrics}"),
            format!("--healthzPort={health}"),
        ];
        let log = new_file("argo-rollouts.log")?;
        let folder = log.parent().map(Path::to_owned);
        let daemon = Daemon::start(&programs::find_peer("argo-rollouts")?, arguments, &[], log, folder.as_deref())?;
        for _ in 0..600 {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, health)).await.is_ok() {
                return Ok(ArgoRollouts { daemon });
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(daemon.failure("Argo Rollouts' controller does not start"))
    }

    /// The most memory in kB that it has held until now.
    pub fn peak(&self) -> Result<u64> {
        let id = self.daemon.program()?;
        crate::memory::peak(id).ok_or_else(|| self.daemon.failure("Argo Rollouts' controller has gone"))
    }
}

/// A Rollout in the place of a Deployment: the pods of the one, shifted by these weights on the route `main` of the
/// VirtualService of the same name, with the subsets `stable` and `canary` of the DestinationRule of the same name.
pub fn rollout(deployment: &Value, weights: &[u8]) -> Value {
    let name = &deployment["metadata"]["name"];
    let mut rollout = deployment.clone();
    rollout["apiVersion"] = json!("argoproj.io/v1alpha1");
    rollout["kind"] = json!("Rollout");
    rollout["spec"]["strategy"] = json!({ "canary": {
        "steps": weights.iter().map(|weight| json!({ "setWeight": weight })).collect::<Vec<_>>(),
        // The shortest there is, as foreshift is told too. With 0 this release asks itself again and again when the time
        // has come, and the old pods stay.
        "scaleDownDelaySeconds": 1,
        "trafficRouting": { "istio": {
            "virtualService": { "name": name, "routes": ["main"] },
            "destinationRule": { "name": name, "stableSubsetName": "stable", "canarySubsetName": "canary" },
        } },
    } });
    rollout
}

/// Whether a Rollout has come to its end: Healthy, with the pods of its newest version and no others.
pub fn is_done(rollout: &Value) -> bool {
    let status = &rollout["status"];
    let wanted = &rollout["spec"]["replicas"];
    // It writes the generation as text.
    let seen = status["observedGeneration"].as_str().and_then(|seen| seen.parse::<i64>().ok());
    status["phase"] == "Healthy"
        && seen == rollout["metadata"]["generation"].as_i64()
        && status["currentPodHash"] == status["stableRS"]
        && ["replicas", "updatedReplicas", "availableReplicas"].iter().all(|count| status[*count] == *wanted)
}
