//! Where the programs are that a cluster is made of.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::failure::{Failure, Result};

/// A list as `cargo xtask cluster --build` prints it: a name and a path on each line.
const VARIABLE: &str = "FORESHIFT_TEST_PROGRAMS";

/// The path of a program. `cargo xtask cluster --build` is asked where nobody has done so before, and builds it then.
pub(crate) fn find(name: &str) -> Result<PathBuf> {
    find_optional(name)?.ok_or_else(|| Failure::new(format!("this machine has no `{name}`, and cannot build it")))
}

/// The same; `None` where this machine cannot have it.
pub(crate) fn find_optional(name: &str) -> Result<Option<PathBuf>> {
    static LIST: OnceLock<Result<String, String>> = OnceLock::new();
    let list = LIST.get_or_init(|| env::var(VARIABLE).or_else(|_| ask())).as_ref().map_err(Failure::new)?;
    let path = list.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    Ok(path.map(PathBuf::from))
}

fn ask() -> Result<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new("."));
    let mut command = Command::new("cargo");
    command.args(["xtask", "cluster", "--build"]).current_dir(root).stderr(Stdio::inherit());
    let output = command.output().map_err(|error| format!("cargo cannot start: {error}"))?;
    if !output.status.success() {
        return Err("there is no control plane: `cargo xtask cluster --build` says why".to_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
