//! Plans and findings as text: the same bytes in a terminal, in a test and on the page.

mod diagnostics;
pub mod diff;
mod frames;
pub mod head;
pub mod hunks;
pub mod lines;
mod markdown;
pub(crate) mod place;
pub mod planned;
mod table;
mod text;
pub mod words;
mod yaml;

pub use diagnostics::diagnostics;
pub use frames::{Act, Frame, Way, frames};
pub use markdown::markdown;
pub use table::is_turning_point;
pub use text::{outline, text};
pub use yaml::yaml;

/// Which states of every plan are rendered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Selection {
    /// Every state on the way there.
    All,
    /// This state; nothing of a plan that has fewer.
    State(usize),
    /// The way out of this state: back, or forward where there is no way back any more.
    AbortFrom(usize),
}
