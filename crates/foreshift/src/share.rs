//! Links: a request in the fragment of the playground's address, which no server sees.
//!
//! What a link is stands in `share/README.md`. The page has the same codec, in TypeScript; links of either one are read by
//! the other, and those in `tests/links` by both.

mod codec;
mod form;
mod paths;

use foreshift_core::{Request, secret};

pub(crate) use paths::portable;

use crate::failure::Failure;

/// What stands before a payload. The number is the format.
const FORMAT: &str = "#1=";

/// A link to a page that opens with a request, at a state. Its paths are relative to the config's folder, and what Secrets
/// hold is masked.
pub(crate) fn link(page: &str, request: &Request, state: Option<usize>) -> Result<String, Failure> {
    let json = json(&secret::mask(request).request)?;
    if json.len() > codec::LIMIT_BYTES || request.files.len() > form::MOST_FILES {
        return Err(too_large());
    }
    let state = state.map_or(String::new(), |state| format!("&state={state}"));
    Ok(format!("{page}{FORMAT}{}{state}", codec::packed(json.as_bytes())?))
}

/// The request as the page takes it, with paths relative to the config's folder.
pub(crate) fn json(request: &Request) -> Result<String, Failure> {
    form::written(&portable(request)?)
}

/// Whether an argument is a link and no path.
pub(crate) fn is_link(argument: &str) -> bool {
    ["https://", "http://", "#"].iter().any(|start| argument.starts_with(start))
}

/// The request in a link.
pub(crate) fn request(link: &str) -> Result<Request, Failure> {
    let fragment = link.split_once('#').map_or("", |(_, fragment)| fragment);
    let (format, rest) = fragment.split_once('=').ok_or_else(|| {
        Failure::input("the link holds no rollout")
            .help("one that does ends with `#1=` and what `foreshift share` prints")
    })?;
    if format != "1" {
        return Err(Failure::input(format!("the link is of format `{format}`, and this foreshift reads format 1"))
            .help("a newer foreshift, or the page that the link leads to, can read it"));
    }
    let payload = rest.split_once('&').map_or(rest, |(payload, _)| payload);
    form::read(&codec::unpacked(payload)?)
}

fn too_large() -> Failure {
    Failure::input(format!(
        "a link holds at most {} KiB of text, in at most {} files",
        codec::LIMIT_BYTES / 1024,
        form::MOST_FILES
    ))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{codec, form, request};

    #[test]
    fn every_link_that_was_ever_kept_opens() {
        let links = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/links");
        let paths = fs::read_dir(links).expect("the links").map(|entry| entry.expect("a file").path());
        let texts: Vec<_> = paths.filter(|path| path.extension().is_some_and(|end| end == "txt")).collect();
        for path in &texts {
            let text = fs::read_to_string(path).expect("a link");
            let json = fs::read_to_string(path.with_extension("json")).expect("what it holds");
            let opened = request(text.trim()).expect("it opens");
            assert_eq!(form::written(&opened).expect("JSON"), json.trim(), "{}", path.display());
            let again = codec::packed(json.trim().as_bytes()).expect("it is packed");
            assert_eq!(codec::unpacked(&again).expect("it is unpacked"), json.trim().as_bytes());
        }
        assert!(!texts.is_empty());
    }
}
