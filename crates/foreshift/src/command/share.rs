//! `foreshift share`: a playground link.

use crate::arguments::{Page, ShareArguments};
use crate::failure::{Exit, Failure};
use crate::{input, output, share};

/// Where `foreshift play` serves the page when nothing else is asked for.
const LOCAL_PAGE: &str = "http://127.0.0.1:4747/";

pub(crate) fn run(arguments: &ShareArguments) -> Result<Exit, Failure> {
    let request = input::request(&arguments.config, &arguments.input)?;
    let link = share::link(arguments.page.address(), &request, arguments.state)?;
    output::plain(&format!("{link}\n"))?;
    Ok(Exit::Done)
}

impl Page {
    /// The page's address.
    fn address(&self) -> &str {
        self.page.as_deref().unwrap_or(LOCAL_PAGE)
    }
}
