//! Which files are read, and which are not: wherever a config or a link leads, no more than its root is looked at.
#![cfg(unix)]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tests::case::{self, CONFIG};
use tests::program::{Run, Scratch, program};

/// Far more than reading a few files takes; a pipe that nobody writes into has no end at all.
const LIMIT: Duration = Duration::from_secs(30);

/// The reference rollout in a folder below another one, which is a repository.
fn rollout(name: &str) -> Scratch {
    let folder = Scratch::new(name);
    let reference = case::cases().join("canary/reference");
    for file in ["deploy.yaml", "deployment.yaml", "destination-rule.yaml", "virtual-service.yaml"] {
        let given = if file == CONFIG { file.to_owned() } else { format!("manifests/{file}") };
        folder.write(&format!("repo/app/{given}"), &fs::read_to_string(reference.join(given)).expect("the reference"));
    }
    fs::create_dir_all(folder.path.join("repo/.git")).expect("a scratch folder");
    folder.write("secret/all.yaml", "swordfish: 1\n");
    folder
}

fn run(folder: &Scratch, arguments: &[&str]) -> Run {
    ended(started(folder, arguments, Stdio::null()), arguments)
}

fn started(folder: &Scratch, arguments: &[&str], input: Stdio) -> Child {
    let mut command = Command::new(program());
    command.args(arguments).current_dir(&folder.path).env("WORD", "swordfish");
    command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs")
}

fn ended(mut child: Child, arguments: &[&str]) -> Run {
    let text = |mut pipe: Box<dyn std::io::Read + Send>| {
        std::thread::spawn(move || {
            let mut text = String::new();
            pipe.read_to_string(&mut text).map(|_| text)
        })
    };
    let out = text(Box::new(child.stdout.take().expect("a pipe")));
    let err = text(Box::new(child.stderr.take().expect("a pipe")));
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child") {
            break status;
        }
        if begun.elapsed() > LIMIT {
            child.kill().expect("a child");
            panic!("{arguments:?} does not end");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let text = |thread: std::thread::JoinHandle<std::io::Result<String>>| thread.join().expect("read").expect("text");
    Run { code: status.code().expect("no signal"), out: text(out), err: text(err) }
}

/// Asserts that a command refuses with these words, and shows nothing of what it refuses.
fn refuses(folder: &Scratch, arguments: &[&str], words: &str) {
    let run = run(folder, arguments);
    assert_eq!(run.code, 1, "{arguments:?}: {}", run.err);
    assert!(run.err.contains(words), "{arguments:?}: {}", run.err);
    assert!(!run.err.contains("swordfish") && !run.out.contains("swordfish"), "{arguments:?}: {}", run.err);
}

const BEYOND: &str = "which is not in `";

#[test]
fn no_link_leads_out_of_the_root() {
    for (name, target) in [
        ("manifests/zero.yaml", "/dev/zero"),
        ("manifests/environment.yaml", "/proc/self/environ"),
        ("manifests/everything", "/"),
        ("manifests/secret.yaml", "../../../secret/all.yaml"),
    ] {
        let folder = rollout(&format!("link-{}", name.replace(['/', '.'], "-")));
        symlink(target, folder.path.join("repo/app").join(name)).expect("a link");
        for command in ["plan", "lint", "render", "share", "rbac", "gitops"] {
            refuses(&folder, &[command, "repo/app/deploy.yaml"], BEYOND);
        }
        refuses(&folder, &["apply", "repo/app/deploy.yaml", "--simulate", "--yes"], BEYOND);
        refuses(&folder, &["plan", "repo/app/deploy.yaml"], &format!("`repo/app/{name}`"));
        refuses(&folder, &["plan", "repo/app/deploy.yaml"], "`--root DIR`");
    }
}

#[test]
fn a_config_or_what_runs_that_is_a_link_is_held_too() {
    let folder = rollout("named-links");
    for target in ["/proc/self/environ", "/dev/zero", "../secret/all.yaml"] {
        let _ = fs::remove_file(folder.path.join("repo/link.yaml"));
        symlink(target, folder.path.join("repo/link.yaml")).expect("a link");
        for command in ["plan", "lint", "status", "apply"] {
            let arguments = if command == "apply" {
                vec![command, "repo/link.yaml", "--yes"]
            } else {
                vec![command, "repo/link.yaml"]
            };
            refuses(&folder, &arguments, BEYOND);
        }
        refuses(&folder, &["plan", "repo/app/deploy.yaml", "--current", "repo/link.yaml"], BEYOND);
    }
    symlink("/", folder.path.join("repo/now")).expect("a link");
    refuses(&folder, &["plan", "repo/app/deploy.yaml", "--current", "repo/now"], BEYOND);
}

