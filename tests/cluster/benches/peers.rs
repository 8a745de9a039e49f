//! What a rollout costs with foreshift and with Argo Rollouts' controller, side by side: the same pods and weights on one
//! API server, whose audit log says who asked it for what.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use test_cluster::audit::{Mark, Requests};
use test_cluster::{ArgoRollouts, Audit, Cluster, Failure, Result, Scene, argo_rollouts, foreshift, memory, objects};

const NAME: &str = "reviews";
const PODS: usize = 3;
const WEIGHTS: [u8; 2] = [10, 90];
const MANY: usize = 100;

/// Who does a part of the work for foreshift: a Rollout stands in the place of a Deployment, which has its controller.
const DEPLOYMENTS: &str = "system:serviceaccount:kube-system:deployment-controller";

/// Whoever has asked for nothing for so long is done.
const QUIET: Duration = Duration::from_secs(2);

/// How long rollouts may take, all of them together.
const LIMIT: Duration = Duration::from_secs(600);

/// What some rollouts at once took.
struct Cost {
    title: String,
    requests: Requests,
    /// Of the controller of Deployments meanwhile.
    beside: usize,
    /// Before any rollout: a controller that stays has to start once.
    start: usize,
    time: Duration,
    /// In kB.
    memory: u64,
}

#[tokio::main]
async fn main() -> Result<()> {
    // `cargo test` runs a benchmark too, with nothing to measure.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    foreshift::build().await?;
    let (cluster, audit) = Cluster::audited().await?;
    ArgoRollouts::install(&cluster.client().await?).await?;
    let mut costs = Vec::new();
    for count in [1, MANY] {
        costs.push(with_foreshift(&cluster, &audit, count).await?);
        costs.push(with_argo_rollouts(&cluster, &audit, count).await?);
    }
    print(&costs);
    Ok(())
}

async fn with_foreshift(cluster: &Cluster, audit: &Audit, count: usize) -> Result<Cost> {
    let steps = WEIGHTS.map(objects::weight);
    let whole = Scene::new(cluster, &steps, &[NAME]).await?;
    whole.write("manifests/reviews.yaml", &deployment(2))?;
    let mut scenes = Vec::new();
    for _ in 0..count {
        let scene = Scene::new(cluster, &steps, &[NAME]).await?;
        for object in [objects::destination_rule(NAME), objects::virtual_service(NAME), deployment(1)] {
            scene.create(&object).await?;
        }
        scenes.push(scene);
    }
    for scene in &scenes {
        scene.create(&objects::service(NAME)).await?;
        scene.is_available(NAME, u64::try_from(PODS)?).await?;
    }
    whole.spread(&scenes)?;
    quiet(audit, audit.mark()?, DEPLOYMENTS).await?;

    let mark = audit.mark()?;
    let begun = Instant::now();
    // Both programs as they are shipped, but for the time that proxies are given.
    let arguments = ["apply", "deploy.yaml", "--lease=15s", "--patience=1m"];
    let running = foreshift::start(&whole.folder, &cluster.kubeconfig_of("foreshift")?, &arguments)?;
    let id = running.id().ok_or_else(|| Failure::new("foreshift has ended at once"))?;
    let watching = tokio::spawn(memory::peak_until_the_end(id));
    running.end().await?.exits(0)?;
    let time = begun.elapsed();
    let cost = Cost {
        title: format!("foreshift, {count}"),
        requests: quiet(audit, mark, "foreshift").await?,
        beside: sum(&quiet(audit, mark, DEPLOYMENTS).await?),
        start: 0,
        time,
        memory: watching.await?,
    };
    clear(scenes.into_iter().chain([whole])).await?;
    Ok(cost)
}

async fn with_argo_rollouts(cluster: &Cluster, audit: &Audit, count: usize) -> Result<Cost> {
    let mark = audit.mark()?;
    let controller = ArgoRollouts::start(cluster).await?;
    let start = sum(&quiet(audit, mark, "argo-rollouts").await?);
    let mut scenes = Vec::new();
    for _ in 0..count {
        let scene = Scene::new(cluster, &[], &[NAME]).await?;
        for object in [objects::service(NAME), destination_rule(), virtual_service()] {
            scene.create(&object).await?;
        }
        scene.create(&argo_rollouts::rollout(&deployment(1), &WEIGHTS)).await?;
        scenes.push(scene);
    }
    are_done(&scenes).await?;
    quiet(audit, mark, "argo-rollouts").await?;

    let mark = audit.mark()?;
    let begun = Instant::now();
    for scene in &scenes {
        scene
            .change("Rollout", NAME, |rollout| rollout["spec"]["template"] = deployment(2)["spec"]["template"].clone())
            .await?;
    }
    are_done(&scenes).await?;
    let time = begun.elapsed();
    let cost = Cost {
        title: format!("Argo Rollouts, {count}"),
        requests: quiet(audit, mark, "argo-rollouts").await?,
        beside: sum(&quiet(audit, mark, DEPLOYMENTS).await?),
        start,
        time,
        memory: controller.peak()?,
    };
    clear(scenes).await?;
    Ok(cost)
}

