//! `apply --simulate` as a user has it: whom it asks, and how it ends when it is told to.

use std::fs;
use std::net::TcpListener;
use std::process::{Command, Stdio};

use tests::case::{self, CONFIG};
use tests::program::{Scratch, program, run};

#[test]
fn nobody_outside_is_asked() {
    let folder = Scratch::new("simulated");
    let case = case::cases().join("canary/every-gate");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let read = |name: &str| fs::read_to_string(case.join(name)).expect("the case");
    let config = read(CONFIG)
        .replace("duration: 30, unit: seconds", "duration: 1, unit: seconds")
        .replace("requiresRoles: [lead, sre], ", "")
        .replace("https://ci.example/tests", &format!("\"{address}/{{{{secrets.nobody-gives-it}}}}\""));
    folder.write(CONFIG, &config);
    folder.write("manifests.yaml", &read("manifests.yaml"));
    let arguments = ["apply", CONFIG, "--simulate", "--yes", "--settle=0", "-o", "json", "--istiod", &address];
    let run = run(&folder.path, &arguments, "");
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let events: Vec<serde_json::Value> =
        run.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let told: Vec<&str> = events
        .iter()
        .filter(|event| event["progress"] == "notAsked")
        .filter_map(|event| event["whom"].as_str())
        .collect();
    assert_eq!(told, ["the metric provider of `errors`, `latency`", "webhook `tests`"]);
    assert!(run.err.contains("istiod is not asked"), "{}", run.err);
    assert!(listener.accept().is_err(), "somebody was asked");
}

/// As at the end of a pod's grace, and of a job in CI.
#[cfg(unix)]
#[test]
fn a_request_to_end_is_an_interruption() {
    use std::io::BufRead as _;
    let mut child = Command::new(program())
        .args(["apply", CONFIG, "--simulate", "--yes", "--settle=20s", "-o", "json"])
        .current_dir(case::cases().join("canary/reference"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut lines = std::io::BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let is_waiting = |line: String| line.contains("\"waiting\"") && line.contains("\"settled\"");
    assert!(lines.by_ref().any(|line| is_waiting(line.expect("text"))), "it waits for the mesh");
    let sent = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill");
    assert!(sent.success());
    let rest = std::thread::spawn(move || lines.count());
    let output = child.wait_with_output().expect("it ends");
    rest.join().expect("read");
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(7), "{err}");
    assert!(err.contains("stops behind this write"), "{err}");
}
