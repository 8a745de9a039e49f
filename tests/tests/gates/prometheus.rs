//! An analysis of a real Prometheus, where one is installed: Debian's package `prometheus`.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use foreshift_core::config::Wait;
use foreshift_executor::gate::{Begun, Verdict, analysis};
use required::Part;
use tests::program::Scratch;

use super::server::Server;
use super::{begun, facts, outside, record, run, waits, why};

/// A process that ends with the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_real_prometheus_is_understood() {
    if Command::new("prometheus").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        required::left_out(Part::Prometheus, "there is no `prometheus` here")
            .unwrap_or_else(|missing| panic!("{missing}"));
        return;
    }
    run(async {
        let mut count = 0;
        let target = Server::new(move |_, _| {
            count += 10;
            let lines = format!(
                "# TYPE requests_total counter\nrequests_total{{rs=\"reviews-cd6648\",code=\"200\"}} {count}\n\
                 requests_total{{rs=\"reviews-cd6648\",code=\"503\"}} {}\n",
                count / 5
            );
            (200, "Content-Type: text/plain; version=0.0.4\r\n", lines)
        })
        .await;
        let folder = Scratch::new("prometheus");
        let host = target.url.strip_prefix("http://").expect("loopback");
        folder.write(
            "prometheus.yml",
            &format!(
                "global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}\nscrape_configs: \
                 [{{job_name: a, static_configs: [{{targets: ['{host}']}}]}}]\n"
            ),
        );
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback").local_addr().expect("an address");
        let child = Command::new("prometheus")
            .current_dir(&folder.path)
            .arg("--config.file=prometheus.yml")
            .arg("--storage.tsdb.path=data")
            .arg(format!("--web.listen-address={free}"))
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.path.join("log")).expect("a log"))
            .spawn();
        let _prometheus = Ended(child.expect("it was there"));
        let url = format!("http://{free}");
        let start = Instant::now();
        while tokio::net::TcpStream::connect(free).await.is_err() {
            assert!(start.elapsed() < Duration::from_secs(30), "{:?}", fs::read_to_string(folder.path.join("log")));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        // Two scrapes make a rate.
        while target.requests().len() < 8 {
            assert!(start.elapsed() < Duration::from_secs(60), "{:?}", fs::read_to_string(folder.path.join("log")));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let share = "sum(increase(requests_total{rs=\"{{armory.replicaSetName}}\",code=~\"5..\"}\
                     [{{armory.promQlStepInterval}}])) / \
                     sum(increase(requests_total{rs=\"{{armory.replicaSetName}}\"}[{{armory.promQlStepInterval}}]))";
        let sections = |upper: &str, query: &str| {
            format!("analysis: {{queries: [{{name: share, upperLimit: {upper}, queryTemplate: '{query}'}}]}}")
        };
        let steps = "[{setWeight: {weight: 10}}, {analysis: {interval: 2, units: seconds, numberOfJudgmentRuns: 2, \
                     queries: [share]}}]";
        let judged = async |sections: String| {
            let Some(Wait::Analysis(analysis)) = waits(steps, &sections).pop() else { panic!("an analysis") };
            let begun = begun(Begun::now());
            let start = begun.borrow().0.clone();
            analysis::hold(&analysis, (&outside(&url), &facts()), &start, record(&begun)).await
        };
        let (good, bad, odd, none) = tokio::join!(
            judged(sections("0.2", share)),
            judged(sections("0.1", share)),
            judged(sections("1", "sum(")),
            judged(sections("1", "missing_total"))
        );
        assert_eq!(good, Ok(Verdict::Holds), "one in six fails");
        assert!(why(bad).starts_with("`share` is 0.1666"), "one in six fails");
        let odd = why(odd);
        assert!(odd.contains("answered 400") && odd.contains("parse error"), "{odd}");
        assert_eq!(why(none), "`share` had no number in run 1: no series");
    });
}
