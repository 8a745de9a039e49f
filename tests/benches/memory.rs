//! How much memory a plan holds at most. Apart from the times, because counting allocations costs some.

use divan::{AllocProfiler, Bencher, black_box};
use foreshift_core::preview;
use tests::sized;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// Pairs and steps, from the texts to the plan with every state's text.
#[divan::bench(args = [(1, 2), (50, 100), (100, 100)], sample_count = 3)]
fn peak(bencher: Bencher, (pairs, steps): (usize, usize)) {
    let request = sized::request(pairs, steps);
    bencher.bench_local(|| preview(black_box(&request)));
}
