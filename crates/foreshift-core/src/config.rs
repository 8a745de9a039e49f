//! The deployment config: read as it was written, checked, and turned into what it means.

mod call;
mod inline;
mod manifest;
mod meaning;
mod model;
mod order;
mod read;
mod schema;
mod strategy;
pub mod table;
mod target;
mod traffic;
mod variables;
mod wait;
mod written;

pub use model::{
    Analysis, BlueGreen, Call, CanaryStep, CanaryStepKind, Config, Context, GateStep, IfInProgress, KubernetesTraffic,
    Lookback, Manifest, ManifestSource, Mode, NetworkMode, Pair, Query, SmiTraffic, Spanned, Strategy, Target, Traffic,
    Wait, Webhook,
};

pub use schema::{DEFINITIONS, Definition, Described, json_schema};

use crate::diagnostic::{Code, Diagnostic};
use crate::text::{self, SourceId};

/// Reads the deployment config in the first document of `text`.
///
/// Every finding goes to `diagnostics`. With an error among them the config may lack whatever the errors are about;
/// without one it is complete, and every name in it that refers to something has been found. `None` where there is no
/// mapping to read, or where it is not of a kind that moves traffic.
pub fn parse(source: SourceId, text: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Config> {
    let documents = match text::parse(source, text) {
        Ok(documents) => documents,
        Err(found) => {
            diagnostics.push(found);
            return None;
        }
    };
    let Some(first) = documents.first() else {
        let span = text::Span { source, start: 0, end: 0 };
        diagnostics.push(
            Diagnostic::new(Code::ConfigEmpty, span, "there is no config in this file")
                .help("it needs at least `application`, `targets` and `manifests`"),
        );
        return None;
    };
    if let Some(second) = documents.get(1) {
        diagnostics.push(
            Diagnostic::new(
                Code::ConfigDocuments,
                second.root.span.start_point(),
                "a second document stands in the config's file, and nobody reads it",
            )
            .help("move manifests to a file of their own and name it under `manifests`"),
        );
    }
    let mut value = text::resolve(&first.root, diagnostics);
    if written::refuse_lambda(&value, diagnostics) {
        return None;
    }
    written::expand_weights(&mut value, diagnostics);
    written::check(&value, text, diagnostics);
    value.as_map()?;
    Some(meaning::read(&value, &first.root, text, diagnostics))
}
