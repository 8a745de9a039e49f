//! What is promised of the page once `cargo xtask site` has built it: its weight, its links, its package, a browser.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::debian;
use crate::failure::Failure;
use crate::process;
use crate::repository::Repository;
use crate::setup;
use crate::steps::Outcome;

/// Where the tests find a browser, unless the variable `CHROMIUM` names another.
const BROWSER: &str = "/usr/bin/chromium";

/// Prints what a reader loads, and fails where that is over a budget.
pub(crate) fn weigh(repository: &Repository) -> Result<Outcome, Failure> {
    process::run(in_web(repository).arg("budgets.mjs"))
        .map_err(|failure| failure.help("the newest import is the first to look at"))?;
    Ok(Outcome::Done)
}

/// Tries the playground, the element, fragments, frames and followed files in Chromium.
pub(crate) fn browser(repository: &Repository) -> Result<Outcome, Failure> {
    setup::npm_packages(repository)?;
    let browser = chromium()?;
    let program = program(repository)?;
    let mut tests = in_web(repository);
    tests.args(["node_modules/@playwright/test/cli.js", "test"]).env("CHROMIUM", browser);
    process::run(tests.env("FORESHIFT_PROGRAM", program))
        .map_err(|failure| failure.help("`cargo xtask site` builds what is tried"))?;
    Ok(Outcome::Done)
}

/// Carries every case from the command line's links to the page's, and back.
pub(crate) fn links(repository: &Repository) -> Result<Outcome, Failure> {
    setup::npm_packages(repository)?;
    let program = program(repository)?;
    process::run(repository.command("node").arg("web/links.mjs").arg(program).arg("tests/cases"))?;
    Ok(Outcome::Done)
}

/// Packs the npm package, installs it in a project of its own, and uses it there.
pub(crate) fn package(repository: &Repository) -> Result<Outcome, Failure> {
    let mut command = repository.command("node");
    process::run(command.arg("web/build/check-package.mjs").arg(repository.target.join("package")))?;
    Ok(Outcome::Done)
}

/// The browser; installed where this is Debian and we may.
fn chromium() -> Result<PathBuf, Failure> {
    let wanted = std::env::var_os("CHROMIUM").map_or_else(|| PathBuf::from(BROWSER), PathBuf::from);
    if wanted.is_file() {
        return Ok(wanted);
    }
    if wanted == Path::new(BROWSER) {
        debian::install("chromium")?;
    }
    if wanted.is_file() {
        return Ok(wanted);
    }
    Err(Failure::new(format!("there is no browser at {}", wanted.display())).help(
        "install Chromium (`apt-get install chromium` on Debian, as root), or name one: CHROMIUM=/path/of/chromium",
    ))
}

/// The command line as tests use it, built.
fn program(repository: &Repository) -> Result<PathBuf, Failure> {
    process::run(&mut repository.cargo(&["build", "--quiet", "--package=foreshift"]))?;
    Ok(repository.target.join("debug").join(format!("foreshift{}", std::env::consts::EXE_SUFFIX)))
}

fn in_web(repository: &Repository) -> Command {
    let mut command = repository.command("node");
    command.current_dir(repository.root.join("web"));
    command
}