/// The reference's service, as both are given it: pods that are Ready at once.
fn deployment(version: u8) -> Value {
    let mut deployment = objects::deployment(NAME, &format!("{NAME}:{version}"));
    deployment["spec"]["replicas"] = json!(PODS);
    deployment
}

/// foreshift adds the second subset, and takes it away; the controller wants it to stand there.
fn destination_rule() -> Value {
    let mut rule = objects::destination_rule(NAME);
    rule["spec"]["subsets"] =
        json!(["stable", "canary"].map(|name| json!({ "name": name, "labels": { "app": NAME } })));
    rule
}

/// The same for the second destination.
fn virtual_service() -> Value {
    let mut service = objects::virtual_service(NAME);
    let destination =
        |subset: &str, weight: u8| json!({ "destination": { "host": NAME, "subset": subset }, "weight": weight });
    service["spec"]["http"][0]["route"] = json!([destination("stable", 100), destination("canary", 0)]);
    service
}

/// Waits until every Rollout is Healthy, and no pod is left but those of its newest version.
async fn are_done(scenes: &[Scene<'_>]) -> Result<()> {
    let begun = Instant::now();
    for scene in scenes {
        loop {
            let rollout = scene.get("Rollout", NAME).await?;
            if argo_rollouts::is_done(&rollout) && scene.list("Pod").await?.len() == PODS {
                break;
            }
            if begun.elapsed() > LIMIT {
                return Err(Failure::new(format!("this does not end: {rollout}")));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    Ok(())
}

/// What somebody has asked for since then, once they have asked for nothing more for a while.
async fn quiet(audit: &Audit, mark: Mark, user: &str) -> Result<Requests> {
    let mut requests = audit.since(mark, user)?;
    loop {
        tokio::time::sleep(QUIET).await;
        let now = audit.since(mark, user)?;
        if now == requests {
            return Ok(now);
        }
        requests = now;
    }
}

/// Takes the namespaces away and waits until they are gone, so that whoever comes next finds the cluster as it was.
async fn clear(scenes: impl IntoIterator<Item = Scene<'_>>) -> Result<()> {
    let mut namespaces = Vec::new();
    for scene in scenes {
        let (name, cluster) = (scene.namespace.name.clone(), scene.cluster);
        scene.clear().await?;
        namespaces.push((name, cluster));
    }
    for (name, cluster) in namespaces {
        let api = cluster.namespaces().await?;
        while api.get_opt(&name).await?.is_some() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
    Ok(())
}

fn sum(requests: &Requests) -> usize {
    requests.values().sum()
}

fn print(costs: &[Cost]) {
    let row = |name: &str, figure: &dyn Fn(&Cost) -> String| {
        let figures: String = costs.iter().map(|cost| format!("{:>20}", figure(cost))).collect();
        println!("{name:<40}{figures}");
    };
    let number = |number: usize| if number == 0 { "–".to_owned() } else { number.to_string() };
    println!(
        "{PODS} pods, weights {WEIGHTS:?}, no pause; at the head of a column: whose, and how many rollouts at once\n"
    );
    row("", &|cost| cost.title.clone());
    let kinds: BTreeSet<&String> = costs.iter().flat_map(|cost| cost.requests.keys()).collect();
    for kind in kinds {
        row(kind, &|cost| number(cost.requests.get(kind).copied().unwrap_or(0)));
    }
    let of = |cost: &Cost, is_one: fn(&str) -> bool| {
        cost.requests.iter().filter(|(kind, _)| is_one(kind)).map(|(_, number)| number).sum::<usize>()
    };
    println!();
    row("requests", &|cost| number(sum(&cost.requests)));
    row("  of these writes, without Leases", &|cost| number(of(cost, |kind| is_write(kind) && !is_lease(kind))));
    row("  of these about Leases", &|cost| number(of(cost, is_lease)));
    row("at its start, once, beside these", &|cost| number(cost.start));
    row("Deployment controller, beside these", &|cost| number(cost.beside));
    row("time", &|cost| format!("{:.2} s", cost.time.as_secs_f64()));
    row("peak of memory", &|cost| {
        format!("{:.1} MB", f64::from(u32::try_from(cost.memory).unwrap_or(u32::MAX)) / 1024.0)
    });
}

/// Whether it changes something: not a read, and not a dry run.
fn is_write(kind: &str) -> bool {
    ["create ", "update ", "patch ", "delete ", "deletecollection "].iter().any(|verb| kind.starts_with(verb))
        && !kind.ends_with("(dry run)")
}

fn is_lease(kind: &str) -> bool {
    kind.contains(" leases")
}
