//! A plan that was saved, and whether the cluster is still as it was then.

use std::path::Path;

use foreshift_core::preview::APPLIED;
use foreshift_core::secret::{is_masked, mask_text};
use foreshift_core::{File, Request};
use foreshift_executor::live::{FOLDER, Planned};
use foreshift_executor::record;
use serde_json::Value as Json;

use crate::failure::{Exit, Failure};
use crate::input::Reach;

/// The field of a document that holds what the plan was made from.
pub(crate) const INPUTS: &str = "inputs";

/// What `plan --live -o json` printed.
pub(crate) struct Saved {
    /// What the plan was made from, without what ran then. Its Secrets are masked.
    request: Request,
    /// What ran then, by target, with paths and texts.
    then: Vec<Then>,
}

/// What ran when a target was planned.
struct Then {
    target: String,
    /// The digest of its plan.
    plan: String,
    /// Paths and texts.
    files: Vec<(String, String)>,
}

/// The most that a saved plan may have: every state is in it.
const LIMIT_BYTES: u64 = 128 << 20;

/// Reads a saved plan; `None` for any other file.
pub(crate) fn read(path: &str, root: Option<&Path>) -> Result<Option<Saved>, Failure> {
    if Path::new(path).extension().is_none_or(|end| end != "json") {
        return Ok(None);
    }
    let bytes = Reach::around(path, root)?.bytes(path, LIMIT_BYTES)?;
    let Ok(document) = serde_json::from_slice::<Json>(&bytes) else { return Ok(None) };
    let unusable = |why: &str| {
        Failure::input(format!("`{path}` is no plan that can be applied: {why}"))
            .help("`foreshift plan deploy.yaml --live -o json` prints one")
    };
    if document.get("format").and_then(Json::as_u64) != Some(u64::from(foreshift_core::contract::FORMAT)) {
        return Err(unusable("it has another format"));
    }
    let Some(inputs) = document.get(INPUTS).and_then(Json::as_object) else {
        return Err(unusable("it was not made against a cluster"));
    };
    let mut then = Vec::new();
    let mut request = None;
    for (target, input) in inputs {
        let mut decoded = record::decode(input.as_str().unwrap_or_default()).map_err(|why| unusable(&why))?;
        let plan = Planned::again(&decoded).digest;
        let (live, own) = decoded.files.into_iter().partition(|file| is_of_the_cluster(&file.path));
        let live: Vec<File> = live;
        // What the API server made of the manifests depends on who was allowed to ask.
        let live = live.into_iter().filter(|file| file.path.starts_with(&format!("{FOLDER}/")));
        decoded.files = own;
        decoded.current.clear();
        decoded.target = None;
        let files = live.map(|file| (file.path, file.text)).collect();
        then.push(Then { target: target.clone(), plan, files });
        request.get_or_insert(decoded);
    }
    let mut request = request.ok_or_else(|| unusable("it has no target"))?;
    if let [only] = then.as_slice() {
        request.target = Some(only.target.clone());
    }
    Ok(Some(Saved { request, then }))
}

impl Saved {
    /// What the plan was made from, with what its Secrets hold: that is read again from the files that it was made from,
    /// and refused where they are others by now.
    pub(crate) fn with_secrets(&self, root: Option<&Path>) -> Result<Request, Failure> {
        let mut request = self.request.clone();
        if !request.files.iter().any(|file| is_masked(&file.text)) {
            return Ok(request);
        }
        let mut reach = Reach::around(&request.config, root)?;
        for file in request.files.iter_mut().filter(|file| is_masked(&file.text)) {
            let path = &file.path;
            let help = "plan again, or apply the deployment config itself";
            let text = reach.text(path).map_err(|failure| {
                failure.at("a saved plan holds no values of Secrets, which are read again").help(help)
            })?;
            if mask_text(&text) != file.text {
                let message = format!("`{path}` holds a Secret, and is not what it was when this plan was made");
                return Err(Failure::exit(Exit::OffPlan, message).help(help));
            }
            file.text = text;
        }
        Ok(request)
    }

    /// Refuses where the plan would be another one now, with what has changed since.
    pub(crate) fn compare(&self, plans: &[Planned]) -> Result<(), Failure> {
        let mut moved: Vec<String> = Vec::new();
        for planned in plans {
            let target = planned.request.target.clone().unwrap_or_default();
            let Some(saved) = self.then.iter().find(|then| then.target == target) else { continue };
            if saved.plan == planned.digest {
                continue;
            }
            let then = &saved.files;
            let is_live = |file: &&File| file.path.starts_with(&format!("{FOLDER}/"));
            let now: Vec<&File> = planned.request.files.iter().filter(is_live).collect();
            for (path, text) in then {
                match now.iter().find(|file| file.path == *path) {
                    None => moved.push(format!("  {path} is gone")),
                    Some(file) if file.text != *text => {
                        moved.push(format!("  {path}"));
                        moved.extend(only('-', text, &file.text));
                        moved.extend(only('+', &file.text, text));
                    }
                    Some(_) => {}
                }
            }
            let is_new = |file: &&&File| !then.iter().any(|(path, _)| *path == file.path);
            moved.extend(now.iter().filter(is_new).map(|file| format!("  {} is new", file.path)));
        }
        if moved.is_empty() {
            return Ok(());
        }
        Err(Failure::exit(
            Exit::OffPlan,
            format!("the cluster has moved on since this plan was made:\n{}", moved.join("\n")),
        )
        .help("plan again"))
    }
}

/// Whether a text is not the user's but says what runs, or what would become of it.
fn is_of_the_cluster(path: &str) -> bool {
    path.split_once('/').is_some_and(|(folder, _)| folder == FOLDER || folder == APPLIED)
}

/// The lines that only one of two texts has.
fn only(mark: char, of: &str, other: &str) -> Vec<String> {
    let is_missing = |line: &&str| !other.lines().any(|known| known == *line);
    of.lines().filter(is_missing).map(|line| format!("    {mark} {line}")).collect()
}
