//! The commands, a file each.

pub(crate) mod apply;
pub(crate) mod blocks;
pub(crate) mod completions;
pub(crate) mod explain;
pub(crate) mod gitops;
pub(crate) mod job;
pub(crate) mod lint;
pub(crate) mod man;
pub(crate) mod mdbook;
pub(crate) mod plan;
pub(crate) mod play;
pub(crate) mod rbac;
pub(crate) mod render;
pub(crate) mod rollouts;
pub(crate) mod schema;
pub(crate) mod share;

use foreshift_core::Preview;
use foreshift_core::diagnostic::Severity;

use crate::failure::Exit;

/// The exit code for what was found.
fn exit<'a>(previews: impl IntoIterator<Item = &'a Preview>, is_strict: bool) -> Exit {
    let worst = previews.into_iter().flat_map(|preview| &preview.diagnostics).map(|found| found.severity).min();
    match worst {
        Some(Severity::Error) => Exit::Errors,
        Some(Severity::Warning) if is_strict => Exit::Errors,
        _ => Exit::Done,
    }
}
