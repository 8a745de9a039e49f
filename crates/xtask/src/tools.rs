//! Programs that cargo installs: each once, in its version, into a cache outside of the tree.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::failure::Failure;
use crate::process;
use crate::repository::Repository;

/// A program from crates.io.
pub(crate) struct Tool {
    name: &'static str,
    version: String,
    /// The file that shows that it is there.
    program: &'static str,
    flags: &'static [&'static str],
}

/// Tools are built to start soon, not to run fast: this halves the time to install them.
const QUICK_BUILD: [&str; 6] = [
    "--config",
    "profile.release.opt-level=1",
    "--config",
    "profile.release.lto=false",
    "--config",
    "profile.release.debug=false",
];

/// Every tool that a command needs.
pub(crate) fn all(repository: &Repository) -> Result<Vec<Tool>, Failure> {
    Ok(vec![wasm_bindgen(repository)?, wasm_pack(), cargo_deny(), cargo_fuzz(), mdbook()])
}

/// Writes the JavaScript around the module. Its version has to be that of the library, so the lock file says it.
pub(crate) fn wasm_bindgen(repository: &Repository) -> Result<Tool, Failure> {
    Ok(Tool {
        name: "wasm-bindgen-cli",
        version: repository.locked_version("wasm-bindgen")?,
        program: "wasm-bindgen",
        // The default features are TLS for a test runner that we do not use. Not `--locked`: the lock that it ships
        // names versions that were withdrawn.
        flags: &["--no-default-features"],
    })
}

/// Builds the module.
pub(crate) fn wasm_pack() -> Tool {
    Tool { name: "wasm-pack", version: "0.15.1".to_owned(), program: "wasm-pack", flags: &["--locked"] }
}

/// Checks what we depend on.
pub(crate) fn cargo_deny() -> Tool {
    Tool { name: "cargo-deny", version: "0.20.2".to_owned(), program: "cargo-deny", flags: &["--locked"] }
}

/// Builds and runs fuzz targets.
pub(crate) fn cargo_fuzz() -> Tool {
    Tool { name: "cargo-fuzz", version: "0.13.2".to_owned(), program: "cargo-fuzz", flags: &["--locked"] }
}

/// Builds books, to try the adapter for it.
pub(crate) fn mdbook() -> Tool {
    Tool { name: "mdbook", version: "0.5.1".to_owned(), program: "mdbook", flags: &["--locked"] }
}

impl Tool {
    /// Installs it where it is missing; returns the folder that its program stands in.
    pub(crate) fn install(&self) -> Result<PathBuf, Failure> {
        let root = cache()?.join(format!("{}-{}", self.name, self.version));
        let folder = root.join("bin");
        let program = format!("{}{}", self.program, env::consts::EXE_SUFFIX);
        if folder.join(program).is_file() {
            return Ok(folder);
        }
        let mut command = Command::new("cargo");
        command.args(["install", self.name, "--version", &self.version]);
        command.args(self.flags).args(QUICK_BUILD);
        command.arg("--root").arg(&root);
        process::run(&mut command).map_err(|failure| {
            failure.help(format!(
                "cargo has to reach crates.io once; where it cannot, put `{}` {} into {}",
                self.program,
                self.version,
                folder.display()
            ))
        })?;
        Ok(folder)
    }
}

/// Where tools are kept between runs and checkouts.
pub(crate) fn cache() -> Result<PathBuf, Failure> {
    if let Some(cache) = env::var_os("FORESHIFT_CACHE") {
        return Ok(PathBuf::from(cache));
    }
    env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cache")))
        .map(|cache| cache.join("foreshift"))
        .ok_or_else(|| Failure::new("there is no home folder to keep tools in").help("set FORESHIFT_CACHE to a folder"))
}
