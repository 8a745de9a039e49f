//! Every state of an Istio traffic shift, computed before the first write.
//!
//! Text in, plan out: this crate reads no file, no clock and no environment, and has no panic of its own.

pub mod carry;
pub mod config;
pub mod contract;
pub mod diagnostic;
pub mod istio;
pub mod judgment;
pub mod kubernetes;
pub mod laws;
pub mod lint;
pub mod order;
pub mod plan;
pub mod preview;
pub mod render;
pub mod secret;
pub mod shape;
pub mod template;
pub mod text;
pub mod traffic;
pub mod value;
pub mod weight;

pub use preview::{File, Preview, Request, preview};
