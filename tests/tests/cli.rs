//! The command line as a user has it: the built program, its exit codes, what it prints and writes.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tests::case::{self, CONFIG};
use tests::program::{Scratch, program, run};

const HASHES: [&str; 4] = ["--hash", "active=gc6647", "--hash", "canary=cd6648"];

#[test]
fn every_case_prints_what_its_folder_says() {
    for case in case::all().iter().filter(|case| case.request.files.iter().all(|file| !file.path.is_empty())) {
        let text = |name: &str| fs::read_to_string(case.folder.join(name)).unwrap_or_default();
        let arguments = case.arguments();
        let with = |command| [&[command, CONFIG], &arguments[..]].concat();
        let run = run(&case.folder, &with("plan"), "");
        let (plan, findings) = (text("plan.txt"), text("diagnostics.txt"));
        assert!(run.out == plan, "{}: standard output is not plan.txt:\n{}", case.name, run.out);
        assert!(run.err.starts_with(&findings), "{}: standard error is not diagnostics.txt:\n{}", case.name, run.err);
        let is_error = findings.lines().any(|line| line.starts_with("error["));
        assert_eq!(run.code, i32::from(is_error), "{}", case.name);
        let lint = self::run(&case.folder, &with("lint"), "");
        assert!(lint.out == findings, "{}: lint says\n{}", case.name, lint.out);
    }
}

#[test]
fn formats_are_what_they_are_called() {
    let folder = reference();
    let plan = |more: &[&str]| run(&folder, &[&["plan", CONFIG], &HASHES[..], more].concat(), "");
    assert_eq!(plan(&["-o", "yaml"]).out, fs::read_to_string(folder.join("plan.yaml")).expect("the reference has one"));
    let json = json(&plan(&["-o", "json"]).out);
    assert_eq!(json["targets"][0]["states"].as_array().map(Vec::len), Some(14));
    let state = self::json(&plan(&["-o", "json", "--state", "5"]).out);
    assert_eq!((&state["index"], &state["step"]["weight"]), (&5.into(), &90.into()));
    let back = self::json(&plan(&["-o", "json", "--abort-from", "5"]).out);
    assert_eq!(back["states"].as_array().map(Vec::len), Some(4));
    let markdown = plan(&["-o", "markdown"]).out;
    assert!(
        markdown.contains("| 5 | setWeight 90 | vs/reviews | █████████░  90 % | 4 writes | approval |"),
        "{markdown}"
    );
    assert!(markdown.contains("```diff\n") && markdown.contains("#### Findings"), "{markdown}");
}

#[test]
fn one_state_and_one_way_back_can_be_asked_for() {
    let plan = |more: &[&str]| run(&reference(), &[&["plan", CONFIG], &HASHES[..], more].concat(), "");
    let state = plan(&["--state", "5"]).out;
    assert!(state.contains("── 5  setWeight 90") && !state.contains("setWeight 10:"), "{state}");
    let back = plan(&["--abort-from", "5"]).out;
    assert!(back.contains("the way back from state 5: 4 writes"), "{back}");
    let forward = plan(&["--abort-from", "8"]).out;
    assert!(forward.contains("there is no way back from state 8"), "{forward}");
    let none = plan(&["--state", "14"]);
    assert_eq!((none.code, none.out.as_str()), (2, ""));
    assert!(none.err.contains("there is no state 14") && none.err.contains("to 13"), "{}", none.err);
}

#[test]
fn a_rollout_can_be_seen_without_a_cluster_and_without_a_terminal() {
    let arguments = ["apply", CONFIG, "--simulate", "--yes", "--settle=0", "-o", "json"];
    let run = run(&reference(), &arguments, "");
    assert_eq!(run.code, 0, "{}", run.err);
    let events: Vec<serde_json::Value> = run.out.lines().map(json).collect();
    let count = |name: &str| events.iter().filter(|event| event["event"] == name).count();
    assert_eq!((count("written"), count("ended")), (13, 1), "{}", run.out);
    // Both approvals are given, which only a person does in a cluster.
    assert_eq!(run.err.matches("asks nobody").count(), 2, "{}", run.err);
    let unasked = self::run(&reference(), &["apply", CONFIG, "--simulate"], "");
    assert_eq!(unasked.code, 2, "{}", unasked.err);
}

