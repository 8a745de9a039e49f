//! Printing: colours where they are wanted, and a quiet end where nobody reads on.

use std::io::{self, Write as _};

use anstream::{AutoStream, ColorChoice};
use foreshift_core::render::lines::safe;

use crate::failure::Failure;
use crate::paint;

/// Prints bytes as they are.
pub(crate) fn plain(text: &str) -> Result<(), Failure> {
    written(io::stdout().lock().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()))
}

/// Prints words in which somebody else's may be: none of them moves a cursor.
pub(crate) fn words(text: &str) -> Result<(), Failure> {
    plain(&shown(text))
}

/// A text of lines as a terminal may have it.
pub(crate) fn shown(text: &str) -> String {
    text.chars().map(|letter| if letter == '\n' { letter } else { safe(letter) }).collect()
}

/// Prints a plan.
pub(crate) fn plan(text: &str) -> Result<(), Failure> {
    if AutoStream::choice(&io::stdout()) == ColorChoice::Never { plain(text) } else { plain(&paint::plan(text)) }
}

/// Prints findings as the answer.
pub(crate) fn findings(text: &str) -> Result<(), Failure> {
    if AutoStream::choice(&io::stdout()) == ColorChoice::Never { plain(text) } else { plain(&paint::findings(text)) }
}

/// Prints findings, or why a command failed, beside the answer.
pub(crate) fn errors(text: &str) -> Result<(), Failure> {
    let is_plain = AutoStream::choice(&io::stderr()) == ColorChoice::Never;
    let text = shown(text);
    let painted = if is_plain { text } else { paint::findings(&text) };
    written(io::stderr().lock().write_all(painted.as_bytes()))
}

/// Who closes a pipe has read enough.
fn written(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::input(format!("the output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}
