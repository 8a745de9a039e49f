//! The suite: each case is a Deployment, what is done to it, and what the controllers make of it.

#[path = "suite/scene.rs"]
mod scene;

use foreshift_executor::cluster::{At, Cluster, Dependents, Json, Kind, Mode};
use serde_json::json;

use scene::{NAME, Scene, count, number, owners};

/// A cluster in which the suite runs.
pub(crate) trait World {
    /// Its kind.
    type Cluster: Cluster;
    /// The cluster.
    fn cluster(&self) -> &Self::Cluster;
    /// A namespace with nothing in it.
    fn namespace(&self) -> &str;
    /// Lets a pod's containers have ended, as an eviction or a Job's end would.
    async fn end(&self, pod: &Json, phase: &str);
    /// Lets no pod get Ready any more whose template says `never`, where that has to be said to the cluster too.
    fn lets_none_get_ready(&self);
}

/// What went otherwise than it should.
pub(crate) type Outcome = Result<(), String>;

/// The names of all cases, with what each does.
pub(crate) const CASES: &[Case] = &[
    Case { name: "pods that failed are replaced, and stay", what: What::Ended("Failed") },
    Case { name: "pods that succeeded are replaced, and stay", what: What::Ended("Succeeded") },
    Case { name: "a pod that is being deleted does not count", what: What::Terminating },
    Case { name: "a paused Deployment scales and does not roll", what: What::Paused },
    Case { name: "a rollout takes old pods away only for new ones that are available", what: What::Rolling },
    Case { name: "a paused rollout scales in proportion", what: What::Proportion },
    Case { name: "a ReplicaSet with the labels and the template is adopted", what: What::Adoption },
    Case { name: "a Deployment that is deleted alone leaves its pods", what: What::Orphaned },
    Case { name: "a ReplicaSet that is scaled by hand is scaled back", what: What::ScaledByHand },
    Case { name: "a quota that is full is said in the conditions", what: What::Quota },
];

/// A case of the suite.
pub(crate) struct Case {
    /// What it says.
    pub(crate) name: &'static str,
    what: What,
}

