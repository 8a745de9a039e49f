//! A manifest with any bytes in it is read, checked and edited, or refused; it never ends the program. What is read is
//! what another YAML reader reads.
#![no_main]

#[path = "../../tests/reader/compare.rs"]
mod compare;
#[path = "../../tests/reader/granit.rs"]
mod granit;

use foreshift_core::istio::validate::validate;
use foreshift_core::kubernetes::objects;
use foreshift_core::text::{Change, Origin, Sources};
use foreshift_core::value::{Path, Value};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Some(found) = compare::difference(text) {
        panic!("{found}");
    }
    let mut sources = Sources::default();
    let id = sources.add("manifest.yaml", text, Origin::default());
    for object in objects(&mut sources, id, &mut Vec::new()) {
        validate(&object.value);
        for list in ["subsets", "http", "hosts"] {
            let seq: Path = vec!["spec".into(), list.into()];
            let Some(first) = object.value.find(&seq).and_then(|list| list.items().first()) else { continue };
            let mut changes = vec![Change::Insert { seq: seq.clone(), after: 0, like: 0, value: first.clone() }];
            if first.as_map().is_some() {
                let map = seq.into_iter().chain([0.into()]).collect();
                changes.push(Change::Put { map, key: "weight".to_owned(), value: Value::int(7), after: Some("name") });
            }
            // What comes of it was read again, and is what was meant.
            let _ = object.edited(&changes);
        }
    }
});
