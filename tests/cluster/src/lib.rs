//! A control plane of real programs, and what tests watch and disturb it with.

mod addresses;
pub mod argo_rollouts;
pub mod audit;
pub mod choice;
mod cluster;
mod control_plane;
mod credentials;
mod custom_resources;
mod daemon;
mod envoy;
mod failure;
mod fault_proxy;
pub mod foreshift;
mod istiod;
pub mod judge;
mod kinds;
mod kubelet;
mod load;
pub mod log;
pub mod memory;
pub mod objects;
mod ports;
mod programs;
mod recorder;
mod relay;
mod scene;

pub use argo_rollouts::ArgoRollouts;
pub use audit::Audit;
pub use cluster::{Cluster, Namespace, client};
pub use envoy::Envoy;
pub use failure::{Failure, Result};
pub use fault_proxy::{Action, FaultProxy, Moment, Request};
pub use istiod::Istiod;
pub use load::{Counts, Load};
pub use recorder::{Change, Event, Recorder, read};
pub use scene::Scene;
