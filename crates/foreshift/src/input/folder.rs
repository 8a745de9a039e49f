//! Folders: every manifest below one.

use std::fs;
use std::path::{Path, PathBuf};

use super::unreadable;
use crate::failure::Failure;

/// The path itself where it is a file, every `.yaml` and `.yml` below it where it is a folder, nothing where it is not
/// there. Links are followed, but not in a circle.
pub(super) fn files(path: &str) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    let place = if path.is_empty() { Path::new(".") } else { Path::new(path) };
    match fs::metadata(place) {
        Ok(about) if about.is_dir() => collect(place, path, &mut Vec::new(), &mut found)?,
        Ok(_) => found.push(path.to_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(unreadable(path, &error)),
    }
    Ok(found)
}

fn collect(folder: &Path, name: &str, above: &mut Vec<PathBuf>, found: &mut Vec<String>) -> Result<(), Failure> {
    let shown = if name.is_empty() { "." } else { name };
    let real = fs::canonicalize(folder).map_err(|error| unreadable(shown, &error))?;
    if above.contains(&real) {
        return Ok(());
    }
    above.push(real);
    let entries = fs::read_dir(folder).map_err(|error| unreadable(shown, &error))?;
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(shown, &error))?;
        // A name that is no text is no name that a config could give.
        let Ok(file) = entry.file_name().into_string() else { continue };
        let inside = if name.is_empty() { file.clone() } else { format!("{name}/{file}") };
        // A link that leads nowhere is no manifest.
        let Ok(about) = fs::metadata(entry.path()) else { continue };
        if about.is_dir() {
            collect(&entry.path(), &inside, above, found)?;
        } else if is_manifest(&file) {
            found.push(inside);
        }
    }
    above.pop();
    Ok(())
}

fn is_manifest(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|end| end == "yaml" || end == "yml")
}
