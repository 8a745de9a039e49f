//! The same order of writes under load, through Envoy that istiod feeds: no request fails, and none reaches a pod that
//! should not have it.

use std::time::Duration;

use test_cluster::{Cluster, Counts, Envoy, Istiod, Load, Result};

use super::rollout::{NATIVE, NEW, PIN, Walk, subsets, weights};

const SETTLE: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a control plane and a mesh: cargo xtask test cluster"]
async fn no_request_fails_on_the_way() -> Result<()> {
    // Its own: where istiod judges writes, nobody else can write when it is gone.
    let cluster = Cluster::start().await?;
    let Some(istiod) = Istiod::start(&cluster).await? else {
        return Ok(());
    };
    let walk = Walk::begin(&cluster).await?;
    let Some(envoy) = Envoy::start(&istiod, &walk.namespace.name, 9080, Duration::ZERO).await? else {
        return Ok(());
    };
    let refused = walk.write("VirtualService", weights(-1, 101)).await;
    assert!(refused.is_err(), "istiod refuses a weight below 0");

    let (vs, dr) = (walk.spec("VirtualService").await?, walk.spec("DestinationRule").await?);
    let load = Load::start(envoy.address, "reviews:9080", 8);
    let share = async |stable: f64| {
        // What was answered while the mesh settled is judged for errors only.
        tokio::time::sleep(SETTLE).await;
        judge(&load.take(), None, &walk.old);
        tokio::time::sleep(SETTLE).await;
        judge(&load.take(), Some(stable), &walk.old);
    };
    share(1.0).await;
    walk.write("DestinationRule", subsets(&[("stable", NATIVE, &walk.old), ("canary", PIN, NEW)])).await?;
    share(1.0).await;
    walk.create_replica_set().await?;
    walk.sees("stable", "3 old", "3 new").await?;
    share(1.0).await;
    for (stable, canary) in [(90, 10), (10, 90), (0, 100)] {
        walk.write("VirtualService", weights(stable, canary)).await?;
        share(f64::from(u8::try_from(stable)?) / 100.0).await;
    }
    walk.write("DestinationRule", subsets(&[("stable", PIN, NEW), ("canary", PIN, NEW)])).await?;
    share(0.0).await;
    walk.write("VirtualService", vs).await?;
    share(0.0).await;
    walk.hand_over().await?;
    walk.has_pods(3).await?;
    share(0.0).await;
    walk.write("DestinationRule", dr).await?;
    share(0.0).await;
    Ok(())
}

/// No errors; and of the answers a share from old pods, exact where it is all or nothing, else within 4 standard deviations.
fn judge(counts: &Counts, stable: Option<f64>, old: &str) {
    assert!(counts.errors.is_empty() && counts.unanswered == 0, "{counts:?}");
    let Some(stable) = stable else { return };
    let all: u64 = counts.revisions.values().sum();
    let from_old = counts.revisions.get(old).copied().unwrap_or(0);
    assert!(all > 200, "too few answers to judge: {counts:?}");
    let (all, from_old) =
        (f64::from(u32::try_from(all).unwrap_or(u32::MAX)), f64::from(u32::try_from(from_old).unwrap_or(u32::MAX)));
    let bound = 4.0 * (all * stable * (1.0 - stable)).sqrt();
    assert!((from_old - all * stable).abs() <= bound, "{stable} wanted of {counts:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a control plane and a mesh: cargo xtask test cluster"]
async fn without_settling_a_slow_feed_shows_errors() -> Result<()> {
    let cluster = Cluster::start().await?;
    let Some(istiod) = Istiod::start(&cluster).await? else {
        return Ok(());
    };
    let walk = Walk::begin(&cluster).await?;
    let delay = Duration::from_secs(3);
    let Some(envoy) = Envoy::start(&istiod, &walk.namespace.name, 9080, delay).await? else {
        return Ok(());
    };
    let vs = walk.spec("VirtualService").await?;
    walk.write("DestinationRule", subsets(&[("stable", NATIVE, &walk.old), ("canary", PIN, NEW)])).await?;
    walk.create_replica_set().await?;
    walk.sees("stable", "3 old", "3 new").await?;
    // A new cluster and its endpoints are two answers, one after the other.
    tokio::time::sleep(2 * delay + SETTLE).await;
    walk.write("VirtualService", weights(50, 50)).await?;
    tokio::time::sleep(delay + SETTLE).await;
    let load = Load::start(envoy.address, "reviews:9080", 4);
    tokio::time::sleep(SETTLE).await;
    judge(&load.take(), Some(0.5), &walk.old);

    walk.write("VirtualService", vs).await?;
    walk.delete_replica_set().await?;
    walk.has_pods(3).await?;
    tokio::time::sleep(SETTLE).await;
    assert!(!load.take().errors.is_empty(), "Envoy sends requests to pods that are gone");
    Ok(())
}
