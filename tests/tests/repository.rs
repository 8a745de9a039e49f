//! Laws about the repository: what may stand where, and who may know whom.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What may stand at the top, beside files and folders that begin with a dot.
const TOP_LEVEL: [&str; 8] =
    ["CHANGELOG.md", "Cargo.lock", "Cargo.toml", "LICENSE", "README.md", "crates", "tests", "web"];

/// What builds and tools leave behind, in any folder.
const MADE: [&str; 7] = [".git", "artifacts", "coverage", "corpus", "node_modules", "pkg", "target"];

/// What the core depends on, and why it may.
const CORE_DEPENDENCIES: [(&str, &str); 1] =
    [("serde", "the JSON contract is one set of structs for the command line and the page")];

/// A longer file has more than one subject.
const LONGEST_FILE: usize = 400;

/// Files that are longer all the same, with the reason.
const LONGER_FILES: [(&str, &str); 0] = [];

/// Who says that something was left out: whoever asked whether it may be, and the summary.
const SAY_SKIPPED: [&str; 2] = ["crates/required/src/lib.rs", "crates/xtask/src/steps.rs"];

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 9] = ["common", "helper", "helpers", "manager", "misc", "mod", "shared", "util", "utils"];

/// The source of every package in a lock file; anything else would work on one machine only.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// What makes a folder a case, and what has to come out of one.
const CASE_INPUT: &str = "deploy.yaml";
const CASE_OUTPUTS: [&str; 3] = ["plan.txt", "plan.yaml", "diagnostics.txt"];

#[test]
fn the_top_level_holds_only_what_was_agreed() {
    let strangers: Vec<String> = names(&root())
        .into_iter()
        .filter(|name| !name.starts_with('.') && name != "target")
        .filter(|name| !TOP_LEVEL.contains(&name.as_str()))
        .collect();
    assert!(strangers.is_empty(), "not at the top: {strangers:?}");
}

#[test]
fn the_core_depends_on_nothing_that_is_not_listed_here() {
    let found = dependencies("foreshift-core");
    let listed: BTreeSet<String> = CORE_DEPENDENCIES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(found, listed, "left: in Cargo.toml, right: in this file, each with its reason");
}

#[test]
fn neither_border_knows_the_other() {
    assert!(!dependencies("foreshift-wasm").contains("foreshift-executor"));
    assert!(!dependencies("foreshift-wasm").contains("foreshift"));
    assert!(!dependencies("foreshift").contains("foreshift-wasm"));
}

#[test]
fn the_npm_package_has_the_version_of_the_crates() {
    let manifest = read(&root().join("Cargo.toml"));
    let version =
        manifest.lines().find_map(|line| line.strip_prefix("version = ")).expect("a version").trim_matches('"');
    for file in ["web/package.json", "web/package-lock.json"] {
        let json: serde_json::Value = serde_json::from_str(&read(&root().join(file))).expect("JSON");
        assert_eq!(json["version"], version, "{file}");
    }
}

#[test]
fn every_crate_has_the_lints_of_the_workspace() {
    for manifest in files(&root().join("crates"), "Cargo.toml") {
        let text = read(&manifest);
        let has_lints = text.contains("[lints]\nworkspace = true\n");
        assert!(has_lints, "{}: no [lints]", manifest.display());
    }
}

#[test]
fn files_are_short_enough_to_read() {
    let long: BTreeSet<String> =
        sources().iter().filter(|path| read(path).lines().count() > LONGEST_FILE).map(|path| relative(path)).collect();
    let listed: BTreeSet<String> = LONGER_FILES.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(long, listed, "left: over {LONGEST_FILE} lines, right: in this file, each with its reason");
}

#[test]
fn files_begin_with_what_they_are() {
    for path in sources() {
        let text = read(&path);
        assert!(text.starts_with("//! "), "{}: line 1", relative(&path));
    }
}

#[test]
fn names_say_what_is_inside() {
    for path in sources() {
        let empty = Path::new(&relative(&path))
            .with_extension("")
            .iter()
            .any(|part| EMPTY_NAMES.iter().any(|name| part == *name));
        assert!(!empty, "{}: what is it about?", relative(&path));
    }
}

#[test]
fn packages_come_from_where_everybody_gets_them() {
    for lock in ["Cargo.lock", "tests/fuzz/Cargo.lock"] {
        let text = read(&root().join(lock));
        let mut sources = text.lines().filter_map(|line| line.strip_prefix("source = "));
        let stranger = sources.find(|source| source.trim_matches('"') != CRATES_IO);
        assert_eq!(stranger, None, "{lock}");
    }
    let resolved = read(&root().join("web/package-lock.json")).contains("\"resolved\":");
    assert!(!resolved, "web/package-lock.json names a host");
}

#[test]
fn nothing_is_left_out_without_asking_whether_it_is_required() {
    let word = concat!("\"skip", "ped");
    let found: Vec<String> =
        sources().iter().filter(|path| read(path).contains(word)).map(|path| relative(path)).collect();
    assert_eq!(found, SAY_SKIPPED, "left: says so by itself; `required::left_out` does");
}

#[test]
fn every_case_has_an_input_and_an_output() {
    for folder in leaves(&root().join("tests/cases")) {
        let names = names(&folder);
        let has = |wanted: &str| names.iter().any(|name| name == wanted);
        let case = relative(&folder);
        assert!(has(CASE_INPUT), "{case}: no {CASE_INPUT}");
        let is_answered = CASE_OUTPUTS.iter().any(|output| has(output));
        assert!(is_answered, "{case}: none of {CASE_OUTPUTS:?}");
    }
}

/// The names of the crates that a crate links, whatever its tests need.
fn dependencies(package: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version=1"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let packages = metadata["packages"].as_array().expect("a list");
    let package = packages.iter().find(|found| found["name"] == package);
    let dependencies = package.expect("a member of the workspace")["dependencies"].as_array().expect("a list");
    dependencies
        .iter()
        .filter(|dependency| dependency["kind"].is_null())
        .filter_map(|dependency| Some(dependency["name"].as_str()?.to_owned()))
        .collect()
}

/// Every Rust file of the crates and tests.
fn sources() -> Vec<PathBuf> {
    let mut sources = files(&root().join("crates"), ".rs");
    sources.extend(files(&root().join("tests"), ".rs"));
    sources
}

/// Every file below a folder whose name has that end.
fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for name in names(folder) {
        let path = folder.join(&name);
        if path.is_dir() {
            found.extend(files(&path, end));
        } else if name.ends_with(end) {
            found.push(path);
        }
    }
    found
}

/// Every case: a folder that holds a file other than a README, whatever folders it holds too.
fn leaves(folder: &Path) -> Vec<PathBuf> {
    let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) =
        names(folder).iter().map(|name| folder.join(name)).partition(|path| path.is_dir());
    if files.iter().any(|file| !file.ends_with("README.md")) {
        return vec![folder.to_owned()];
    }
    folders.iter().flat_map(|folder| leaves(folder)).collect()
}

/// What stands in a folder, in order; nothing where there is no such folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !MADE.contains(&name.as_str()))
        .collect();
    names.sort();
    names
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn relative(path: &Path) -> String {
    let path = path.strip_prefix(root()).unwrap_or(path);
    path.to_string_lossy().replace('\\', "/")
}

fn root() -> PathBuf {
    // At run time: what was true at build time may be another checkout with the same target folder.
    let tests = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs this");
    Path::new(&tests).parent().expect("tests has a parent").to_owned()
}
