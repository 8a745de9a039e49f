//! `foreshift blocks`: every fenced block of Markdown files as an HTML file of its own.

use std::fs;
use std::path::{Path, PathBuf};

use foreshift_core::render::words::counted;

use crate::arguments::BlocksArguments;
use crate::block;
use crate::failure::{Exit, Failure};
use crate::output;

pub(crate) fn run(arguments: &BlocksArguments) -> Result<Exit, Failure> {
    let mut files = Vec::new();
    for path in &arguments.paths {
        collect(path, &mut files)?;
    }
    fs::create_dir_all(&arguments.out).map_err(|error| failed(&arguments.out, &error))?;
    let mut count = 0;
    for file in &files {
        let text = fs::read_to_string(file).map_err(|error| failed(file, &error))?;
        for fence in block::fences(&text) {
            let folder = file.parent().unwrap_or(Path::new("."));
            let at = |failure: Failure| failure.at(&format!("{}:{}", file.display(), fence.line));
            let html = block::drawn(fence.options, &fence.text, folder, arguments.page.page.as_deref()).map_err(at)?;
            let name = block::key(fence.options, &fence.text).map_err(at)?;
            let path = arguments.out.join(format!("{name}.html"));
            fs::write(&path, html).map_err(|error| failed(&path, &error))?;
            count += 1;
        }
    }
    output::errors(&format!("{} in {}\n", counted(count, "block"), counted(files.len(), "file")))?;
    Ok(Exit::Done)
}

/// The file itself, or every Markdown file below a folder, by name.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let entries = fs::read_dir(path).map_err(|error| failed(path, &error))?;
    let mut inside: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    inside.sort();
    for path in inside {
        let is_markdown = path.extension().is_some_and(|end| end == "md" || end == "markdown" || end == "mdx");
        if is_markdown || (path.is_dir() && !path.is_symlink()) {
            collect(&path, files)?;
        }
    }
    Ok(())
}

fn failed(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("`{}`: {error}", path.display()))
}
