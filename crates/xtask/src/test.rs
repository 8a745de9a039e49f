//! `cargo xtask test`: everything that has to hold before a change is merged.

use crate::failure::Failure;
use crate::process;
use crate::repository::{Repository, WASM};
use crate::steps::{self, Outcome, Step};
use crate::{adapters, cluster, dependencies, fuzz, page, setup, site, wasm};

/// What is quick comes first. Each step runs alone too, once what it needs has been built.
const STEPS: [Step; 19] = [
    Step {
        name: "setup",
        promise: "every tool is installed",
        run: |repository| setup::run(repository).map(|()| Outcome::Done),
    },
    Step { name: "format", promise: "the code stands as rustfmt writes it", run: format },
    Step { name: "lint", promise: "clippy finds nothing", run: lint },
    Step { name: "lint-wasm", promise: "clippy finds nothing in what the page gets", run: lint_wasm },
    Step { name: "test", promise: "every test passes", run: test },
    Step { name: "doc", promise: "the documentation has no warning", run: doc },
    Step { name: "cluster", promise: "a real control plane goes the way that plans go", run: cluster::test },
    Step { name: "deny", promise: "dependencies are allowed, and known to be safe", run: dependencies::check },
    Step {
        name: "wasm",
        promise: "the page's module is built",
        run: |repository| wasm::build(repository).map(|()| Outcome::Done),
    },
    Step { name: "size", promise: "the module fits its budget", run: wasm::weigh },
    Step { name: "replay", promise: "the module answers every case as the command line does", run: wasm::replay },
    Step { name: "types", promise: "the page agrees with the module's types", run: wasm::types },
    Step {
        name: "site",
        promise: "the playground, the element and the npm package are built",
        run: |repository| site::build(repository).map(|()| Outcome::Done),
    },
    Step { name: "weight", promise: "what a reader loads fits its budgets", run: page::weigh },
    Step {
        name: "browser",
        promise: "a browser shows what the page promises, wherever a plan stands",
        run: page::browser,
    },
    Step { name: "links", promise: "links go from the command line to the page and back", run: page::links },
    Step { name: "package", promise: "the npm package can be used", run: page::package },
    Step { name: "adapters", promise: "documentation is built with each adapter", run: adapters::check },
    Step { name: "fuzz", promise: "twenty seconds of each fuzz target find nothing", run: fuzz::smoke },
];

/// Runs the steps of these names, or all of them.
pub(crate) fn run(repository: &Repository, names: &[&str]) -> Result<(), Failure> {
    if let Some(unknown) = names.iter().find(|name| !is_step(name)) {
        let known = STEPS.map(|step| step.name).join(", ");
        return Err(Failure::new(format!("there is no step `{unknown}`")).help(format!("steps: {known}")));
    }
    // Before an hour has gone by.
    required::switch().map_err(Failure::new)?;
    let steps: Vec<&Step> = STEPS.iter().filter(|step| names.is_empty() || names.contains(&step.name)).collect();
    steps::run(repository, &steps)
}

fn is_step(name: &str) -> bool {
    STEPS.iter().any(|step| step.name == name)
}

fn format(repository: &Repository) -> Result<Outcome, Failure> {
    let help = |failure: Failure| failure.help("`cargo fmt --all` puts it right");
    process::run(&mut repository.cargo(&["fmt", "--all", "--check"])).map_err(help)?;
    let fuzz = "tests/fuzz/Cargo.toml";
    process::run(&mut repository.cargo(&["fmt", "--manifest-path", fuzz, "--check"])).map_err(help)?;
    Ok(Outcome::Done)
}

fn lint(repository: &Repository) -> Result<Outcome, Failure> {
    let arguments = ["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny=warnings"];
    process::run(&mut repository.cargo(&arguments))?;
    Ok(Outcome::Done)
}

fn lint_wasm(repository: &Repository) -> Result<Outcome, Failure> {
    setup::wasm_target()?;
    let arguments = [
        "clippy",
        "--quiet",
        "--target",
        WASM,
        "--package=foreshift-core",
        "--package=foreshift-pack",
        "--package=foreshift-wasm",
        "--",
        "--deny=warnings",
    ];
    process::run(&mut repository.cargo(&arguments))?;
    Ok(Outcome::Done)
}

fn test(repository: &Repository) -> Result<Outcome, Failure> {
    let mut command = repository.cargo(&["test", "--quiet", "--workspace"]);
    if std::env::var_os("PROPTEST_CASES").is_none() {
        command.env("PROPTEST_CASES", "10000");
    }
    process::run(&mut command)?;
    Ok(Outcome::Done)
}

fn doc(repository: &Repository) -> Result<Outcome, Failure> {
    let mut command = repository.cargo(&["doc", "--quiet", "--workspace", "--no-deps"]);
    command.env("RUSTDOCFLAGS", "--deny=warnings");
    process::run(&mut command)?;
    Ok(Outcome::Done)
}
