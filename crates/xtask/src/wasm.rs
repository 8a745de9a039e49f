//! `cargo xtask wasm`: the page's module, built, weighed and tried.

mod order;

use std::fs;
use std::path::{Path, PathBuf};

use foreshift_pack::binary::custom_section;
use required::Part;

use crate::failure::Failure;
use crate::process;
use crate::repository::Repository;
use crate::setup;
use crate::steps::Outcome;
use crate::tools;

/// What a browser may have to load before it can plan: module and glue, compressed as a server compresses them. It guards
/// against accidents, such as a dependency that is larger than it looked; it is no aim.
const BUDGET: u64 = 400_000;

/// The files that the budget is for.
const SHIPPED: [&str; 2] = ["foreshift_wasm_packed.wasm", "foreshift_wasm.js"];

/// What wasm-pack builds.
const MODULE: &str = "foreshift_wasm_bg.wasm";

/// For LLVM: to copy a struct by one instruction and not by a pair of them for each eight bytes, not to make a loop
/// faster by more variables, and to put a function into its callers only where that is no longer than a call, or where it
/// has one caller and is not long: instructions and calls cost five times what they do, against the same bonus. Brotli finds
/// the same work again where it is written the same: 4.8 kB.
const SMALL_CODE: &str = "-Cllvm-args=-max-store-memcpy=1 -Cllvm-args=-max-store-memmove=1 -Cllvm-args=-disable-lsr \
    -Cllvm-args=-inline-threshold=0 -Cllvm-args=-inline-instr-cost=25 -Cllvm-args=-inline-call-penalty=125";

/// Stack and data end below 1 MiB: above it an address in the code takes a byte more. Rust's stack alone has that size.
const SMALL_ADDRESSES: &str = "-Clink-arg=-zstack-size=917504";

/// The standard library, built with the module: for size, and so that a panic is a trap and nothing else, since a page
/// can do nothing with its words and places. All of it is unstable in cargo and rustc, hence `RUSTC_BOOTSTRAP`.
const BUILD_STD: [&str; 2] = ["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"];
const TRAP_ON_PANIC: &str = "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none";

/// For wasm-opt: only to sort the functions, and to write them as briefly as it did before.
const BY_NAME: [&str; 3] = ["--reorder-functions-by-name", "--shrink-level=2", "--strip-target-features"];

/// For wasm-metadce: what a page calls of the module that unpacks.
const CALLED: &str = r#"[
    { "name": "page", "root": true, "reaches": ["memory", "room", "unpack"] },
    { "name": "memory", "export": "memory" },
    { "name": "room", "export": "room" },
    { "name": "unpack", "export": "unpack" }
]"#;

/// Prints `BYTES COMPRESSED` for each file as a browser loads it: the glue without its comments, as the page and the npm
/// package have it; brotli at its best quality.
const COMPRESS: &str = "\
const { readFileSync } = require('node:fs');
const { minifySync } = require('./web/node_modules/vite/dist/node/index.js');
const { brotliCompressSync, constants } = require('node:zlib');
const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
for (const file of process.argv.slice(1)) {
  const whole = readFileSync(file);
  const bytes = file.endsWith('.js') ? Buffer.from(minifySync(file, whole.toString(), { module: true }).code) : whole;
  console.log(bytes.length, brotliCompressSync(bytes, { params }).length);
}";

/// Builds and weighs the module.
pub(crate) fn run(repository: &Repository) -> Result<(), Failure> {
    build(repository)?;
    weigh(repository).map(|_| ())
}

/// Builds `web/pkg`.
pub(crate) fn build(repository: &Repository) -> Result<(), Failure> {
    setup::wasm_target()?;
    setup::std_source()?;
    setup::npm_packages(repository)?;
    compile(repository, "crates/foreshift-wasm", &package(repository))?;
    order(repository)?;
    pack(repository)
}

/// Compiles a crate for the page.
fn compile(repository: &Repository, source: &str, out: &Path) -> Result<(), Failure> {
    let folders =
        [tools::wasm_bindgen(repository)?.install()?, tools::wasm_pack().install()?, repository.npm_programs()];
    let mut command = repository.command("wasm-pack");
    process::prefer(&mut command, &folders)?;
    // `no-install`: wasm-pack would fetch its tools from places of its own, in versions of its own.
    command.args(["build", source, "--profile", "wasm"]);
    command.args(["--target", "web", "--mode", "no-install", "--out-dir"]).arg(out);
    let mut flags = format!("{SMALL_CODE} {SMALL_ADDRESSES}");
    if setup::builds_std() {
        command.arg("--").args(BUILD_STD).env("RUSTC_BOOTSTRAP", "1");
        flags = format!("{flags} {TRAP_ON_PANIC}");
    }
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags);
    process::run(&mut command)
}

