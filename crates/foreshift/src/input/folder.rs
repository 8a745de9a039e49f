//! Folders: every manifest below one.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Reach, unreadable};
use crate::failure::Failure;

/// How deep folders may be in each other.
const MOST_LEVELS: usize = 32;

/// The path itself where it is a file, every `.yaml` and `.yml` below it where it is a folder, nothing where it is not
/// there. Links are followed, but neither in a circle nor out of reach.
pub(super) fn files(path: &str, reach: &mut Reach) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    let place = if path.is_empty() { Path::new(".") } else { Path::new(path) };
    match fs::metadata(place) {
        Ok(about) if about.is_dir() => collect(place, path, reach, &mut Vec::new(), &mut found)?,
        Ok(_) => found.push(path.to_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(unreadable(path, &error)),
    }
    Ok(found)
}

fn collect(
    folder: &Path,
    name: &str,
    reach: &mut Reach,
    above: &mut Vec<PathBuf>,
    found: &mut Vec<String>,
) -> Result<(), Failure> {
    let shown = if name.is_empty() { "." } else { name };
    let real = reach.real(name)?;
    if above.contains(&real) {
        return Ok(());
    }
    if above.len() == MOST_LEVELS {
        return Err(Failure::input(format!("`{shown}` is not read: it is more than {MOST_LEVELS} folders deep"))
            .help("name the folder that the manifests are in"));
    }
    above.push(real);
    let entries = fs::read_dir(folder).map_err(|error| unreadable(shown, &error))?;
    for entry in entries {
        reach.see(shown)?;
        let entry = entry.map_err(|error| unreadable(shown, &error))?;
        // A name that is no text is no name that a config could give.
        let Ok(file) = entry.file_name().into_string() else { continue };
        let inside = if name.is_empty() { file.clone() } else { format!("{name}/{file}") };
        // A link that leads nowhere is no manifest.
        let Ok(about) = fs::metadata(entry.path()) else { continue };
        if about.is_dir() {
            collect(&entry.path(), &inside, reach, above, found)?;
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
