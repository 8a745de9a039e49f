//! `cargo xtask bench`: figures, to be read by a person.

use crate::failure::Failure;
use crate::process;
use crate::repository::Repository;

/// Runs the benchmarks whose names contain a filter, or all.
pub(crate) fn run(repository: &Repository, filters: &[&str]) -> Result<(), Failure> {
    let mut command = repository.cargo(&["bench", "--quiet", "--package=tests", "--"]);
    process::run(command.args(filters))
}
