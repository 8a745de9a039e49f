//! Steps with names: announced, timed, and summed up in a table.

use std::time::{Duration, Instant};

use required::Part;

use crate::failure::Failure;
use crate::repository::Repository;

/// One thing to do.
pub(crate) struct Step {
    /// What the user calls it by.
    pub(crate) name: &'static str,
    /// What holds when it succeeds.
    pub(crate) promise: &'static str,
    pub(crate) run: fn(&Repository) -> Result<Outcome, Failure>,
}

/// How a step ended that did not fail.
pub(crate) enum Outcome {
    Done,
    /// Done, with a figure to remember.
    Measured(String),
    /// Not done, or not all of it, for want of a part; and why.
    Skipped(Part, String),
}

/// Runs steps in order up to the first that fails, then prints how long each took.
pub(crate) fn run(repository: &Repository, steps: &[&Step]) -> Result<(), Failure> {
    let start = Instant::now();
    let mut rows = Vec::new();
    let mut result = Ok(());
    for (index, step) in steps.iter().enumerate() {
        let Step { name, promise, .. } = step;
        eprintln!("\n[{}/{}] {name}: {promise}", index + 1, steps.len());
        let start = Instant::now();
        match (step.run)(repository).and_then(note) {
            Ok(note) => rows.push(row(name, start.elapsed(), &note)),
            Err(failure) => {
                rows.push(row(name, start.elapsed(), "failed"));
                result = Err(failure);
                break;
            }
        }
    }
    rows.push(row("together", start.elapsed(), ""));
    eprintln!("\n{}", rows.join("\n"));
    result
}

/// What the table says of it; a failure where something was skipped that is required.
fn note(outcome: Outcome) -> Result<String, Failure> {
    match outcome {
        Outcome::Done => Ok(String::new()),
        Outcome::Measured(figure) => Ok(figure),
        Outcome::Skipped(part, reason) => {
            required::left_out(part, &reason).map_err(Failure::new)?;
            Ok(format!("skipped: {reason}"))
        }
    }
}

fn row(name: &str, took: Duration, note: &str) -> String {
    format!("{name:<14}{:>8.1} s  {note}", took.as_secs_f64()).trim_end().to_owned()
}
