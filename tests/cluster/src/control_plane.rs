//! etcd, kube-apiserver and kube-controller-manager on loopback.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use kube::Client;

use crate::credentials::{self, ADMIN, CONTROLLERS, User};
use crate::daemon::Daemon;
use crate::failure::{Failure, Result};
use crate::{cluster, ports, programs};

/// A cold machine under load takes its time.
const PATIENCE: Duration = Duration::from_secs(120);

/// What Deployments, their pods and Services, Jobs, budgets and autoscalers need, and namespaces to go away.
const CONTROLLERS_ON: [&str; 13] = [
    "clusterrole-aggregation-controller",
    "deployment-controller",
    "disruption-controller",
    "endpointslice-controller",
    "garbage-collector-controller",
    "horizontal-pod-autoscaler-controller",
    "job-controller",
    "namespace-controller",
    "replicaset-controller",
    "resourcequota-controller",
    "root-ca-certificate-publisher-controller",
    "serviceaccount-controller",
    "ttl-after-finished-controller",
];

/// Running programs and the folder with their files; both go when it is dropped.
pub(crate) struct ControlPlane {
    folder: PathBuf,
    _daemons: Vec<Daemon>,
}

impl ControlPlane {
    /// Starts all of it in a new folder, and waits until the API server says that it is ready. What else the API server is
    /// told stands in `arguments`.
    pub(crate) async fn start(folder: PathBuf, arguments: &[String]) -> Result<ControlPlane> {
        let key = folder.join("service-accounts.key");
        let public_key = folder.join("service-accounts.pub");
        credentials::write_signing_key(&key, &public_key)?;
        let users = credentials::users()?;
        fs::write(folder.join("tokens.csv"), users.iter().map(User::line).collect::<String>())?;

        let (etcd, etcd_url) = start_etcd(&folder)?;
        let port = ports::free()?;
        let api_server = start_api_server(&folder, port, &etcd_url, (&key, &public_key), arguments)?;
        let certificate = folder.join("certificates/apiserver.crt");
        let deadline = Instant::now() + PATIENCE;
        let authority = loop {
            match fs::read(&certificate) {
                Ok(authority) if authority.ends_with(b"-----END CERTIFICATE-----\n") => break authority,
                _ if Instant::now() > deadline => return Err(api_server.failure("kube-apiserver does not start")),
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        };
        for user in &users {
            let kubeconfig = user.kubeconfig(&format!("https://127.0.0.1:{port}"), &authority);
            fs::write(folder.join(User::file_name(user.name())), kubeconfig)?;
        }
        let client = cluster::client(&folder.join(User::file_name(ADMIN))).await?;
        while !is_ready(&client).await {
            if Instant::now() > deadline {
                return Err(api_server.failure("kube-apiserver does not become ready"));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let controllers = start_controllers(&folder, &key)?;
        // In this order they are stopped.
        Ok(ControlPlane { folder, _daemons: vec![controllers, api_server, etcd] })
    }

    /// The kubeconfig of a user.
    pub(crate) fn kubeconfig(&self, user: &str) -> Result<PathBuf> {
        let path = self.folder.join(User::file_name(user));
        if path.is_file() { Ok(path) } else { Err(Failure::new(format!("there is no user `{user}`"))) }
    }
}

fn start_etcd(folder: &Path) -> Result<(Daemon, String)> {
    let client = format!("http://127.0.0.1:{}", ports::free()?);
    let peer = format!("http://127.0.0.1:{}", ports::free()?);
    let arguments = [
        format!("--data-dir={}", folder.join("etcd").display()),
        format!("--listen-client-urls={client}"),
        format!("--advertise-client-urls={client}"),
        format!("--listen-peer-urls={peer}"),
        format!("--initial-advertise-peer-urls={peer}"),
        format!("--initial-cluster=default={peer}"),
        "--unsafe-no-fsync".to_owned(),
        "--log-level=warn".to_owned(),
    ];
    let log = folder.join("etcd.log");
    // The last one to be stopped takes the folder with it.
    Ok((Daemon::start(&programs::find("etcd")?, arguments, &[], log, Some(folder))?, client))
}

fn start_api_server(
    folder: &Path,
    port: u16,
    etcd: &str,
    (key, public_key): (&Path, &Path),
    others: &[String],
) -> Result<Daemon> {
    let arguments = [
        format!("--etcd-servers={etcd}"),
        format!("--cert-dir={}", folder.join("certificates").display()),
        "--bind-address=127.0.0.1".to_owned(),
        format!("--secure-port={port}"),
        // Nothing runs in the cluster that would look for the API server there.
        "--endpoint-reconciler-type=none".to_owned(),
        "--service-cluster-ip-range=10.96.0.0/12".to_owned(),
        "--authorization-mode=RBAC".to_owned(),
        "--anonymous-auth=false".to_owned(),
        format!("--token-auth-file={}", folder.join("tokens.csv").display()),
        "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
        format!("--service-account-signing-key-file={}", key.display()),
        format!("--service-account-key-file={}", public_key.display()),
        // Many rollouts at once are what tests are about; 429 comes from the fault proxy, when it is wanted.
        "--enable-priority-and-fairness=false".to_owned(),
        "--max-requests-inflight=4000".to_owned(),
        "--max-mutating-requests-inflight=4000".to_owned(),
        "--allow-privileged=false".to_owned(),
        "--profiling=false".to_owned(),
    ];
    let arguments = arguments.iter().chain(others);
    Daemon::start(&programs::find("kube-apiserver")?, arguments, &[], folder.join("kube-apiserver.log"), None)
}

fn start_controllers(folder: &Path, key: &Path) -> Result<Daemon> {
    let arguments = [
        format!("--kubeconfig={}", folder.join(User::file_name(CONTROLLERS)).display()),
        format!("--controllers={}", CONTROLLERS_ON.join(",")),
        format!("--root-ca-file={}", folder.join("certificates/apiserver.crt").display()),
        format!("--service-account-private-key-file={}", key.display()),
        // Each controller with the rights that Kubernetes gives to it, not with those of all.
        "--use-service-account-credentials=true".to_owned(),
        "--leader-elect=false".to_owned(),
        "--secure-port=0".to_owned(),
        "--kube-api-qps=1000".to_owned(),
        "--kube-api-burst=2000".to_owned(),
        "--concurrent-deployment-syncs=20".to_owned(),
        "--concurrent-replicaset-syncs=20".to_owned(),
        "--concurrent-service-endpoint-syncs=20".to_owned(),
        "--horizontal-pod-autoscaler-sync-period=1s".to_owned(),
        "--horizontal-pod-autoscaler-downscale-stabilization=1s".to_owned(),
        "--horizontal-pod-autoscaler-initial-readiness-delay=1s".to_owned(),
        "--profiling=false".to_owned(),
    ];
    let log = folder.join("kube-controller-manager.log");
    Daemon::start(&programs::find("kube-controller-manager")?, arguments, &[], log, None)
}

async fn is_ready(client: &Client) -> bool {
    let Ok(request) = hyper::Request::get("/readyz").body(Vec::new()) else { return false };
    client.request_text(request).await.is_ok()
}
