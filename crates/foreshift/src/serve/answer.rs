//! Answers: a status, headers, a body.

use std::fmt::Write as _;
use std::io;

use super::Site;
use crate::failure::Failure;

/// What a client gets.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: &'static str,
    pub(super) kind: &'static str,
    pub(super) caching: Caching,
    /// `None` where it has no end.
    pub(super) body: Option<Vec<u8>>,
}

/// How long a client may keep what it got.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Caching {
    /// For ever: its name changes with it.
    Hashed,
    /// Until it is asked for again.
    Fresh,
}

const TEXT: &str = "text/plain; charset=utf-8";

impl Answer {
    /// Why there is nothing to get.
    pub(super) fn refused(status: &'static str, reason: &str) -> Answer {
        Answer { status, kind: TEXT, caching: Caching::Fresh, body: Some(format!("{reason}\n").into_bytes()) }
    }

    /// A rollout; else why there is none, in words for the page to show.
    pub(super) fn request(json: Result<String, Failure>) -> Answer {
        match json {
            Ok(json) => Answer {
                status: "200 OK",
                kind: "application/json",
                caching: Caching::Fresh,
                body: Some(json.into_bytes()),
            },
            Err(failure) => Answer::refused("500 Internal Server Error", failure.to_string().trim_end()),
        }
    }

    /// The beginning of events.
    pub(super) fn stream() -> Answer {
        Answer { status: "200 OK", kind: "text/event-stream", caching: Caching::Fresh, body: None }
    }

    pub(super) fn write(&self, stream: &mut impl io::Write, site: &Site) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {}\r\nconnection: close\r\ncontent-type: {}\r\n", self.status, self.kind);
        if let Some(body) = &self.body {
            let _ = write!(head, "content-length: {}\r\n", body.len());
        }
        for (name, value) in site.headers(self.caching) {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        // Other sites may not even embed what is served here: it is the user's own files.
        head.push_str("cross-origin-resource-policy: same-origin\r\n\r\n");
        stream.write_all(head.as_bytes())?;
        stream.write_all(self.body.as_deref().unwrap_or_default())?;
        stream.flush()
    }
}
