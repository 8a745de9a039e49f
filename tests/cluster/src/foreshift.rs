//! The program under test, as a child process in the folder of a scene.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use kube::config::Kubeconfig;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout};
use tokio::sync::OnceCell;
use tokio::time::timeout;

use crate::failure::{Failure, Result};

/// How long a command may take, and how long the next event of it.
const LIMIT: Duration = Duration::from_secs(90);

/// Commands that walk.
const WALKS: [&str; 3] = ["apply", "abort", "resume"];

/// What they are told where a test says nothing else: no time between writes but what the cluster takes.
const DEFAULTS: [(&str, &str); 3] = [("--settle", "0"), ("--patience", "20s"), ("--lease", "5s")];

/// Builds it, once for a process: as the tests themselves are built, with or without optimisation.
pub async fn build() -> Result<()> {
    static BUILT: OnceCell<()> = OnceCell::const_new();
    BUILT
        .get_or_try_init(async || {
            let mut command = Command::new(env!("CARGO"));
            command.args(["build", "--quiet", "--package=foreshift"]).current_dir(root());
            // What cargo says to a test would have some dependencies built anew, and again for the next test.
            for (name, _) in std::env::vars_os() {
                let text = name.to_string_lossy();
                if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"].iter().any(|said| text.starts_with(said)) {
                    command.env_remove(&name);
                }
            }
            if !cfg!(debug_assertions) {
                command.arg("--release");
            }
            let status = tokio::process::Command::from(command).status().await?;
            if status.success() { Ok(()) } else { Err(Failure::new("foreshift does not build")) }
        })
        .await
        .copied()
}

/// A command of it such as `apply`, on the cluster of a kubeconfig.
pub fn command(folder: &Path, kubeconfig: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.current_dir(folder).env("KUBECONFIG", kubeconfig).args(arguments);
    let name = arguments.first().copied().unwrap_or_default();
    let is_said = |option: &str| arguments.iter().any(|argument| argument.starts_with(option));
    if WALKS.contains(&name) {
        command.args(
            DEFAULTS.iter().filter(|(option, _)| !is_said(option)).map(|(option, value)| format!("{option}={value}")),
        );
    }
    if name == "apply" {
        command.arg("--yes");
    }
    // In a cluster that is given the contexts have names of their own.
    if let Some(context) = given_context(kubeconfig)
        && !is_said("--context")
        && !is_said("--application")
    {
        command.arg(format!("--account-map=test={context}"));
    }
    if !["rbac", "gitops", "job"].contains(&name) {
        command.arg("--output=json");
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The current context of a cluster that is given, where that is not called like the account of the tests.
fn given_context(kubeconfig: &Path) -> Option<String> {
    let current = Kubeconfig::read_from(kubeconfig).ok()?.current_context?;
    Some(current).filter(|current| current != "test")
}

/// Runs a command to its end.
pub async fn run(folder: &Path, kubeconfig: &Path, arguments: &[&str]) -> Result<Said> {
    start(folder, kubeconfig, arguments)?.end().await
}

/// Starts a command.
pub fn start(folder: &Path, kubeconfig: &Path, arguments: &[&str]) -> Result<Running> {
    let mut command = tokio::process::Command::from(command(folder, kubeconfig, arguments));
    let mut child = command.kill_on_drop(true).spawn()?;
    let (Some(out), Some(mut err)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(Failure::new("a child without pipes"));
    };
    let reading = tokio::spawn(async move {
        let mut text = String::new();
        let _ = err.read_to_string(&mut text).await;
        text
    });
    let errors = reading.map(Result::unwrap_or_default).boxed().shared();
    let name = arguments.join(" ");
    Ok(Running { name, child, lines: BufReader::new(out).lines(), text: Vec::new(), errors })
}

/// A command that has not ended.
pub struct Running {
    name: String,
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    text: Vec<String>,
    /// Everything that it complains of, once it has ended.
    errors: Shared<BoxFuture<'static, String>>,
}

/// What a command has said, and how it ended.
#[derive(Debug)]
pub struct Said {
    name: String,
    /// Its exit code; -1 where it was killed.
    pub code: i32,
    /// What it printed.
    pub out: String,
    /// What it complained of.
    pub errors: String,
}

impl Running {
    /// Reads on until an event comes.
    pub async fn until(&mut self, is_wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        while let Some(line) = timeout(LIMIT, self.lines.next_line()).await?? {
            let event = serde_json::from_str(&line).unwrap_or_default();
            self.text.push(line);
            if is_wanted(&event) {
                return Ok(event);
            }
        }
        let (name, status) = (self.name.clone(), self.child.wait().await?);
        let errors = self.errors.clone().await;
        Err(Failure::new(format!("{name} ended first, {status}: {}\n{errors}", self.text.join("\n"))))
    }

    /// Reads on until an approval is waited for.
    pub async fn waits(&mut self) -> Result<Value> {
        self.until(|event| event["event"] == "waiting" && event["gate"] == "approval").await
    }

    /// Its process.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Sends it a signal such as `INT`.
    pub fn signal(&self, signal: &str) -> Result<()> {
        let id = self.child.id().ok_or_else(|| Failure::new("it has ended"))?;
        Command::new("kill").args([format!("-{signal}"), id.to_string()]).status()?;
        Ok(())
    }

    /// Its end.
    pub async fn end(mut self) -> Result<Said> {
        let reading = async {
            while let Some(line) = self.lines.next_line().await? {
                self.text.push(line);
            }
            self.child.wait().await
        };
        let Ok(status) = timeout(LIMIT, reading).await else {
            let last = self.text.last().cloned().unwrap_or_default();
            return Err(Failure::new(format!("{} does not end; it said last: {last}", self.name)));
        };
        let (code, errors) = (status?.code().unwrap_or(-1), self.errors.await);
        Ok(Said { name: self.name, code, out: self.text.join("\n"), errors })
    }
}

impl Said {
    /// Itself, where it has ended with this code.
    pub fn exits(self, code: i32) -> Result<Said> {
        if self.code == code {
            return Ok(self);
        }
        let lines: Vec<&str> = self.out.lines().collect();
        let end = lines.get(lines.len().saturating_sub(6)..).unwrap_or_default().join("\n");
        Err(Failure::new(format!("{}: exit code {}, not {code}: {end}\n{}", self.name, self.code, self.errors)))
    }

    /// Itself, where it complained of this.
    pub fn complains(self, of: &str) -> Result<Said> {
        if self.errors.contains(of) {
            return Ok(self);
        }
        Err(Failure::new(format!("{}: not a word of `{of}`:\n{}", self.name, self.errors)))
    }

    /// The events that it printed.
    pub fn events(&self) -> Vec<Value> {
        self.out.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new("."))
}

fn program() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join(if cfg!(debug_assertions) { "debug/foreshift" } else { "release/foreshift" })
}
