//! `foreshift completions`: what a shell completes.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::failure::{Exit, Failure};
use crate::output;

pub(crate) fn run(shell: Shell) -> Result<Exit, Failure> {
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "foreshift", &mut bytes);
    output::plain(&String::from_utf8_lossy(&bytes))?;
    Ok(Exit::Done)
}
