//! `cargo xtask cluster`: a control plane of real programs for tests and for trying things by hand.

use std::io::{self, Write};

use required::Part;

use crate::failure::Failure;
use crate::peers;
use crate::process;
use crate::programs::{self, Program};
use crate::repository::Repository;
use crate::steps::Outcome;

/// Builds what is missing, starts a cluster, and stays with it until Ctrl-C.
pub(crate) fn run(repository: &Repository) -> Result<(), Failure> {
    let programs = programs::all(repository)?;
    let mut command = repository.cargo(&["run", "--quiet", "--package=test-cluster", "--bin=cluster"]);
    process::run(command.env(programs::VARIABLE, programs::listed(&programs)))
}

/// Builds what is missing, and prints where everything is: a name and a path on each line.
pub(crate) fn build(repository: &Repository) -> Result<(), Failure> {
    print(&programs::all(repository)?)
}

/// The same for what foreshift is compared with, which no test needs.
pub(crate) fn build_peers(repository: &Repository) -> Result<(), Failure> {
    print(&peers::all(repository)?)
}

fn print(programs: &[Program]) -> Result<(), Failure> {
    io::stdout()
        .write_all(programs::listed(programs).as_bytes())
        .map_err(|error| Failure::new(format!("the list of programs cannot be printed: {error}")))
}

/// Walks a rollout on a control plane of its own.
pub(crate) fn test(repository: &Repository) -> Result<Outcome, Failure> {
    if !programs::can_be_had() {
        return Ok(Outcome::Skipped(
            Part::ControlPlane,
            "no control plane: it takes Go, or KUBEBUILDER_ASSETS".to_owned(),
        ));
    }
    let programs = programs::all(repository)?;
    let arguments = ["test", "--quiet", "--package=test-cluster", "--", "--include-ignored", "--nocapture"];
    process::run(repository.cargo(&arguments).env(programs::VARIABLE, programs::listed(&programs)))?;
    Ok(Outcome::Measured(programs.iter().map(|program| program.name).collect::<Vec<_>>().join(", ")))
}
