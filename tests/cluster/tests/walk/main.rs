//! The order of writes on a real control plane: each row of its table is written by hand, and seen in what a mesh reads:
//! the VirtualService's route, the DestinationRule's subsets, the pods behind the Service's ready endpoints.

mod mesh;
mod rollout;

use rollout::{NATIVE, NEW, PIN, Walk, names, subsets, weights};
use test_cluster::{Change, Cluster, Event, Result};

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn the_way_forward_is_as_the_table_says() -> Result<()> {
    let walk = Walk::begin(Cluster::shared().await?).await?;
    let (vs, dr) = (walk.spec("VirtualService").await?, walk.spec("DestinationRule").await?);
    walk.sees("stable", "3 old", "no such cluster").await?;
    walk.write("DestinationRule", subsets(&[("stable", NATIVE, &walk.old), ("canary", PIN, NEW)])).await?;
    walk.sees("stable", "3 old", "empty").await?;
    walk.create_replica_set().await?;
    walk.sees("stable", "3 old", "3 new").await?;
    for (stable, canary) in [(90, 10), (10, 90), (0, 100)] {
        walk.write("VirtualService", weights(stable, canary)).await?;
        walk.sees(&format!("{stable}/{canary}"), "3 old", "3 new").await?;
    }
    walk.write("DestinationRule", subsets(&[("stable", PIN, NEW), ("canary", PIN, NEW)])).await?;
    walk.sees("0/100", "3 new", "3 new").await?;
    walk.write("VirtualService", vs.clone()).await?;
    walk.sees("stable", "3 new", "3 new").await?;
    walk.hand_over().await?;
    walk.has_pods(3).await?;
    walk.sees("stable", "3 new", "3 new").await?;
    walk.write("DestinationRule", dr.clone()).await?;
    walk.sees("stable", "3 new", "no such cluster").await?;
    assert_eq!((walk.spec("VirtualService").await?, walk.spec("DestinationRule").await?), (vs, dr));

    let (namespace, events) = walk.end().await?;
    assert_eq!(names(&events, "ReplicaSet", Change::Added), 1, "no third ReplicaSet");
    assert_eq!(names(&events, "Pod", Change::Added), 3, "no extra pod");
    assert_eq!(names(&events, "Pod", Change::Deleted), 3, "only the old pods go");
    let is_new = |event: &&Event| event.object["metadata"]["labels"][PIN] == NEW;
    let gone = events.iter().filter(|event| event.kind == "Pod" && event.change == Change::Deleted);
    assert_eq!(gone.filter(is_new).count(), 0, "no new pod is replaced");

    let cluster = Cluster::shared().await?;
    let undone = cluster.kubectl()?.args(["rollout", "undo", "deployment/reviews", "-n", &namespace.name]).output()?;
    assert!(undone.status.success(), "{}", String::from_utf8_lossy(&undone.stderr));
    let mut status = cluster.kubectl()?;
    status.args(["rollout", "status", "deployment/reviews", "--timeout=30s", "-n", &namespace.name]);
    assert!(status.output()?.status.success());
    Ok(())
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn the_way_back_is_as_the_table_says() -> Result<()> {
    let walk = Walk::begin(Cluster::shared().await?).await?;
    let (vs, dr) = (walk.spec("VirtualService").await?, walk.spec("DestinationRule").await?);
    walk.write("DestinationRule", subsets(&[("stable", NATIVE, &walk.old), ("canary", PIN, NEW)])).await?;
    walk.create_replica_set().await?;
    walk.sees("stable", "3 old", "3 new").await?;
    walk.write("VirtualService", weights(10, 90)).await?;
    walk.sees("10/90", "3 old", "3 new").await?;
    walk.write("VirtualService", vs).await?;
    walk.sees("stable", "3 old", "3 new").await?;
    walk.delete_replica_set().await?;
    walk.sees("stable", "3 old", "empty").await?;
    walk.has_pods(3).await?;
    walk.write("DestinationRule", dr).await?;
    walk.sees("stable", "3 old", "no such cluster").await?;
    let (_, events) = walk.end().await?;
    assert_eq!(names(&events, "Pod", Change::Deleted), 3);
    Ok(())
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn without_the_pin_the_stable_subset_holds_the_new_pods_too() -> Result<()> {
    let walk = Walk::begin(Cluster::shared().await?).await?;
    walk.create_replica_set().await?;
    walk.sees("stable", "3 old + 3 new", "no such cluster").await
}
