//! Folders, copied.

use std::fs;
use std::path::Path;

use crate::failure::Failure;

/// Copies a folder with all that is in it; files that are there are written again.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::create_dir_all(to).map_err(|error| Failure::file(to, &error))?;
    let entries = fs::read_dir(from).map_err(|error| Failure::file(from, &error))?;
    for entry in entries.filter_map(Result::ok) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to)?;
        } else {
            fs::copy(&from, &to).map_err(|error| Failure::file(&from, &error))?;
        }
    }
    Ok(())
}
