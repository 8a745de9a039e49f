//! Several files at once: each is a path, a newline and a text, and a NUL stands between two of them.
#![no_main]

use foreshift_core::text::{Origin, Sources, parse, resolve};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let mut sources = Sources::default();
    let mut findings = Vec::new();
    for file in input.split('\0') {
        let (path, text) = file.split_once('\n').unwrap_or(("deploy.yaml", file));
        let source = sources.add(path, text, Origin::default());
        for document in parse(source, text).unwrap_or_default() {
            resolve(&document.root, &mut findings);
        }
    }
});
