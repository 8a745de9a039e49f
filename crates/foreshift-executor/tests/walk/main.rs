//! The walk against a cluster in memory: to the end, back, and stopped at every request.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod attacks;
#[path = "../../../../tests/cluster/src/judge.rs"]
#[expect(unreachable_pub, reason = "shared with a library, where it is reached")]
mod judge;
mod live;
mod others;
mod secrets;
mod stage;
mod stopped;
mod ways;
