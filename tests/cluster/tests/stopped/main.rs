//! Stopped anywhere, on a real control plane: `foreshift` as a child process whose every request is a place to kill it or
//! to fail it once. Each run goes on without trouble afterwards, ends as planned, and no moment on its way breaks a law.

mod run;
mod trouble;

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt as _};
use test_cluster::{Cluster, Failure, Result, choice, foreshift};

use run::{Case, WAYS, Way};
use trouble::{KINDS, Kind};

/// How many runs a part has at least.
const PART: usize = 60;

/// How many runs go on at once, each in a namespace of its own.
const AT_ONCE: usize = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a control plane: cargo xtask test cluster"]
async fn a_rollout_survives_being_stopped_anywhere() -> Result<()> {
    let cluster = Cluster::shared().await?;
    foreshift::build().await?;
    let mut cases = Vec::new();
    for way in WAYS {
        let requests = run::play(cluster, &Case { way, trouble: None }).await?.requests;
        println!("{way:?}: {requests} requests, undisturbed");
        // What is turned round has to have been left behind.
        let kinds = if way == Way::Turned { &[Kind::KilledBefore, Kind::KilledAfter] } else { &KINDS[..] };
        for kind in kinds.iter().copied() {
            cases.extend((1..=requests).map(|number| Case { way, trouble: Some((kind, number)) }));
        }
    }
    let cases = choice::part_of(cases, PART)?;
    let mut runs = stream::iter(cases)
        .map(async |case| {
            let end = run::play(cluster, &case).await;
            if let Err(failure) = &end {
                println!("{case}: {failure}");
            }
            (case, end)
        })
        .buffer_unordered(AT_ONCE);
    let mut table: BTreeMap<(Way, Kind), Row> = BTreeMap::new();
    while let Some((case, end)) = runs.next().await {
        let Some((kind, _)) = case.trouble else { continue };
        let row = table.entry((case.way, kind)).or_default();
        row.runs += 1;
        row.survived += usize::from(end.is_ok());
        row.unreached += usize::from(end.is_ok_and(|end| !end.is_reached));
    }
    println!("{:<8} {:<14} {:>5} {:>9} {:>11}", "way", "kind", "runs", "survived", "not reached");
    for ((way, kind), row) in &table {
        let (way, kind) = (format!("{way:?}"), format!("{kind:?}"));
        println!("{way:<8} {kind:<14} {:>5} {:>9} {:>11}", row.runs, row.survived, row.unreached);
    }
    let sum = |of: fn(&Row) -> usize| table.values().map(of).sum::<usize>();
    let (runs, survived) = (sum(|row| row.runs), sum(|row| row.survived));
    println!("{:<23} {runs:>5} {survived:>9} {:>11}", "all", sum(|row| row.unreached));
    if runs == survived {
        Ok(())
    } else {
        Err(Failure::new(format!("{} of {runs} runs did not survive", runs - survived)))
    }
}

/// What came of the runs of one kind.
#[derive(Default)]
struct Row {
    runs: usize,
    survived: usize,
    /// Those that ended before the request that was to be troubled: which requests a run makes depends on time.
    unreached: usize,
}
