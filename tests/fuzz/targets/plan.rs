//! Several files at once, through the whole way: each is a path, a newline and a text, and a NUL stands between two of
//! them. A plan that comes of it has to keep the laws on every way back, and every output has to be writable.
#![no_main]

use foreshift_core::plan::{Hashes, Occasion};
use foreshift_core::{File, Request, contract, laws, preview, render};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let files: Vec<File> = input
        .split('\0')
        .map(|file| file.split_once('\n').unwrap_or(("deploy.yaml", file)))
        .map(|(path, text)| File { path: path.to_owned(), text: text.to_owned() })
        .collect();
    let current = if input.len().is_multiple_of(3) { vec!["current".to_owned()] } else { Vec::new() };
    let occasion = if input.len().is_multiple_of(7) { Occasion::First } else { Occasion::Change };
    let config = "deploy.yaml".to_owned();
    let preview = preview(&Request {
        config,
        files,
        current,
        target: None,
        hashes: Hashes::default(),
        knows_all: false,
        occasion,
    });
    for plan in preview.plans.iter().filter(|plan| plan.states() < 60) {
        for state in 0..plan.states() {
            assert!(laws::judge_way_back(plan, state).is_empty());
        }
    }
    let _ = (render::diagnostics(&preview), contract::document(&preview));
});
