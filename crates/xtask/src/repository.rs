//! Where things are in this repository, and the programs that work in it.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;

/// The target that the page's module is built for.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// A checkout.
pub(crate) struct Repository {
    /// Its top folder, absolute.
    pub(crate) root: PathBuf,
    /// Where cargo builds, absolute: `CARGO_TARGET_DIR` or `target`.
    pub(crate) target: PathBuf,
}

impl Repository {
    /// The checkout that this program is run in.
    pub(crate) fn here() -> Repository {
        // cargo says it at run time too; what it said at build time may be another checkout with the same target folder.
        let package = env::var_os("CARGO_MANIFEST_DIR").unwrap_or(env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&package).ancestors().nth(2).unwrap_or(Path::new(".")).to_owned();
        let target = env::var_os("CARGO_TARGET_DIR")
            .and_then(|target| std::path::absolute(target).ok())
            .unwrap_or_else(|| root.join("target"));
        Repository { root, target }
    }

    /// A program that works in the top folder and builds where we build.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        command
    }

    /// cargo with these arguments.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = self.command("cargo");
        command.args(arguments);
        command
    }

    /// The programs that npm packages bring.
    pub(crate) fn npm_programs(&self) -> PathBuf {
        self.root.join("web/node_modules/.bin")
    }

    /// The version of a package in `Cargo.lock`.
    pub(crate) fn locked_version(&self, package: &str) -> Result<String, Failure> {
        let path = self.root.join("Cargo.lock");
        let lock = fs::read_to_string(&path).map_err(|error| Failure::file(&path, &error))?;
        find_version(&lock, package)
            .map(str::to_owned)
            .ok_or_else(|| Failure::new(format!("`{package}` is not in Cargo.lock")))
    }
}

fn find_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    lock.lines().skip_while(|line| *line != name).nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::find_version;

    #[test]
    fn the_version_is_that_of_the_package_with_exactly_this_name() {
        let lock = "name = \"wasm\"\nversion = \"1.0.0\"\n\nname = \"wasm-bindgen\"\nversion = \"2.0.0\"\n";
        assert_eq!(find_version(lock, "wasm-bindgen"), Some("2.0.0"));
        assert_eq!(find_version(lock, "bindgen"), None);
    }
}
