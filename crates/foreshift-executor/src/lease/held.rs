//! How long ago something was, also where the machine has slept since.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// A moment. Its age is the longer one of what two clocks say: the one that cannot be set may stand still while the machine
/// sleeps, and the one that goes on may be set back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Since {
    steady: Instant,
    wall: SystemTime,
}

impl Since {
    pub(super) fn now() -> Since {
        Since { steady: Instant::now(), wall: SystemTime::now() }
    }

    /// On the clock that timers go by.
    pub(super) fn instant(self) -> Instant {
        self.steady
    }

    pub(super) fn elapsed(self) -> Duration {
        self.steady.elapsed().max(self.wall.elapsed().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_clock_that_slept_makes_nothing_younger() {
        let now = Since::now();
        let slept = Since { wall: now.wall - Duration::from_mins(1), ..now };
        assert!(slept.elapsed() >= Duration::from_mins(1));
        let set_back = Since { wall: now.wall + Duration::from_mins(1), ..now };
        assert!(set_back.elapsed() < Duration::from_mins(1));
    }
}
