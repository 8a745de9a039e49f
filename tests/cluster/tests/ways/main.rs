//! Out of everything that others do: a rollout is left in a state, somebody does something to it, and the command that
//! `foreshift status` names as the safe way out ends it. Whatever it was, at the end there is one version, nothing is
//! paused, and nothing of the rollout is left.

mod deed;
mod end;
mod state;

use std::collections::BTreeMap;
use std::fmt;

use futures_util::stream::{self, StreamExt as _};
use serde_json::json;
use test_cluster::{Cluster, Failure, Result, Scene, choice, foreshift, objects};

use deed::{DEEDS, Deed};
use state::{STATES, State};

const NAME: &str = "reviews";
const CONFIG: &str = "deploy.yaml";

/// How many runs go on at once, each in a namespace of its own.
const AT_ONCE: usize = 5;

/// How many runs a part has at least.
const PART: usize = 24;

/// A deed in a state.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Case {
    state: State,
    deed: Deed,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}-{:?}", self.state, self.deed)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn the_command_that_status_names_ends_it() -> Result<()> {
    let cluster = Cluster::shared().await?;
    foreshift::build().await?;
    let all = STATES.iter().flat_map(|state| DEEDS.iter().map(|deed| Case { state: *state, deed: *deed }));
    let cases = choice::part_of(all.filter(|case| case.deed.is_possible(case.state)).collect(), PART)?;
    let mut runs = stream::iter(cases)
        .map(async |case| {
            let commands = play(cluster, case).await;
            if let Err(failure) = &commands {
                println!("{case}: {failure}");
            }
            (case, commands)
        })
        .buffer_unordered(AT_ONCE);
    let mut table = BTreeMap::new();
    while let Some((case, commands)) = runs.next().await {
        table.insert(case, commands.map_err(|_| ()));
    }
    println!("{:<11} {:<18} what ended it, with its exit code", "state", "deed");
    for (Case { state, deed }, commands) in &table {
        let (state, deed) = (format!("{state:?}"), format!("{deed:?}"));
        println!("{state:<11} {deed:<18} {}", commands.as_deref().unwrap_or("NOTHING"));
    }
    match table.values().filter(|commands| commands.is_err()).count() {
        0 => Ok(()),
        failed => Err(Failure::new(format!("{failed} of {} are not ended as they should be", table.len()))),
    }
}

/// Leaves a rollout in a state, does the deed, and ends it; says with which commands.
async fn play(cluster: &Cluster, case: Case) -> Result<String> {
    let scene = Scene::with_earlier(cluster, &[objects::weight(10), objects::weight(50)], &[NAME]).await?;
    scene
        .configure(|config| config["deploymentConfig"] = json!({ "timeout": { "duration": 1, "unit": "minutes" } }))?;
    let before = scene.traffic(NAME).await?;
    state::lead_to(&scene, case.state).await?;
    case.deed.carry_out(&scene).await?;
    let commands = end::end(&scene).await?;
    match end::faults(&scene, case, &before).await? {
        faults if faults.is_empty() => scene.clear().await.map(|()| commands),
        faults => Err(Failure::new(format!("{} by {commands}: {}", scene.namespace.name, faults.join("; ")))),
    }
}
