//! A warning before something is given to others that is about a Secret.

use foreshift_core::{Request, secret};

use crate::failure::Failure;
use crate::output;

/// Names each Secret of a request whose values are masked in what goes out, and each file of which nothing is in it.
pub(crate) fn warn(request: &Request, what: &str) -> Result<(), Failure> {
    let masked = secret::mask(request);
    for secret in masked.vault.secrets() {
        output::errors(&format!(
            "warning: {what} shows Secret {secret}: its keys, and digests in the place of its values\n"
        ))?;
    }
    for path in masked.hidden() {
        output::errors(&format!(
            "warning: `{path}` may hold a Secret and cannot be read: {what} shows nothing of it\n"
        ))?;
    }
    Ok(())
}