/// Puts the functions of the module into their order.
fn order(repository: &Repository) -> Result<(), Failure> {
    let module = package(repository).join(MODULE);
    let named = order::named_by_likeness(&read(&module)?)
        .ok_or_else(|| Failure::new(format!("{}: this is no module of wasm-bindgen", module.display())))?;
    write(&module, &named)?;
    let mut command = repository.command(repository.npm_programs().join("wasm-opt"));
    process::run(command.args(BY_NAME).arg(&module).arg("-o").arg(&module))
}

/// Writes the module as a page loads it.
fn pack(repository: &Repository) -> Result<(), Failure> {
    let [shipped, _] = SHIPPED.map(|file| package(repository).join(file));
    let module = package(repository).join(MODULE);
    let bytes = read(&module)?;
    let failed = |why: &str| Failure::new(format!("{}: {why}", module.display()));
    let packed = foreshift_pack::packed(&bytes)
        .ok_or_else(|| failed("this cannot be packed").help("`crates/foreshift-pack` says what it has a place for"))?;
    let mut room = vec![0; foreshift_pack::SIZE];
    let length = foreshift_pack::unpack(&packed, &mut room);
    if room.get(..length) != Some(&bytes) {
        return Err(failed("this is not what it was after it was packed and unpacked"));
    }
    write(&shipped, &[unpacker(repository)?, custom_section(foreshift_pack::SECTION, &packed)].concat())
}

/// The module that unpacks, with what a page calls of it and no more.
fn unpacker(repository: &Repository) -> Result<Vec<u8>, Failure> {
    let folder = repository.target.join("unpacker");
    compile(repository, "crates/foreshift-pack", &folder)?;
    let module = folder.join("foreshift_pack_bg.wasm");
    let graph = folder.join("graph.json");
    write(&graph, CALLED.as_bytes())?;
    let mut command = repository.command(repository.npm_programs().join("wasm-metadce"));
    command.args(["--all-features", "--graph-file"]).arg(&graph).arg(&module).arg("-o").arg(&module);
    process::output(&mut command)?;
    read(&module)
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure::file(path, &error))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes).map_err(|error| Failure::file(path, &error))
}

/// Prints what the page loads, and fails where that is more than the budget.
pub(crate) fn weigh(repository: &Repository) -> Result<Outcome, Failure> {
    let mut command = repository.command("node");
    command.args(["--eval", COMPRESS]);
    command.args(SHIPPED.map(|file| package(repository).join(file)));
    let sizes =
        process::output(&mut command).map_err(|failure| failure.help("`cargo xtask wasm` builds the module"))?;
    let mut total = 0;
    eprintln!("{:<24}{:>9}{:>9}", "", "bytes", "brotli");
    for (file, sizes) in SHIPPED.iter().zip(sizes.lines()) {
        let (bytes, compressed) = sizes.split_once(' ').unwrap_or_default();
        eprintln!("{file:<24}{bytes:>9}{compressed:>9}");
        total += compressed.parse::<u64>().unwrap_or(u64::MAX / 4);
    }
    eprintln!("{:<24}{:>9}{total:>9}", "together", "");
    let figure = format!("{total} of {BUDGET} bytes");
    if !setup::builds_std() {
        return Ok(Outcome::Skipped(
            Part::StandardLibrary,
            format!("{figure}; the budget is for a module with a standard library built for it"),
        ));
    }
    if total > BUDGET {
        return Err(Failure::new(format!("the module is too large: {figure}"))
            .help("the newest dependency or generic function in the core is the first to look at"));
    }
    Ok(Outcome::Measured(figure))
}

/// Runs every case through the module in Node, and compares the answers with what the core says without it.
pub(crate) fn replay(repository: &Repository) -> Result<Outcome, Failure> {
    setup::npm_packages(repository)?;
    let folder = repository.target.join("replay");
    // Optimised as the module is: both are timed.
    let mut native = repository.cargo(&["run", "--quiet", "--release", "--package=tests", "--bin=replay", "--"]);
    process::run(native.arg(&folder))?;
    process::run(repository.command("node").arg("web/replay.mjs").arg(&folder).arg(package(repository)))?;
    Ok(Outcome::Done)
}

/// Checks the TypeScript of the page against the types of the module.
pub(crate) fn types(repository: &Repository) -> Result<Outcome, Failure> {
    setup::npm_packages(repository)?;
    let mut command = repository.command("node");
    command.arg("web/node_modules/typescript/bin/tsc");
    process::run(command.args(["--noEmit", "--project", "web/tsconfig.json"]))?;
    Ok(Outcome::Done)
}

fn package(repository: &Repository) -> PathBuf {
    repository.root.join("web/pkg")
}
