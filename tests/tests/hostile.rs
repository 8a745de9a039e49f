//! Hostile inputs end with an error, on a stack as small as a browser's.

use foreshift_core::preview;
use foreshift_core::render::diagnostics;
use tests::hostile;

/// What a page has at most.
const STACK: usize = 1 << 20;

/// Quick enough without optimization.
const SMALLER: usize = if cfg!(debug_assertions) { 4 } else { 1 };

#[test]
fn every_hostile_input_ends_with_an_error() {
    for hostile in hostile::all(SMALLER) {
        let name = hostile.name;
        let run = move || {
            let preview = preview(&hostile.request);
            assert!(preview.has_errors(), "{name} has no error: {:?}", preview.diagnostics);
            assert!(!diagnostics(&preview).is_empty(), "{name}");
        };
        std::thread::Builder::new().stack_size(STACK).spawn(run).expect("a thread").join().expect(name);
    }
}
