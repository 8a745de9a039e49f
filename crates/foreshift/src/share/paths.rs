//! Paths that mean the same anywhere: relative to the config's folder, and silent about the machine they come from.

use foreshift_core::config::{self, ManifestSource};
use foreshift_core::preview::{File, Request, beside};
use foreshift_core::text::SourceId;

use crate::failure::Failure;

/// What a config from standard input is called.
const CONFIG: &str = "deploy.yaml";

/// What runs now gets this name where it is kept outside of the config's folder.
const CURRENT: &str = "current";

/// The same request with paths as the config's folder sees them. Nobody else has what an absolute path in the config
/// names, so that is refused.
pub(crate) fn portable(request: &Request) -> Result<Request, Failure> {
    let (folder, name) = request.config.rsplit_once('/').unwrap_or(("", &request.config));
    let config = if name.starts_with('<') { CONFIG } else { name };
    let manifests = manifests(request)?;
    let currents = currents(request, folder);
    let mut files: Vec<File> = Vec::new();
    for File { path, text } in &request.files {
        let mut add = |path: String| {
            if files.iter().all(|file| file.path != path) {
                files.push(File { path, text: text.clone() });
            }
        };
        if *path == request.config {
            add(config.to_owned());
        } else if path.contains("://") {
            add(path.clone());
        } else if let Some(inside) = inside(folder, path) {
            add(inside.to_owned());
        } else {
            if manifests.iter().any(|manifest| inside_or_same(manifest, path).is_some()) {
                add(relative(folder, path));
            }
            for (given, renamed) in &currents {
                if let Some(rest) = inside_or_same(given, path) {
                    add(if rest.is_empty() { renamed.clone() } else { format!("{renamed}/{rest}") });
                }
            }
        }
    }
    files.sort_by(|left, right| left.path.cmp(&right.path));
    let current = currents.into_iter().map(|(_, renamed)| renamed).collect();
    Ok(Request { config: config.to_owned(), files, current, ..request.clone() })
}

/// The paths of the manifests, as the request's files are called.
fn manifests(request: &Request) -> Result<Vec<String>, Failure> {
    let text = request.config_text();
    let Some(config) = config::parse(SourceId(0), text, &mut Vec::new()) else { return Ok(Vec::new()) };
    let mut out = Vec::new();
    for manifest in &config.manifests {
        let ManifestSource::Path(path) = &manifest.source else { continue };
        if path.value.starts_with('/') {
            return Err(Failure::input(format!("the config names `{}`, which nobody else has", path.value))
                .help("give the path relative to the config's folder: a page and its links know no other"));
        }
        out.extend(beside(&request.config, &path.value));
    }
    Ok(out)
}

/// Each path of what runs now, and what it is called in the link.
fn currents(request: &Request, folder: &str) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    for given in &request.current {
        let renamed = if *given == folder {
            String::new()
        } else if let Some(inside) = inside(folder, given) {
            inside.to_owned()
        } else {
            let is_file = request.files.iter().any(|file| file.path == *given);
            let name = given.rsplit('/').next().filter(|_| is_file).map_or(String::new(), |name| format!("/{name}"));
            let is_free = |path: &String| {
                let is_taken =
                    |file: &File| inside(folder, &file.path).is_some_and(|file| inside_or_same(path, file).is_some());
                !request.files.iter().any(is_taken) && out.iter().all(|(_, taken)| taken != path)
            };
            let mut numbers = 2..;
            let mut path = format!("{CURRENT}{name}");
            while let (false, Some(number)) = (is_free(&path), numbers.next()) {
                path = format!("{CURRENT}-{number}{name}");
            }
            path
        };
        out.push((given.clone(), renamed));
    }
    out
}

/// What a path is called in a folder, where it is in there. An absolute path is not in the folder that has no name.
fn inside<'a>(folder: &str, path: &'a str) -> Option<&'a str> {
    if folder.is_empty() {
        return (!path.starts_with('/') && !path.starts_with("../") && path != "..").then_some(path);
    }
    path.strip_prefix(folder)?.strip_prefix('/')
}

fn inside_or_same<'a>(above: &str, path: &'a str) -> Option<&'a str> {
    if above == path { Some("") } else { inside(above, path) }
}

/// The way from a folder to a path. Both begin at the same place, as paths do that a config names.
fn relative(folder: &str, path: &str) -> String {
    let folder: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let path: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let same = folder.iter().zip(&path).take_while(|(left, right)| left == right).count();
    let up = folder.iter().skip(same).map(|_| "..");
    up.chain(path.into_iter().skip(same)).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::relative;

    #[test]
    fn the_way_leads_up_then_down() {
        assert_eq!(relative("a/b", "a/shared/x.yaml"), "../shared/x.yaml");
        assert_eq!(relative("/srv/a", "/srv/b/x.yaml"), "../b/x.yaml");
        assert_eq!(relative("../a", "../../x.yaml"), "../../x.yaml");
        assert_eq!(relative("", "../x.yaml"), "../x.yaml");
    }
}
