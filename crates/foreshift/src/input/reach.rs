//! What may be read: regular files below a root, none too large, and not too many.
//!
//! What somebody names on the command line is read where it is. Where the text of a config or a link leads is for
//! somebody else to say, so it has to be below the root.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use foreshift_core::text::LIMIT_BYTES;

use super::{not_utf8, unreadable};
use crate::failure::Failure;

/// The most files of one rollout, and the most bytes that they may have together.
const MOST_FILES: usize = 5_000;
const MOST_BYTES: u64 = 64 << 20;

/// The most names that are looked at in folders: by links that lead to each other a few folders could have any number.
const MOST_NAMES: usize = 100_000;

/// What may be read for one rollout, and how much of that is left.
#[derive(Clone, Debug)]
pub(crate) struct Reach {
    /// Real paths. Whatever is one of them, or below one, may be read.
    roots: Vec<PathBuf>,
    files: usize,
    bytes: u64,
    names: usize,
}

impl Reach {
    /// The reach of a file that somebody names. Without a root that is the repository that the file is in, else its folder.
    pub(crate) fn around(path: &str, root: Option<&Path>) -> Result<Reach, Failure> {
        let folder = parent(Path::new(path));
        let mut reach = match root {
            Some(root) => Reach::given(root)?,
            None => Reach::of(folder).map_err(|error| unreadable(path, &error))?,
        };
        reach.name(path);
        Ok(reach)
    }

    /// The reach of texts that stand in a folder. Without a root that is the repository that the folder is in, else it.
    pub(crate) fn inside(folder: &Path, root: Option<&Path>) -> Result<Reach, Failure> {
        match root {
            Some(root) => Reach::given(root),
            None => Reach::of(folder).map_err(|error| unreadable(&folder.to_string_lossy(), &error)),
        }
    }

    /// A folder with everything below it, and nothing else.
    pub(crate) fn below(folder: &Path) -> io::Result<Reach> {
        Ok(Reach { roots: vec![fs::canonicalize(folder)?], files: MOST_FILES, bytes: MOST_BYTES, names: MOST_NAMES })
    }

    fn given(root: &Path) -> Result<Reach, Failure> {
        let unusable = |why: &str| Failure::usage(format!("`--root {}`: {why}", root.display()));
        let reach = Reach::below(root).map_err(|error| unusable(&super::reason(&error)))?;
        if root.is_dir() { Ok(reach) } else { Err(unusable("that is no folder")) }
    }

    fn of(folder: &Path) -> io::Result<Reach> {
        let folder = fs::canonicalize(folder)?;
        let repository = folder.ancestors().find(|above| above.join(".git").exists());
        Reach::below(repository.unwrap_or(&folder))
    }

    /// Takes in what somebody names on the command line. A link is not taken in: who named it need not know where it leads.
    pub(crate) fn name(&mut self, path: &str) {
        let path = if path.is_empty() { Path::new(".") } else { Path::new(path) };
        let real = match path.file_name() {
            Some(name) => fs::canonicalize(parent(path)).map(|folder| folder.join(name)),
            None => fs::canonicalize(path),
        };
        // What is not there is said where it is read.
        self.roots.extend(real.ok().filter(|real| !real.is_symlink()));
    }

    /// Where a path leads; refuses what is beyond the root.
    pub(super) fn real(&self, path: &str) -> Result<PathBuf, Failure> {
        let shown = if path.is_empty() { "." } else { path };
        let real = fs::canonicalize(shown).map_err(|error| unreadable(shown, &error))?;
        if self.roots.iter().any(|root| real.starts_with(root)) {
            return Ok(real);
        }
        let root = self.roots.first().map(|root| root.display().to_string()).unwrap_or_default();
        Err(Failure::input(format!(
            "`{shown}` is not read: it leads to `{}`, which is not in `{root}`",
            real.display()
        ))
        .help("`--root DIR` names a folder that everything is read below, where that is meant"))
    }

    /// The text of a file that a rollout is made of.
    pub(crate) fn text(&mut self, path: &str) -> Result<String, Failure> {
        let bytes = self.bytes(path, LIMIT_BYTES as u64)?;
        String::from_utf8(bytes).map_err(|error| not_utf8(path, error.utf8_error().valid_up_to()))
    }

    /// What a file holds that may have so many bytes.
    pub(crate) fn bytes(&mut self, path: &str, limit: u64) -> Result<Vec<u8>, Failure> {
        let real = self.real(path)?;
        let opened = regular(&real).map_err(|error| unreadable(path, &error))?;
        let Some((file, size)) = opened else {
            return Err(Failure::input(format!("`{path}` is not read: it is no regular file"))
                .help("of what a program writes make a file, or give the config on standard input, as `-`"));
        };
        let too_large = || {
            Failure::input(format!("`{path}` is not read: it has more than {} MiB", limit >> 20))
                .help("keep what is no part of the rollout out of its folders")
        };
        if size > limit {
            return Err(too_large());
        }
        // Some say that they have no size, and go on and on.
        let mut bytes = Vec::new();
        file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
        if bytes.len() as u64 > limit {
            return Err(too_large());
        }
        self.take(path, bytes.len())?;
        Ok(bytes)
    }

    /// Counts a text of the rollout, wherever it comes from; refuses one too many.
    pub(super) fn take(&mut self, path: &str, bytes: usize) -> Result<(), Failure> {
        let left = (self.files.checked_sub(1), self.bytes.checked_sub(bytes as u64));
        let (Some(files), Some(bytes)) = left else {
            return Err(Failure::input(format!(
                "`{path}` is not read: a rollout has at most {MOST_FILES} files, of {} MiB together",
                MOST_BYTES >> 20
            ))
            .help("name the manifests that belong to it, and not a folder that holds others too"));
        };
        (self.files, self.bytes) = (files, bytes);
        Ok(())
    }

    /// Counts a name in a folder; refuses one too many.
    pub(super) fn see(&mut self, folder: &str) -> Result<(), Failure> {
        self.names = self.names.checked_sub(1).ok_or_else(|| {
            Failure::input(format!("`{folder}` is not read: more than {MOST_NAMES} names are in the folders"))
                .help("name the manifests that belong to the rollout, and not a folder that holds others too")
        })?;
        Ok(())
    }
}

/// The folder that a path is in.
fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A regular file, opened, and its size; `None` for whatever else it is.
fn regular(path: &Path) -> io::Result<Option<(File, u64)>> {
    // Before it is opened: to open a device may do something, and to open a pipe waits for who writes into it.
    if !fs::metadata(path)?.is_file() {
        return Ok(None);
    }
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        // It may be another one by now.
        options.custom_flags((rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOFOLLOW).bits().cast_signed());
    }
    let file = options.open(path)?;
    let about = file.metadata()?;
    Ok(about.is_file().then_some((file, about.len())))
}
