//! The ways in which the old pods go while the active subset is pinned to them, under load: who answers then, and how many
//! requests it costs.

use std::time::Duration;

use serde_json::{Value, json};
use test_cluster::{Cluster, Counts, Envoy, Failure, Istiod, Load, Result, Scene, foreshift, objects};

use super::{CONFIG, NAME, WORKERS, approve};

/// For how long requests are counted.
const WINDOW: Duration = Duration::from_secs(3);

/// How many percent of the requests of that time may fail for a moment in which no pod of the old side is Ready: what is
/// sent to it until every proxy knows the new weights. Before, it were nine of ten for as long as nobody noticed.
const MOMENT: u64 = 10;

/// A mesh, and what is rolled out in it.
struct World {
    cluster: Cluster,
    istiod: Istiod,
}

/// A rollout that waits at 10 %, under load.
struct Waiting<'c> {
    scene: Scene<'c>,
    apply: foreshift::Running,
    load: Load,
    _envoy: Envoy,
}

impl World {
    async fn new() -> Result<Option<World>> {
        foreshift::build().await?;
        let cluster = Cluster::start().await?;
        let istiod = Istiod::start(&cluster).await?;
        Ok(istiod.map(|istiod| World { cluster, istiod }))
    }

    async fn waiting(&self) -> Result<Option<Waiting<'_>>> {
        let steps = [objects::weight(10), objects::approval()];
        let scene = Scene::with_earlier(&self.cluster, &steps, &[NAME]).await?;
        let namespace = scene.namespace.name.clone();
        let Some(envoy) = Envoy::start(&self.istiod, &namespace, 9080, Duration::ZERO).await? else {
            return Ok(None);
        };
        let istiod = format!("--istiod={}", self.istiod.debug);
        let arguments = ["apply", CONFIG, "--settle=300ms", &istiod];
        let mut apply = foreshift::start(&scene.folder, self.cluster.kubeconfig(), &arguments)?;
        apply.waits().await?;
        let load = Load::start(envoy.address, "reviews:9080", WORKERS);
        tokio::time::sleep(Duration::from_secs(1)).await;
        let counts = load.take();
        if failed(&counts) > 0 || counts.revisions.len() != 2 {
            return Err(Failure::new(format!("it does not begin with both versions: {counts:?}")));
        }
        Ok(Some(Waiting { scene, apply, load, _envoy: envoy }))
    }
}

impl Waiting<'_> {
    /// Counts from now on; tells it as a line, and fails where more percent were lost than may be.
    async fn count(&self, what: &str, most: u64) -> Result<Counts> {
        tokio::time::sleep(WINDOW).await;
        let counts = self.load.take();
        let all: u64 = counts.revisions.values().sum::<u64>() + failed(&counts);
        println!("{what}: {} of {all} requests failed in {WINDOW:?}, {:?} answered", failed(&counts), counts.revisions);
        if failed(&counts) * 100 <= all * most {
            return Ok(counts);
        }
        Err(Failure::new(format!(
            "{what}: {} of {all} requests have failed, {most} % may: {counts:?}",
            failed(&counts)
        )))
    }

    async fn says(&mut self, words: &str) -> Result<()> {
        let is_it = |event: &Value| ["words", "why"].iter().any(|of| event[*of].as_str().unwrap_or("").contains(words));
        self.apply.until(is_it).await.map(|_| ())
    }

    /// Takes every pod of the old version away at once.
    async fn drain(&self) -> Result<()> {
        let pods = self.scene.pods("reviews:1").await?;
        let names: Vec<&str> = pods.iter().map(String::as_str).collect();
        self.scene.kubectl(&[&["delete", "pod", "--wait=false"], &names[..]].concat()).map(|_| ())
    }

    /// On to the end, where nothing fails any more.
    async fn ends(self) -> Result<()> {
        approve(&self.scene, &[]).await?;
        self.apply.end().await?.exits(0)?;
        let counts = self.load.take();
        if failed(&counts) > 0 {
            return Err(Failure::new(format!("on the way to the end requests have failed: {counts:?}")));
        }
        self.scene.clear().await
    }
}

fn failed(counts: &Counts) -> u64 {
    counts.errors.values().sum::<u64>() + counts.unanswered
}

