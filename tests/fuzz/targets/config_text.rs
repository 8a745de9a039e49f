//! A deployment config with any bytes in it is read or refused; it never ends the program.
#![no_main]

use foreshift_core::text::{SourceId, parse, resolve};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut findings = Vec::new();
    for document in parse(SourceId(0), text).unwrap_or_default() {
        resolve(&document.root, &mut findings);
    }
});
