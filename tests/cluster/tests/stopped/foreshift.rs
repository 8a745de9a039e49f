//! The program under test, as a child process in a folder with its config.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use test_cluster::{Failure, Result};

/// What each walk is told: no time between writes but what the cluster takes, and a Lease that runs out soon.
const WALK: [&str; 5] = ["--settle=0", "--lease=1s", "--patience=20s", "--output=json", "--target=test"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new("."))
}

/// Builds it.
pub(super) fn build() -> Result<()> {
    let status =
        Command::new(env!("CARGO")).args(["build", "--quiet", "--package=foreshift"]).current_dir(root()).status()?;
    if status.success() { Ok(()) } else { Err(Failure::new("foreshift does not build")) }
}

/// A command such as `apply`, on the cluster of a kubeconfig.
pub(super) fn command(folder: &Path, kubeconfig: &Path, name: &str) -> Command {
    let mut command = Command::new(program());
    command.current_dir(folder).env("KUBECONFIG", kubeconfig).args([name, "deploy.yaml"]).args(WALK);
    if name == "apply" {
        command.arg("--yes");
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The phase that its record has: `none` where there is no record.
pub(super) async fn phase(folder: &Path, kubeconfig: &Path) -> Result<String> {
    let mut command = Command::new(program());
    command.current_dir(folder).env("KUBECONFIG", kubeconfig).args(["status", "deploy.yaml", "--output=json"]);
    let output = ended(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?).await?;
    let said: serde_json::Value = serde_json::from_slice(&output.stdout)
        .map_err(|_| Failure::new(format!("status: {}", String::from_utf8_lossy(&output.stderr))))?;
    let phase = said["cursor"]["phase"].as_str().or(said["phase"].as_str());
    Ok(phase.unwrap_or_default().to_owned())
}

/// Waits for its end.
pub(super) async fn ended(child: Child) -> Result<Output> {
    Ok(tokio::task::spawn_blocking(move || child.wait_with_output()).await??)
}

fn program() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join("debug/foreshift")
}
