//! The rollout that a page follows: read from disk whenever somebody asks.

use std::sync::Mutex;

use foreshift_core::preview::{File, Request};

use crate::arguments::Input;
use crate::failure::Failure;
use crate::{input, share};

/// What the page follows.
#[derive(Debug)]
pub(crate) struct Rollout {
    config: String,
    input: Input,
    /// What a page was given last.
    given: Mutex<Vec<File>>,
}

impl Rollout {
    /// A rollout as the command line names it.
    pub(crate) fn new(config: String, input: Input) -> Rollout {
        Rollout { config, input, given: Mutex::default() }
    }

    /// The request as JSON.
    pub(crate) fn request(&self) -> Result<String, Failure> {
        let request = self.read(&self.input)?;
        if let Ok(mut given) = self.given.lock() {
            given.clone_from(&request.files);
        }
        share::json(&request)
    }

    /// Something that differs when the request would. What is at an address is left out: it would be asked for all the
    /// time.
    pub(super) fn fingerprint(&self) -> String {
        let input = Input { fetch: false, ..self.input.clone() };
        let request = self.read(&input).and_then(|request| share::json(&request));
        request.unwrap_or_else(|failure| failure.to_string())
    }

    /// While the config cannot be read it does not say which manifests there are: those of before stay.
    fn read(&self, input: &Input) -> Result<Request, Failure> {
        let mut request = input::request(&self.config, input)?;
        if let (false, Ok(given)) = (input::is_readable(&request), self.given.lock()) {
            let is_new = |file: &&File| request.files.iter().all(|there| there.path != file.path);
            let stay: Vec<File> = given.iter().filter(is_new).cloned().collect();
            request.files.extend(stay);
        }
        Ok(request)
    }
}
