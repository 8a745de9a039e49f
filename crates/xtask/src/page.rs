//! `cargo xtask page`: the page and the element, built, weighed and tried in a browser.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::process;
use crate::repository::Repository;
use crate::setup;
use crate::steps::Outcome;

/// Where the tests find a browser, unless the variable `CHROMIUM` names another.
const BROWSER: &str = "/usr/bin/chromium";

/// The two builds, by the arguments that Vite gets.
const BUILDS: [&[&str]; 2] = [&["build"], &["build", "--mode", "package"]];

/// Builds `web/dist` with the module of `web/pkg`, prints what it weighs, and fails where that is over a budget.
pub(crate) fn build(repository: &Repository) -> Result<Outcome, Failure> {
    setup::npm_packages(repository)?;
    for arguments in BUILDS {
        let mut vite = in_web(repository);
        process::run(vite.arg("node_modules/vite/bin/vite.js").args(arguments))
            .map_err(|failure| failure.help("`cargo xtask wasm` builds the module that the page is built with"))?;
    }
    process::run(in_web(repository).arg("budgets.mjs")).map_err(|failure| {
        failure.help("the newest import is the first to look at; a ratchet in web/budgets.mjs only goes down")
    })?;
    Ok(Outcome::Done)
}

/// Tries what was built in a browser.
pub(crate) fn browser(repository: &Repository) -> Result<Outcome, Failure> {
    setup::npm_packages(repository)?;
    let browser = chromium()?;
    let mut tests = in_web(repository);
    process::run(tests.args(["node_modules/@playwright/test/cli.js", "test"]).env("CHROMIUM", browser))
        .map_err(|failure| failure.help("`cargo xtask page` builds what is tried"))?;
    Ok(Outcome::Done)
}

/// The browser; installed where this is Debian and we may.
fn chromium() -> Result<PathBuf, Failure> {
    let wanted = std::env::var_os("CHROMIUM").map_or_else(|| PathBuf::from(BROWSER), PathBuf::from);
    if wanted.is_file() {
        return Ok(wanted);
    }
    let is_ours = wanted == Path::new(BROWSER);
    let may_install = is_ours && process::output(Command::new("id").arg("-u")).is_ok_and(|user| user == "0");
    if may_install && process::succeeds(Command::new("apt-get").arg("--version")) {
        process::run(Command::new("apt-get").arg("update"))?;
        process::run(Command::new("apt-get").args(["install", "--yes", "--no-install-recommends", "chromium"]))?;
    }
    if wanted.is_file() {
        return Ok(wanted);
    }
    Err(Failure::new(format!("there is no browser at {}", wanted.display())).help(
        "install Chromium (`apt-get install chromium` on Debian, as root), or name one: CHROMIUM=/path/of/chromium",
    ))
}

fn in_web(repository: &Repository) -> Command {
    let mut command = repository.command("node");
    command.current_dir(repository.root.join("web"));
    command
}
