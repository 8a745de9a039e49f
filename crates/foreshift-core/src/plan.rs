//! Plans: a start, then one write after the other, each with the state after it, its gates, and the way back.

mod apply;
mod canary;
mod images;
mod judged;
mod model;
mod pair;
mod service;
mod shown;
mod size;
mod strategy;
mod target;
mod touched;
mod workload;
mod world;
mod writes;

pub use images::Image;
pub(crate) use images::images;
pub use judged::Laws;
pub use model::{Back, Content, Gate, Plan, Stage, Start, Step, Undo, Write};
pub use pair::Pair;
pub(crate) use service::service_of;
pub(crate) use size::keeping_size;
pub use target::{Inputs, Occasion, plan};
pub use touched::{Segment, Touched};
pub use workload::{Hashes, PLACEHOLDER, Side, Workload};
pub use world::{Known, Objects, World};
