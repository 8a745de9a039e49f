//! Where fuzzing begins: the inputs of every case, and a dictionary of the words in them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::repository::Repository;

/// What is no text for a plan: how a case is previewed, and what comes out of it.
const NOT_SEEDS: [&str; 2] = ["case.yaml", "plan.yaml"];

/// What YAML itself is made of.
const PUNCTUATION: [&str; 16] = [
    "- ",
    ": ",
    "{",
    "}",
    "[",
    "]",
    "&a ",
    "*a",
    "<<: ",
    "---\\x0a",
    "...\\x0a",
    "|-\\x0a",
    "!!str ",
    "\\x0d\\x0a",
    "\\x09",
    "\\x00",
];

/// libFuzzer ends at a longer word.
const LONGEST_WORD: usize = 40;

/// Copies the inputs of every case to where each target begins; returns the dictionary's path.
pub(crate) fn write(repository: &Repository) -> Result<PathBuf, Failure> {
    let mut inputs = Vec::new();
    collect(&repository.root.join("tests/cases"), &mut inputs);
    let corpus = repository.root.join("tests/fuzz/corpus");
    for target in super::TARGETS {
        create(&corpus.join(target))?;
    }
    for (index, case) in inputs.iter().enumerate() {
        for (name, text) in case {
            let target = if name == "deploy.yaml" { "config_text" } else { "manifest_text" };
            put(&corpus.join(target).join(format!("case-{index}-{name}")), text)?;
        }
        let files: Vec<String> = case.iter().map(|(name, text)| format!("{name}\n{text}")).collect();
        put(&corpus.join("plan").join(format!("case-{index}")), &files.join("\0"))?;
    }
    let folder = repository.target.join("fuzz");
    create(&folder)?;
    let path = folder.join("words.dict");
    put(&path, &dictionary(&inputs))?;
    Ok(path)
}

/// The texts of one case with their names, ordered by name.
type Case = Vec<(String, String)>;

/// Adds every case in a folder or below it: a folder with inputs is one, a folder without is a topic.
fn collect(folder: &Path, cases: &mut Vec<Case>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let case: Case = paths.iter().filter_map(|path| input(path)).collect();
    if !case.is_empty() {
        cases.push(case);
    }
    for path in paths.iter().filter(|path| path.is_dir()) {
        collect(path, cases);
    }
}

fn input(path: &Path) -> Option<(String, String)> {
    let name = path.file_name()?.to_str()?;
    let is_input = [".yaml", ".yml", ".json"].iter().any(|end| name.ends_with(end));
    if !is_input || NOT_SEEDS.contains(&name) {
        return None;
    }
    Some((name.to_owned(), fs::read_to_string(path).ok()?))
}

fn dictionary(cases: &[Case]) -> String {
    let words: BTreeSet<&str> = cases
        .iter()
        .flatten()
        .flat_map(|(_, text)| text.split(|c: char| !c.is_ascii_alphanumeric() && !"-./_".contains(c)))
        .filter(|word| (2..=LONGEST_WORD).contains(&word.len()))
        .chain(PUNCTUATION)
        .collect();
    let mut lines = String::new();
    for word in words {
        lines.extend(["\"", word, "\"\n"]);
    }
    lines
}

fn create(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))
}

fn put(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|error| Failure::file(path, &error))
}
