//! Texts to worlds: which files a config means, and the objects in them.

use crate::order::{self, Table};

use super::{APPLIED, File, Request};
use crate::config::{Config, Manifest, ManifestSource, Target};
use crate::diagnostic::{Code, Diagnostic};
use crate::kubernetes::{Object, objects};
use crate::plan::{Known, World};
use crate::secret::Masked;
use crate::text::{Origin, SourceId, Sources, Span};

/// Reads files, each once.
pub(super) struct Loader<'a> {
    masked: &'a Masked<'a>,
    request: &'a Request,
    sources: &'a mut Sources,
    diagnostics: &'a mut Vec<Diagnostic>,
    read: Table<&'a str, Vec<Object>>,
}

impl<'a> Loader<'a> {
    pub(super) fn new(
        masked: &'a Masked<'a>,
        sources: &'a mut Sources,
        diagnostics: &'a mut Vec<Diagnostic>,
    ) -> Loader<'a> {
        Loader { masked, request: &masked.request, sources, diagnostics, read: Table::new() }
    }

    /// What is known of a target.
    pub(super) fn world(&mut self, config: &Config, target: &Target) -> World {
        let mut world = World {
            namespace: target.namespace.value.clone(),
            known: match (self.request.knows_all, self.request.current.as_slice()) {
                (true, _) => Known::Everything,
                (false, []) => Known::Nothing,
                (false, _) => Known::Something,
            },
            ..World::default()
        };
        for manifest in config.manifests.iter().filter(|manifest| manifest.covers(&target.name.value)) {
            for object in self.manifest(manifest) {
                world.included.include(object, &target.namespace.value, self.diagnostics);
            }
        }
        for path in &self.request.current {
            for object in self.current(path) {
                world.live.observe(object, &target.namespace.value, self.diagnostics);
            }
        }
        if self.request.knows_all {
            for object in self.files(&below(&self.request.files, APPLIED)) {
                world.applied.observe(object, &target.namespace.value, self.diagnostics);
            }
        }
        world
    }

    fn manifest(&mut self, manifest: &Manifest) -> Vec<Object> {
        match &manifest.source {
            ManifestSource::Path(path) => self.path(&path.value, path.span),
            ManifestSource::Url(url) => self.url(&url.value, url.span),
            ManifestSource::Inline { text, origin } => {
                let path = self.request.config.as_str();
                let origin = origin.unwrap_or(Origin { whole: Some(text.span), ..Origin::default() });
                let id = self.sources.add(path, &text.value, origin);
                self.objects(id, &text.value)
            }
        }
    }

    fn path(&mut self, path: &str, span: Span) -> Vec<Object> {
        let Some(full) = beside(&self.request.config, path) else {
            let message = format!("`{path}` leads out of every folder that there is");
            self.diagnostics.push(Diagnostic::new(Code::FileNotFound, span, message));
            return Vec::new();
        };
        let mut files = below(&self.request.files, &full);
        // The config may stand in the folder of its manifests.
        files.retain(|file| file.path != self.request.config);
        if files.is_empty() {
            if let Some(lone) = self.lone_file() {
                let message = format!("the only text without a path stands for `{path}`");
                self.diagnostics.push(Diagnostic::new(Code::LoneText, span, message));
                return self.file(lone);
            }
            let message = format!("there is no file and no folder `{path}`");
            self.diagnostics.push(Diagnostic::new(Code::FileNotFound, span, message)
                .help("paths are relative to the deployment config's own folder; a folder stands for every `.yaml` and `.yml` below it"));
        }
        self.files(&files)
    }

    /// A text that was given without a path.
    fn lone_file(&self) -> Option<&'a File> {
        let mut nameless = self.request.files.iter().filter(|file| file.path.is_empty());
        nameless.next().filter(|_| nameless.next().is_none())
    }

    fn url(&mut self, url: &str, span: Span) -> Vec<Object> {
        if let Some(file) = self.request.files.iter().find(|file| file.path == url) {
            return self.file(file);
        }
        let message = format!("the text at `{url}` is not here");
        self.diagnostics
            .push(Diagnostic::new(Code::UrlNotFetched, span, message).help(
                "`foreshift plan --fetch` fetches it; anywhere else save it beside the config and give its path",
            ));
        Vec::new()
    }

    fn current(&mut self, path: &str) -> Vec<Object> {
        let files = below(&self.request.files, path.trim_end_matches('/'));
        if files.is_empty() {
            let message = format!("there is no file and no folder `{path}` with what runs now");
            self.diagnostics.push(Diagnostic::new(Code::FileNotFound, Span::NONE, message));
        }
        self.files(&files)
    }

    fn files(&mut self, files: &[&'a File]) -> Vec<Object> {
        let mut all = Vec::new();
        for file in files {
            all.append(&mut self.file(file));
        }
        all
    }

    fn file(&mut self, file: &'a File) -> Vec<Object> {
        if let Some(known) = self.read.get(file.path.as_str()) {
            return known.clone();
        }
        let id = self.sources.add(&file.path, &file.text, Origin::default());
        let objects = self.objects(id, &file.text);
        self.read.insert(&file.path, objects.clone());
        objects
    }

    fn objects(&mut self, id: SourceId, text: &str) -> Vec<Object> {
        match self.masked.findings(text, id) {
            Some(found) => {
                self.diagnostics.extend(found);
                Vec::new()
            }
            None => objects(self.sources, id, self.diagnostics),
        }
    }
}

/// The path of a manifest, which is relative to the folder of the config, without `.` and, but at its start, `..`;
/// `None` where it leads above the root. With an empty config it is the path itself.
pub fn beside(config: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = if path.starts_with('/') { vec![""] } else { config.split('/').collect() };
    if !path.starts_with('/') {
        parts.pop();
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The file of that path, else every manifest in the folder of that path, in byte order of their paths.
fn below<'a>(files: &'a [File], path: &str) -> Vec<&'a File> {
    if let Some(file) = files.iter().find(|file| file.path == path && !path.is_empty()) {
        return vec![file];
    }
    let is_inside = |file: &&File| {
        let inside = if path.is_empty() {
            Some(file.path.as_str())
        } else {
            file.path.strip_prefix(path).and_then(|rest| rest.strip_prefix('/'))
        };
        inside.is_some_and(|inside| [".yaml", ".yml"].iter().any(|ending| inside.ends_with(ending)))
    };
    let mut found: Vec<&File> = files.iter().filter(is_inside).collect();
    order::sort_by(&mut found, |left, right| left.path.cmp(&right.path));
    found
}
