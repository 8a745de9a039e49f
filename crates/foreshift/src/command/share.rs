//! `foreshift share`: a playground link.

use crate::arguments::ShareArguments;
use crate::failure::{Exit, Failure};
use crate::{input, masks, output, share};

pub(crate) fn run(arguments: &ShareArguments) -> Result<Exit, Failure> {
    let request = input::request(&arguments.config, &arguments.input)?;
    let link = share::link(&arguments.page.address(), &request, arguments.state)?;
    masks::warn(&request, "the link")?;
    output::plain(&format!("{link}\n"))?;
    Ok(Exit::Done)
}
