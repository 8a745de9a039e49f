//! Tests that need more than one crate stand in `tests/`; there is nothing to use here.
