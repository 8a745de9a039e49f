//! Where a case happens: a Service, a Deployment, and what is asked of them.

use std::time::Duration;

use foreshift_executor::cluster::{At, Cluster, Dependents, Json, Mode, Reason, Scope};
use serde_json::json;

use super::{Outcome, World};

/// What everything is called.
pub(super) const NAME: &str = "reviews";

/// How long something may take.
const LIMIT: Duration = Duration::from_secs(30);

/// How long something has to stay so.
const STAYS: Duration = Duration::from_secs(2);

/// A namespace of a cluster.
pub(super) struct Scene<'w, W> {
    pub(super) world: &'w W,
}

impl<W: World> Scene<'_, W> {
    /// A Service and a Deployment with so many pods, all of them Ready.
    pub(super) async fn deploy(&self, replicas: u32) -> Outcome {
        let service = json!({
            "apiVersion": "v1", "kind": "Service", "metadata": { "name": NAME },
            "spec": { "selector": { "app": NAME }, "ports": [{ "name": "http", "port": 9080 }] },
        });
        self.create("Service", NAME, &service).await?;
        let container = json!({ "name": NAME, "image": "reviews:1", "ports": [{ "containerPort": 9080 }] });
        let deployment = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": NAME },
            "spec": {
                "replicas": replicas,
                "selector": { "matchLabels": { "app": NAME } },
                "template": { "metadata": { "labels": { "app": NAME } }, "spec": { "containers": [container] } },
            },
        });
        self.create("Deployment", NAME, &deployment).await?;
        self.deployment_says("its pods available", |found| found["status"]["availableReplicas"] == replicas).await
    }

    /// Gives the Deployment a template whose pods never get Ready.
    pub(super) async fn begin_what_never_ends(&self) -> Outcome {
        self.world.lets_none_get_ready();
        let never = json!({ "foreshift.test/ready-after": "never" });
        self.edit("Deployment", NAME, |deployment| {
            deployment["spec"]["template"]["metadata"]["annotations"] = never.clone();
            deployment["spec"]["template"]["metadata"]["labels"]["version"] = json!("2");
        })
        .await
    }

    /// How large the old and the new ReplicaSet are to be.
    pub(super) async fn sizes(&self) -> Result<(u64, u64), String> {
        let sets = self.list("ReplicaSet").await?;
        let of = |is_new: bool| {
            let found =
                sets.iter().find(|set| (set["spec"]["template"]["metadata"]["labels"]["version"] == "2") == is_new);
            found.map_or(0, |set| number(&set["spec"]["replicas"]))
        };
        Ok((of(false), of(true)))
    }

    pub(super) fn at(&self, kind: &str, name: &str) -> At {
        let group = match kind {
            "Deployment" | "ReplicaSet" => "apps",
            "EndpointSlice" => "discovery.k8s.io",
            _ => "",
        };
        At::ours(group, kind, self.world.namespace(), name).unwrap()
    }

    pub(super) async fn find(&self, kind: &str, name: &str) -> Result<Option<Json>, String> {
        self.world.cluster().get(&self.at(kind, name)).await.map_err(|error| error.message)
    }

    pub(super) async fn get(&self, kind: &str, name: &str) -> Result<Json, String> {
        self.find(kind, name).await?.ok_or_else(|| format!("{kind} {name} is not there"))
    }

    pub(super) async fn list(&self, kind: &str) -> Result<Vec<Json>, String> {
        let scope = Scope::all(self.at(kind, "").kind, self.world.namespace());
        Ok(self.world.cluster().list(&scope).await.map_err(|error| error.message)?.objects)
    }

    pub(super) async fn pods(&self) -> Result<Vec<Json>, String> {
        self.list("Pod").await
    }

    pub(super) async fn create(&self, kind: &str, name: &str, object: &Json) -> Outcome {
        let made = self.world.cluster().create(&self.at(kind, name), object, Mode::Real).await;
        made.map(|_| ()).map_err(|error| format!("{kind} {name}: {}", error.message))
    }

    pub(super) async fn edit(&self, kind: &str, name: &str, edit: impl Fn(&mut Json)) -> Outcome {
        loop {
            let mut object = self.get(kind, name).await?;
            edit(&mut object);
            match self.world.cluster().replace(&self.at(kind, name), &object, Mode::Real).await {
                Ok(_) => return Ok(()),
                Err(error) if error.reason == Reason::Conflict => {}
                Err(error) => return Err(format!("{kind} {name}: {}", error.message)),
            }
        }
    }

    /// Gives the Deployment or its one ReplicaSet another size.
    pub(super) async fn resize(&self, kind: &str, replicas: u32) -> Outcome {
        let name = match kind {
            "ReplicaSet" => self.list(kind).await?[0]["metadata"]["name"].as_str().unwrap_or_default().to_owned(),
            _ => NAME.to_owned(),
        };
        self.edit(kind, &name, |object| object["spec"]["replicas"] = json!(replicas)).await
    }

    pub(super) async fn delete(&self, kind: &str, dependents: Dependents) -> Outcome {
        let there = self.get(kind, NAME).await?;
        let uid = there["metadata"]["uid"].as_str().unwrap_or_default();
        let deleted = self.world.cluster().delete(&self.at(kind, NAME), (uid, None), dependents).await;
        deleted.map_err(|error| error.message)
    }

    pub(super) async fn until(&self, what: &str, holds: impl AsyncFn() -> Result<bool, String>) -> Outcome {
        let begun = tokio::time::Instant::now();
        while !holds().await? {
            if begun.elapsed() > LIMIT {
                let seen = (self.list("ReplicaSet").await?, self.pods().await?);
                return Err(format!("there is not {what}: {}", json!([seen.0, seen.1])));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    pub(super) async fn stays(&self, what: &str, holds: impl AsyncFn() -> Result<bool, String>) -> Outcome {
        let begun = tokio::time::Instant::now();
        while begun.elapsed() < STAYS {
            self.is(what, holds().await?)?;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    pub(super) fn is(&self, what: &str, holds: bool) -> Outcome {
        let where_ = self.world.namespace();
        if holds { Ok(()) } else { Err(format!("{where_}: it does not stay {what}")) }
    }

    pub(super) async fn deployment_says(&self, what: &str, says: impl Fn(&Json) -> bool) -> Outcome {
        self.until(&format!("a Deployment that says {what}"), async || Ok(says(&self.get("Deployment", NAME).await?)))
            .await
    }

    /// Of the one ReplicaSet.
    pub(super) async fn set_says(&self, what: &str, says: impl Fn(&Json) -> bool) -> Outcome {
        let holds = async || Ok(self.list("ReplicaSet").await?.first().is_some_and(&says));
        self.until(&format!("a ReplicaSet that says {what}"), holds).await
    }

    pub(super) async fn pods_are(&self, what: &str, are: impl Fn(&[Json]) -> bool) -> Outcome {
        self.until(what, async || Ok(are(&self.pods().await?))).await
    }

    /// The endpoints of the Service.
    pub(super) async fn slices(&self, what: &str, are: impl Fn(&[Json]) -> bool) -> Outcome {
        let holds = async || {
            let slices = self.list("EndpointSlice").await?;
            let ends: Vec<Json> =
                slices.iter().flat_map(|slice| slice["endpoints"].as_array().cloned().unwrap_or_default()).collect();
            Ok(are(&ends))
        };
        self.until(&format!("EndpointSlices with {what}"), holds).await
    }
}

pub(super) fn count(endpoints: &[Json], condition: &str) -> usize {
    endpoints.iter().filter(|end| end["conditions"][condition] == true).count()
}

pub(super) fn owners(object: &Json) -> usize {
    object["metadata"]["ownerReferences"].as_array().map_or(0, Vec::len)
}

pub(super) fn number(value: &Json) -> u64 {
    value.as_u64().unwrap_or(0)
}
