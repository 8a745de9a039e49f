//! The rollout that a page follows: read from disk whenever somebody asks.

use crate::arguments::Input;
use crate::failure::Failure;
use crate::{input, share};

/// What the page follows.
#[derive(Debug)]
pub(crate) struct Rollout {
    pub(crate) config: String,
    pub(crate) input: Input,
}

impl Rollout {
    /// The request as JSON.
    pub(crate) fn request(&self) -> Result<String, Failure> {
        share::json(&input::request(&self.config, &self.input)?)
    }

    /// Something that differs when the request would. What is at an address is left out: it would be asked for all the
    /// time.
    pub(super) fn fingerprint(&self) -> String {
        let input = Input { fetch: false, ..self.input.clone() };
        let request = input::request(&self.config, &input).and_then(|request| share::json(&request));
        request.unwrap_or_else(|failure| failure.to_string())
    }
}
