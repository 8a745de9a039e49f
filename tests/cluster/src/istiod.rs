//! istiod for a cluster: it reads the cluster as the administrator, feeds proxies over plain gRPC on loopback, and judges
//! what is written as its webhook does in a real mesh.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use k8s_openapi::ByteString;
use k8s_openapi::api::admissionregistration::v1::ValidatingWebhookConfiguration;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Service};
use kube::Client;
use kube::api::{Api, PostParams};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::cluster::{self, Cluster};
use crate::daemon::Daemon;
use crate::failure::{Failure, Result};
use crate::{ports, programs};

const SYSTEM: &str = "istio-system";

/// A running istiod; dropping it kills it.
pub struct Istiod {
    _daemon: Daemon,
    pub(crate) port: u16,
    /// Its debug address.
    pub debug: String,
}

impl Istiod {
    /// `None` where this machine cannot have it, which is said, and tests may do without.
    pub async fn start(cluster: &Cluster) -> Result<Option<Istiod>> {
        let Some(program) = programs::find_optional("istiod")? else { return Ok(None) };
        let client = cluster::client(cluster.kubeconfig()).await?;
        create::<Namespace>(&Api::all(client.clone()), json!({ "metadata": { "name": SYSTEM } })).await?;
        let (grpc, https, http) = (ports::free()?, ports::free()?, ports::free()?);
        let log = new_file("istiod.log")?;
        let daemon = start(&program, cluster.kubeconfig(), (grpc, https, http), log)?;
        for _ in 0..600 {
            if TcpStream::connect(("127.0.0.1", grpc)).await.is_ok() {
                register(&client, https).await?;
                return Ok(Some(Istiod { _daemon: daemon, port: grpc, debug: format!("http://127.0.0.1:{http}") }));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(daemon.failure("istiod does not start"))
    }
}

fn start(program: &Path, kubeconfig: &Path, (grpc, https, http): (u16, u16, u16), log: PathBuf) -> Result<Daemon> {
    let mesh = log.with_extension("mesh.yaml");
    // Pods here speak plain HTTP, and proxies get no certificates.
    fs::write(&mesh, "enableAutoMtls: false\n")?;
    let arguments = [
        "discovery".to_owned(),
        format!("--kubeconfig={}", kubeconfig.display()),
        format!("--meshConfig={}", mesh.display()),
        format!("--grpcAddr=127.0.0.1:{grpc}"),
        format!("--httpsAddr=127.0.0.1:{https}"),
        format!("--httpAddr=127.0.0.1:{http}"),
        format!("--monitoringAddr=127.0.0.1:{}", ports::free()?),
        "--secureGRPCAddr=".to_owned(),
        "--ctrlz_port=0".to_owned(),
        "--clusterID=Kubernetes".to_owned(),
    ];
    let variables = [
        ("POD_NAME", "istiod".to_owned()),
        ("POD_NAMESPACE", SYSTEM.to_owned()),
        // A filter that only Istio's own build of Envoy has.
        ("PILOT_ENABLE_METADATA_EXCHANGE", "false".to_owned()),
        ("PILOT_ENABLE_GATEWAY_API", "false".to_owned()),
    ];
    let folder = log.parent().map(Path::to_owned);
    Daemon::start(program, arguments, &variables, log, folder.as_deref())
}

/// Has the API server ask istiod before it stores one of its objects. A Service by name leads to loopback.
async fn register(client: &Client, port: u16) -> Result<()> {
    let roots: Api<ConfigMap> = Api::namespaced(client.clone(), SYSTEM);
    let mut root = None;
    for _ in 0..600 {
        root = roots.get_opt("istio-ca-root-cert").await?.and_then(|map| map.data?.remove("root-cert.pem"));
        if root.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let root = ByteString(root.ok_or_else(|| Failure::new("istiod publishes no root certificate"))?.into_bytes());
    let service = json!({
        "metadata": { "name": "istiod" },
        "spec": { "type": "ExternalName", "externalName": "localhost" },
    });
    create::<Service>(&Api::namespaced(client.clone(), SYSTEM), service).await?;
    let webhook = json!({
        "metadata": { "name": "istio-validator-istio-system" },
        "webhooks": [{
            "name": "rev.validation.istio.io",
            "clientConfig": {
                "service": { "name": "istiod", "namespace": SYSTEM, "path": "/validate", "port": port },
                "caBundle": root,
            },
            "rules": [{
                "operations": ["CREATE", "UPDATE"],
                "apiGroups": ["networking.istio.io"],
                "apiVersions": ["*"],
                "resources": ["*"],
            }],
            "failurePolicy": "Fail",
            "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
        }],
    });
    create::<ValidatingWebhookConfiguration>(&Api::all(client.clone()), webhook).await
}

async fn create<K>(api: &Api<K>, object: Value) -> Result<()>
where
    K: Clone + std::fmt::Debug + serde::Serialize + serde::de::DeserializeOwned,
{
    api.create(&PostParams::default(), &serde_json::from_value(object)?).await?;
    Ok(())
}

/// A file in a new folder of its own, which goes with the program that it is for.
pub(crate) fn new_file(name: &str) -> Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("foreshift-mesh-{}-{}", std::process::id(), ports::free()?));
    fs::create_dir_all(&folder)?;
    Ok(folder.join(name))
}
