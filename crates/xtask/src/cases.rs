//! `cargo xtask cases`: the folders in `tests/cases` and the pictures in `tests/drawings`, compared or written.

use crate::failure::Failure;
use crate::process;
use crate::repository::Repository;

/// Compares what comes out of every case with what is expected.
pub(crate) fn check(repository: &Repository) -> Result<(), Failure> {
    process::run(&mut repository.cargo(&["test", "--quiet", "--package=tests", "--test=cases", "--test=drawings"]))
        .map_err(|failure| failure.help("`cargo xtask cases --update` takes over what came out"))
}

/// Writes what comes out of every case as what is expected; `git diff` shows what changed.
pub(crate) fn update(repository: &Repository) -> Result<(), Failure> {
    let mut command = repository.cargo(&["test", "--quiet", "--package=tests", "--test=cases", "--test=drawings"]);
    process::run(command.env("UPDATE_EXPECT", "1"))?;
    process::run(repository.command("git").args(["status", "--short", "tests/cases", "tests/drawings"]))
}
