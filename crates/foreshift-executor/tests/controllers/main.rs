//! What a rollout depends on in the controllers of a cluster: the one in memory has to do as the real ones do. The same
//! suite runs against those in `tests/cluster`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod suite;

use std::time::Duration;

use foreshift_executor::cluster::{At, Json, Memory, Pace};
use serde_json::json;
use suite::{CASES, World};
use tokio::task::LocalSet;

struct InMemory(Memory);

impl World for InMemory {
    type Cluster = Memory;

    fn cluster(&self) -> &Memory {
        &self.0
    }

    fn namespace(&self) -> &'static str {
        "shop"
    }

    async fn end(&self, pod: &Json, phase: &str) {
        let mut pod = pod.clone();
        pod["status"] = json!({ "phase": phase, "podIP": "10.0.0.1" });
        let at = At::ours("", "Pod", "shop", pod["metadata"]["name"].as_str().unwrap()).unwrap();
        self.0.put(&at, pod);
    }

    fn lets_none_get_ready(&self) {
        self.0.set_pace(Pace { ready: None, gone: Duration::from_secs(1) });
    }
}

#[test]
fn the_cluster_in_memory_does_as_the_real_controllers() {
    for (name, case) in CASES.iter().map(|case| (case.name, case)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let pace = Pace { ready: Some(Duration::from_millis(200)), gone: Duration::from_secs(1) };
        let outcome = LocalSet::new().block_on(&runtime, async {
            let world = InMemory(Memory::new(pace));
            case.run_in(&world).await
        });
        assert_eq!(outcome, Ok(()), "{name}");
    }
}
