//! `foreshift play`: what is served, to whom, and that a change is told.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tests::case;
use tests::program::{Scratch, program, run};

/// The program, serving a rollout in a folder of its own until the test ends.
struct Play {
    folder: Scratch,
    child: Child,
    host: String,
}

impl Play {
    fn start(name: &str) -> Play {
        let folder = Scratch::new(name);
        let reference = case::cases().join("canary/reference");
        for file in [
            "deploy.yaml",
            "manifests/deployment.yaml",
            "manifests/destination-rule.yaml",
            "manifests/virtual-service.yaml",
        ] {
            folder.write(&format!("rollout/{file}"), &fs::read_to_string(reference.join(file)).expect("the reference"));
        }
        folder.write("site/index.html", "<p>the page</p>");
        folder.write("site/assets/app-1.js", "1");
        folder.write("secret.txt", "secret");
        let headers = case::cases().join("../../web/headers.json");
        fs::copy(headers, folder.path.join("site/headers.json")).expect("the headers");
        let mut child = Command::new(program())
            .args(["play", "rollout/deploy.yaml", "--port", "0", "--site", "site"])
            .current_dir(&folder.path)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("an address");
        let host = line.trim().strip_prefix("http://").and_then(|rest| rest.strip_suffix("/?local"));
        let host = host.expect("the page's address").to_owned();
        Play { folder, child, host }
    }

    fn connect(&self, method: &str, path: &str, host: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.host).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a socket");
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").expect("it reads");
        stream
    }

    fn get(&self, path: &str) -> String {
        self.answer("GET", path, &self.host)
    }

    fn answer(&self, method: &str, path: &str, host: &str) -> String {
        let mut answer = String::new();
        self.connect(method, path, host).read_to_string(&mut answer).expect("an answer");
        answer
    }
}

impl Drop for Play {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_page_comes_with_the_headers_of_the_site() {
    let play = Play::start("play-page");
    let page = play.get("/?local");
    assert!(page.starts_with("HTTP/1.1 200 OK") && page.ends_with("<p>the page</p>"), "{page}");
    for header in ["content-security-policy: default-src 'self'", "nosniff", "cache-control: no-cache", "text/html"] {
        assert!(page.contains(header), "no {header} in {page}");
    }
    assert!(play.get("/assets/app-1.js").contains("immutable"));
}

#[test]
fn the_rollout_is_told_as_the_page_asks_for_it() {
    let play = Play::start("play-request");
    let answer = play.get("/plan-request.json");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    let request: serde_json::Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(request["config"], "deploy.yaml");
    assert_eq!(request["files"][1]["path"], "manifests/deployment.yaml");
    fs::remove_file(play.folder.path.join("rollout/deploy.yaml")).expect("a file");
    let gone = play.get("/plan-request.json");
    assert!(gone.starts_with("HTTP/1.1 500 ") && gone.contains("cannot be read: there is no such file"), "{gone}");
}

#[test]
fn a_change_is_told() {
    let play = Play::start("play-change");
    let mut events = BufReader::new(play.connect("GET", "/changes", &play.host));
    let mut until = |words: &str| {
        let mut line = String::new();
        while !line.contains(words) {
            line.clear();
            assert!(events.read_line(&mut line).expect("an event") > 0, "it ends before {words}");
        }
    };
    until("text/event-stream");
    until("same-origin");
    play.folder.write("rollout/manifests/service.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: reviews}\n");
    until("data: changed");
    fs::remove_file(play.folder.path.join("rollout/deploy.yaml")).expect("a file");
    until("data: changed");
}

#[test]
fn nobody_else_is_served() {
    let play = Play::start("play-strangers");
    let port = play.host.rsplit(':').next().expect("a port");
    assert!(play.answer("GET", "/", &format!("localhost:{port}")).starts_with("HTTP/1.1 200"));
    for host in ["evil.example", &format!("evil.example:{port}"), "127.0.0.1", ""] {
        assert!(play.answer("GET", "/plan-request.json", host).starts_with("HTTP/1.1 403"), "{host}");
    }
    assert!(play.answer("POST", "/", &play.host).starts_with("HTTP/1.1 405"));
    for path in
        ["/../secret.txt", "/%2e%2e/secret.txt", "//etc/passwd", "/assets/../../secret.txt", "/.git/config", "/nothing"]
    {
        let answer = play.get(path);
        assert!(answer.starts_with("HTTP/1.1 404") && !answer.contains("secret\n"), "{path}: {answer}");
    }
    assert!(play.get(&format!("/{}", "x".repeat(10_000))).starts_with("HTTP/1.1 404"));
    let mut answer = Vec::new();
    // The rest of what is too long is not read, so the connection may end before all is sent, or its answer read.
    let mut stream = TcpStream::connect(&play.host).expect("it listens");
    let _ = write!(stream, "GET /{} HTTP/1.1\r\nHost: {}\r\n\r\n", "x".repeat(40_000), play.host);
    let _ = stream.read_to_end(&mut answer);
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 400"));
}

#[test]
fn a_missing_site_says_how_to_get_one() {
    let run = run(Path::new("/"), &["play"], "");
    assert!(run.code == 2 && run.err.contains("cargo xtask site"), "{}", run.err);
    let reference = case::cases().join("canary/reference");
    let empty = tests::program::run(&reference, &["play", "deploy.yaml", "--site", "manifests"], "");
    assert!(empty.code == 2 && empty.err.contains("`manifests` holds no playground"), "{}", empty.err);
}
