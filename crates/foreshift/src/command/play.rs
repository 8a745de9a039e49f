//! `foreshift play`: the playground on files of this machine, which it follows.

use std::process::{Command, Stdio};

use crate::arguments::PlayArguments;
use crate::failure::{Exit, Failure};
use crate::output;
use crate::serve::{Rollout, Server, Site};

pub(crate) fn run(arguments: &PlayArguments) -> Result<Exit, Failure> {
    if arguments.config.as_deref() == Some("-") {
        return Err(Failure::usage("standard input cannot be followed").help("give the config as a file"));
    }
    let site = Site::find(arguments.site.as_deref())?;
    let rollout = arguments.config.clone().map(|config| Rollout::new(config, arguments.input.clone()));
    let server = Server::listen(arguments.port)?;
    let mut address = server.address();
    if let Some(rollout) = &rollout {
        rollout.request()?;
        address.push_str("?local");
    }
    output::plain(&format!("{address}\n"))?;
    if arguments.open {
        open(&address)?;
    }
    Err(server.run(site, rollout))
}

/// Shows an address in the user's browser.
fn open(address: &str) -> Result<(), Failure> {
    let mut command = if cfg!(target_os = "macos") {
        Command::new("open")
    } else if cfg!(windows) {
        Command::new("explorer")
    } else {
        Command::new("xdg-open")
    };
    let started = command.arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    started.map(|_| ()).map_err(|error| {
        Failure::usage(format!("no browser can be opened: {error}"))
            .help(format!("open {address} by hand, without `--open`"))
    })
}
