//! Fenced blocks of Markdown: what becomes of them, and what is said where one is wrong.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tests::case::{self, CONFIG};
use tests::program::{Scratch, run};

/// The reference rollout as a block holds it: the config, then the manifests.
fn block() -> String {
    let folder = case::cases().join("canary/reference");
    let text = |file: &str| fs::read_to_string(folder.join(file)).expect("the reference");
    let manifests =
        ["deployment", "destination-rule", "virtual-service"].map(|name| text(&format!("manifests/{name}.yaml")));
    format!("# an example\n{}---\n{}", text(CONFIG), manifests.join("---\n"))
}

#[test]
fn a_block_is_the_rollout_that_its_files_are() {
    let hashes = ["--hash", "active=gc6647", "--hash", "canary=cd6648"];
    let folder = case::cases().join("canary/reference");
    let files = run(&folder, &[&["render", CONFIG, "--state", "5"], &hashes[..]].concat(), "").out;
    let options = "{state=5 active=gc6647 canary='cd6648'}";
    let inline = run(Path::new("/"), &["render", "--block", options], &block());
    assert_eq!((inline.code, inline.err.as_str()), (0, ""), "notes are not for who builds documentation");
    let picture = |html: &str| html.split_once("<script").map(|(picture, _)| picture.to_owned());
    assert!(picture(&inline.out) == picture(&files) && picture(&files).is_some());
    let src = run(&folder, &["render", "--block", "src=deploy.yaml state=5 active=gc6647 canary=cd6648"], "");
    assert!(src.out == files, "{}", src.err);
}

#[test]
fn what_is_wrong_with_a_block_is_said() {
    let says = |options: &str, text: &str, words: &str| {
        let run = run(Path::new("/"), &["render", "--block", options], text);
        assert!(run.code != 0 && run.out.is_empty() && run.err.contains(words), "{options}: {}", run.err);
    };
    says("stat=4", &block(), "did you mean `state`?");
    says("state=99", &block(), "there is no state 99");
    says("src=deploy.yaml", "a text", "holds a text too");
    says("src=nothing.yaml", "", "there is no such file");
    says("", &block().replace("weight: 90", "weight: 900"), "error[weight-out-of-range]");
    says("", "", "error[");
}

#[test]
fn a_book_gets_its_blocks_drawn() {
    let chapter =
        |content: String| json!({"Chapter": {"name": "One", "content": content, "path": "a/one.md", "sub_items": []}});
    let draw = |content: String, page: Value| {
        let context = json!({"root": "/", "config": {"book": {"src": "src"}, "preprocessor": {"foreshift": page}}});
        run(Path::new("/"), &["mdbook"], &json!([context, {"items": [chapter(content)]}]).to_string())
    };
    let markdown = format!("before\n\n```foreshift {{state=5}}\n{}```\n\nbehind\n", block());
    let drawn = draw(markdown.clone(), json!({"page": "https://example.com/"}));
    assert_eq!(drawn.code, 0, "{}", drawn.err);
    let book: Value = serde_json::from_str(&drawn.out).expect("JSON");
    let content = book["items"][0]["Chapter"]["content"].as_str().expect("a text");
    assert!(
        content.starts_with("before\n\n<rollout-plan state=\"5\">\n")
            && content.ends_with("</rollout-plan>\n\n\nbehind\n")
    );
    assert!(content.contains("https://example.com/#1="));
    let broken = draw(markdown.replace("weight: 90", "weight: 900"), json!({}));
    assert!(broken.code == 1 && broken.out.is_empty(), "{}", broken.err);
    assert!(broken.err.contains("/src/a/one.md:3: the rollout of this block has errors"), "{}", broken.err);
    assert_eq!(run(Path::new("/"), &["mdbook", "supports", "html"], "").code, 0);
    assert_ne!(run(Path::new("/"), &["mdbook", "supports", "epub"], "").code, 0);
}

#[test]
fn blocks_are_files_that_templates_can_find() {
    let folder = Scratch::new("blocks");
    folder.write("content/a.md", &format!("```foreshift {{state=5 active=x}}\n{}```\n", block()));
    folder.write("content/deep/b.md", "no block\n");
    let run = run(&folder.path, &["blocks", "content", "--out", "drawn"], "");
    assert_eq!((run.code, run.err.as_str()), (0, "1 block in 2 files\n"));
    let names: Vec<_> = fs::read_dir(folder.path.join("drawn"))
        .expect("a folder")
        .map(|entry| entry.expect("a file").file_name())
        .collect();
    assert_eq!(names.len(), 1);
    let name = names[0].to_string_lossy().into_owned();
    assert!(name.len() == 69 && name.ends_with(".html"), "{name}");
}
