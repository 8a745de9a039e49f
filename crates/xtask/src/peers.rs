//! What foreshift's costs are compared with: Argo Rollouts' controller, built once into the cache.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::files;
use crate::go;
use crate::process;
use crate::programs::{PROXY, Program, brought_along, compile, needs_go, required_version};
use crate::repository::Repository;
use crate::tools;

const NAME: &str = "argo-rollouts";
const MODULE: &str = "github.com/argoproj/argo-rollouts";
const PACKAGE: &str = "./cmd/rollouts-controller";

/// The controller, and the file that its kinds stand in. Both stand in one folder of the cache, the program last.
pub(crate) fn all(repository: &Repository) -> Result<Vec<Program>, Failure> {
    let pin = repository.root.join("tests/cluster/binaries").join(NAME);
    let version = required_version(&pin.join("go.mod"), MODULE)?;
    let folder = tools::cache()?.join(format!("{NAME}-{version}"));
    let file = format!("{NAME}{}", env::consts::EXE_SUFFIX);
    let kinds = folder.join("install.yaml");
    let program = brought_along(&file).unwrap_or_else(|| folder.join(file));
    if !program.is_file() || !kinds.is_file() {
        let source = copy_of_the_module(repository, &pin, &version)?;
        fs::create_dir_all(&folder).map_err(|error| Failure::file(&folder, &error))?;
        let shipped = source.join("manifests/install.yaml");
        fs::copy(&shipped, &kinds).map_err(|error| Failure::file(&shipped, &error))?;
        if !program.is_file() {
            compile(&source, PACKAGE, "", &program)?;
        }
    }
    Ok(vec![Program { name: NAME, path: program }, Program { name: "argo-rollouts-crds", path: kinds }])
}

/// The module, as `go.sum` knows it, with a `go` line that the Go of this machine takes: it often asks for a newer patch
/// release than there is, and only a module that is built for itself, as this copy, has a say in that.
fn copy_of_the_module(repository: &Repository, pin: &Path, version: &str) -> Result<PathBuf, Failure> {
    needs_go(Path::new(NAME))?;
    let module = format!("{MODULE}@{version}");
    let mut download = go::command(&["mod", "download", "-json", &module]);
    download.current_dir(pin);
    // It fails where it finds that line too new, after it has unpacked the module and compared it with `go.sum`.
    let said = download.output().map_err(|error| Failure::new(format!("`go` cannot start: {error}")))?;
    let said = [said.stdout, said.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let sums = pin.join("go.sum");
    let sums = fs::read_to_string(&sums).map_err(|error| Failure::file(&sums, &error))?;
    if !is_the_known_one(&said, &sums, version) {
        return Err(Failure::new(format!("`go mod download {module}`: {}", said.trim())).help(PROXY));
    }
    let cache = process::output(&mut go::command(&["env", "GOMODCACHE"]))?;
    let copy = repository.target.join(NAME);
    // What Go unpacks may not be written, and its copy neither.
    let _ = fs::remove_dir_all(&copy);
    files::copy(&Path::new(&cache).join(module), &copy)?;
    let path = copy.join("go.mod");
    let text = fs::read_to_string(&path).map_err(|error| Failure::file(&path, &error))?;
    fs::remove_file(&path).map_err(|error| Failure::file(&path, &error))?;
    let installed = process::output(&mut go::command(&["env", "GOVERSION"]))?;
    fs::write(&path, lowered(&text, &installed)).map_err(|error| Failure::file(&path, &error))?;
    Ok(copy)
}

/// Whether what was downloaded has the sum that `go.sum` has for it.
fn is_the_known_one(said: &str, sums: &str, version: &str) -> bool {
    let known = format!("{MODULE} {version} ");
    let sum = sums.lines().find_map(|line| line.strip_prefix(&known));
    sum.is_some_and(|sum| said.contains(&format!("\"Sum\": \"{sum}\"")))
}

/// A `go.mod` whose `go` line names the installed version where it named a newer one.
fn lowered(text: &str, installed: &str) -> String {
    let installed = installed.trim_start_matches("go");
    let line = |line: &str| match line.strip_prefix("go ") {
        Some(wanted) if numbers(wanted) > numbers(installed) => format!("go {installed}\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map_while(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::{MODULE, is_the_known_one, lowered};

    #[test]
    fn only_a_newer_go_line_is_lowered() {
        assert_eq!(lowered("module a\n\ngo 1.26.10\n", "go1.26.8"), "module a\n\ngo 1.26.8\n");
        assert_eq!(lowered("module a\n\ngo 1.26.10\n", "go1.27.0"), "module a\n\ngo 1.26.10\n");
        assert_eq!(lowered("go 1.26\n", "go1.26.8"), "go 1.26\n");
    }

    #[test]
    fn a_module_with_another_sum_is_not_taken() {
        let sums = format!("{MODULE} v1.0.0/go.mod h1:b=\n{MODULE} v1.0.0 h1:a=\n");
        assert!(is_the_known_one("\t\"Sum\": \"h1:a=\",\n", &sums, "v1.0.0"));
        assert!(!is_the_known_one("\t\"Sum\": \"h1:b=\",\n", &sums, "v1.0.0"));
        assert!(!is_the_known_one("SECURITY ERROR", &sums, "v1.0.0"));
        assert!(!is_the_known_one("\t\"Sum\": \"h1:a=\",\n", "", "v1.0.0"));
    }
}
