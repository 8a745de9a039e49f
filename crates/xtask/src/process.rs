//! Other programs: shown before they run, so that anybody can run them again by hand.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::failure::Failure;

/// Shows and runs a command; its output goes to the terminal.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    eprintln!("$ {}", shown(command));
    let status =
        command.status().map_err(|error| Failure::new(format!("`{}` cannot start: {error}", shown(command))))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("`{}`: {status}", shown(command))))
}

/// What a command prints, without the last line break.
pub(crate) fn output(command: &mut Command) -> Result<String, Failure> {
    let output = finish(command)?;
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// Shows and runs a command in silence; returns what it wrote beside its output.
pub(crate) fn remarks(command: &mut Command) -> Result<String, Failure> {
    eprintln!("$ {}", shown(command));
    let output = finish(command)?;
    Ok(String::from_utf8_lossy(&output.stderr).into_owned())
}

fn finish(command: &mut Command) -> Result<Output, Failure> {
    let output =
        command.output().map_err(|error| Failure::new(format!("`{}` cannot start: {error}", shown(command))))?;
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let message = format!("`{}`: {}\n{said}", shown(command), output.status);
    Err(Failure::new(message.trim_end()))
}

/// Whether a command runs and succeeds, whatever it prints.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Lets a command find the programs in these folders before all others.
pub(crate) fn prefer(command: &mut Command, folders: &[PathBuf]) -> Result<(), Failure> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = folders.iter().cloned().chain(env::split_paths(&path));
    let path =
        env::join_paths(folders).map_err(|error| Failure::new(format!("the PATH cannot be extended: {error}")))?;
    command.env("PATH", path);
    Ok(())
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or(program.as_os_str());
    std::iter::once(program).chain(command.get_args()).map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}
