//! Manifests: a path, an address, or a text in the config itself.

use super::meaning::Reader;
use super::read::{items, text};
use super::written::{OneOf, one_of};
use super::{Manifest, ManifestSource, inline, table};
use crate::diagnostic::{Code, Diagnostic};
use crate::text::Node;
use crate::value::Value;

impl Reader<'_> {
    /// Every manifest that could be read, in the user's order.
    pub(super) fn manifests(&mut self, config: &Value, root: &Node, file: &str) -> Vec<Manifest> {
        let list = config.at(&["manifests"]);
        if let Some(none) = list.filter(|list| list.as_seq().is_some_and(<[Value]>::is_empty)) {
            self.diagnostics.push(
                Diagnostic::new(Code::NoManifests, none.span, "the config has no manifest")
                    .help("add one: `- path: manifests.yaml`"),
            );
        }
        let mut manifests = Vec::new();
        let mut counted = inline::Counted::default();
        for (index, entry) in items(config, "manifests").iter().enumerate() {
            self.refuse_empty(entry, "targets");
            let targets = self.target_names(entry);
            let Some(mut source) = self.source(entry) else {
                continue;
            };
            if let ManifestSource::Inline { origin, .. } = &mut source {
                *origin = inline::origin(root, index, file, &mut counted);
            }
            manifests.push(Manifest { span: entry.span, source, targets });
        }
        manifests
    }

    fn source(&mut self, entry: &Value) -> Option<ManifestSource> {
        let codes = OneOf {
            what: "a manifest",
            none: Code::ManifestNoSource,
            several: Code::ManifestTwoSources,
            split: "make two entries of it",
            others: &["targets"],
        };
        let (kind, _) = one_of(entry, table::SOURCES, codes, self.diagnostics)?;
        let text = text(entry, kind)?;
        let is_url = text.value.starts_with("http://") || text.value.starts_with("https://");
        Some(match kind {
            "inline" => ManifestSource::Inline { text, origin: None },
            _ if is_url => ManifestSource::Url(text),
            _ => ManifestSource::Path(text),
        })
    }
}
