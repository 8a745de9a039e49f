//! Istio's side: what its API accepts, what a host means, what `istioctl analyze` would say.

pub mod analyze;
mod duration;
pub mod host;
mod number;
pub mod schema;
pub mod validate;
