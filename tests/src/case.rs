//! Cases: folders in `tests/cases` with a deployment config, what it names, and how it is previewed.
//!
//! A case's arguments stand in `case.yaml` beside its `deploy.yaml`. Every field may be left out, and so may the file:
//!
//! ```yaml
//! hashes: { active: gc6647, canary: cd6648, reviews.active: k8s-1 } # for one workload with its name before the dot
//! current: [live] # what runs now: files or folders, relative to the case
//! target: staging # only this target
//! first: true # nothing runs yet
//! lone: manifests.yaml # this text is given without its path
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use foreshift_core::plan::{Hashes, Occasion, Side};
use foreshift_core::{File, Request};
use serde::Deserialize;

/// The deployment config of every case; a folder with one is a case.
pub const CONFIG: &str = "deploy.yaml";

/// How a case is previewed.
pub const ARGUMENTS: &str = "case.yaml";

/// What comes out of a case, and is no input.
pub const OUTPUTS: [&str; 3] = ["plan.txt", "plan.yaml", "diagnostics.txt"];

/// A case that was read.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its folder relative to `tests/cases`, divided by `/`.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// What is asked.
    pub request: Request,
}

impl Case {
    /// What stands on a command line behind the config to ask the same.
    pub fn arguments(&self) -> Vec<&str> {
        let mut out = Vec::new();
        for path in &self.request.current {
            out.extend(["--current", path]);
        }
        if let Some(target) = &self.request.target {
            out.extend(["--target", target]);
        }
        if self.request.occasion == Occasion::First {
            out.push("--first");
        }
        for (workload, side, hash) in &self.request.hashes.list {
            let side = side.name();
            let name = workload.as_ref().map_or_else(|| side.to_owned(), |workload| format!("{workload}.{side}"));
            out.extend(["--hash", format!("{name}={hash}").leak()]);
        }
        out
    }
}

/// `case.yaml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Arguments {
    hashes: BTreeMap<String, String>,
    current: Vec<String>,
    target: Option<String>,
    first: bool,
    lone: Option<String>,
}

/// Every case below `tests/cases`, ordered by name.
///
/// # Panics
///
/// Where a case cannot be read.
pub fn all() -> Vec<Case> {
    let root = cases();
    let mut folders = Vec::new();
    collect(&root, &mut folders);
    folders.sort();
    folders.iter().map(|folder| read(folder)).collect()
}

/// The case in a folder.
///
/// # Panics
///
/// Where it cannot be read.
pub fn read(folder: &Path) -> Case {
    let mut files = Vec::new();
    texts(folder, folder, &mut files);
    files.sort_by(|left, right| left.path.cmp(&right.path));
    let arguments = arguments(&folder.join(ARGUMENTS));
    files.iter_mut().filter(|file| arguments.lone.as_ref() == Some(&file.path)).for_each(|file| file.path.clear());
    let hashes = arguments.hashes.into_iter().map(|(name, hash)| given_hash(&name, hash, folder)).collect();
    let request = Request {
        config: CONFIG.to_owned(),
        files,
        current: arguments.current,
        target: arguments.target,
        hashes: Hashes { list: hashes },
        occasion: if arguments.first { Occasion::First } else { Occasion::Change },
        ..Request::default()
    };
    Case { name: relative(folder, &cases()), folder: folder.to_owned(), request }
}

/// The folder of all cases.
///
/// # Panics
///
/// Outside of cargo.
pub fn cases() -> PathBuf {
    // At run time: what was true at build time may be another checkout with the same target folder.
    let tests = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs this");
    Path::new(&tests).join("cases")
}

fn collect(folder: &Path, cases: &mut Vec<PathBuf>) {
    if folder.join(CONFIG).is_file() {
        cases.push(folder.to_owned());
        return;
    }
    for path in entries(folder).iter().filter(|path| path.is_dir()) {
        collect(path, cases);
    }
}

/// Every YAML and JSON text of a case that is an input, by its path relative to the case.
fn texts(folder: &Path, case: &Path, files: &mut Vec<File>) {
    for path in entries(folder) {
        if path.is_dir() {
            texts(&path, case, files);
            continue;
        }
        let name = relative(&path, case);
        let is_text = [".yaml", ".yml", ".json"].iter().any(|end| name.ends_with(end));
        if is_text && name != ARGUMENTS && !OUTPUTS.contains(&name.as_str()) {
            files.push(File { path: name, text: text(&path) });
        }
    }
}

fn arguments(path: &Path) -> Arguments {
    if !path.is_file() {
        return Arguments::default();
    }
    serde_yaml::from_str(&text(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// `active` or `canary`, with the name of one workload before it or for every one.
fn given_hash(name: &str, hash: String, case: &Path) -> (Option<String>, Side, String) {
    let (workload, side) =
        Hashes::whose(name).unwrap_or_else(|_| panic!("{}: `{name}` is neither active nor canary", case.display()));
    (workload, side, hash)
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.expect("a folder that can be read").path()).collect()
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn relative(path: &Path, base: &Path) -> String {
    path.strip_prefix(base).unwrap_or(path).to_string_lossy().replace('\\', "/")
}
