//! A control plane of real programs, and what tests watch and disturb it with.

mod addresses;
mod cluster;
mod control_plane;
mod credentials;
mod custom_resources;
mod daemon;
mod failure;
mod fault_proxy;
mod kubelet;
mod ports;
mod programs;
mod recorder;

pub use cluster::{Cluster, Namespace, client};
pub use failure::{Failure, Result};
pub use fault_proxy::{Action, FaultProxy, Moment, Request};
pub use recorder::{Change, Event, Recorder, read};
