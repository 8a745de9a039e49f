//! `cargo xtask site` and `cargo xtask play`: the playground, built for any web host, and served to this machine.

use crate::failure::Failure;
use crate::process;
use crate::repository::Repository;
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
        .map_err(|failure| failure.help("`cargo xtask wasm` builds the module that the page is built with"))
}

/// Builds everything, then serves it with the command line's own server until it is stopped. A release build would take
/// minutes more, and the server does not plan.
pub(crate) fn play(repository: &Repository, rest: &[&str]) -> Result<(), Failure> {
    run(repository)?;
    let mut command = repository.cargo(&["run", "--package=foreshift", "--", "play", "--site", SITE]);
    process::run(command.args(rest))
}
