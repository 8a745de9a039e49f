//! `cargo xtask site` and `cargo xtask play`: the playground, built for any web host, and served to this machine.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::process;
use crate::repository::Repository;
use crate::steps::Outcome;
use crate::{setup, wasm};

/// Where the site is built, for everybody else to find.
const SITE: &str = "web/dist/site";

/// Builds the module, the site and the package, then what a web host wants besides: headers, compressed files.
pub(crate) fn run(repository: &Repository) -> Result<(), Failure> {
    wasm::build(repository)?;
    build(repository)?;
    eprintln!("\nthe site is in {SITE}; its README.txt says how to serve it");
    Ok(())
}

/// The same with the module that is there.
pub(crate) fn build(repository: &Repository) -> Result<(), Failure> {
    setup::npm_packages(repository)?;
    let mut command = repository.command(setup::NPM);
    process::run(command.args(["run", "--prefix", "web", "build"]))
}

/// Builds everything, then serves it with the command line's own server until it is stopped.
pub(crate) fn play(repository: &Repository, rest: &[&str]) -> Result<(), Failure> {
    run(repository)?;
    let mut command =
        repository.cargo(&["run", "--quiet", "--release", "--package=foreshift", "--", "play", "--site", SITE]);
    process::run(command.args(rest))
}

/// Carries every case from the command line's links to the page's, and back.
pub(crate) fn links(repository: &Repository) -> Result<Outcome, Failure> {
    setup::npm_packages(repository)?;
    process::run(&mut repository.cargo(&["build", "--quiet", "--package=foreshift"]))?;
    let mut command = repository.command("node");
    process::run(command.arg("web/links.mjs").arg(program(repository)).arg("tests/cases"))?;
    Ok(Outcome::Done)
}

/// Packs the npm package, installs it in a project of its own, and uses it there.
pub(crate) fn package(repository: &Repository) -> Result<Outcome, Failure> {
    let mut command = repository.command("node");
    process::run(command.arg("web/build/check-package.mjs").arg(repository.target.join("package")))?;
    Ok(Outcome::Done)
}

/// Opens fragments, frames and followed files in Chromium.
pub(crate) fn embedding(repository: &Repository) -> Result<Outcome, Failure> {
    let browser = std::env::var_os("CHROMIUM").unwrap_or("/usr/bin/chromium".into());
    if !Path::new(&browser).is_file() {
        return Ok(Outcome::Skipped(format!("there is no {}; CHROMIUM names another one", browser.display())));
    }
    process::run(&mut repository.cargo(&["build", "--quiet", "--package=foreshift"]))?;
    let mut command = repository.command("node");
    command.env("FORESHIFT_PROGRAM", program(repository));
    command.arg("node_modules/@playwright/test/cli.js").args(["test", "tests/embedding"]);
    process::run(command.current_dir(repository.root.join("web")))?;
    Ok(Outcome::Done)
}

/// The command line, as tests use it.
fn program(repository: &Repository) -> PathBuf {
    repository.target.join("debug").join(format!("foreshift{}", std::env::consts::EXE_SUFFIX))
}
