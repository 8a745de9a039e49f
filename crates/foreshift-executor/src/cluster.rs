//! What the executor asks of a cluster: Kubernetes' verbs on objects as they are, without types that lose fields.

mod client;
mod failure;
mod kind;
mod kubernetes;
mod memory;
mod scope;

pub use failure::{ApiError, Reason};
pub use kind::{At, Kind};
pub use kubernetes::{Access, Kubernetes, connect, contexts};
pub use memory::{Fault, FillsIn, Memory, Pace, Trouble};
pub use scope::{Listed, Lists, Scope};

use std::pin::Pin;

use futures_util::Stream;

/// An object as the API has it.
pub type Json = serde_json::Value;

/// What a watch tells.
#[derive(Clone, Debug)]
pub enum Seen {
    /// Everything that there is; what was known before and is not among it is gone.
    All(Vec<Json>),
    /// An object that is new or has changed.
    One(Json),
    /// An object that is gone, as it was last.
    Gone(Json),
}

/// A watch. It begins with [`Seen::All`], and goes on after interruptions with another one.
pub type Watch = Pin<Box<dyn Stream<Item = Result<Seen, ApiError>>>>;

/// Whether a write is made, or only tried by the API server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mode {
    /// Made.
    Real,
    /// Admitted, defaulted, validated, and thrown away.
    DryRun,
}

/// What becomes of what belongs to a removed object.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Dependents {
    /// It is removed too.
    Removed,
    /// It stays, and belongs to nobody.
    Orphaned,
}

/// Somebody whom the cluster knows.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Who {
    /// The user's name.
    pub user: String,
    /// The groups.
    pub groups: Vec<String>,
}

/// A cluster. Every call is one request, but for those that the implementation makes again by itself: see
/// [`ApiError::is_passing`].
pub trait Cluster {
    /// An object; `None` where it is not there.
    fn get(&self, at: &At) -> impl Future<Output = Result<Option<Json>, ApiError>>;

    /// Every object of a scope.
    fn list(&self, scope: &Scope) -> impl Future<Output = Result<Listed, ApiError>>;

    /// Makes an object; [`Reason::Exists`] where there is one.
    fn create(&self, at: &At, object: &Json, mode: Mode) -> impl Future<Output = Result<Json, ApiError>>;

    /// Puts an object in the place of the one with its `resourceVersion`; [`Reason::Conflict`] where there is another.
    fn replace(&self, at: &At, object: &Json, mode: Mode) -> impl Future<Output = Result<Json, ApiError>>;

    /// Server-side apply of the fields that `object` has.
    fn apply(&self, at: &At, object: &Json, mode: Mode) -> impl Future<Output = Result<Json, ApiError>>;

    /// Removes the object with a `uid`, where a version is given too in that version only. One that is not there is no
    /// error, another one is [`Reason::Conflict`].
    fn delete(
        &self,
        at: &At,
        which: (&str, Option<&str>),
        dependents: Dependents,
    ) -> impl Future<Output = Result<(), ApiError>>;

    /// Removes every object of a scope; none is no error.
    fn delete_all(&self, scope: &Scope) -> impl Future<Output = Result<(), ApiError>>;

    /// Follows a scope: from what is listed of it, if anything is, as long as the cluster remembers what came after.
    fn watch(&self, scope: &Scope, since: Option<Listed>) -> Watch;

    /// How the API serves a kind that is not one of ours; `None` where it does not.
    fn kind(&self, api_version: &str, kind: &str) -> impl Future<Output = Result<Option<Kind>, ApiError>>;

    /// Which cluster it is: two that say the same are the same.
    fn name(&self) -> String;

    /// Who is asking.
    fn who(&self) -> impl Future<Output = Result<Who, ApiError>>;
}
