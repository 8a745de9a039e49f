//! Questions at the terminal.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use foreshift_executor::cluster::Cluster;
use foreshift_executor::record::Answer;
use foreshift_executor::rollout::{self, Of};
use tokio::sync::mpsc;

use super::PATIENCE;
use crate::output;

/// An approval that somebody is asked for.
pub(crate) struct Question {
    pub(crate) of: Of,
    pub(crate) gate: String,
    pub(crate) words: String,
}

/// Whether there is a person to ask.
pub(crate) fn is_possible() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks, and waits for the answer; everything but yes is no.
pub(crate) fn ask(question: &str) -> bool {
    let mut stderr = io::stderr();
    let _ = write!(stderr, "{question} [y/N] ").and_then(|()| stderr.flush());
    let mut answer = String::new();
    let is_read = io::stdin().lock().read_line(&mut answer).is_ok();
    is_read && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

/// Asks one question after the other, and gives the answers to the rollouts as anybody else could from elsewhere. Where
/// nobody can be asked, the answer is yes: that is a rollout in memory, made without asking.
pub(crate) async fn answer<C: Cluster>(
    find: impl Fn(&Of) -> Option<C>,
    mut questions: mpsc::UnboundedReceiver<Question>,
) {
    while let Some(Question { of, gate, words }) = questions.recv().await {
        let asked = format!("{}: {words}", of.target);
        let yes = if is_possible() {
            let Ok(yes) = tokio::task::spawn_blocking(move || ask(&format!("{asked}?"))).await else { return };
            yes
        } else {
            let _ = output::errors(&format!("note: {asked}: given, because `--simulate --yes` asks nobody\n"));
            true
        };
        let Some(cluster) = find(&of) else { continue };
        let who = cluster.who().await.unwrap_or_default();
        // Where somebody else was quicker, there is nothing to answer any more.
        let _ = rollout::answer(&cluster, &of, &gate, &Answer::now(yes, &who), PATIENCE).await;
    }
}
