//! What tests share: random rollouts, and the texts that describe them.

pub mod scenario;
pub mod tree;
