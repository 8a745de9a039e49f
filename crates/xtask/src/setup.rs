//! `cargo xtask setup`: everything that the other commands need, installed once.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use required::Part;

use crate::debian;
use crate::failure::Failure;
use crate::go;
use crate::process;
use crate::repository::{Repository, WASM};
use crate::tools;

/// npm is a script on Windows, and only its full name starts there.
pub(crate) const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

const OLDEST_NODE: u32 = 20;

/// Installs whatever is missing.
pub(crate) fn run(repository: &Repository) -> Result<(), Failure> {
    rust_component("rustfmt", "fmt")?;
    rust_component("clippy", "clippy")?;
    wasm_target()?;
    std_source()?;
    required_programs()?;
    for tool in tools::all(repository)? {
        tool.install()?;
    }
    npm_packages(repository)
}

/// What only some tests ask, where they may not do without. Whatever is still missing afterwards they say themselves.
fn required_programs() -> Result<(), Failure> {
    let switch = required::switch().map_err(Failure::new)?;
    for part in Part::ALL.into_iter().filter(|part| switch.requires(*part)) {
        match part {
            Part::ControlPlane | Part::Mesh | Part::Hugo => go::install()?,
            Part::Jq => debian_program("jq")?,
            Part::MkDocs if !process::succeeds(Command::new("python3").args(["-c", "import ensurepip, venv"])) => {
                debian::install("python3-venv")?;
            }
            Part::Prometheus => debian_program("prometheus")?,
            Part::Advisories | Part::Conformance | Part::MkDocs | Part::StandardLibrary => {}
        }
    }
    Ok(())
}

/// A program that a package of the same name brings.
fn debian_program(name: &str) -> Result<(), Failure> {
    if process::succeeds(Command::new(name).arg("--version")) { Ok(()) } else { debian::install(name) }
}

fn rust_component(name: &str, subcommand: &str) -> Result<(), Failure> {
    if process::succeeds(Command::new("cargo").args([subcommand, "--version"])) {
        return Ok(());
    }
    process::run(Command::new("rustup").args(["component", "add", name])).map_err(|failure| {
        failure.help(format!("install {name} for this rustc by hand; without rustup it is a package of your system"))
    })
}

/// Makes rustc able to build for the page.
pub(crate) fn wasm_target() -> Result<(), Failure> {
    let mut question = Command::new("rustc");
    question.args(["--print", "target-libdir", "--target", WASM]);
    if Path::new(&process::output(&mut question)?).is_dir() {
        return Ok(());
    }
    process::run(Command::new("rustup").args(["target", "add", WASM])).map_err(|failure| {
        failure.help(format!(
            "rustc has no standard library for {WASM}, and rustup cannot fetch it. Either\n  \
             - run `rustup target add {WASM}` where the network allows it, or\n  \
             - install your system's package: on Debian `rustc-web` with `libstd-rust-web-dev`, on Fedora\n    \
             `rust-std-static-{WASM}`, or\n  \
             - copy `lib/rustlib/{WASM}` of a rustc of the same version into the folder that\n    \
             `rustc --print sysroot` names"
        ))
    })
}

/// Whether the page's module is built with a standard library of its own; else with the one that rustc brings.
pub(crate) fn builds_std() -> bool {
    env::var_os("FORESHIFT_STD").is_none_or(|std| std != "prebuilt")
}

/// Makes cargo able to build that standard library.
pub(crate) fn std_source() -> Result<(), Failure> {
    if !builds_std() {
        return Ok(());
    }
    let sysroot = process::output(Command::new("rustc").args(["--print", "sysroot"]))?;
    if Path::new(&sysroot).join("lib/rustlib/src/rust/library/Cargo.lock").is_file() {
        return Ok(());
    }
    process::run(Command::new("rustup").args(["component", "add", "rust-src"])).map_err(|failure| {
        failure.help(
            "the page's module is built with a standard library of its own, and rustup cannot fetch its source. Either\n  \
             - run `rustup component add rust-src` where the network allows it, or\n  \
             - install your system's package: on Debian `rust-src`, of the version of your rustc, or\n  \
             - set FORESHIFT_STD=prebuilt: the module is larger, and does the same",
        )
    })
}

/// Installs the packages of `web/package-lock.json`.
pub(crate) fn npm_packages(repository: &Repository) -> Result<(), Failure> {
    check_node()?;
    let web = repository.root.join("web");
    let wanted = modified(&web.join("package-lock.json"));
    let there = modified(&web.join("node_modules/.package-lock.json"));
    if there.is_some() && there >= wanted {
        return Ok(());
    }
    process::run(Command::new(NPM).arg("ci").current_dir(web))
        .map_err(|failure| failure.help("npm has to reach its registry once"))
}

fn check_node() -> Result<(), Failure> {
    let advice = format!("install Node.js {OLDEST_NODE} or newer, with npm");
    let version = process::output(Command::new("node").arg("--version")).map_err(|failure| failure.help(&advice))?;
    let major = version.trim_start_matches('v').split('.').next();
    match major.and_then(|major| major.parse::<u32>().ok()) {
        Some(major) if major >= OLDEST_NODE => Ok(()),
        _ => Err(Failure::new(format!("this is Node.js {version}")).help(advice)),
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}
