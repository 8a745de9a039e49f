//! A request as the JSON in a link, and back.

use foreshift_core::plan::{Hashes, Occasion, Side};
use foreshift_core::{File, Request};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// Each is a tab of the page.
pub(super) const MOST_FILES: usize = 500;

/// The members in their order; none that is empty is written.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Form {
    config: String,
    files: Vec<FileForm>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    current: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    hashes: Vec<HashForm>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    first: bool,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct FileForm {
    path: String,
    text: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct HashForm {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    workload: Option<String>,
    side: String,
    hash: String,
}

/// The JSON of a request: what a page's `PlanRequest` is.
pub(super) fn written(request: &Request) -> Result<String, Failure> {
    let hash = |(workload, side, hash): &(Option<String>, Side, String)| HashForm {
        workload: workload.clone(),
        side: side.name().to_owned(),
        hash: hash.clone(),
    };
    let form = Form {
        config: request.config.clone(),
        files: request.files.iter().map(|file| FileForm { path: file.path.clone(), text: file.text.clone() }).collect(),
        current: request.current.clone(),
        target: request.target.clone(),
        hashes: request.hashes.list.iter().map(hash).collect(),
        first: request.occasion == Occasion::First,
    };
    serde_json::to_string(&form).map_err(|error| Failure::input(format!("the request is no JSON: {error}")))
}

/// The request that a JSON text describes.
pub(super) fn read(json: &[u8]) -> Result<Request, Failure> {
    let strange = |error: &dyn std::fmt::Display| {
        Failure::input(format!("the link holds no rollout: {error}")).help("`foreshift share` makes one that does")
    };
    let form: Form = serde_json::from_slice(json).map_err(|error| strange(&error))?;
    if form.files.len() > MOST_FILES {
        return Err(strange(&format!("it has more than {MOST_FILES} files")));
    }
    let mut list = Vec::with_capacity(form.hashes.len());
    for HashForm { workload, side, hash } in form.hashes {
        let side = Side::named(&side).ok_or_else(|| strange(&format!("`{side}` is neither `active` nor `canary`")))?;
        list.push((workload, side, hash));
    }
    Ok(Request {
        config: form.config,
        files: form.files.into_iter().map(|FileForm { path, text }| File { path, text }).collect(),
        current: form.current,
        target: form.target,
        hashes: Hashes { list },
        occasion: if form.first { Occasion::First } else { Occasion::Change },
        ..Request::default()
    })
}