enum What {
    Ended(&'static str),
    Terminating,
    Paused,
    Rolling,
    Proportion,
    Adoption,
    Orphaned,
    ScaledByHand,
    Quota,
}

impl Case {
    /// Runs it to its end.
    pub(crate) async fn run_in<W: World>(&self, world: &W) -> Outcome {
        let scene = Scene { world };
        match self.what {
            What::Ended(phase) => ended(&scene, phase).await,
            What::Terminating => terminating(&scene).await,
            What::Paused => paused(&scene).await,
            What::Rolling => rolling(&scene).await,
            What::Proportion => proportion(&scene).await,
            What::Adoption => adoption(&scene).await,
            What::Orphaned => orphaned(&scene).await,
            What::ScaledByHand => scaled_by_hand(&scene).await,
            What::Quota => quota(&scene).await,
        }
    }
}

async fn ended<W: World>(scene: &Scene<'_, W>, phase: &str) -> Outcome {
    scene.deploy(2).await?;
    scene.slices("two that are ready", |ends| count(ends, "ready") == 2).await?;
    let pod = scene.pods().await?.remove(0);
    scene.world.end(&pod, phase).await;
    let name = pod["metadata"]["name"].clone();
    scene
        .set_says("two pods beside the one that ended", |set| {
            set["status"]["readyReplicas"] == 2 && set["status"]["replicas"] == 2
        })
        .await?;
    scene.pods_are("three pods", |pods| pods.len() == 3).await?;
    scene
        .slices("two endpoints", |ends| ends.len() == 2 && ends.iter().all(|end| end["targetRef"]["name"] != name))
        .await?;
    scene.resize("Deployment", 1).await?;
    scene.pods_are("one pod beside it", |pods| pods.len() == 2).await?;
    scene.resize("Deployment", 0).await?;
    scene.pods_are("only the one that ended", |pods| pods.len() == 1 && pods[0]["metadata"]["name"] == name).await?;
    scene.stays("the one that ended", async || Ok(scene.pods().await?.len() == 1)).await?;
    scene.delete("Deployment", Dependents::Removed).await?;
    scene.pods_are("no pod", <[Json]>::is_empty).await
}

async fn terminating<W: World>(scene: &Scene<'_, W>) -> Outcome {
    scene.deploy(2).await?;
    scene.slices("two that are ready", |ends| count(ends, "ready") == 2).await?;
    let pod = scene.pods().await?.remove(0);
    let at = scene.at("Pod", pod["metadata"]["name"].as_str().unwrap_or_default());
    let uid = pod["metadata"]["uid"].as_str().unwrap_or_default();
    scene.world.cluster().delete(&at, (uid, None), Dependents::Removed).await.map_err(|error| error.message)?;
    let is_going = |pod: &Json| !pod["metadata"]["deletionTimestamp"].is_null();
    scene.pods_are("one that goes beside two", |pods| pods.len() == 3 && pods.iter().any(is_going)).await?;
    scene
        .slices("one that serves and is not ready", |ends| {
            let going = ends.iter().find(|end| end["targetRef"]["uid"] == uid);
            going.is_some_and(|end| {
                let conditions = &end["conditions"];
                conditions["ready"] == false && conditions["serving"] == true && conditions["terminating"] == true
            })
        })
        .await?;
    scene.set_says("two", |set| set["status"]["replicas"] == 2).await?;
    scene.pods_are("two pods", |pods| pods.len() == 2).await?;
    scene.slices("two endpoints", |ends| ends.len() == 2 && count(ends, "terminating") == 0).await
}

async fn paused<W: World>(scene: &Scene<'_, W>) -> Outcome {
    scene.deploy(2).await?;
    scene
        .edit("Deployment", NAME, |deployment| {
            deployment["spec"]["paused"] = json!(true);
            deployment["spec"]["template"]["metadata"]["labels"]["version"] = json!("2");
        })
        .await?;
    scene
        .deployment_says("it seen", |deployment| {
            let seen = &deployment["status"]["observedGeneration"];
            seen == &deployment["metadata"]["generation"] && number(&deployment["status"]["updatedReplicas"]) == 0
        })
        .await?;
    scene.stays("one ReplicaSet", async || Ok(scene.list("ReplicaSet").await?.len() == 1)).await?;
    scene.resize("Deployment", 4).await?;
    scene.set_says("four pods", |set| set["spec"]["replicas"] == 4 && set["status"]["readyReplicas"] == 4).await?;
    scene.resize("Deployment", 3).await?;
    scene.set_says("three pods", |set| set["spec"]["replicas"] == 3 && set["status"]["replicas"] == 3).await?;
    scene.edit("Deployment", NAME, |deployment| deployment["spec"]["paused"] = json!(false)).await?;
    scene
        .deployment_says("three new pods", |deployment| {
            let status = &deployment["status"];
            status["updatedReplicas"] == 3 && status["replicas"] == 3 && status["availableReplicas"] == 3
        })
        .await
}

async fn rolling<W: World>(scene: &Scene<'_, W>) -> Outcome {
    scene.deploy(4).await?;
    scene.begin_what_never_ends().await?;
    // A quarter more, a quarter less: five pods, of which three are available.
    let is_rolling = async || {
        let (old, new) = scene.sizes().await?;
        Ok((old, new) == (3, 2))
    };
    scene.until("three old and two new pods", is_rolling).await?;
    scene.stays("three old and two new pods", is_rolling).await
}

async fn proportion<W: World>(scene: &Scene<'_, W>) -> Outcome {
    scene.deploy(4).await?;
    scene.begin_what_never_ends().await?;
    scene.until("three old and two new pods", async || Ok(scene.sizes().await? == (3, 2))).await?;
    scene.edit("Deployment", NAME, |deployment| deployment["spec"]["paused"] = json!(true)).await?;
    scene.resize("Deployment", 8).await?;
    // Ten with the surge of two: the three are six, the two are four.
    scene.until("six old and four new pods", async || Ok(scene.sizes().await? == (6, 4))).await?;
    scene.resize("Deployment", 4).await?;
    scene.until("three old and two new pods again", async || Ok(scene.sizes().await? == (3, 2))).await?;
    // The larger gets what is left over.
    scene.resize("Deployment", 6).await?;
    scene.until("five old and three new pods", async || Ok(scene.sizes().await? == (5, 3))).await
}

async fn adoption<W: World>(scene: &Scene<'_, W>) -> Outcome {
    scene.deploy(2).await?;
    let deployment = scene.get("Deployment", NAME).await?;
    let mut template = deployment["spec"]["template"].clone();
    template["metadata"]["labels"]["version"] = json!("2");
    let selector = json!({ "matchLabels": { "app": NAME, "version": "2" } });
    let annotations = json!({ "deployment.kubernetes.io/desired-replicas": "2" });
    let set = json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": { "name": "own", "annotations": annotations },
        "spec": { "replicas": 2, "selector": selector, "template": template },
    });
    scene.create("ReplicaSet", "own", &set).await?;
    scene
        .until("its pods Ready", async || Ok(scene.get("ReplicaSet", "own").await?["status"]["readyReplicas"] == 2))
        .await?;
    scene
        .stays("nobody's", async || Ok(scene.get("ReplicaSet", "own").await?["metadata"]["ownerReferences"].is_null()))
        .await?;
    let ours: Vec<Json> =
        scene.pods().await?.into_iter().filter(|pod| pod["metadata"]["labels"]["version"] == "2").collect();
    scene
        .edit("Deployment", NAME, |deployment| {
            deployment["spec"]["paused"] = json!(true);
            deployment["spec"]["template"] = template.clone();
        })
        .await?;
    scene
        .deployment_says("it seen", |deployment| {
            deployment["status"]["observedGeneration"] == deployment["metadata"]["generation"]
        })
        .await?;
    let labels = template["metadata"]["labels"].clone();
    scene.edit("ReplicaSet", "own", |set| set["metadata"]["labels"] = labels.clone()).await?;
    let uid = &deployment["metadata"]["uid"];
    scene
        .until("it adopted", async || {
            Ok(scene.get("ReplicaSet", "own").await?["metadata"]["ownerReferences"][0]["uid"] == *uid)
        })
        .await?;
    // A new ReplicaSet that is full takes the old pods away, although the Deployment is paused.
    scene.pods_are("its pods alone", |pods| pods.len() == 2).await?;
    scene.edit("Deployment", NAME, |deployment| deployment["spec"]["paused"] = json!(false)).await?;
    scene
        .deployment_says("them its own", |deployment| {
            deployment["status"]["updatedReplicas"] == 2 && deployment["status"]["replicas"] == 2
        })
        .await?;
    let names = |pods: &[Json]| pods.iter().map(|pod| pod["metadata"]["uid"].clone()).collect::<Vec<_>>();
    let (mut left, mut right) = (names(&ours), names(&scene.pods().await?));
    left.sort_by_key(Json::to_string);
    right.sort_by_key(Json::to_string);
    scene.is("the same pods, and no third ReplicaSet", left == right && scene.list("ReplicaSet").await?.len() == 2)
}