/// What anybody may type who does not know that a rollout is under way.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a control plane and a mesh: cargo xtask test cluster"]
async fn what_would_roll_the_deployment_does_not() -> Result<()> {
    let Some(world) = World::new().await? else { return Ok(()) };
    let Some(waiting) = world.waiting().await? else { return Ok(()) };
    let restarted = waiting.scene.kubectl(&["rollout", "restart", "deployment", NAME]);
    let words = restarted.err().map(|refusal| refusal.to_string()).unwrap_or_default();
    if !words.contains("paused") {
        return Err(Failure::new(format!("`kubectl rollout restart` is not refused: {words}")));
    }
    waiting.count("kubectl rollout restart", 0).await?;
    waiting.ends().await?;

    let Some(waiting) = world.waiting().await? else { return Ok(()) };
    let sets = waiting.scene.list("ReplicaSet").await?.len();
    waiting.scene.kubectl(&["set", "image", "deployment/reviews", "reviews=reviews:9"])?;
    waiting.count("kubectl set image", 0).await?;
    let after = waiting.scene.list("ReplicaSet").await?.len();
    if after != sets {
        return Err(Failure::new(format!("{after} ReplicaSets instead of {sets}")));
    }
    // The hand-over would write over it: it is told at once, and asked what to do.
    waiting.apply.end().await?.exits(4)?.complains("reviews:9")?;
    let counts = waiting.load.take();
    if failed(&counts) > 0 {
        return Err(Failure::new(format!("requests have failed: {counts:?}")));
    }
    // Back, and what somebody wanted is rolled out from there.
    foreshift::run(&waiting.scene.folder, world.cluster.kubeconfig(), &["abort", CONFIG, "--settle=2s"])
        .await?
        .exits(0)?;
    waiting.scene.is_available(NAME, 2).await?;
    waiting.scene.clear().await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a control plane and a mesh: cargo xtask test cluster"]
async fn pods_that_go_all_the_same_cost_a_moment() -> Result<()> {
    let Some(world) = World::new().await? else { return Ok(()) };

    // Drained: their ReplicaSet makes others.
    let Some(waiting) = world.waiting().await? else { return Ok(()) };
    waiting.drain().await?;
    waiting.count("old pods deleted", MOMENT).await?;
    waiting.ends().await?;

    // Scaled down by somebody: the Deployment scales it up again.
    let Some(waiting) = world.waiting().await? else { return Ok(()) };
    let sets = waiting.scene.list("ReplicaSet").await?;
    let old = sets.iter().find(|set| set["metadata"]["ownerReferences"].is_array());
    let old = old.and_then(|set| set["metadata"]["name"].as_str()).unwrap_or_default();
    waiting.scene.kubectl(&["scale", "replicaset", old, "--replicas=0"])?;
    waiting.count("old ReplicaSet scaled to 0", MOMENT).await?;
    waiting.ends().await?;

    // Nobody may replace them: the new ones have every request until the old ones are back.
    let Some(mut waiting) = world.waiting().await? else { return Ok(()) };
    waiting.scene.kubectl(&["create", "quota", "none", "--hard=pods=2"])?;
    waiting.drain().await?;
    waiting.count("old pods deleted under a quota", MOMENT).await?;
    waiting.says("no old pod of Deployment reviews is Ready any more: every request goes to the new ones").await?;
    let counts = waiting.count("a moment later", 0).await?;
    if counts.revisions.len() != 1 {
        return Err(Failure::new(format!("both versions answer, and one has no pods: {counts:?}")));
    }
    waiting.scene.kubectl(&["delete", "quota", "none"])?;
    // Its controller tries again later and later.
    waiting.scene.kubectl(&["annotate", "replicaset", "--all", "touched=now"])?;
    waiting.says("the weights are as planned again").await?;
    waiting.load.take();
    let counts = waiting.count("the old pods are back", 0).await?;
    if counts.revisions.len() != 2 {
        return Err(Failure::new(format!("the old version has no requests again: {counts:?}")));
    }
    waiting.ends().await
}

/// Both in one write, so that nobody can come between: the controller removes every old pod before it makes one.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a control plane and a mesh: cargo xtask test cluster"]
async fn a_deployment_that_is_resumed_and_restarted_costs_a_moment() -> Result<()> {
    let Some(world) = World::new().await? else { return Ok(()) };
    for strategy in ["RollingUpdate", "Recreate"] {
        let Some(mut waiting) = world.waiting().await? else { return Ok(()) };
        waiting
            .scene
            .change("Deployment", NAME, |deployment| {
                deployment["spec"]["strategy"] = json!({ "type": strategy });
                deployment["spec"]["template"]["metadata"]["annotations"]["restarted"] = json!("now");
                deployment["spec"].as_object_mut().map(|spec| spec.remove("paused"));
            })
            .await?;
        waiting.count(&format!("resumed and restarted, {strategy}"), MOMENT).await?;
        waiting.says("somebody has resumed Deployment reviews").await?;
        let said = waiting.apply.end().await?;
        println!("  apply ends with {}: {}", said.code, said.errors.lines().next().unwrap_or_default());
        waiting.load.take();
        let is_taken_back = waiting_ends_back(&world, &waiting.scene).await?;
        let counts = waiting.load.take();
        println!("  on the way back: {counts:?}");
        // The last write of the way back lets the restart go on, so that what it costs is counted with it: with `Recreate`
        // that is a moment without any pod. Where it went back by itself, that was counted before.
        let all = failed(&counts) + counts.revisions.values().sum::<u64>();
        if is_taken_back && failed(&counts) * 100 > all * MOMENT {
            return Err(Failure::new(format!("on the way back requests have failed: {counts:?}")));
        }
        // From here on its controller rolls out what somebody asked it for, and what that costs is theirs.
        waiting.scene.is_available(NAME, 2).await?;
        println!("  by the restart itself: {:?}", waiting.load.take());
        waiting.scene.clear().await?;
    }
    Ok(())
}

/// Back from wherever it is, where it is not back already; whether that was left to do. What somebody else rolls out is theirs.
async fn waiting_ends_back(world: &World, scene: &Scene<'_>) -> Result<bool> {
    let kubeconfig = world.cluster.kubeconfig();
    let istiod = format!("--istiod={}", world.istiod.debug);
    let said = foreshift::run(&scene.folder, kubeconfig, &["status", CONFIG]).await?.exits(0)?;
    let status: Value = serde_json::from_str(&said.out)?;
    let is_running = status["cursor"]["phase"] == "running";
    if is_running {
        foreshift::run(&scene.folder, kubeconfig, &["abort", CONFIG, "--settle=300ms", &istiod]).await?.exits(0)?;
    }
    Ok(is_running)
}
