//! Where the programs are that a cluster is made of.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use required::Part;

use crate::failure::{Failure, Result};

/// A list as `cargo xtask cluster --build` prints it: a name and a path on each line.
const VARIABLE: &str = "FORESHIFT_TEST_PROGRAMS";

/// The path of a program. `cargo xtask cluster --build` is asked where nobody has done so before, and builds it then.
pub(crate) fn find(name: &str) -> Result<PathBuf> {
    path_in(list()?, name)
}

/// A program of the mesh; `None` where this machine cannot have it and tests may do without.
pub(crate) fn find_optional(name: &str) -> Result<Option<PathBuf>> {
    let found = path_in(list()?, name);
    found.map(Some).or_else(|missing| required::left_out(Part::Mesh, missing).map(|()| None).map_err(Failure::new))
}

fn list() -> Result<&'static str> {
    static LIST: OnceLock<Result<String, String>> = OnceLock::new();
    let list = LIST.get_or_init(|| env::var(VARIABLE).or_else(|_| ask("--build")));
    list.as_deref().map_err(Failure::new)
}

/// The path of a program that foreshift is compared with, or of its kinds; built where it is missing.
pub(crate) fn find_peer(name: &str) -> Result<PathBuf> {
    static LIST: OnceLock<Result<String, String>> = OnceLock::new();
    let list = LIST.get_or_init(|| ask("--peers")).as_ref().map_err(Failure::new)?;
    path_in(list, name)
}

fn path_in(list: &str, name: &str) -> Result<PathBuf> {
    let path = list.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    path.map(PathBuf::from).ok_or_else(|| Failure::new(format!("this machine has no `{name}`, and cannot build it")))
}

fn ask(option: &str) -> Result<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new("."));
    let mut command = Command::new("cargo");
    command.args(["xtask", "cluster", option]).current_dir(root).stderr(Stdio::inherit());
    let output = command.output().map_err(|error| format!("cargo cannot start: {error}"))?;
    if !output.status.success() {
        return Err(format!("programs are missing: `cargo xtask cluster {option}` says why"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
