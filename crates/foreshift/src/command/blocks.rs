//! `foreshift blocks`: every fenced block of Markdown files as an HTML file of its own.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use foreshift_core::render::words::counted;

use crate::arguments::BlocksArguments;
use crate::block;
use crate::failure::{Exit, Failure};
use crate::input::Reach;
use crate::output;

/// The most that a Markdown file may have.
const LIMIT_BYTES: u64 = 16 << 20;

/// How deep folders may be in each other.
const MOST_LEVELS: usize = 64;

pub(crate) fn run(arguments: &BlocksArguments) -> Result<Exit, Failure> {
    let mut files = Vec::new();
    for path in &arguments.paths {
        let root = arguments.root.as_deref();
        let name = path.to_string_lossy();
        let reach = if path.is_dir() { Reach::inside(path, root) } else { Reach::around(&name, root) }?;
        collect(path, 0, &mut |file| files.push((file, reach.clone())))?;
    }
    fs::create_dir_all(&arguments.out).map_err(|error| failed(&arguments.out, &error))?;
    let mut count = 0;
    for (file, reach) in &mut files {
        let name = file.to_string_lossy();
        let bytes = reach.bytes(&name, LIMIT_BYTES)?;
        let text = String::from_utf8(bytes).map_err(|_| Failure::usage(format!("`{name}` is not UTF-8")))?;
        for fence in block::fences(&text) {
            let folder = file.parent().unwrap_or(Path::new("."));
            let at = |failure: Failure| failure.at(&format!("{}:{}", file.display(), fence.line));
            let page = arguments.page.page.as_deref();
            let html = block::drawn(fence.options, &fence.text, (folder, reach), page).map_err(at)?;
            let name = block::key(fence.options, &fence.text).map_err(at)?;
            put(&arguments.out, &name, &html)?;
            count += 1;
        }
    }
    output::errors(&format!("{} in {}\n", counted(count, "block"), counted(files.len(), "file")))?;
    Ok(Exit::Done)
}

/// Writes a file in the place of what has its name. Where that is a link, what it leads to stays as it is.
fn put(folder: &Path, name: &str, html: &str) -> Result<(), Failure> {
    let (path, beside) = (folder.join(format!("{name}.html")), folder.join(format!(".{name}.{}", std::process::id())));
    let file = fs::OpenOptions::new().write(true).create_new(true).open(&beside);
    let written = file.and_then(|mut file| file.write_all(html.as_bytes())).and_then(|()| fs::rename(&beside, &path));
    written.map_err(|error| {
        let _ = fs::remove_file(&beside);
        failed(&path, &error)
    })
}

/// The file itself, or every Markdown file below a folder, by name.
fn collect(path: &Path, level: usize, add: &mut dyn FnMut(PathBuf)) -> Result<(), Failure> {
    if !path.is_dir() {
        add(path.to_owned());
        return Ok(());
    }
    if level > MOST_LEVELS {
        return Err(Failure::usage(format!("`{}` is more than {MOST_LEVELS} folders deep", path.display())));
    }
    let entries = fs::read_dir(path).map_err(|error| failed(path, &error))?;
    let mut inside: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    inside.sort();
    for path in inside {
        let is_markdown = path.extension().is_some_and(|end| end == "md" || end == "markdown" || end == "mdx");
        let is_folder = path.is_dir();
        // A link to a folder would have its files twice, or without end.
        if (is_markdown && !is_folder) || (is_folder && !path.is_symlink()) {
            collect(&path, level + 1, add)?;
        }
    }
    Ok(())
}

fn failed(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("`{}`: {error}", path.display()))
}