#[test]
fn files_are_the_objects_byte_for_byte() {
    let case = reference();
    let folder = Scratch::new("files");
    let out = folder.inside("out");
    let arguments = [&["plan", CONFIG], &HASHES[..], &["--out", &out]].concat();
    assert_eq!(run(&case, &arguments, "").code, 0);
    let written = |path: &str| fs::read(Path::new(&out).join("staging").join(path)).expect("it is written");
    for (state, object) in [("00-start", "virtual-service"), ("13-restoreDestinationRule", "virtual-service")] {
        let given = fs::read(case.join(format!("manifests/{object}.yaml"))).expect("it is given");
        assert!(written(&format!("{state}/VirtualService-reviews.yaml")) == given, "{state}");
    }
    let given = fs::read(case.join("manifests/destination-rule.yaml")).expect("it is given");
    assert!(written("13-restoreDestinationRule/DestinationRule-reviews.yaml") == given);
    let weight = String::from_utf8(written("05-setWeight-90/VirtualService-reviews.yaml")).expect("text");
    assert!(weight.contains("weight: 90"), "{weight}");
    let states = fs::read_dir(Path::new(&out).join("staging")).expect("a folder").count();
    assert_eq!(states, 14);
    let again = run(&case, &arguments, "");
    assert_eq!(again.code, 2, "{}", again.err);
}

#[test]
fn a_target_cannot_lead_out_of_the_folder() {
    let folder = Scratch::new("escape");
    let given = fs::read_to_string(reference().join(CONFIG)).expect("the reference");
    folder.write("in/deploy.yaml", &given.replace("staging", "\"../../escaped\""));
    for name in ["deployment", "destination-rule", "virtual-service"] {
        let file = format!("manifests/{name}.yaml");
        folder.write(&format!("in/{file}"), &fs::read_to_string(reference().join(&file)).expect("the reference"));
    }
    let run = run(&folder.path, &["plan", "in/deploy.yaml", "--out", "in/out"], "");
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(names(&folder.path), ["in"]);
    assert_eq!(names(&folder.path.join("in/out")), [".._.._escaped"]);
}

#[test]
fn standard_input_is_a_config_of_the_working_directory() {
    let config = fs::read_to_string(reference().join(CONFIG)).expect("the reference");
    let run = run(&reference(), &[&["plan", "-"], &HASHES[..]].concat(), &config);
    assert_eq!(run.code, 0);
    assert_eq!(run.out, fs::read_to_string(reference().join("plan.txt")).expect("the reference"));
    assert!(run.err.is_empty() || run.err.contains("<stdin>:"), "{}", run.err);
}

#[test]
fn exit_codes_tell_input_from_usage() {
    let folder = Scratch::new("codes");
    folder.write("warned.yaml", &fs::read_to_string(reference().join(CONFIG)).expect("the reference"));
    folder.write("bytes.yaml", "");
    fs::write(folder.path.join("bytes.yaml"), b"application: \xff").expect("a scratch folder");
    let says = |arguments: &[&str], code: i32, words: &str| {
        let run = run(&folder.path, arguments, "");
        assert_eq!(run.code, code, "{arguments:?}: {}", run.err);
        assert!(run.err.contains(words), "{arguments:?}: {}", run.err);
    };
    says(&["plan", "nothing.yaml"], 1, "`nothing.yaml` cannot be read: there is no such file");
    says(&["plan", "bytes.yaml"], 1, "`bytes.yaml` is not UTF-8: byte 13 is no character");
    says(&["plan", "."], 1, "`.` is a folder");
    says(&["plan", "warned.yaml"], 1, "there is no file and no folder `manifests`");
    says(&["plan"], 2, "DEPLOY.yaml");
    says(&["plan", "warned.yaml", "--hash", "old=1"], 2, "`old` is neither `active` nor `canary`");
    says(&["plan", "warned.yaml", "--state", "1", "--abort-from", "1"], 2, "cannot be used with");
    says(&["explain", "weight-out-of-rang"], 2, "did you mean `weight-out-of-range`?");
    says(&["man", "nothing"], 2, "there is no command `nothing`");
}

#[test]
fn strict_takes_warnings_for_errors() {
    let case = case::cases().join("warned/no-weight");
    assert_eq!(run(&case, &["plan", CONFIG], "").code, 0);
    let strict = run(&case, &["plan", CONFIG, "--strict"], "");
    assert_eq!(strict.code, 1);
    assert!(strict.out.contains("no way back"), "the plan is shown all the same: {}", strict.out);
    assert_eq!(run(&case, &["lint", CONFIG, "--strict"], "").code, 1);
}

