//! What happens to one request of a run.

use std::process::Child;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::sleep;
use std::time::Duration;

use test_cluster::{Action, Moment, Request};
use tokio::sync::Notify;

/// The kinds of trouble.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Kind {
    KilledBefore,
    KilledAfter,
    Conflict,
    TooMany,
    Internal,
    Unavailable,
    Unauthorized,
    Reset,
    /// The request is carried out, and its answer is lost.
    ResetAfter,
    /// No answer for longer than a Lease is held, then 504.
    TimeOut,
    /// Every watch ends, and where the request is a watch, that one with nothing in it.
    WatchEnded,
}

pub(super) const KINDS: [Kind; 11] = [
    Kind::KilledBefore,
    Kind::KilledAfter,
    Kind::Conflict,
    Kind::TooMany,
    Kind::Internal,
    Kind::Unavailable,
    Kind::Unauthorized,
    Kind::Reset,
    Kind::ResetAfter,
    Kind::TimeOut,
    Kind::WatchEnded,
];

/// What a proxy needs to make the trouble.
#[derive(Clone, Default)]
pub(super) struct Trouble {
    /// Locked until it runs, so that its first request finds it.
    pub(super) child: Arc<Mutex<Option<Child>>>,
    /// Asks for the end of all watches.
    pub(super) end_watches: Arc<Notify>,
    is_made: Arc<Mutex<bool>>,
}

impl Trouble {
    /// Whether the request came that was to be troubled.
    pub(super) fn is_made(&self) -> bool {
        *self.is_made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What becomes of a request at a moment, where the trouble is to be made at the request with this number.
    pub(super) fn decide(&self, trouble: Option<(Kind, usize)>, request: &Request, moment: Moment) -> Action {
        let Some((kind, number)) = trouble else { return Action::Pass };
        if request.number != number || moment != kind.moment() {
            return Action::Pass;
        }
        *self.is_made.lock().unwrap_or_else(PoisonError::into_inner) = true;
        match kind {
            Kind::KilledBefore | Kind::KilledAfter => {
                if let Some(child) = self.child.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
                    let _ = child.kill();
                }
                Action::Hang
            }
            Kind::Conflict => Action::Answer(409),
            Kind::TooMany => Action::Answer(429),
            Kind::Internal => Action::Answer(500),
            Kind::Unavailable => Action::Answer(503),
            Kind::Unauthorized => Action::Answer(401),
            Kind::Reset | Kind::ResetAfter => Action::Reset,
            Kind::TimeOut => {
                sleep(Duration::from_millis(1500));
                Action::Answer(504)
            }
            Kind::WatchEnded => {
                self.end_watches.notify_one();
                if request.is_watch() { Action::EndWatch } else { Action::Pass }
            }
        }
    }
}

impl Kind {
    fn moment(self) -> Moment {
        if matches!(self, Kind::KilledAfter | Kind::ResetAfter) { Moment::After } else { Moment::Before }
    }
}
