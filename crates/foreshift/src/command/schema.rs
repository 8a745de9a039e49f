//! `foreshift schema`: the JSON Schema of the deployment config.

use foreshift_core::config::json_schema;

use crate::failure::{Exit, Failure};
use crate::output;

pub(crate) fn run() -> Result<Exit, Failure> {
    output::plain(&json_schema())?;
    Ok(Exit::Done)
}