#[test]
fn only_regular_files_are_read() {
    let folder = rollout("pipes");
    let pipe = |name: &str| {
        let made = Command::new("mkfifo").arg(folder.path.join(name)).status().expect("mkfifo");
        assert!(made.success());
    };
    pipe("repo/plan.json");
    pipe("repo/pipe.yaml");
    let words = "it is no regular file";
    refuses(&folder, &["plan", "repo/pipe.yaml"], words);
    refuses(&folder, &["plan", "repo/app/deploy.yaml", "--current", "repo/pipe.yaml"], words);
    refuses(&folder, &["apply", "repo/plan.json", "--yes"], words);
    refuses(&folder, &["plan", "/dev/zero"], words);
    pipe("repo/app/manifests/pipe.yml");
    refuses(&folder, &["plan", "repo/app/deploy.yaml"], words);
}

#[test]
fn too_much_is_not_read() {
    let folder = rollout("too-much");
    let large = fs::File::create(folder.path.join("repo/app/manifests/large.yaml")).expect("a file");
    large.set_len(1 << 40).expect("a hole");
    refuses(
        &folder,
        &["plan", "repo/app/deploy.yaml"],
        "`repo/app/manifests/large.yaml` is not read: it has more than 4 MiB",
    );
    fs::remove_file(folder.path.join("repo/app/manifests/large.yaml")).expect("a file");
    // Two folders with two links each have four ways to what is behind them, and so on.
    for level in 0..30 {
        fs::create_dir_all(folder.path.join(format!("repo/app/manifests/{level}"))).expect("a folder");
        for link in ["a", "b"] {
            let from = folder.path.join(format!("repo/app/manifests/{level}/{link}"));
            symlink(format!("../{}", level + 1), from).expect("a link");
        }
    }
    refuses(&folder, &["plan", "repo/app/deploy.yaml"], "more than 100000 names");
    let zeroes = Stdio::from(fs::File::open("/dev/zero").expect("zeroes"));
    let run = ended(started(&folder, &["plan", "-"], zeroes), &["plan", "-"]);
    assert!(run.code == 1 && run.err.contains("standard input has more than 4 MiB"), "{}", run.err);
}

#[test]
fn a_root_is_the_repository_the_folder_or_what_is_said() {
    let folder = rollout("roots");
    let config = fs::read_to_string(folder.path.join("repo/app/deploy.yaml")).expect("the config");
    folder.write("repo/app/deploy.yaml", &config.replace("path: manifests", "path: ../shared"));
    fs::rename(folder.path.join("repo/app/manifests"), folder.path.join("repo/shared")).expect("a folder");
    let plans = |arguments: &[&str]| {
        let run = run(&folder, arguments);
        assert!(run.code == 0 && run.out.contains("setWeight 90"), "{arguments:?}: {}", run.err);
    };
    plans(&["plan", "repo/app/deploy.yaml"]);
    // What is named here is read wherever it is.
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: reviews, namespace: istiodemo}\n\
                   spec: {selector: {app: reviews}}\n";
    folder.write("now/service.yaml", service);
    plans(&["plan", "repo/app/deploy.yaml", "--current", "now", "--root", "repo"]);
    fs::remove_dir(folder.path.join("repo/.git")).expect("a folder");
    refuses(&folder, &["plan", "repo/app/deploy.yaml"], "`repo/shared` is not read");
    plans(&["plan", "repo/app/deploy.yaml", "--root", "repo"]);
    refuses(&folder, &["plan", "repo/app/deploy.yaml", "--root", "repo/app"], BEYOND);
    let none = run(&folder, &["plan", "repo/app/deploy.yaml", "--root", "nothing"]);
    assert!(none.code == 2 && none.err.contains("`--root nothing`: there is no such file"), "{}", none.err);
}

#[test]
fn a_link_inside_of_the_root_is_followed() {
    let folder = rollout("mounted");
    // As a ConfigMap is mounted.
    fs::rename(folder.path.join("repo/app"), folder.path.join("repo/..2026")).expect("a folder");
    symlink("..2026", folder.path.join("repo/..data")).expect("a link");
    symlink("..data/deploy.yaml", folder.path.join("repo/deploy.yaml")).expect("a link");
    symlink("..data/manifests", folder.path.join("repo/manifests")).expect("a link");
    fs::remove_dir(folder.path.join("repo/.git")).expect("a folder");
    let run = run(&folder, &["plan", "repo/deploy.yaml"]);
    assert!(run.code == 0 && run.out.contains("setWeight 90"), "{}", run.err);
}

