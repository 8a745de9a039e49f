//! A deployment config with any bytes in it is read or refused; it never ends the program.
#![no_main]

use foreshift_core::config;
use foreshift_core::text::{Origin, Sources};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut sources = Sources::default();
    let id = sources.add("deploy.yaml", text, Origin::default());
    let mut findings = Vec::new();
    let config = config::parse(id, text, &mut findings);
    assert!(config.is_some() || !findings.is_empty(), "nothing was read, and nothing said why");
    for found in &findings {
        assert!(found.place(&sources).is_some(), "{} has no place", found.code.name());
    }
});
