//! A control plane of real programs, and what tests watch and disturb it with.

mod addresses;
mod cluster;
mod control_plane;
mod credentials;
mod custom_resources;
mod daemon;
mod failure;
mod kubelet;
mod ports;
mod programs;

pub use cluster::{Cluster, Namespace};
pub use failure::{Failure, Result};