#[test]
fn documentation_reads_no_further_than_its_root() {
    let folder = rollout("documentation");
    folder.write("outside.yaml", "swordfish: 1\n");
    let block = |source: &str| format!("```foreshift {{src={source}}}\n```\n");
    for source in ["../../outside.yaml", "/proc/self/environ", "/dev/zero"] {
        folder.write("repo/docs/a.md", &block(source));
        refuses(&folder, &["blocks", "repo/docs", "--out", "drawn"], BEYOND);
        let options = format!("src={source}");
        let inside = folder.path.join("repo/docs");
        let run = tests::program::run(&inside, &["render", "--block", &options], "");
        assert!(run.code == 1 && run.err.contains(BEYOND) && !run.err.contains("swordfish"), "{}", run.err);
    }
    fs::remove_file(folder.path.join("repo/docs/a.md")).expect("a file");
    symlink("/proc/self/environ", folder.path.join("repo/docs/a.md")).expect("a link");
    refuses(&folder, &["blocks", "repo/docs", "--out", "drawn"], BEYOND);
}

#[test]
fn nothing_is_written_through_a_link() {
    let folder = rollout("written");
    fs::create_dir_all(folder.path.join("states")).expect("a folder");
    fs::create_dir_all(folder.path.join("elsewhere")).expect("a folder");
    symlink("../elsewhere", folder.path.join("states/staging")).expect("a link");
    let out = run(&folder, &["plan", "repo/app/deploy.yaml", "--out", "states"]);
    assert!(out.code == 2 && out.err.contains("`states/staging` is a link"), "{}", out.err);
    assert_eq!(fs::read_dir(folder.path.join("elsewhere")).expect("a folder").count(), 0);
    folder.write("repo/docs/a.md", "```foreshift {src=../app/deploy.yaml}\n```\n");
    assert_eq!(run(&folder, &["blocks", "repo/docs", "--out", "drawn"]).code, 0);
    let mut drawn =
        fs::read_dir(folder.path.join("drawn")).expect("a folder").map(|entry| entry.expect("a file").path());
    let html = drawn.next().expect("a block");
    fs::remove_file(&html).expect("a file");
    folder.write("kept.txt", "kept");
    symlink("../kept.txt", &html).expect("a link");
    assert_eq!(run(&folder, &["blocks", "repo/docs", "--out", "drawn"]).code, 0);
    assert_eq!(fs::read_to_string(folder.path.join("kept.txt")).expect("a file"), "kept");
    assert!(!html.is_symlink());
}

#[test]
fn an_address_leads_to_no_other_host() {
    let folder = rollout("redirect");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    // Another host by its name, though the same machine by its number.
    let server = std::thread::spawn(move || {
        let mut asked = Vec::new();
        for location in [format!("http://localhost:{port}/swordfish"), "file:///etc/passwd".to_owned()] {
            let (mut stream, _) = listener.accept().expect("a client");
            let mut bytes = [0; 4096];
            let read = stream.read(&mut bytes).expect("a request");
            asked.push(String::from_utf8_lossy(&bytes[..read]).into_owned());
            write!(
                stream,
                "HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            .expect("a client that listens");
        }
        asked
    });
    let config = fs::read_to_string(folder.path.join("repo/app/deploy.yaml")).expect("the config");
    let manifests = format!("path: manifests\n  - path: http://127.0.0.1:{port}/a.yaml");
    folder.write("repo/app/deploy.yaml", &config.replace("path: manifests", &manifests));
    for host in [format!("`localhost:{port}`"), String::new()] {
        refuses(&folder, &["plan", "repo/app/deploy.yaml", "--fetch"], &host);
    }
    assert!(server.join().expect("the server").iter().all(|asked| asked.starts_with("GET /a.yaml ")));
}

/// The page that `play` serves, and the rollout that it follows.
#[test]
fn the_playground_serves_what_is_in_reach() {
    let folder = rollout("served");
    folder.write("site/index.html", "<p>the page</p>");
    fs::copy(case::cases().join("../../web/headers.json"), folder.path.join("site/headers.json")).expect("the headers");
    symlink("../secret/all.yaml", folder.path.join("site/all.yaml")).expect("a link");
    let arguments = ["play", "repo/app/deploy.yaml", "--port", "0", "--site", "site"];
    let mut child = started(&folder, &arguments, Stdio::null());
    let mut line = String::new();
    let mut out = std::io::BufReader::new(child.stdout.take().expect("a pipe"));
    std::io::BufRead::read_line(&mut out, &mut line).expect("an address");
    let host = line.trim().trim_start_matches("http://").trim_end_matches("/?local").to_owned();
    let get = |path: &str| {
        let mut stream = std::net::TcpStream::connect(&host).expect("it listens");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    };
    let link = get("/all.yaml");
    symlink("../../../secret/all.yaml", folder.path.join("repo/app/manifests/all.yaml")).expect("a link");
    let request = get("/plan-request.json");
    child.kill().expect("a child");
    child.wait().expect("a child");
    assert!(link.starts_with("HTTP/1.1 404") && !link.contains("swordfish"), "{link}");
    assert!(
        request.starts_with("HTTP/1.1 500") && request.contains(BEYOND) && !request.contains("swordfish"),
        "{request}"
    );
}
