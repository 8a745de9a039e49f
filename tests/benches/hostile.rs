//! How long hostile inputs keep the shipped path busy, and how much memory it holds at most. Each should end within a
//! second and 200 MB.
//!
//! Figures are reported, never asserted; that each ends with an error is a test.

use divan::{AllocProfiler, Bencher, black_box};
use foreshift_core::preview;
use foreshift_core::render::diagnostics;
use tests::hostile;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// Each input by its number and name.
#[divan::bench(args = names(), sample_count = 1, sample_size = 1)]
fn hostile_input(bencher: Bencher, name: &str) {
    let number: usize = name.split(' ').next().and_then(|number| number.parse().ok()).expect("a number");
    let request = hostile::all(1).swap_remove(number).request;
    bencher.bench_local(|| {
        let preview = preview(black_box(&request));
        assert!(preview.has_errors());
        diagnostics(&preview).len()
    });
}

fn names() -> Vec<String> {
    // Small ones: only their names are needed, and all of them at once are large.
    hostile::all(64).iter().enumerate().map(|(number, hostile)| format!("{number} {}", hostile.name)).collect()
}
