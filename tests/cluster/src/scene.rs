//! A namespace with services in it, and the folder of a rollout that is to happen there.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use kube::api::{Api, DeleteParams, DynamicObject, ListParams, PostParams};
use serde_json::{Value, json};

use crate::cluster::{Cluster, Namespace};
use crate::failure::{Failure, Result};
use crate::recorder::Recorder;
use crate::{kinds, objects};

/// How long something in a cluster may take.
const LIMIT: Duration = Duration::from_secs(60);

/// What there is before a rollout.
pub struct Scene<'c> {
    /// Where it happens.
    pub cluster: &'c Cluster,
    /// Its namespace.
    pub namespace: Namespace,
    /// With `deploy.yaml` and `manifests`.
    pub folder: PathBuf,
}

impl<'c> Scene<'c> {
    /// An empty namespace, and a folder with a config for services of these names that are to come from `manifests`.
    pub async fn new(cluster: &'c Cluster, steps: &[Value], names: &[&str]) -> Result<Scene<'c>> {
        let namespace = cluster.namespace().await?;
        let folder = std::env::temp_dir().join(format!("foreshift-scene-{}", namespace.name));
        fs::create_dir_all(folder.join("manifests"))?;
        let scene = Scene { cluster, namespace, folder };
        scene.write("deploy.yaml", &objects::config(&scene.namespace.name, steps, names))?;
        Ok(scene)
    }

    /// Services of these names with the version 1 Ready, and version 2 in `manifests`.
    pub async fn with_earlier(cluster: &'c Cluster, steps: &[Value], names: &[&str]) -> Result<Scene<'c>> {
        let scene = Scene::new(cluster, steps, names).await?;
        for name in names {
            for object in [objects::service(name), objects::destination_rule(name), objects::virtual_service(name)] {
                scene.create(&object).await?;
            }
            scene.create(&objects::deployment(name, &format!("{name}:1"))).await?;
            scene.release(name, 2)?;
        }
        for name in names {
            scene.is_available(name, 2).await?;
        }
        Ok(scene)
    }

    /// Puts a version into `manifests`.
    pub fn release(&self, name: &str, version: u8) -> Result<()> {
        self.write(&format!("manifests/{name}.yaml"), &objects::deployment(name, &format!("{name}:{version}")))
    }

    /// Writes a file of the folder. JSON is YAML.
    pub fn write(&self, path: &str, content: &Value) -> Result<()> {
        Ok(fs::write(self.folder.join(path), content.to_string())?)
    }

    /// Changes `deploy.yaml`.
    pub fn configure(&self, change: impl FnOnce(&mut Value)) -> Result<()> {
        let mut config = serde_json::from_slice(&fs::read(self.folder.join("deploy.yaml"))?)?;
        change(&mut config);
        self.write("deploy.yaml", &config)
    }

    /// Makes the config one of a rollout in several namespaces at once: a target in each.
    pub fn spread(&self, over: &[Scene<'_>]) -> Result<()> {
        let target =
            |scene: &Scene<'_>| json!({ "account": "test", "namespace": scene.namespace.name, "strategy": "canary" });
        let targets: BTreeMap<String, Value> =
            over.iter().enumerate().map(|(number, scene)| (format!("target-{number}"), target(scene))).collect();
        self.configure(|config| {
            config["targets"] = json!(targets);
            if let Some(traffic) = config["trafficManagement"][0].as_object_mut() {
                traffic.remove("targets");
            }
        })
    }

    /// Creates an object, as its owner.
    pub async fn create(&self, object: &Value) -> Result<Value> {
        let parameters = PostParams { field_manager: Some("its-owner".to_owned()), ..PostParams::default() };
        let kind = object["kind"].as_str().unwrap_or_default();
        let made = self.api(kind)?.create(&parameters, &serde_json::from_value(object.clone())?).await?;
        Ok(serde_json::to_value(made)?)
    }

    /// An object.
    pub async fn get(&self, kind: &str, name: &str) -> Result<Value> {
        Ok(serde_json::to_value(self.api(kind)?.get(name).await?)?)
    }

    /// Every object of a kind.
    pub async fn list(&self, kind: &str) -> Result<Vec<Value>> {
        let found = self.api(kind)?.list(&ListParams::default()).await?;
        found.items.iter().map(|object| Ok(serde_json::to_value(object)?)).collect()
    }

    /// Changes an object, as somebody who is not the rollout.
    pub async fn change(&self, kind: &str, name: &str, change: impl Fn(&mut Value)) -> Result<Value> {
        let parameters = PostParams { field_manager: Some("somebody".to_owned()), ..PostParams::default() };
        loop {
            let mut object = self.get(kind, name).await?;
            change(&mut object);
            match self.api(kind)?.replace(name, &parameters, &serde_json::from_value(object)?).await {
                Err(kube::Error::Api(status)) if status.code == 409 => {}
                changed => return Ok(serde_json::to_value(changed?)?),
            }
        }
    }

    /// The VirtualService and the DestinationRule of a service, as `kubectl get -o yaml` shows them, but for what the
    /// server counts.
    pub async fn traffic(&self, name: &str) -> Result<(Value, Value)> {
        let of = async |kind| {
            let mut object = self.get(kind, name).await?;
            if let Some(metadata) = object["metadata"].as_object_mut() {
                metadata.retain(|key, _| !["resourceVersion", "generation", "managedFields"].contains(&key.as_str()));
            }
            Ok::<_, Failure>(object)
        };
        Ok((of("VirtualService").await?, of("DestinationRule").await?))
    }

    /// Waits until so many pods of a Deployment are available, and no other is left of it.
    pub async fn is_available(&self, name: &str, replicas: u64) -> Result<()> {
        self.until(&format!("{replicas} available pods of {name}"), async || {
            let status = self.get("Deployment", name).await?["status"].clone();
            Ok(status["availableReplicas"] == replicas && status["replicas"] == replicas)
        })
        .await
    }

    /// Waits until something holds.
    pub async fn until(&self, what: &str, holds: impl AsyncFn() -> Result<bool>) -> Result<()> {
        let begun = Instant::now();
        while !holds().await? {
            if begun.elapsed() > LIMIT {
                return Err(Failure::new(format!("{}: there are no {what}", self.namespace.name)));
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        Ok(())
    }

    /// Begins a log of what happens here.
    pub async fn record(&self) -> Result<Recorder> {
        Recorder::start(self.cluster.kubeconfig(), &self.namespace.name, &self.folder.join("log.jsonl")).await
    }

    /// kubectl in this namespace, as the administrator; what it prints.
    pub fn kubectl(&self, arguments: &[&str]) -> Result<String> {
        let mut command: Command = self.cluster.kubectl()?;
        let output = command.args(["--namespace", &self.namespace.name]).args(arguments).output()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() {
            Ok(text(&output.stdout))
        } else {
            Err(Failure::new(format!("kubectl {}: {}", arguments.join(" "), text(&output.stderr))))
        }
    }

    /// What a kubelet, or whoever stands in for a node that is lost, says of a pod.
    pub fn say_of_pod(&self, pod: &str, status: &Value) -> Result<()> {
        let patch = json!({ "status": status }).to_string();
        self.kubectl(&["patch", "pod", pod, "--subresource=status", "--type=strategic", "--patch", &patch]).map(|_| ())
    }

    /// The names of the pods that run an image.
    pub async fn pods(&self, image: &str) -> Result<Vec<String>> {
        let pods = self.list("Pod").await?.into_iter();
        let of_image = pods.filter(|pod| pod["spec"]["containers"][0]["image"] == image);
        Ok(of_image.filter_map(|pod| Some(pod["metadata"]["name"].as_str()?.to_owned())).collect())
    }

    /// Takes away what the namespace holds, so that later plans need not look at it.
    pub async fn clear(self) -> Result<()> {
        self.cluster.namespaces().await?.delete(&self.namespace.name, &DeleteParams::default()).await?;
        Ok(fs::remove_dir_all(&self.folder)?)
    }

    fn api(&self, kind: &str) -> Result<Api<DynamicObject>> {
        Ok(Api::default_namespaced_with(self.namespace.client.clone(), &kinds::resource(kind)?))
    }
}
