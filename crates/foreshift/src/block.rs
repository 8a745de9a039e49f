//! Fenced blocks of Markdown that hold a rollout.
//!
//! ````text
//! ```foreshift {state=5}
//! the deployment config
//! ---
//! its manifests, whatever paths the config gives them
//! ```
//!
//! ```foreshift {src=rollout/deploy.yaml}
//! ```
//! ````
//!
//! The options are `state`, `src`, `target`, `active`, `canary` and `first`; the braces may be left out, and values with
//! spaces stand in quotes.

mod fences;
mod options;

pub(crate) use fences::fences;

use std::path::Path;

use foreshift_core::diagnostic::Severity;
use foreshift_core::plan::{Hashes, Occasion, Side};
use foreshift_core::render::Selection;
use foreshift_core::{File, Request, preview};
use sha2::{Digest as _, Sha256};

use crate::arguments::{Input, RenderFormat};
use crate::command::{plan, render};
use crate::failure::Failure;
use crate::input::Reach;
use crate::{input, masks, output};
use options::Options;

/// What the config in a block is called.
const CONFIG: &str = "deploy.yaml";

/// The HTML of a block in a file of this folder, whose `src` is within reach. Where there is more than notes the findings are printed; with an error
/// among them there is no HTML.
pub(crate) fn drawn(
    options: &str,
    text: &str,
    (folder, reach): (&Path, &Reach),
    page: Option<&str>,
) -> Result<String, Failure> {
    let options = Options::read(options)?;
    let request = request(&options, text, (folder, reach))?;
    let preview = preview(&request);
    plan::check(&preview, options.state.map_or(Selection::All, Selection::State))?;
    if preview.diagnostics.iter().any(|found| found.severity != Severity::Note) {
        output::errors(&plan::findings(&preview))?;
    }
    if preview.has_errors() {
        return Err(Failure::input("the rollout of this block has errors"));
    }
    masks::warn(&request, "what is drawn")?;
    render::drawn(&preview, &request, RenderFormat::Html, options.state, page)
}

/// What a block is called where templates look it up: the SHA-256 of each option in the order of their names as
/// `name=value` on a line, then of the text without the empty lines at its end.
pub(crate) fn key(options: &str, text: &str) -> Result<String, Failure> {
    let mut hasher = Sha256::new();
    for (name, value) in Options::pairs(options)? {
        hasher.update(format!("{name}={value}\n"));
    }
    hasher.update(text.trim_end());
    Ok(hasher.finalize().iter().fold(String::new(), |key, byte| key + &format!("{byte:02x}")))
}

fn request(options: &Options, text: &str, (folder, reach): (&Path, &Reach)) -> Result<Request, Failure> {
    let hashes = [(Side::Active, &options.active), (Side::Canary, &options.canary)];
    let hashes: Vec<_> = hashes.into_iter().filter_map(|(side, hash)| Some((None, side, hash.clone()?))).collect();
    if let Some(src) = &options.src {
        if !text.trim().is_empty() {
            return Err(Failure::input("a block with `src` holds a text too").help("leave out one of them"));
        }
        let input = Input { target: options.target.clone(), hashes, first: options.first, ..Input::default() };
        return input::within(reach.clone(), &folder.join(src).to_string_lossy(), &input);
    }
    // Tools differ in what they make of the last line break.
    let text = format!("{}\n", text.trim_end());
    let (config, manifests) = divided(&text);
    Ok(Request {
        config: CONFIG.to_owned(),
        files: vec![
            File { path: CONFIG.to_owned(), text: config.to_owned() },
            File { path: String::new(), text: manifests.to_owned() },
        ],
        target: options.target.clone(),
        hashes: Hashes { list: hashes },
        occasion: if options.first { Occasion::First } else { Occasion::Change },
        ..Request::default()
    })
}

/// The first document, and all that follow it.
fn divided(text: &str) -> (&str, &str) {
    let mut end = 0;
    let mut is_begun = false;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        if is_begun && (content == "---" || content.starts_with("--- ")) {
            return (text.get(..end).unwrap_or_default(), text.get(end + line.len()..).unwrap_or_default());
        }
        is_begun |= !content.is_empty() && !content.starts_with('#');
        end += line.len();
    }
    (text, "")
}
