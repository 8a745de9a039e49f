//! What the test cluster promises to the tests that stand on it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::api::{Api, DeleteParams, ListParams, Patch, PatchParams, PostParams, WatchEvent, WatchParams};
use kube::{Client, ResourceExt};
use serde_json::json;
use test_cluster::{Action, Change, Cluster, FaultProxy, Moment, Recorder, Result, client};

const REASON: &str = "needs a control plane: cargo xtask test cluster";

fn deployment(name: &str, annotations: &serde_json::Value) -> Deployment {
    serde_json::from_value(json!({
        "metadata": { "name": name },
        "spec": {
            "replicas": 2,
            "selector": { "matchLabels": { "app": name } },
            "template": {
                "metadata": { "labels": { "app": name }, "annotations": annotations },
                "spec": { "containers": [{ "name": "main", "image": "none", "ports": [{ "containerPort": 9080 }] }] },
            },
        },
    }))
    .expect(REASON)
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn pods_behave_as_their_annotations_say() -> Result<()> {
    let namespace = Cluster::shared().await?.namespace().await?;
    let deployments: Api<Deployment> = Api::default_namespaced(namespace.client.clone());
    for (name, annotations) in [
        ("steady", json!({})),
        ("never", json!({ "foreshift.test/ready-after": "never" })),
        ("dying", json!({ "foreshift.test/fails-after": "1s" })),
    ] {
        deployments.create(&PostParams::default(), &deployment(name, &annotations)).await?;
    }
    until(async || Ok(ready(&namespace.client, "dying").await? == 2)).await?;
    until(async || Ok(ready(&namespace.client, "dying").await? == 0)).await?;
    until(async || Ok(ready(&namespace.client, "steady").await? == 2)).await?;
    assert_eq!(ready(&namespace.client, "never").await?, 0);

    // A deleted pod answers until its grace is over, and is replaced.
    let pods: Api<Pod> = Api::default_namespaced(namespace.client.clone());
    let all = pods.list(&ListParams::default().labels("app=steady")).await?;
    pods.delete(&all.items[0].name_any(), &DeleteParams::default()).await?;
    let leaving = pods.get(&all.items[0].name_any()).await?;
    assert!(leaving.metadata.deletion_timestamp.is_some());
    until(async || Ok(pods.get_opt(&all.items[0].name_any()).await?.is_none())).await?;
    until(async || Ok(ready(&namespace.client, "steady").await? == 2)).await
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn the_proxy_harms_the_requests_that_it_is_told_to() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let namespace = cluster.namespace().await?;
    let plan: Arc<Mutex<Vec<(Moment, Action)>>> = Arc::default();
    let proxy = {
        let plan = Arc::clone(&plan);
        let decide = move |_: &_, moment| match plan.lock().expect(REASON).pop_if(|(at, _)| *at == moment) {
            Some((_, action)) => action,
            None => Action::Pass,
        };
        FaultProxy::start(cluster.kubeconfig(), decide).await?
    };
    let kubeconfig = std::env::temp_dir().join(format!("{}.kubeconfig", namespace.name));
    let through = client(&proxy.write_kubeconfig(cluster.kubeconfig(), &kubeconfig)?).await?;
    std::fs::remove_file(kubeconfig)?;
    let maps: Api<ConfigMap> = Api::namespaced(through, &namespace.name);
    let straight: Api<ConfigMap> = Api::namespaced(namespace.client.clone(), &namespace.name);
    let wanted = |name: &str| serde_json::from_value(json!({ "metadata": { "name": name } })).expect(REASON);
    let create = async |name: &str| maps.create(&PostParams::default(), &wanted(name)).await;

    create("passed").await?;
    for code in [401, 409, 500] {
        plan.lock().expect(REASON).push((Moment::Before, Action::Answer(code)));
        let refused = create("refused").await.expect_err("the proxy refuses it");
        assert!(matches!(refused, kube::Error::Api(status) if status.code == code));
    }
    plan.lock().expect(REASON).push((Moment::Before, Action::Reset));
    create("refused").await.expect_err("the connection is reset");
    assert!(straight.get_opt("refused").await?.is_none(), "no refused write reaches the API server");
    plan.lock().expect(REASON).push((Moment::After, Action::Reset));
    create("lost").await.expect_err("the answer is lost");
    assert!(straight.get_opt("lost").await?.is_some(), "a write whose answer is lost is done");

    let requests = proxy.requests();
    assert_eq!(requests.iter().map(|request| request.number).collect::<Vec<_>>(), (1..=6).collect::<Vec<_>>());
    assert!(requests.iter().all(|request| request.is_write() && request.path.ends_with("/configmaps")));

    let events = maps.watch(&WatchParams::default(), "0").await?;
    let mut events = std::pin::pin!(events);
    let mut seen = 0;
    while let Some(event) = futures_util::TryStreamExt::try_next(&mut events).await? {
        seen += usize::from(matches!(event, WatchEvent::Added(_)));
        if seen == 2 {
            proxy.end_watches();
        }
    }
    assert!(seen >= 2, "the watch ends when it is ended, not before");
    Ok(())
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn the_log_holds_every_change_in_the_order_of_the_cluster() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let namespace = cluster.namespace().await?;
    let log = std::env::temp_dir().join(format!("{}.jsonl", namespace.name));
    let recorder = Recorder::start(cluster.kubeconfig(), &namespace.name, &log).await?;
    let deployments: Api<Deployment> = Api::default_namespaced(namespace.client.clone());
    deployments.create(&PostParams::default(), &deployment("logged", &json!({}))).await?;
    until(async || Ok(ready(&namespace.client, "logged").await? == 2)).await?;
    deployments.patch("logged", &PatchParams::default(), &Patch::Merge(json!({ "spec": { "replicas": 0 } }))).await?;
    let pods: Api<Pod> = Api::default_namespaced(namespace.client.clone());
    until(async || Ok(pods.list(&ListParams::default()).await?.items.is_empty())).await?;
    let events = recorder.finish().await?;
    std::fs::remove_file(log)?;

    let count = |kind: &str, change| events.iter().filter(|event| event.kind == kind && event.change == change).count();
    assert_eq!((count("Deployment", Change::Added), count("ReplicaSet", Change::Added)), (1, 1));
    assert_eq!((count("Pod", Change::Added), count("Pod", Change::Deleted)), (2, 2));
    assert!(events.is_sorted_by_key(|event| event.resource_version));
    Ok(())
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn people_may_do_nothing_until_they_are_let() -> Result<()> {
    let cluster = Cluster::shared().await?;
    let namespace = cluster.namespace().await?;
    let alice = client(&cluster.kubeconfig_of("alice")?).await?;
    let pods: Api<Pod> = Api::namespaced(alice, &namespace.name);
    let refused = pods.list(&ListParams::default()).await.expect_err("alice may not");
    assert!(matches!(refused, kube::Error::Api(status) if status.code == 403));
    let mut bind = cluster.kubectl()?;
    bind.args(["create", "rolebinding", "see", "--clusterrole=view", "--group=developers", "-n", &namespace.name]);
    assert!(bind.output()?.status.success());
    until(async || Ok(pods.list(&ListParams::default()).await.is_ok())).await
}

/// How many pods of a workload say that they are Ready.
async fn ready(client: &Client, app: &str) -> Result<usize> {
    let pods: Api<Pod> = Api::default_namespaced(client.clone());
    let pods = pods.list(&ListParams::default().labels(&format!("app={app}"))).await?;
    let is_ready = |pod: &&Pod| {
        let conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
        conditions.into_iter().any(|condition| condition.type_ == "Ready" && condition.status == "True")
    };
    Ok(pods.items.iter().filter(is_ready).count())
}

async fn until(mut holds: impl AsyncFnMut() -> Result<bool>) -> Result<()> {
    for _ in 0..600 {
        if holds().await? {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("half a minute was not enough");
}

#[tokio::test]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn an_autoscaler_moves_a_deployment_by_its_bounds() -> Result<()> {
    let namespace = Cluster::shared().await?.namespace().await?;
    let deployments: Api<Deployment> = Api::default_namespaced(namespace.client.clone());
    deployments.create(&PostParams::default(), &deployment("scaled", &json!({}))).await?;
    let scalers: Api<HorizontalPodAutoscaler> = Api::default_namespaced(namespace.client.clone());
    let scaler = json!({
        "metadata": { "name": "scaled" },
        "spec": {
            "scaleTargetRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": "scaled" },
            "minReplicas": 4,
            "maxReplicas": 6,
        },
    });
    scalers.create(&PostParams::default(), &serde_json::from_value(scaler)?).await?;
    until(async || Ok(ready(&namespace.client, "scaled").await? == 4)).await?;
    let bounds = json!({ "spec": { "minReplicas": 1, "maxReplicas": 2 } });
    scalers.patch("scaled", &PatchParams::default(), &Patch::Merge(bounds)).await?;
    until(async || Ok(ready(&namespace.client, "scaled").await? == 2)).await
}
