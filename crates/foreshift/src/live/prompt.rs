//! Questions at the terminal. Each names its answers, and anything else asks it again.

use std::collections::BTreeSet;

use foreshift_core::plan::Plan;
use foreshift_executor::cluster::Cluster;
use foreshift_executor::record::Answer;
use foreshift_executor::rollout::{self, Of};
use tokio::sync::mpsc;

use super::moment::Moment;
use super::{PATIENCE, terminal};
use crate::output;

/// An approval that somebody is asked for.
pub(crate) struct Question {
    of: Of,
    gate: String,
    /// What is asked for, for a reader.
    words: String,
    moment: Option<Moment>,
}

impl Question {
    /// The question of an approval, by its name in the record and in words, in a walk through a plan.
    pub(crate) fn new(of: &Of, plan: Option<&Plan>, gate: &str, words: &str) -> Question {
        let moment = plan.and_then(|plan| Moment::of(plan, gate));
        Question { of: of.clone(), gate: gate.to_owned(), words: words.to_owned(), moment }
    }

    /// What is asked, with what each answer comes to.
    fn text(&self) -> String {
        let target = &self.of.target;
        let Some(Moment { state, now, next, back, .. }) = &self.moment else {
            return output::shown(&format!("{target}: {}. [a]pprove, [r]oll back, [w]ait:", self.words));
        };
        // Where a person only has to say yes nothing is found that says more.
        let found = if self.words.starts_with("approval") { String::new() } else { format!(" ({})", self.words) };
        output::shown(&format!(
            "{target}, state {state}: the new version gets {now}{found}. [a]pprove (→ {next}), [r]oll back ({back}), [w]ait:"
        ))
    }

    /// What a line says to it; `None` where that is no answer.
    fn read(&self, line: &str) -> Option<Said> {
        let next = self.moment.as_ref().map(|moment| (moment.state + 1).to_string());
        match line {
            "a" | "approve" => Some(Said::Approve),
            "r" | "roll back" | "rollback" => Some(Said::RollBack),
            "w" | "wait" => Some(Said::Wait),
            line if next.as_deref() == Some(line) => Some(Said::Approve),
            _ => None,
        }
    }

    /// The answer of whoever is at the terminal; `None` where nobody is any more.
    async fn asked(&self) -> Option<Said> {
        loop {
            let line = terminal::line(self.text()).await?;
            match self.read(&line) {
                Some(said) => return Some(said),
                None => {
                    let _ = output::errors("note: that is no answer: a, r or w is one\n");
                }
            }
        }
    }
}

/// What somebody says to an approval.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Said {
    Approve,
    RollBack,
    /// Neither: it goes on waiting, for an answer from elsewhere.
    Wait,
}

/// What somebody says to a plan.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wanted {
    /// It is to be made.
    Yes,
    /// It is not.
    No,
    /// All of it is to be shown.
    Details,
}

/// Asks whether a plan is to be made. Where nobody answers it is not.
pub(crate) async fn wanted(question: &str) -> Wanted {
    loop {
        match terminal::line(output::shown(&format!("{question} [y]es, [n]o, [d]etails:"))).await.as_deref() {
            Some("y" | "yes") => return Wanted::Yes,
            Some("n" | "no") | None => return Wanted::No,
            Some("d" | "details") => return Wanted::Details,
            Some(_) => {
                let _ = output::errors("note: that is no answer: y, n or d is one\n");
            }
        }
    }
}

/// Asks one question after the other, and gives the answers to the rollouts as anybody else could from elsewhere. Where
/// nobody can be asked, the answer is yes: that is a rollout in memory, made without asking.
pub(crate) async fn answer<C: Cluster>(
    find: impl Fn(&Of) -> Option<C>,
    mut questions: mpsc::UnboundedReceiver<Question>,
) {
    let mut asked = BTreeSet::new();
    while let Some(question) = questions.recv().await {
        let Question { of, gate, words, .. } = &question;
        // What was left waiting stays so, also where it is told again.
        if !asked.insert((of.target.clone(), gate.clone())) {
            continue;
        }
        let said = if terminal::is_there() {
            let Some(said) = question.asked().await else { continue };
            said
        } else {
            let text = format!("note: {}: {words}: given, because `--simulate --yes` asks nobody\n", of.target);
            let _ = output::errors(&text);
            Said::Approve
        };
        if said == Said::Wait {
            let _ = output::errors(&format!(
                "note: {} waits: `foreshift approve` goes on, `foreshift approve --reject` rolls back; a simulation ends \
                 with Ctrl-C only\n",
                of.target
            ));
            continue;
        }
        let Some(cluster) = find(of) else { continue };
        let who = cluster.who().await.unwrap_or_default();
        let answer = Answer::now(said == Said::Approve, &who);
        // Where somebody else was quicker, there is nothing to answer any more.
        if let Err(stop) = rollout::answer(&cluster, of, gate, &answer, PATIENCE).await {
            let _ = output::errors(&format!("note: {}: the answer was not taken: {}\n", of.target, stop.message));
        }
    }
    // The rollouts go on without questions.
    std::future::pending::<()>().await;
}