#[test]
fn colours_change_no_word() {
    let plan = |more: &[&str]| run(&reference(), &[&["plan", CONFIG], more].concat(), "");
    let (plain, painted) = (plan(&[]), plan(&["--color", "always"]));
    assert!(!plain.out.contains('\x1b') && !plain.err.contains('\x1b'));
    assert!(painted.out.contains('\x1b') && painted.err.contains('\x1b'));
    assert_eq!(without_colours(&painted.out), plain.out);
    assert_eq!(without_colours(&painted.err), plain.err);
    let quiet = Command::new(program()).args(["plan", CONFIG]).current_dir(reference()).env("NO_COLOR", "1").output();
    assert_eq!(String::from_utf8(quiet.expect("it runs").stdout).expect("text"), plain.out);
}

#[test]
fn findings_are_for_machines_too() {
    let case = case::cases().join("warned/no-weight");
    let found = json(&run(&case, &["lint", CONFIG, "-o", "json"], "").out);
    let first = &found["diagnostics"][0];
    assert_eq!((&found["format"], &first["file"]), (&1.into(), &"deploy.yaml".into()));
    let sarif = json(&run(&case, &["lint", CONFIG, "-o", "sarif"], "").out);
    let run = &sarif["runs"][0];
    assert_eq!(sarif["version"], "2.1.0");
    let results = run["results"].as_array().expect("a list");
    assert_eq!(results.len(), found["diagnostics"].as_array().expect("a list").len());
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("a number")).expect("a small one");
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    }
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["region"]["startLine"], first["line"]);
}

#[test]
fn addresses_are_fetched_only_when_asked_for() {
    let case = reference();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/virtual-service.yaml", listener.local_addr().expect("an address"));
    let body = fs::read_to_string(case.join("manifests/virtual-service.yaml")).expect("the reference");
    let server = std::thread::spawn(move || {
        for answer in
            [format!("200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()), "404 Not Found\r\n\r\n".into()]
        {
            let (mut stream, _) = listener.accept().expect("a client");
            let _ = stream.read(&mut [0; 4096]).expect("a request");
            write!(stream, "HTTP/1.1 {answer}").expect("a client that listens");
        }
    });
    let folder = Scratch::new("fetch");
    let config = fs::read_to_string(case.join(CONFIG)).expect("the reference");
    let entries = format!("  - path: deployment.yaml\n  - path: destination-rule.yaml\n  - path: {address}\n");
    folder.write(CONFIG, &config.replace("  - path: manifests\n", &entries));
    for name in ["deployment.yaml", "destination-rule.yaml"] {
        folder.write(name, &fs::read_to_string(case.join("manifests").join(name)).expect("the reference"));
    }
    let unasked = run(&folder.path, &["plan", CONFIG], "");
    assert!(unasked.code == 1 && unasked.err.contains("error[url-not-fetched]"), "{}", unasked.err);
    let asked = run(&folder.path, &["plan", CONFIG, "--fetch"], "");
    assert!(asked.code == 0 && asked.out.contains("setWeight 90"), "{}", asked.err);
    let missing = run(&folder.path, &["plan", CONFIG, "--fetch"], "");
    assert!(missing.code == 1 && missing.err.contains("cannot be fetched") && missing.err.contains("404"));
    server.join().expect("the server");
}

#[test]
fn what_explains_the_program_is_in_the_program() {
    let here = Path::new(".");
    let schema = json(&run(here, &["schema"], "").out);
    assert!(schema["$defs"]["config"].is_object());
    let explained = run(here, &["explain", "error[leak]"], "").out;
    assert!(
        explained.starts_with("leak (warning)\n\n") && explained.lines().all(|line| line.len() <= 80),
        "{explained}"
    );
    assert!(run(here, &["explain"], "").out.lines().count() > 50);
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        assert!(run(here, &["completions", shell], "").out.contains("abort-from"), "{shell}");
    }
    assert!(run(here, &["man"], "").out.contains(".TH foreshift 1"));
    assert!(run(here, &["man", "plan"], "").out.contains("abort\\-from"));
}

#[test]
fn a_reader_who_has_read_enough_hears_nothing() {
    let mut child = Command::new(program())
        .args(["plan", CONFIG, "-o", "yaml"])
        .current_dir(reference())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && !err.contains("panic") && !err.contains("written"), "{err}");
}

fn reference() -> PathBuf {
    case::cases().join("canary/reference")
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

fn without_colours(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    first + &parts.map(|part| part.split_once('m').map_or(part, |(_, rest)| rest)).collect::<String>()
}
