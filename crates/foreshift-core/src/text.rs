//! YAML and JSON text: read as kubectl reads it, edited so that every byte we do not own stays.

mod change;
mod edit;
mod layout;
mod node;
mod parse;
mod resolve;
mod scalar;
mod source;
mod words;
mod write;

pub use change::{Change, changed};
pub use edit::{Edited, edit};
pub use layout::behind_item;
pub use node::{Document, Kind, Node, Style};
pub use parse::{LIMIT_BYTES, LIMIT_DEPTH, parse};
pub use resolve::{resolve, resolve_within};
pub use scalar::{Scalar, ambiguity, is_plain_safe, quoted, read_plain};
pub(crate) use source::line_starts;
pub use source::{Origin, Position, Source, SourceId, Sources, Span};
pub(crate) use words::{find, in_backticks, last, number, split};
pub use write::write;
