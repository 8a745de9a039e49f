//! Programs that run as long as somebody needs them, and never longer than this process.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::failure::{Failure, Result};

/// Waits for the end of its input, which comes when we end, however we end; then kills the program and removes what is
/// named first. Signals of the terminal are ours to answer.
const GUARD: &str = r#"
trap '' INT HUP TERM
rubbish=$1; shift
"$@" & program=$!
read -r _
kill -9 "$program"
wait "$program" 2>/dev/null
[ -z "$rubbish" ] || rm -rf -- "$rubbish"
"#;

/// Set to anything, it leaves files behind.
const KEEP: &str = "FORESHIFT_TEST_KEEP";

/// A running program; dropping it kills it.
pub(crate) struct Daemon {
    guard: Child,
    log: PathBuf,
}

impl Daemon {
    /// Starts a program that writes its log into a file; `rubbish` is a folder that goes when the program has gone.
    pub(crate) fn start<A: AsRef<OsStr>>(
        program: &Path,
        arguments: impl IntoIterator<Item = A>,
        variables: &[(&str, String)],
        log: PathBuf,
        rubbish: Option<&Path>,
    ) -> Result<Daemon> {
        let output = File::create(&log)?;
        let rubbish = rubbish.filter(|_| env::var_os(KEEP).is_none());
        let mut command = Command::new("sh");
        command.args(["-c", GUARD, "sh"]).arg(rubbish.unwrap_or(Path::new(""))).arg(program).args(arguments);
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        let guard = command.stdin(Stdio::piped()).stdout(output.try_clone()?).stderr(output).spawn()?;
        Ok(Daemon { guard, log })
    }

    /// The process of the program itself.
    pub(crate) fn program(&self) -> Result<u32> {
        let id = self.guard.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"))?;
        let child = children.split_whitespace().next().and_then(|child| child.parse().ok());
        child.ok_or_else(|| self.failure("the program has ended"))
    }

    /// A failure that ends with what the program said last.
    pub(crate) fn failure(&self, message: &str) -> Failure {
        let log = fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        let last = lines.iter().rev().take(20).rev().copied().collect::<Vec<_>>().join("\n");
        Failure::new(format!("{message}; {} ends with\n{last}", self.log.display()))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}
