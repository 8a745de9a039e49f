//! The command line on Secrets: every format, links, pages, the Job, saved plans.

use std::fs;
use std::path::Path;

use foreshift_core::secret;
use foreshift_executor::record;
use serde_json::{Value as Json, json};
use tests::case::CONFIG;
use tests::program::{Run, Scratch, run};

use super::{ENCODED, VALUE, request};

const SECRET: &str =
    "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  password: hunter2-hunter2 # hunter2-hunter2\n";
const LIVE: &str =
    "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\ndata: {other: aHVudGVyMi1odW50ZXIy}\n";

/// The rollout on disk.
fn folder(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    for file in request(SECRET, Some(LIVE)).files {
        scratch.write(&file.path, &file.text);
    }
    scratch
}

fn assert_hidden(what: &str, text: &str) {
    for value in [VALUE, ENCODED] {
        assert!(!text.contains(value), "`{value}` is in {what}:\n{text}");
    }
}

fn done(run: &Run, what: &str) {
    assert_eq!(run.code, 0, "{what}: {}", run.err);
    assert_hidden(what, &run.out);
    assert_hidden(what, &run.err);
}

#[test]
fn no_command_prints_a_value() {
    let folder = folder("secrets-formats");
    let current = ["--current", "live.yaml", "--current", "live-secret.yaml"];
    let states = folder.inside("states");
    for arguments in [
        vec!["plan", CONFIG],
        vec!["plan", CONFIG, "-o", "yaml"],
        vec!["plan", CONFIG, "-o", "json"],
        vec!["plan", CONFIG, "-o", "markdown"],
        vec!["plan", CONFIG, "--state", "2", "-o", "json"],
        vec!["plan", CONFIG, "--out", &states],
        vec!["lint", CONFIG],
        vec!["lint", CONFIG, "-o", "sarif"],
        vec!["render", CONFIG],
        vec!["render", CONFIG, "-o", "svg"],
        vec!["render", CONFIG, "--page", "https://example.com/"],
        vec!["share", CONFIG],
        vec!["gitops", CONFIG],
        vec!["rbac", CONFIG],
    ] {
        let what = arguments.join(" ");
        done(&run(&folder.path, &[&arguments[..], &current].concat(), ""), &what);
    }
    let mut found = 0;
    let mut folders = vec![folder.path.join("states")];
    while let Some(place) = folders.pop() {
        for entry in fs::read_dir(place).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = fs::read_to_string(&path).expect("a text");
                assert_hidden(&path.to_string_lossy(), &text);
                found += usize::from(text.contains("*** ("));
            }
        }
    }
    assert!(found > 0, "the states have the Secret, masked");
}

#[test]
fn what_goes_to_others_is_warned_of() {
    let folder = folder("secrets-warned");
    for arguments in [["share", CONFIG].as_slice(), &["render", CONFIG], &["render", CONFIG, "-o", "svg"]] {
        let run = run(&folder.path, arguments, "");
        assert!(run.err.contains("shows Secret db: its keys"), "{arguments:?}: {}", run.err);
    }
    let inline: String = SECRET.lines().map(|line| format!("      {line}\n")).collect();
    let config = fs::read_to_string(folder.path.join(CONFIG)).expect("the config");
    let config = config.replace("  - path: secret.yaml\n", &format!("  - inline: |\n{inline}"));
    let manifests = fs::read_to_string(folder.path.join("manifests.yaml")).expect("the manifests");
    let block = format!("{config}---\n{manifests}");
    let drawn = run(&folder.path, &["render", "--block", "", "--page", "https://example.com/"], &block);
    done(&drawn, "a block");
    assert!(drawn.err.contains("shows Secret db"), "{}", drawn.err);
    folder.write("page.md", &format!("```foreshift\n{block}```\n"));
    let out = folder.inside("blocks");
    let blocks = run(&folder.path, &["blocks", "page.md", "--out", &out], "");
    done(&blocks, "blocks");
    assert!(blocks.err.contains("shows Secret db"), "{}", blocks.err);
    for entry in fs::read_dir(&out).expect("the blocks") {
        assert_hidden("blocks", &fs::read_to_string(entry.expect("a file").path()).expect("HTML"));
    }
    let chapter = json!({"path": "page.md", "content": format!("```foreshift\n{block}```\n")});
    let book = json!([{"root": folder.path, "config": {"book": {"src": "."}}}, {"sections": [{"Chapter": chapter}]}]);
    let book = run(&folder.path, &["mdbook"], &book.to_string());
    done(&book, "mdbook");
    assert!(book.err.contains("shows Secret db"), "{}", book.err);
    // A file that nobody can read is named too.
    folder.write("secret.yaml", &SECRET.replace("stringData:", "stringData: ["));
    let shared = run(&folder.path, &["share", CONFIG], "");
    done(&shared, "share");
    assert!(shared.err.contains("`secret.yaml` may hold a Secret and cannot be read"), "{}", shared.err);
    let opened = run(Path::new("/"), &["lint", shared.out.trim_end()], "");
    assert_eq!(opened.code, 1, "{}", opened.out);
    assert_hidden("the link", &opened.out);
}

