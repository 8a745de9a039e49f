//! What we depend on: licences, sources, who may know whom, and published advisories.

use std::process::Command;

use required::Part;

use crate::failure::Failure;
use crate::process;
use crate::repository::Repository;
use crate::steps::Outcome;
use crate::tools;

/// Checks `.deny.toml`. Without a network the advisories stay unread: they are the only part that changes by itself.
pub(crate) fn check(repository: &Repository) -> Result<Outcome, Failure> {
    process::run(deny(repository)?.args(["check", "bans", "licenses", "sources"]))?;
    if !process::succeeds(deny(repository)?.args(["fetch", "db"])) {
        return Ok(Outcome::Skipped(Part::Advisories, "advisories only, their database cannot be reached".to_owned()));
    }
    process::run(deny(repository)?.args(["check", "advisories"]))?;
    Ok(Outcome::Done)
}

fn deny(repository: &Repository) -> Result<Command, Failure> {
    let folder = tools::cargo_deny().install()?;
    let mut command = repository.cargo(&["deny", "--all-features", "--workspace"]);
    process::prefer(&mut command, &[folder])?;
    Ok(command)
}
