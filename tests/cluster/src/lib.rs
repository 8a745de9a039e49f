//! A control plane of real programs, and what tests watch and disturb it with.

mod addresses;
mod cluster;
mod control_plane;
mod credentials;
mod custom_resources;
mod daemon;
mod envoy;
mod failure;
mod fault_proxy;
mod istiod;
pub mod judge;
mod kubelet;
mod load;
mod ports;
mod programs;
mod recorder;
mod relay;

pub use cluster::{Cluster, Namespace, client};
pub use envoy::Envoy;
pub use failure::{Failure, Result};
pub use fault_proxy::{Action, FaultProxy, Moment, Request};
pub use istiod::Istiod;
pub use load::{Counts, Load};
pub use recorder::{Change, Event, Recorder, read};
