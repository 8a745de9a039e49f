//! Packages of Debian.

use std::process::Command;

use crate::failure::Failure;
use crate::process;

/// Installs a package where this is Debian and we may; elsewhere it does nothing.
pub(crate) fn install(package: &str) -> Result<(), Failure> {
    let may_install = process::output(Command::new("id").arg("-u")).is_ok_and(|user| user == "0");
    if !may_install || !process::succeeds(Command::new("apt-get").arg("--version")) {
        return Ok(());
    }
    process::run(Command::new("apt-get").arg("update"))?;
    let mut install = Command::new("apt-get");
    install.args(["install", "--yes", "--no-install-recommends", package]);
    // For invoke-rc.d: in this runlevel it starts no service that comes with a package.
    process::run(install.env("DEBIAN_FRONTEND", "noninteractive").env("RUNLEVEL", "1"))
}
