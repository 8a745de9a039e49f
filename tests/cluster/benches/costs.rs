//! What a rollout costs: requests by kind, time beside its gates, memory; then a hundred at once in one process.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use test_cluster::{Cluster, Failure, FaultProxy, Request, Result, Scene, foreshift, memory, objects};

const NAME: &str = "reviews";
const CONFIG: &str = "deploy.yaml";
const MANY: usize = 100;

#[tokio::main]
async fn main() -> Result<()> {
    // `cargo test` runs a benchmark too, with nothing to measure.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    foreshift::build().await?;
    let cluster = Cluster::start().await?;
    let scene = Scene::with_earlier(&cluster, &[objects::weight(10), objects::weight(90)], &[NAME]).await?;
    println!("the reference example without its approvals, settle 0, pods Ready at once:");
    measure(&scene, &["apply", CONFIG]).await?;
    println!("\nthe same with its next version:");
    scene.release(NAME, 3)?;
    measure(&scene, &["apply", CONFIG]).await?;

    println!("\n{MANY} targets at once in one process:");
    let mut others = Vec::new();
    for _ in 0..MANY {
        others.push(Scene::with_earlier(&cluster, &[], &[NAME]).await?);
    }
    scene.release(NAME, 2)?;
    scene.spread(&others)?;
    measure(&scene, &["apply", CONFIG, "--lease=60s", "--patience=120s"]).await
}

/// Runs a command through a proxy that counts, and prints what it took.
async fn measure(scene: &Scene<'_>, arguments: &[&str]) -> Result<()> {
    let straight = scene.cluster.kubeconfig();
    let proxy = FaultProxy::start(straight, |_, _| test_cluster::Action::Pass).await?;
    let kubeconfig = proxy.write_kubeconfig(straight, &scene.folder.join("kubeconfig"))?;
    let begun = Instant::now();
    let running = foreshift::start(&scene.folder, &kubeconfig, arguments)?;
    let watching = running.id().map(|id| tokio::spawn(memory::peak_until_the_end(id)));
    let said = running.end().await?.exits(0)?;
    let took = begun.elapsed();
    let peak = match watching {
        Some(watching) => watching.await?,
        None => 0,
    };
    let writes = said.events().iter().filter(|event| event["event"] == "written").count();
    let requests = proxy.requests();
    let watched: BTreeSet<&str> = requests.iter().filter(|request| request.is_watch()).map(resource).collect();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for request in &requests {
        *kinds.entry(kind(request, &watched)).or_default() += 1;
    }
    for (kind, number) in &kinds {
        println!("  {kind:<24} {number:>6}");
    }
    let is_counted = |kind: &str| ![WATCH, WATCH_LIST, RENEWAL].contains(&kind);
    let counted: usize = kinds.iter().filter(|(kind, _)| is_counted(kind)).map(|(_, number)| number).sum();
    let places = i32::try_from(writes).map_err(|_| Failure::new("too many writes"))?;
    let each = f64::from(i32::try_from(counted)?) / f64::from(places.max(1));
    println!("  planned writes           {writes:>6}");
    println!("  requests for each        {each:>6.2}   (all but watches, their lists, renewals)");
    println!("  time                     {:>6.2} s", took.as_secs_f64());
    println!("  peak of memory           {:>6.1} MB", f64::from(u32::try_from(peak)?) / 1024.0);
    Ok(())
}

const WATCH: &str = "watch";
const WATCH_LIST: &str = "list before a watch";
const RENEWAL: &str = "renewal of a Lease";

/// What the end of an address is about: a list's resource, or an object's name.
fn resource(request: &Request) -> &str {
    request.path.rsplit('/').next().unwrap_or_default()
}

fn kind(request: &Request, watched: &BTreeSet<&str>) -> &'static str {
    if request.is_watch() {
        return WATCH;
    }
    // A watch goes on from a list of what there is; each is listed once.
    if request.method == "GET" && watched.contains(resource(request)) {
        return WATCH_LIST;
    }
    if request.path.contains("/leases") {
        return if request.method == "PUT" { RENEWAL } else { "Lease taken or given" };
    }
    if request.query.contains("dryRun") {
        return "dry run";
    }
    if request.path.ends_with("/selfsubjectreviews") {
        return "read";
    }
    let is_record = request.path.contains("/configmaps");
    match (request.is_write(), is_record) {
        (true, true) => "write of the record",
        (true, false) => "write",
        (false, true) => "read of the record",
        (false, false) => "read",
    }
}
