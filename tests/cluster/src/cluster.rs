//! A cluster that tests use: one of our own, or one that is given.

use std::env;
use std::fs::DirBuilder;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::ServiceAccount;
use kube::api::{Api, ObjectMeta, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use tokio::sync::OnceCell;

use crate::audit::{self, Audit};
use crate::control_plane::ControlPlane;
use crate::credentials::ADMIN;
use crate::failure::{Failure, Result};
use crate::kubelet::Kubelet;
use crate::{custom_resources, programs};

/// The kubeconfig of a cluster that tests may use as they like.
const GIVEN: &str = "FORESHIFT_TEST_KUBECONFIG";

/// A cluster, with all rights. One of our own ends when it is dropped, or when this process ends in whatever way.
pub struct Cluster {
    kubeconfig: PathBuf,
    own: Option<Own>,
}

/// In the order in which they are stopped.
struct Own {
    _kubelet: Kubelet,
    control_plane: ControlPlane,
}

/// A namespace of a test.
pub struct Namespace {
    /// What it is called.
    pub name: String,
    /// May do everything, and begins here where no namespace is named.
    pub client: Client,
}

impl Cluster {
    /// The cluster that `FORESHIFT_TEST_KUBECONFIG` names, else a new one.
    pub async fn start() -> Result<Cluster> {
        if let Some(kubeconfig) = env::var_os(GIVEN) {
            return Ok(Cluster { kubeconfig: PathBuf::from(kubeconfig), own: None });
        }
        Cluster::own(new_folder()?, &[]).await
    }

    /// A new one that keeps an audit log, whatever is given.
    pub async fn audited() -> Result<(Cluster, Audit)> {
        let folder = new_folder()?;
        let (arguments, audit) = (audit::arguments(&folder)?, Audit::of(&folder));
        Ok((Cluster::own(folder, &arguments).await?, audit))
    }

    async fn own(folder: PathBuf, arguments: &[String]) -> Result<Cluster> {
        let control_plane = ControlPlane::start(folder, arguments).await?;
        let kubeconfig = control_plane.kubeconfig(ADMIN)?;
        custom_resources::install(&client(&kubeconfig).await?, &programs::find("istio-crds")?).await?;
        let kubelet = Kubelet::start(&kubeconfig)?;
        Ok(Cluster { kubeconfig, own: Some(Own { _kubelet: kubelet, control_plane }) })
    }

    /// One cluster for all tests of this process.
    pub async fn shared() -> Result<&'static Cluster> {
        static SHARED: OnceCell<Cluster> = OnceCell::const_new();
        SHARED.get_or_try_init(Cluster::start).await
    }

    /// Where the administrator's kubeconfig is.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// The kubeconfig of `alice` (in the group `developers`) or `bob` (in none), who may do nothing by themselves; or of
    /// `foreshift` or `argo-rollouts`, who may do everything, and whom an audit log tells from the administrator.
    pub fn kubeconfig_of(&self, user: &str) -> Result<PathBuf> {
        let own = self.own.as_ref().ok_or_else(|| Failure::new(format!("a given cluster has no user `{user}`")))?;
        own.control_plane.kubeconfig(user)
    }

    /// A client of the administrator, which lives as long as the runtime that it is made in.
    pub async fn client(&self) -> Result<Client> {
        client(&self.kubeconfig).await
    }

    /// kubectl, as the administrator.
    pub fn kubectl(&self) -> Result<Command> {
        let mut command = Command::new(programs::find("kubectl")?);
        command.env("KUBECONFIG", &self.kubeconfig);
        Ok(command)
    }

    /// Every namespace there is.
    pub async fn namespaces(&self) -> Result<Api<k8s_openapi::api::core::v1::Namespace>> {
        Ok(Api::all(self.client().await?))
    }

    /// A new namespace that pods can be created in.
    pub async fn namespace(&self) -> Result<Namespace> {
        let namespaces = self.namespaces().await?;
        let metadata = ObjectMeta { generate_name: Some("rollout-".to_owned()), ..ObjectMeta::default() };
        let wanted = k8s_openapi::api::core::v1::Namespace { metadata, ..Default::default() };
        let created = namespaces.create(&PostParams::default(), &wanted).await?;
        let name = created.metadata.name.ok_or_else(|| Failure::new("a namespace without a name"))?;
        let mut config = config(&self.kubeconfig).await?;
        config.default_namespace.clone_from(&name);
        let client = Client::try_from(config)?;
        // Pods are refused without it.
        let accounts: Api<ServiceAccount> = Api::default_namespaced(client.clone());
        let deadline = Instant::now() + Duration::from_secs(30);
        while accounts.get_opt("default").await?.is_none() {
            if Instant::now() > deadline {
                return Err(Failure::new(format!("namespace {name} gets no default service account")));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(Namespace { name, client })
    }
}

/// A client with what a kubeconfig says.
pub async fn client(kubeconfig: &Path) -> Result<Client> {
    Ok(Client::try_from(config(kubeconfig).await?)?)
}

async fn config(path: &Path) -> Result<Config> {
    let kubeconfig = Kubeconfig::read_from(path)?;
    Ok(Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?)
}

/// A folder that others on this machine cannot look into: it holds keys and tokens.
fn new_folder() -> Result<PathBuf> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let path = env::temp_dir().join(format!("foreshift-cluster-{}-{number}", std::process::id()));
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
    Ok(path)
}
