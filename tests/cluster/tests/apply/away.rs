//! An API server that is away for a while, and what a rollout does until it is back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::try_join_all;
use serde_json::Value;
use test_cluster::{Action, Cluster, FaultProxy, Request, Result, Scene, foreshift, objects};
use tokio::time::sleep;

use super::{CONFIG, image, is_clean, run, same, start, weights};

const NAME: &str = "reviews";

/// How long it is away where that is less than anybody's patience.
const AWAY: Duration = Duration::from_secs(30);

async fn scene() -> Result<Scene<'static>> {
    Scene::with_earlier(Cluster::shared().await?, &[objects::weight(10), objects::approval()], &[NAME]).await
}

/// A way to the API server that can be cut.
struct Way {
    proxy: FaultProxy,
    is_cut: Arc<AtomicBool>,
    kubeconfig: std::path::PathBuf,
}

impl Way {
    /// One that cuts itself at the first request that `cuts` says yes to.
    async fn new(
        scene: &Scene<'_>,
        harm: Action,
        cuts: impl Fn(&Request) -> bool + Send + Sync + 'static,
    ) -> Result<Way> {
        foreshift::build().await?;
        let is_cut = Arc::new(AtomicBool::new(false));
        let has_cut = AtomicBool::new(false);
        let decide = {
            let is_cut = Arc::clone(&is_cut);
            move |request: &Request, _| {
                if cuts(request) && !has_cut.swap(true, Ordering::SeqCst) {
                    is_cut.store(true, Ordering::SeqCst);
                }
                if is_cut.load(Ordering::SeqCst) { harm } else { Action::Pass }
            }
        };
        let straight = scene.cluster.kubeconfig();
        let proxy = FaultProxy::start(straight, decide).await?;
        let kubeconfig = proxy.write_kubeconfig(straight, &scene.folder.join("kubeconfig"))?;
        Ok(Way { proxy, is_cut, kubeconfig })
    }

    fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        self.proxy.end_watches();
    }

    fn mend(&self) {
        self.is_cut.store(false, Ordering::SeqCst);
    }

    fn start(&self, scene: &Scene<'_>, arguments: &[&str]) -> Result<foreshift::Running> {
        foreshift::start(&scene.folder, &self.kubeconfig, arguments)
    }
}

fn says_that_it_waits(event: &Value) -> bool {
    event["words"].as_str().is_some_and(|words| words.contains("the cluster does not answer"))
}

fn never(_: &Request) -> bool {
    false
}

fn writes_traffic(request: &Request) -> bool {
    request.is_write() && request.path.contains("/virtualservices/")
}

/// Its Leases run out meanwhile, which nobody uses.
#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn under_an_open_approval_it_is_waited_for() -> Result<()> {
    // Both at once: most of it is waiting.
    let ways = [Action::Reset, Action::Hang].map(async |harm| {
        let scene = scene().await?;
        let recorder = scene.record().await?;
        let way = Way::new(&scene, harm, never).await?;
        let mut apply = way.start(&scene, &["apply", CONFIG, "--patience=90s", "--lease=4s"])?;
        apply.waits().await?;
        way.cut();
        sleep(AWAY).await;
        way.mend();
        apply.until(says_that_it_waits).await?;
        run(&scene, &["approve", CONFIG]).await?.exits(0)?;
        apply.end().await?.exits(0)?;
        same("image", &image(&scene, NAME).await?, &"reviews:2".to_owned())?;
        is_clean(&scene, recorder, &[NAME]).await?;
        scene.clear().await
    });
    try_join_all(ways).await.map(|_| ())
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn in_the_middle_of_a_write_it_is_waited_for() -> Result<()> {
    let ways = [Action::Reset, Action::Hang].map(async |harm| {
        let scene = scene().await?;
        let recorder = scene.record().await?;
        let way = Way::new(&scene, harm, writes_traffic).await?;
        let mut apply = way.start(&scene, &["apply", CONFIG, "--patience=90s", "--lease=4s"])?;
        apply.until(|event| event["event"] == "writing" && event["step"] == "setWeight").await?;
        sleep(AWAY).await;
        way.mend();
        apply.until(says_that_it_waits).await?;
        apply.waits().await?;
        same("weights", &weights(&scene, NAME).await?, &vec![90, 10])?;
        run(&scene, &["approve", CONFIG]).await?.exits(0)?;
        apply.end().await?.exits(0)?;
        is_clean(&scene, recorder, &[NAME]).await?;
        scene.clear().await
    });
    try_join_all(ways).await.map(|_| ())
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn for_longer_than_it_is_waited_for_it_is_resumed_later() -> Result<()> {
    for is_writing in [false, true] {
        let scene = scene().await?;
        let recorder = scene.record().await?;
        let cuts = move |request: &Request| is_writing && writes_traffic(request);
        let way = Way::new(&scene, Action::Reset, cuts).await?;
        let mut apply = way.start(&scene, &["apply", CONFIG, "--patience=5s", "--lease=2s"])?;
        if !is_writing {
            apply.waits().await?;
            way.cut();
        }
        apply.end().await?.exits(7)?.complains("foreshift resume")?;
        way.mend();
        let mut resume = start(&scene, &["resume", CONFIG]).await?;
        resume.waits().await?;
        run(&scene, &["approve", CONFIG]).await?.exits(0)?;
        resume.end().await?.exits(0)?;
        is_clean(&scene, recorder, &[NAME]).await?;
        scene.clear().await?;
    }
    Ok(())
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn whoever_ends_a_walk_gets_its_leases_back() -> Result<()> {
    let scene = scene().await?;
    for signal in ["TERM", "INT"] {
        let mut walking = start(&scene, &[if signal == "TERM" { "apply" } else { "resume" }, CONFIG]).await?;
        walking.waits().await?;
        same("Leases", &scene.list("Lease").await?.len(), &3)?;
        walking.signal(signal)?;
        walking.end().await?.exits(7)?.complains("foreshift resume")?;
        same("Leases left", &scene.list("Lease").await?.len(), &0)?;
    }
    run(&scene, &["abort", CONFIG]).await?.exits(0)?;
    same("image", &image(&scene, NAME).await?, &"reviews:1".to_owned())?;
    scene.clear().await
}
