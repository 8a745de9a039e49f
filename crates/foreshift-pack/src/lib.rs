//! The module as a page loads it. In a module, instructions and what they are about stand side by side: a call beside the
//! number of a variable, beside a length. Here each kind stands with its own, and brotli and gzip write that in an eighth
//! less.
//!
//! What is loaded is a module itself: the one that unpacks (`page`), with what it unpacks in a section of its own. So a
//! host knows what it is and compresses it, and a page needs no program to read it with.
//!
//! # The layout
//!
//! All numbers are LEB128, as in a module.
//!
//! 1. The length of the module.
//! 2. The length of what comes before its first function, and that.
//! 3. How many functions there are.
//! 4. The length of the list of streams, and that list: for each stream that is not empty by how much its number is larger
//!    than the one before, and its length.
//! 5. The streams: that of the instructions, that of the declarations of variables, and two for each kind of operand: for
//!    the first digits and for the further ones.
//! 6. What comes after the last function.
//!
//! What follows from the rest is left out: how long a function is, and how an address is aligned, which has to be
//! "not at all" throughout.

pub mod binary;
mod operands;
mod pack;
#[cfg(target_family = "wasm")]
pub mod page;
mod unpack;

pub use pack::packed;
pub use unpack::unpack;

/// The section of a module that has what was packed.
pub const SECTION: &str = "packed";

/// How many bytes a module can have, and how many it can have packed.
pub const SIZE: usize = 1 << 19;
