//! Writes what the core says to every case, for `web/replay.mjs` to compare with what the page's module says.

use std::fs;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use foreshift_core::plan::{Occasion, Side};
use foreshift_core::{Request, contract, preview};
use serde_json::{Value, json};
use tests::case::{self, Case};

/// The case that is timed.
const TIMED: &str = "canary/reference";

fn main() {
    let folder = PathBuf::from(std::env::args_os().nth(1).expect("usage: replay FOLDER"));
    let cases = case::all();
    let timed = cases.iter().find(|case| case.name == TIMED).expect("the reference case");
    let answers = json!({
        "timed": TIMED,
        "microseconds": {
            "plan": microseconds(|| drop(black_box(preview(&timed.request)))),
            "document": microseconds(|| drop(black_box(document(&timed.request)))),
        },
        "cases": cases.iter().map(answer).collect::<Vec<Value>>(),
    });
    fs::create_dir_all(&folder).expect("a folder to write to");
    fs::write(folder.join("cases.json"), answers.to_string()).expect("a folder to write to");
}

/// A case as a page asks for it, with the texts of what comes out.
fn answer(case: &Case) -> Value {
    let preview = preview(&case.request);
    let text = |document| serde_json::to_string(&document).expect("a document is JSON");
    json!({
        "name": case.name,
        "request": request(&case.request),
        "document": text(contract::document(&preview)),
        "summary": text(contract::summary(&preview)),
    })
}

fn request(request: &Request) -> Value {
    let mut asked = json!({
        "config": request.config,
        "files": request.files.iter().map(|file| json!({ "path": file.path, "text": file.text })).collect::<Value>(),
        "current": request.current,
        "first": request.occasion == Occasion::First,
    });
    let hashes = request.hashes.list.iter().map(|(workload, side, hash)| {
        let side = if *side == Side::Active { "active" } else { "canary" };
        match workload {
            Some(workload) => json!({ "workload": workload, "side": side, "hash": hash }),
            None => json!({ "side": side, "hash": hash }),
        }
    });
    asked["hashes"] = hashes.collect();
    if let Some(target) = &request.target {
        asked["target"] = json!(target);
    }
    asked
}

fn document(request: &Request) -> String {
    let preview = preview(request);
    serde_json::to_string(&contract::document(&preview)).expect("a document is JSON")
}

/// The median time of one call.
fn microseconds(call: impl Fn()) -> f64 {
    let once = |_| {
        let start = Instant::now();
        call();
        start.elapsed()
    };
    let mut times: Vec<Duration> = (0..2000).map(once).collect();
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1e6
}
