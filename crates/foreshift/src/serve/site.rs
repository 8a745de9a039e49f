//! The built playground: a folder that `cargo xtask site` makes, with the headers that it is to be served with.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::answer::{Answer, Caching};
use crate::failure::Failure;
use crate::input::Reach;

/// The file of headers in a site.
const HEADERS: &str = "headers.json";

/// The most that one of its files may have.
const LIMIT_BYTES: u64 = 32 << 20;

/// What a site is looked for with when nobody says where it is: beside the program, or where packages put it.
const PLACES: [&str; 2] = ["site", "../share/foreshift/site"];

/// The files of the page.
#[derive(Debug)]
pub(crate) struct Site {
    folder: PathBuf,
    /// What is in it and no link out of it.
    reach: Reach,
    headers: Headers,
}

#[derive(Debug, Deserialize)]
struct Headers {
    all: BTreeMap<String, String>,
    hashed: BTreeMap<String, String>,
    fresh: BTreeMap<String, String>,
}

impl Site {
    /// The site in a folder, or the one that came with the program.
    pub(crate) fn find(folder: Option<&Path>) -> Result<Site, Failure> {
        let Some(folder) = folder.map(Path::to_owned).or_else(beside) else {
            return Err(Failure::usage("the playground's files did not come with this program").help(
                "`cargo xtask site` builds them into web/dist/site; name that folder with `--site` or in FORESHIFT_SITE",
            ));
        };
        let no_playground = |error: std::io::Error| {
            Failure::usage(format!("`{}` holds no playground: {HEADERS} cannot be read: {error}", folder.display()))
                .help("`cargo xtask site` builds one into web/dist/site")
        };
        let reach = Reach::below(&folder).map_err(no_playground)?;
        fs::metadata(folder.join(HEADERS)).map_err(no_playground)?;
        let text = reach.clone().bytes(&folder.join(HEADERS).to_string_lossy(), LIMIT_BYTES)?;
        let headers = serde_json::from_slice(&text)
            .map_err(|error| Failure::usage(format!("{}: {error}", folder.join(HEADERS).display())))?;
        Ok(Site { folder, reach, headers })
    }

    /// The file at a path; `/` is the page.
    pub(super) fn answer(&self, path: &str) -> Answer {
        let missing = || Answer::refused("404 Not Found", "there is nothing here");
        let relative = if path == "/" { "index.html" } else { path.trim_start_matches('/') };
        // The names in a site are plain; what is not is a way out of it.
        let is_plain =
            |part: &str| !part.starts_with('.') && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        if relative.is_empty() || !relative.split('/').all(is_plain) {
            return missing();
        }
        let path = self.folder.join(relative);
        let Ok(body) = self.reach.clone().bytes(&path.to_string_lossy(), LIMIT_BYTES) else { return missing() };
        let caching = if relative.starts_with("assets/") { Caching::Hashed } else { Caching::Fresh };
        Answer { status: "200 OK", kind: kind(relative), caching, body: Some(body) }
    }

    /// The headers of an answer.
    pub(super) fn headers(&self, caching: Caching) -> impl Iterator<Item = (&String, &String)> {
        let more = match caching {
            Caching::Hashed => &self.headers.hashed,
            Caching::Fresh => &self.headers.fresh,
        };
        self.headers.all.iter().chain(more)
    }
}

fn beside() -> Option<PathBuf> {
    let program = std::env::current_exe().and_then(fs::canonicalize).ok()?;
    let folder = program.parent()?;
    PLACES.iter().map(|place| folder.join(place)).find(|site| site.join(HEADERS).is_file())
}

fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, end)| end) {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        _ => "application/octet-stream",
    }
}
