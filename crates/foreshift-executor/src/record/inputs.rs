//! A request as the record keeps it: everything that the plan is made from, compressed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use foreshift_core::plan::{Hashes, Occasion, Side};
use foreshift_core::preview::{File, Request};
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use serde::{Deserialize, Serialize};

/// The most that a record may unfold to.
const LIMIT: usize = 64 << 20;

#[derive(Deserialize, Serialize)]
struct Form {
    config: String,
    files: Vec<(String, String)>,
    current: Vec<String>,
    target: Option<String>,
    hashes: Vec<(Option<String>, String, String)>,
    first: bool,
    all: bool,
}

/// As the text of a ConfigMap's `binaryData`.
pub fn encode(request: &Request) -> String {
    let form = Form {
        config: request.config.clone(),
        files: request.files.iter().map(|file| (file.path.clone(), file.text.clone())).collect(),
        current: request.current.clone(),
        target: request.target.clone(),
        hashes: request
            .hashes
            .list
            .iter()
            .map(|(workload, side, hash)| (workload.clone(), side.name().to_owned(), hash.clone()))
            .collect(),
        first: request.occasion == Occasion::First,
        all: request.knows_all,
    };
    STANDARD.encode(compress_to_vec(serde_json::to_string(&form).unwrap_or_default().as_bytes(), 9))
}

/// The request again; says why it cannot be read.
pub fn decode(text: &str) -> Result<Request, String> {
    let compressed = STANDARD.decode(text).map_err(|error| format!("its inputs are no base64: {error}"))?;
    let bytes = decompress_to_vec_with_limit(&compressed, LIMIT).map_err(|error| format!("its inputs: {error}"))?;
    let form: Form = serde_json::from_slice(&bytes).map_err(|error| format!("its inputs: {error}"))?;
    let hashes =
        form.hashes.into_iter().filter_map(|(workload, side, hash)| Some((workload, Side::named(&side)?, hash)));
    Ok(Request {
        config: form.config,
        files: form.files.into_iter().map(|(path, text)| File { path, text }).collect(),
        current: form.current,
        target: form.target,
        hashes: Hashes { list: hashes.collect() },
        knows_all: form.all,
        occasion: if form.first { Occasion::First } else { Occasion::Change },
    })
}
