//! Links: what `foreshift share` prints, and what comes of a link that somebody sends.

use std::fs;
use std::path::{Path, PathBuf};

use foreshift_core::secret;
use tests::case::{self, CONFIG};
use tests::program::{Scratch, run};

const HASHES: [&str; 4] = ["--hash", "active=gc6647", "--hash", "canary=cd6648"];

#[test]
fn a_link_holds_every_case() {
    for case in case::all().iter().filter(|case| case.request.files.iter().all(|file| !file.path.is_empty())) {
        let arguments = case.arguments();
        let link = run(&case.folder, &[&["share", CONFIG], &arguments[..]].concat(), "");
        assert_eq!(link.code, 0, "{}: {}", case.name, link.err);
        // What nobody can read is hidden as a whole, and is then read as that.
        let masked = secret::mask(&case.request);
        let hidden = Scratch::new("hidden");
        let is_hidden = !masked.hidden().is_empty();
        masked.request.files.iter().filter(|_| is_hidden).for_each(|file| hidden.write(&file.path, &file.text));
        let folder = if is_hidden { &hidden.path } else { &case.folder };
        let given = run(folder, &[&["plan", CONFIG], &arguments[..]].concat(), "");
        let shared = run(Path::new("/"), &["plan", link.out.trim_end()], "");
        assert_eq!((shared.code, shared.out, shared.err), (given.code, given.out, given.err), "{}", case.name);
    }
}

#[test]
fn a_link_says_nothing_of_the_machine_that_it_was_made_on() {
    let home = Scratch::new("zq-home");
    copy(&case::cases().join("canary/reference"), &home.path.join("zq-work/app"));
    let config = fs::read_to_string(home.path.join("zq-work/app").join(CONFIG)).expect("it is there");
    home.write("zq-work/app/deploy.yaml", &config.replace("path: manifests", "path: ../manifests"));
    fs::create_dir(home.path.join("zq-work/.git")).expect("a folder");
    fs::rename(home.path.join("zq-work/app/manifests"), home.path.join("zq-work/manifests")).expect("a move");
    let current = fs::read_to_string(home.path.join("zq-work/manifests/virtual-service.yaml")).expect("it is there");
    home.write("zq-live/virtual-service.yaml", &current);
    let app = home.inside("zq-work/app/deploy.yaml");
    let live = home.inside("zq-live");
    let below = ["share", "zq-work/app/deploy.yaml", "--current", "zq-live"];
    let inside = ["share", CONFIG, "--current", "../../zq-live"];
    let absolute = ["share", &app, "--current", &live];
    let links: Vec<String> =
        [(home.path.clone(), below), (home.path.join("zq-work/app"), inside), (PathBuf::from("/"), absolute)]
            .map(|(folder, arguments)| run(&folder, &[&arguments[..], &HASHES].concat(), "").out)
            .to_vec();
    assert!(links[0] == links[1] && links[1] == links[2], "{links:#?}");
    let shared = run(Path::new("/"), &["plan", links[0].trim_end(), "-o", "json"], "");
    let text = format!("{}{}", shared.out, shared.err);
    assert!(text.contains("setWeight"), "{text}");
    let temporary = std::env::temp_dir().to_string_lossy().into_owned();
    for word in ["zq-", &temporary] {
        assert!(!text.contains(word), "`{word}` is in {text}");
    }
}

#[test]
fn an_absolute_manifest_is_refused() {
    let folder = Scratch::new("absolute");
    copy(&case::cases().join("canary/reference"), &folder.path);
    let config = fs::read_to_string(folder.path.join(CONFIG)).expect("it is there");
    let manifests = folder.inside("manifests");
    folder.write(CONFIG, &config.replace("path: manifests", &format!("path: {manifests}")));
    let run = run(&folder.path, &["share", CONFIG], "");
    assert!(run.code == 1 && run.out.is_empty() && run.err.contains("which nobody else has"), "{}", run.err);
}

#[test]
fn a_link_that_is_none_says_why() {
    let says = |link: &str, words: &str| {
        let run = run(Path::new("/"), &["plan", link], "");
        assert!(run.code == 1 && run.out.is_empty(), "{link}: {}", run.err);
        assert!(run.err.starts_with("error: ") && run.err.contains(words), "{link}: {}", run.err);
    };
    says("https://example.com/", "the link holds no rollout");
    says("https://example.com/#2=AAAA", "of format `2`");
    says("#1=", "its end is missing");
    says("#1=%%%%", "character 1");
    says("#1=____", "not compressed by foreshift");
    // Stored, so that no dictionary is needed: `[]` and a request with a member that nobody knows.
    says("#1=AQIA_f9bXQ", "the link holds no rollout");
}

#[test]
fn what_a_link_says_is_not_said_again() {
    let link = run(&case::cases().join("canary/several-targets"), &["share", CONFIG], "").out;
    let one = run(Path::new("/"), &["plan", link.trim_end(), "--target", "staging"], "");
    assert!(one.code != 2, "{}", one.err);
    let first = run(Path::new("/"), &["plan", link.trim_end(), "--first"], "");
    assert!(first.code == 2 && first.err.contains("--target"), "{}", first.err);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry")) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() { copy(&from, &to) } else { fs::copy(&from, &to).map(|_| ()).expect("a copy") }
    }
}
