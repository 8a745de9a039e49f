//! What comes out of a case as files, beside what its folder says.

use std::fs;
use std::path::PathBuf;

use foreshift_core::Preview;
use foreshift_core::render::diff::{Mark, diff};
use foreshift_core::render::{self, Selection};
use tests::case::Case;

/// One file of a case.
pub struct Output {
    path: PathBuf,
    name: &'static str,
    /// What comes out; `None` where there should be no such file.
    text: Option<String>,
}

/// Every output of a case. `plan.yaml` holds every state in full, so only the cases that want one have it.
pub fn outputs(case: &Case, preview: &Preview) -> Vec<Output> {
    let output = |name: &'static str, text: String| Output {
        path: case.folder.join(name),
        name,
        text: Some(text).filter(|text| !text.is_empty()),
    };
    let mut outputs = vec![
        output("plan.txt", render::text(preview, Selection::All)),
        output("diagnostics.txt", render::diagnostics(preview)),
    ];
    if case.folder.join("plan.yaml").exists() {
        outputs.push(output("plan.yaml", render::yaml(preview, Selection::All)));
    }
    outputs
}

impl Output {
    /// How the file differs from what comes out.
    pub fn fault(&self) -> Option<String> {
        let there = fs::read_to_string(&self.path).ok();
        match (there, &self.text) {
            (None, None) => None,
            (Some(_), None) => Some(format!("{} is there, and nothing comes out", self.name)),
            (None, Some(text)) => Some(format!("{} is not there; out comes\n{text}", self.name)),
            (Some(there), Some(text)) => {
                (there != *text).then(|| format!("{}\n{}", self.name, difference(&there, text)))
            }
        }
    }

    /// Makes the file what comes out.
    pub fn write(&self) {
        match &self.text {
            Some(text) => fs::write(&self.path, text).expect("a case can be written"),
            None if self.path.exists() => fs::remove_file(&self.path).expect("a case can be written"),
            None => {}
        }
    }
}

/// Every line that is only in one of the texts, with its number there.
fn difference(expected: &str, found: &str) -> String {
    let mut lines: Vec<String> = diff(expected, found)
        .iter()
        .filter_map(|line| match line.mark {
            Mark::Kept => None,
            Mark::Removed => Some(format!("{:>5} - {}", line.before, line.text)),
            Mark::Added => Some(format!("{:>5} + {}", line.after, line.text)),
        })
        .collect();
    if lines.is_empty() {
        lines.push("only line breaks differ".to_owned());
    }
    lines.join("\n")
}
