//! Why a cluster did not do what it was asked.

use std::fmt;

use crate::said::said;

/// An answer that is none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ApiError {
    /// What kind of failure it is.
    pub reason: Reason,
    /// What the cluster says.
    pub message: String,
}

/// Kinds of failures, by what can be done about them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reason {
    /// The object is another one by now.
    Conflict,
    /// There is one already.
    Exists,
    /// There is none.
    NotFound,
    /// The cluster does not let us.
    Forbidden,
    /// The cluster does not know us: credentials that are wrong or expired.
    Unauthorized,
    /// The object is refused: by its schema, by admission, by a quota.
    Refused,
    /// It may work a little later: too many requests, an error of the server, a connection that broke. Whether a write
    /// was made is not known.
    Passing,
}

impl ApiError {
    /// A failure with words, as far as they can be shown.
    pub fn new(reason: Reason, message: impl AsRef<str>) -> ApiError {
        ApiError { reason, message: said(message.as_ref()) }
    }

    /// Whether the same request may work a little later.
    pub fn is_passing(&self) -> bool {
        matches!(self.reason, Reason::Passing | Reason::Unauthorized)
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
