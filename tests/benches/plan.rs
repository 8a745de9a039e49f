//! How long the shipped path takes, and how much memory it holds at most.
//!
//! divan and not criterion: its profiler counts allocations, so the peak stands beside the time, and `args` puts a size
//! and its double into one table. Figures are reported, never asserted: `cargo xtask bench`.

use divan::{AllocProfiler, Bencher, black_box, counter::BytesCount};
use foreshift_core::text::{SourceId, parse};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

const VIRTUAL_SERVICE: &str = "\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: reviews
spec:
  hosts: [reviews] # the mesh's name
  http:
    - name: primary
      route:
        - destination: { host: reviews, subset: stable }
          weight: 100
        - destination: { host: reviews, subset: canary }
          weight: 0
";

/// One text to documents, with the number of documents in it.
#[divan::bench(args = [1, 50, 100])]
fn parse_virtual_service(bencher: Bencher, documents: usize) {
    let text = vec![VIRTUAL_SERVICE; documents].join("---\n");
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| parse(SourceId(0), black_box(&text)));
}
