//! `foreshift` under load: requests through Envoy, which istiod feeds, at every state of a rollout and of one that is
//! taken back.

mod outage;
mod tally;

use std::time::Duration;

use serde_json::Value;
use test_cluster::{Cluster, Envoy, Failure, Istiod, Load, Result, Scene, foreshift, objects};

use tally::Tally;

const NAME: &str = "reviews";
const CONFIG: &str = "deploy.yaml";
/// Half of them on kept connections.
const WORKERS: usize = 64;

/// An approval behind every weight, so that each can be measured; the first before any.
fn steps() -> Vec<Value> {
    let approval = objects::approval;
    vec![approval(), objects::weight(10), approval(), objects::weight(50), approval(), objects::weight(90), approval()]
}

async fn approve(scene: &Scene<'_>, arguments: &[&str]) -> Result<()> {
    let arguments = [&["approve", CONFIG], arguments].concat();
    foreshift::run(&scene.folder, scene.cluster.kubeconfig(), &arguments).await?.exits(0).map(|_| ())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a control plane and a mesh: cargo xtask test cluster"]
async fn every_state_has_its_share_and_no_request_fails() -> Result<()> {
    foreshift::build().await?;
    // Its own: where istiod judges writes, nobody else can write when it is gone.
    let cluster = Cluster::start().await?;
    let Some(istiod) = Istiod::start(&cluster).await? else {
        return Ok(());
    };
    let scene = Scene::with_earlier(&cluster, &steps(), &[NAME]).await?;
    let Some(envoy) = Envoy::start(&istiod, &scene.namespace.name, 9080, Duration::ZERO).await? else {
        return Ok(());
    };
    let kubeconfig = cluster.kubeconfig();
    let load = Load::start(envoy.address, "reviews:9080", WORKERS);
    let mut tally = Tally::begin(&load).await?;

    let mut apply = foreshift::start(&scene.folder, kubeconfig, &["apply", CONFIG, "--settle=2s"])?;
    for percent in [0, 10, 50, 90] {
        apply.waits().await?;
        // Until here the last share and this one are mixed; but nothing may have failed, and before the first weight
        // nothing may have reached a new pod.
        tally.passes(&load, percent > 0)?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        tally.passes(&load, percent > 0)?;
        tally.measure(&load, "forward", percent).await?;
        approve(&scene, &[]).await?;
    }
    apply.end().await?.exits(0)?;
    tally.passes(&load, true)?;
    tally.measure(&load, "done", 100).await?;

    // The next one is taken back at half.
    tally.has_a_new_baseline();
    scene.release(NAME, 3)?;
    let mut apply = foreshift::start(&scene.folder, kubeconfig, &["apply", CONFIG, "--settle=2s"])?;
    for percent in [0, 10, 50] {
        apply.waits().await?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        tally.passes(&load, percent > 0)?;
        tally.measure(&load, "to be taken back", percent).await?;
        approve(&scene, if percent == 50 { &["--reject"] } else { &[] }).await?;
    }
    apply.end().await?.exits(5)?;
    tally.passes(&load, true)?;
    tally.measure(&load, "taken back", 0).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a control plane and a mesh: cargo xtask test cluster"]
async fn without_settling_a_slow_feed_shows_errors() -> Result<()> {
    foreshift::build().await?;
    let cluster = Cluster::start().await?;
    let Some(istiod) = Istiod::start(&cluster).await? else {
        return Ok(());
    };
    let scene = Scene::with_earlier(&cluster, &[objects::weight(50)], &[NAME]).await?;
    let delay = Duration::from_secs(3);
    let Some(envoy) = Envoy::start(&istiod, &scene.namespace.name, 9080, delay).await? else {
        return Ok(());
    };
    let load = Load::start(envoy.address, "reviews:9080", 8);
    Tally::begin(&load).await?;
    let mut failed = Vec::new();
    let istiod = format!("--istiod={}", istiod.debug);
    // The last one asks istiod whether the proxy has acknowledged, and needs no guess.
    let ways: [&[&str]; 3] = [&["--settle=500ms"], &["--settle=12s"], &["--settle=500ms", &istiod]];
    for (version, way) in (2..).zip(ways) {
        scene.release(NAME, version)?;
        let arguments = [&["apply", CONFIG], way].concat();
        foreshift::run(&scene.folder, cluster.kubeconfig(), &arguments).await?.exits(0)?;
        tokio::time::sleep(3 * delay).await;
        let counts = load.take();
        println!("feed 3 s late, {}: {counts:?}", way.join(" "));
        failed.push(counts.errors.values().sum::<u64>() + counts.unanswered);
    }
    if failed[0] > 0 && failed[1..] == [0, 0] {
        return Ok(());
    }
    Err(Failure::new(format!("failed without settling, with it, and with istiod asked: {failed:?}")))
}
