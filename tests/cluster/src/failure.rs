//! Why a test cluster could not do something.

use std::error::Error;
use std::fmt;

/// What failed, in words; a test shows it as it is.
#[derive(Debug)]
pub struct Failure(String);

/// What could be done, or why not.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    /// A failure in these words.
    pub fn new(message: impl Into<String>) -> Failure {
        Failure(message.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Every error of what we stand on, with its causes.
impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Failure {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            let cause_said = cause.to_string();
            if !message.contains(&cause_said) {
                message = format!("{message}: {cause_said}");
            }
            source = cause.source();
        }
        Failure(message)
    }
}
