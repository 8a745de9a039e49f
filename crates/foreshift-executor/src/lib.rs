//! Walks a cluster through a plan: observes, compares, writes, waits, reports. It decides nothing about traffic.

mod approval;
pub mod cluster;
mod course;
pub mod gate;
pub mod http;
mod lease;
pub mod live;
mod patience;
pub mod permissions;
pub mod record;
mod report;
pub mod rollout;
mod said;
pub mod search;
pub mod simulate;
mod stop;
mod tree;
mod view;
mod walk;

pub use report::{Event, Report};
pub use said::said;
pub use stop::{Drift, Outcome, Stop, StopKind};
pub use tree::value;
pub use walk::Options;

/// The name that our writes have in an object's `managedFields`.
pub const FIELD_MANAGER: &str = "foreshift";
