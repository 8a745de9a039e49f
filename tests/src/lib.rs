//! What several of the tests need: the cases, read.
//!
//! Tests that need more than one crate stand in `tests/`.

pub mod case;
