//! Arguments to a request: every text that the config names, read from disk, standard input or an address.

mod fetch;
mod folder;
mod reach;

pub(crate) use reach::Reach;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::Read as _;
use std::path::Path;

use foreshift_core::config::{self, ManifestSource};
use foreshift_core::plan::{Hashes, Occasion};
use foreshift_core::preview::{File, Request, beside};
use foreshift_core::text::{LIMIT_BYTES, SourceId};

use crate::arguments::Input;
use crate::failure::Failure;
use crate::share;

/// The path that stands for standard input.
pub(crate) const STANDARD_INPUT: &str = "-";

/// What a finding in standard input is shown with; like a file in the working directory.
const STANDARD_INPUT_NAME: &str = "<stdin>";

/// Everything that a preview of a config is made from. What is not there is left out: the core says so at its place.
pub(crate) fn request(config: &str, input: &Input) -> Result<Request, Failure> {
    if share::is_link(config) {
        return shared(config, input);
    }
    within(Reach::around(&plain(config), input.root.as_deref())?, config, input)
}

/// The same of a config that is not named by whoever runs this: by a block of Markdown, for example.
pub(crate) fn within(mut reach: Reach, config: &str, input: &Input) -> Result<Request, Failure> {
    let path = if config == STANDARD_INPUT { STANDARD_INPUT_NAME.to_owned() } else { plain(config) };
    let text = if config == STANDARD_INPUT { standard_input()? } else { the_config(config, &path, &mut reach)? };
    let current: Vec<String> = input.current.iter().map(|path| plain(path)).collect();
    for path in &current {
        reach.name(path);
    }
    let mut texts = Texts { files: BTreeMap::new(), reach };
    texts.manifests(&path, &text, input)?;
    texts.files.insert(path.clone(), text);
    for path in &current {
        texts.path(path)?;
    }
    Ok(Request {
        config: path,
        files: texts.files.into_iter().map(|(path, text)| File { path, text }).collect(),
        current,
        target: input.target.clone(),
        hashes: Hashes { list: input.hashes.clone() },
        occasion: if input.first { Occasion::First } else { Occasion::Change },
        ..Request::default()
    })
}

/// Whether the config says which manifests there are.
pub(crate) fn is_readable(request: &Request) -> bool {
    config::parse(SourceId(0), request.config_text(), &mut Vec::new()).is_some()
}

/// The request in a link, which is whole; only one of its targets can be asked for.
fn shared(link: &str, input: &Input) -> Result<Request, Failure> {
    if input.first || input.fetch || !input.current.is_empty() || !input.hashes.is_empty() {
        return Err(Failure::usage(
            "a link says by itself what runs, which hashes are known and what is at an address",
        )
        .help("of the input only `--target` goes with one"));
    }
    let request = share::request(link)?;
    Ok(Request { target: input.target.clone().or(request.target.clone()), ..request })
}

/// Texts by their paths.
struct Texts {
    files: BTreeMap<String, String>,
    reach: Reach,
}

impl Texts {
    /// Every manifest that a config names.
    fn manifests(&mut self, path: &str, text: &str, input: &Input) -> Result<(), Failure> {
        // What is wrong with it the core will say once it has every text.
        let Some(config) = config::parse(SourceId(0), text, &mut Vec::new()) else { return Ok(()) };
        let is_wanted = |targets: &config::Manifest| input.target.as_ref().is_none_or(|target| targets.covers(target));
        for manifest in config.manifests.iter().filter(|manifest| is_wanted(manifest)) {
            match &manifest.source {
                ManifestSource::Path(manifest) => {
                    if let Some(manifest) = beside(path, &manifest.value) {
                        self.path(&manifest)?;
                    }
                }
                ManifestSource::Url(url) if input.fetch && !self.files.contains_key(&url.value) => {
                    let text = fetch::fetch(&url.value)?;
                    self.reach.take(&url.value, text.len())?;
                    self.files.insert(url.value.clone(), text);
                }
                ManifestSource::Url(_) | ManifestSource::Inline { .. } => {}
            }
        }
        Ok(())
    }

    /// A file, or every manifest in a folder.
    fn path(&mut self, path: &str) -> Result<(), Failure> {
        for path in folder::files(path, &mut self.reach)? {
            if let Entry::Vacant(place) = self.files.entry(path) {
                let text = self.reach.text(place.key())?;
                place.insert(text);
            }
        }
        Ok(())
    }
}

/// A path from the working directory as the core writes paths: divided by `/`, without detours.
fn plain(path: &str) -> String {
    let divided = if std::path::MAIN_SEPARATOR == '\\' { path.replace('\\', "/") } else { path.to_owned() };
    beside("", &divided).unwrap_or(divided)
}

/// The text of a deployment config alone.
pub(crate) fn config_text(config: &str, root: Option<&Path>) -> Result<String, Failure> {
    if config == STANDARD_INPUT {
        return standard_input();
    }
    let path = plain(config);
    the_config(config, &path, &mut Reach::around(&path, root)?)
}

fn the_config(given: &str, path: &str, reach: &mut Reach) -> Result<String, Failure> {
    if Path::new(given).is_dir() {
        return Err(Failure::input(format!("`{given}` is a folder"))
            .help("name the deployment config in it, as in `folder/deploy.yaml`"));
    }
    reach.text(path)
}

/// All of standard input, as a text of a rollout.
pub(crate) fn standard_input() -> Result<String, Failure> {
    let bytes = piped(LIMIT_BYTES as u64)?;
    String::from_utf8(bytes).map_err(|error| not_utf8("standard input", error.utf8_error().valid_up_to()))
}

/// All of standard input, which may have so many bytes.
pub(crate) fn piped(limit: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(limit + 1).read_to_end(&mut bytes);
    read.map_err(|error| unreadable("standard input", &error))?;
    if bytes.len() as u64 > limit {
        return Err(Failure::input(format!("standard input has more than {} MiB", limit >> 20)));
    }
    Ok(bytes)
}

fn unreadable(path: &str, error: &std::io::Error) -> Failure {
    let failure = Failure::input(format!("`{path}` cannot be read: {}", reason(error)));
    match error.kind() {
        std::io::ErrorKind::NotFound => failure.help("paths are relative to the working directory"),
        _ => failure,
    }
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

fn not_utf8(path: &str, offset: usize) -> Failure {
    Failure::input(format!("`{path}` is not UTF-8: byte {offset} is no character"))
        .help("kubectl reads UTF-8 only: save the file in that encoding, or keep it out of the manifests' folder")
}
