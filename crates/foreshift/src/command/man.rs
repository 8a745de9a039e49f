//! `foreshift man`: the man pages.

use clap::CommandFactory as _;
use clap_mangen::Man;

use crate::arguments::Arguments;
use crate::failure::{Exit, Failure};
use crate::output;

pub(crate) fn run(name: Option<&str>) -> Result<Exit, Failure> {
    let mut command = Arguments::command();
    command.build();
    let page = match name {
        None => command,
        Some(name) => command.find_subcommand(name).cloned().ok_or_else(|| {
            Failure::usage(format!("there is no command `{name}`")).help("`foreshift --help` lists the commands")
        })?,
    };
    let mut bytes = Vec::new();
    Man::new(page)
        .render(&mut bytes)
        .map_err(|error| Failure::input(format!("the man page cannot be made: {error}")))?;
    output::plain(&String::from_utf8_lossy(&bytes))?;
    Ok(Exit::Done)
}
