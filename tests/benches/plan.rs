//! How long the shipped path takes: texts in, every state's text and changed lines out, with every edited text read
//! again, Istio's rules and the laws on.
//!
//! divan and not criterion: `args` puts a size and its double into one table, and its profiler counts allocations for
//! the memory's own benchmark. Figures are reported, never asserted: `cargo xtask bench`.

use std::collections::BTreeMap;
use std::rc::Rc;

use divan::{Bencher, black_box, counter::BytesCount};
use foreshift_core::render::diff::diff;
use foreshift_core::text::{SourceId, parse};
use foreshift_core::{Request, preview};
use tests::{case, sized};

fn main() {
    divan::main();
}

/// Everything that a preview hands out.
fn shipped(request: &Request) -> usize {
    let preview = preview(request);
    assert!(!preview.has_errors(), "{:?}", preview.diagnostics);
    let mut changed = 0;
    for plan in &preview.plans {
        let start = plan.start.objects.iter().map(|object| (object.key.clone(), Rc::clone(&object.text)));
        let mut texts: BTreeMap<_, Rc<str>> = start.collect();
        for stage in &plan.stages {
            let Some(content) = &stage.write.content else { continue };
            let before = texts.insert((*stage.write.key).clone(), Rc::clone(&content.text));
            changed += diff(before.as_deref().unwrap_or_default(), &content.text).len();
        }
    }
    changed
}

/// The reference example.
#[divan::bench]
fn reference(bencher: Bencher) {
    let case = case::all().into_iter().find(|case| case.name == "canary/reference").expect("the reference case");
    bencher.bench_local(|| shipped(black_box(&case.request)));
}

/// Pairs and steps; each line and the next are a size and its double.
#[divan::bench(args = [(25, 100), (50, 50), (50, 100), (50, 200), (100, 100)], sample_count = 10)]
fn pairs_and_steps(bencher: Bencher, (pairs, steps): (usize, usize)) {
    let request = sized::request(pairs, steps);
    bencher.bench_local(|| shipped(black_box(&request)));
}

/// Routes of one VirtualService, and steps.
#[divan::bench(args = [(10, 20), (25, 40), (50, 40), (50, 80)], sample_count = 10)]
fn routes_and_steps(bencher: Bencher, (routes, steps): (usize, usize)) {
    let request = sized::with_routes(1, steps, routes);
    bencher.bench_local(|| shipped(black_box(&request)));
}

/// The parser alone, with the number of documents.
#[divan::bench(args = [1, 100])]
fn parse_documents(bencher: Bencher, documents: usize) {
    let text = sized::request(documents, 1).files.pop().expect("a manifest").text;
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| parse(SourceId(0), black_box(&text)));
}
