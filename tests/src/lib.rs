//! What tests share: the cases, read; random rollouts, and the texts that describe them.

pub mod case;
pub mod hostile;
pub mod program;
pub mod scenario;
pub mod sized;
pub mod tree;