async fn orphaned<W: World>(scene: &Scene<'_, W>) -> Outcome {
    scene.deploy(2).await?;
    let pods = scene.pods().await?;
    scene.delete("Deployment", Dependents::Orphaned).await?;
    scene
        .until("a ReplicaSet of nobody's", async || {
            let sets = scene.list("ReplicaSet").await?;
            Ok(sets.len() == 1 && owners(&sets[0]) == 0 && scene.find("Deployment", NAME).await?.is_none())
        })
        .await?;
    scene.stays("its pods", async || Ok(scene.pods().await?.len() == pods.len())).await
}

async fn scaled_by_hand<W: World>(scene: &Scene<'_, W>) -> Outcome {
    scene.deploy(2).await?;
    for size in [4, 1, 0] {
        scene.resize("ReplicaSet", size).await?;
        scene.set_says("two again", |set| set["spec"]["replicas"] == 2 && set["status"]["readyReplicas"] == 2).await?;
    }
    scene.pods_are("two pods", |pods| pods.len() == 2).await
}

async fn quota<W: World>(scene: &Scene<'_, W>) -> Outcome {
    let kind = Kind {
        group: String::new(),
        version: "v1".to_owned(),
        kind: "ResourceQuota".to_owned(),
        plural: "resourcequotas".to_owned(),
        is_namespaced: true,
    };
    let at = At { kind, namespace: scene.world.namespace().to_owned(), name: "few".to_owned() };
    let quota = json!({
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": { "name": "few" }, "spec": { "hard": { "pods": "2" } },
    });
    scene.world.cluster().create(&at, &quota, Mode::Real).await.map_err(|error| error.message)?;
    scene
        .until("a quota that counts", async || {
            let found = scene.world.cluster().get(&at).await.map_err(|error| error.message)?;
            Ok(found.is_some_and(|quota| quota["status"]["hard"]["pods"] == "2"))
        })
        .await?;
    scene.deploy(2).await?;
    scene.resize("Deployment", 3).await?;
    scene
        .set_says("that it cannot make one", |set| {
            let conditions = set["status"]["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
            let failure = conditions.iter().find(|condition| condition["type"] == "ReplicaFailure");
            set["status"]["replicas"] == 2 && failure.is_some_and(|failure| failure["reason"] == "FailedCreate")
        })
        .await?;
    scene
        .deployment_says("it too", |deployment| {
            let conditions = deployment["status"]["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
            conditions.iter().any(|condition| condition["type"] == "ReplicaFailure" && condition["status"] == "True")
        })
        .await
}
