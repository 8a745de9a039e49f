//! Every state of an Istio traffic shift, computed before the first write.
//!
//! Text in, plan out: this crate reads no file, no clock and no environment, and has no panic of its own.

pub mod diagnostic;
pub mod istio;
pub mod kubernetes;
pub mod shape;
pub mod text;
pub mod value;
pub mod weight;
