//! Whether somebody's own files are those that a rollout was made from: a record makes nobody do what these do not say.

use std::collections::BTreeMap;

use foreshift_core::Request;
use foreshift_core::config::{self, ManifestSource};
use foreshift_core::preview::beside;
use foreshift_core::secret;
use foreshift_core::text::SourceId;

use crate::live::FOLDER;
use crate::stop::{Stop, StopKind};

/// Whether the config and the manifests of two requests say the same, wherever they are.
pub fn is_same(own: &Request, recorded: &Request) -> bool {
    differences(own, recorded).is_empty()
}

/// Refuses where they do not, with the files that differ.
pub(super) fn check(own: &Request, recorded: &Request) -> Result<(), Stop> {
    let differ = differences(own, recorded);
    if differ.is_empty() {
        return Ok(());
    }
    let message = format!("your files are not those that the rollout in progress was made from: {}", differ.join(", "));
    Err(Stop::new(StopKind::Input, message).help(
        "take the files of its version; `foreshift abort` needs none, and `foreshift apply --replace` takes it back first",
    ))
}

/// What differs, a file each.
fn differences(own: &Request, recorded: &Request) -> Vec<String> {
    // A record has no value of a Secret.
    let own = &*secret::mask(own).request;
    let target = recorded.target.as_deref();
    let (own, recorded) = (files(own, target), files(recorded, target));
    let mut paths: Vec<&String> = own.keys().chain(recorded.keys()).collect();
    paths.sort();
    paths.dedup();
    let differing = paths.into_iter().filter_map(|path| match (own.get(path), recorded.get(path)) {
        (Some(own), Some(recorded)) if own == recorded => None,
        (Some(_), Some(_)) => Some(format!("{path} differs")),
        (Some(_), None) => Some(format!("{path} is not among its files")),
        (None, _) => Some(format!("{path} is missing")),
    });
    differing.collect()
}

/// Texts by their paths from the config's folder: the config, and what it gives to the target.
fn files<'a>(request: &'a Request, target: Option<&str>) -> BTreeMap<String, &'a str> {
    let folder = request.config.rsplit_once('/').map_or("", |(folder, _)| folder);
    let config = config::parse(SourceId(0), request.config_text(), &mut Vec::new());
    let manifests = config.iter().flat_map(|config| &config.manifests);
    let covered = manifests.filter(|manifest| target.is_none_or(|target| manifest.covers(target)));
    let paths: Vec<String> = covered
        .filter_map(|manifest| match &manifest.source {
            ManifestSource::Path(path) => beside(&request.config, &path.value),
            ManifestSource::Url(url) => Some(url.value.clone()),
            ManifestSource::Inline { .. } => None,
        })
        .collect();
    let is_given = |path: &str| {
        path == request.config
            || paths.iter().any(|given| {
                let inside = path.strip_prefix(&**given);
                given.is_empty() || inside.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
    };
    let given = request.files.iter().filter(|file| is_given(&file.path) && !is_live(&file.path));
    given.map(|file| (relative(folder, &file.path), &*file.text)).collect()
}

/// Whether a text is what ran when it was planned.
fn is_live(path: &str) -> bool {
    path.starts_with(&format!("{FOLDER}/"))
}

/// A path from a folder, both without detours.
fn relative(folder: &str, path: &str) -> String {
    if path.contains("://") {
        return path.to_owned();
    }
    let mut from: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let mut to: Vec<&str> = path.split('/').collect();
    while let (Some(left), Some(right)) = (from.first(), to.first())
        && left == right
        && to.len() > 1
    {
        from.remove(0);
        to.remove(0);
    }
    from.iter().map(|_| "..").chain(to).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use foreshift_core::File;

    use super::*;

    fn request(config: &str, files: &[(&str, &str)]) -> Request {
        let named = "application: a\nmanifests: [{path: manifests}, {path: ../shared/y.yaml}, {path: x.yaml}, {path: role.yaml}]\n#";
        let text = |path: &str, text: &str| if path == config { format!("{named}{text}") } else { text.to_owned() };
        let files = files.iter().map(|(path, content)| File { path: (*path).to_owned(), text: text(path, content) });
        Request { config: config.to_owned(), files: files.collect(), ..Request::default() }
    }

    #[test]
    fn files_are_the_same_from_wherever_they_are_read() {
        let here =
            request("deploy.yaml", &[("deploy.yaml", "a"), ("manifests/x.yaml", "b"), ("../shared/y.yaml", "c")]);
        let there = request(
            "apps/shop/deploy.yaml",
            &[
                ("apps/shop/deploy.yaml", "a"),
                ("apps/shop/manifests/x.yaml", "b"),
                ("apps/shared/y.yaml", "c"),
                ("cluster/z.yaml", "d"),
            ],
        );
        assert!(is_same(&here, &there), "{:?}", differences(&here, &there));
    }

    #[test]
    fn a_file_more_a_file_less_and_another_text_are_told() {
        let own = request("deploy.yaml", &[("deploy.yaml", "a"), ("x.yaml", "b")]);
        let other = request("deploy.yaml", &[("deploy.yaml", "A"), ("role.yaml", "c")]);
        assert_eq!(
            differences(&own, &other),
            ["deploy.yaml differs", "role.yaml is missing", "x.yaml is not among its files"]
        );
    }
}