#[test]
fn a_link_has_masks_and_shows_the_same_plan() {
    let folder = folder("secrets-link");
    let given = run(&folder.path, &["plan", CONFIG], "");
    let link = run(&folder.path, &["share", CONFIG], "");
    let opened = run(Path::new("/"), &["plan", link.out.trim_end()], "");
    assert_eq!((&opened.out, &opened.err), (&given.out, &given.err));
    let job = run(Path::new("/"), &["job", link.out.trim_end(), "--image", "a"], "");
    assert!(job.code == 1 && job.err.contains("a link has masks only"), "{}", job.err);
}

#[test]
fn a_simulated_rollout_prints_no_value() {
    let folder = folder("secrets-simulated");
    let applied = run(&folder.path, &["apply", CONFIG, "--simulate", "--yes", "--settle=0", "-o", "json"], "");
    done(&applied, "apply --simulate");
}

#[test]
fn the_job_has_a_secret_for_files_with_one() {
    let folder = folder("secrets-job");
    let job = run(&folder.path, &["job", CONFIG, "--image", "a"], "");
    assert_eq!(job.code, 0, "{}", job.err);
    assert!(job.err.contains("note: `secret.yaml` holds a Secret"), "{}", job.err);
    let objects: Vec<Json> = job.out.split("---\n").map(|text| serde_yaml::from_str(text).expect("YAML")).collect();
    let objects: Vec<&Json> = objects.iter().filter(|object| object.is_object()).collect();
    let of_kind = |kind: &str| *objects.iter().find(|object| object["kind"] == kind).expect("it is there");
    for object in objects.iter().filter(|object| object["kind"] != "Secret") {
        assert_hidden("the Job's objects", &object.to_string());
    }
    let (files, secret, pod) = (of_kind("ConfigMap"), of_kind("Secret"), &of_kind("Job")["spec"]["template"]["spec"]);
    let texts: Vec<&str> = secret["stringData"].as_object().expect("texts").values().filter_map(Json::as_str).collect();
    assert_eq!(texts, [SECRET]);
    let sources = &pod["volumes"][0]["projected"]["sources"];
    for (source, kept) in [(&sources[0]["configMap"], &files["data"]), (&sources[1]["secret"], &secret["stringData"])] {
        let keys: Vec<&str> =
            source["items"].as_array().expect("items").iter().filter_map(|item| item["key"].as_str()).collect();
        let kept: Vec<&str> = kept.as_object().expect("texts").keys().map(String::as_str).collect();
        assert_eq!(keys, kept);
        assert_eq!(source["name"], secret["metadata"]["name"]);
    }
    assert_eq!(sources[1]["secret"]["items"][0]["path"], "files/secret.yaml");
}

#[test]
fn a_saved_plan_reads_the_secrets_again() {
    let folder = folder("secrets-saved");
    let mut request = request(SECRET, None);
    request.target = Some("prod".to_owned());
    request.current.clear();
    request.knows_all = true;
    let masked = secret::mask(&request);
    let saved = json!({"format": 1, "inputs": {"prod": record::encode(&masked.request)}});
    assert_hidden(
        "the saved plan",
        &format!("{:?}", record::decode(saved["inputs"]["prod"].as_str().expect("a text"))),
    );
    folder.write("plan.json", &saved.to_string());
    // There is no cluster here: who gets as far as that has read the Secrets.
    let apply = || run(&folder.path, &["apply", "plan.json", "--yes", "--context", "nowhere"], "");
    let same = apply();
    assert_eq!(same.code, 6, "{}", same.err);
    folder.write("secret.yaml", &SECRET.replace("hunter2-hunter2 #", "another-value #"));
    let other = apply();
    assert!(other.code == 4 && other.err.contains("is not what it was when this plan was made"), "{}", other.err);
    assert!(!other.err.contains("another-value"), "{}", other.err);
    fs::remove_file(folder.path.join("secret.yaml")).expect("it is there");
    let gone = apply();
    assert!(gone.code == 1 && gone.err.contains("a saved plan holds no values of Secrets"), "{}", gone.err);
}

/// Links of before hold values, which are read and shown masked.
#[test]
fn a_link_that_holds_a_value_is_still_read() {
    let folder = folder("secrets-old-link");
    let masked = run(&folder.path, &["share", CONFIG], "");
    let old = include_str!("link-with-a-value.txt");
    assert_ne!(masked.out.trim_end(), old.trim_end());
    let opened = run(Path::new("/"), &["plan", old.trim_end()], "");
    done(&opened, "a link of before");
    assert_eq!(opened.out, run(&folder.path, &["plan", CONFIG], "").out);
}
