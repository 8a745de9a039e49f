//! Which of many runs are made: all of them, or the part of this commit.

use std::env;
use std::process::Command;

use crate::failure::{Failure, Result};

/// `all`, the number of a part, or how names of runs begin, as `Forward-KilledAfter-12`; without it, the part that belongs
/// to the commit, so that who looks at it again runs the same, and the next one runs others.
const VARIABLE: &str = "FORESHIFT_STOPS";

/// The part of what is no checkout.
const OUTSIDE_OF_GIT: u64 = 0;

/// How many digits of a commit's hash are its number.
const DIGITS: usize = 7;

/// The runs to make, where a part has at least `size`. The parts `0`, `1`, … together are all of them.
pub fn part_of<T: ToString>(all: Vec<T>, size: usize) -> Result<Vec<T>> {
    let wanted = env::var(VARIABLE).ok();
    if wanted.as_deref() == Some("all") {
        println!("all {} runs", all.len());
        return Ok(all);
    }
    let number: u64 = match wanted {
        Some(name) if name.starts_with(char::is_alphabetic) => {
            let chosen: Vec<T> = all.into_iter().filter(|item| item.to_string().starts_with(&name)).collect();
            return if chosen.is_empty() {
                Err(Failure::new(format!("no run is called {name}…")))
            } else {
                Ok(chosen)
            };
        }
        Some(number) => number.parse()?,
        None => commit().as_deref().and_then(number_of).unwrap_or(OUTSIDE_OF_GIT),
    };
    let parts = (all.len() / size).max(1);
    let part = usize::try_from(number)? % parts;
    println!("part {part} of {parts}, by {VARIABLE}={number}; {VARIABLE}=all makes all {} runs", all.len());
    Ok(all.into_iter().enumerate().filter(|(index, _)| index % parts == part).map(|(_, item)| item).collect())
}

/// The hash of the commit that is checked out.
fn commit() -> Option<String> {
    let output =
        Command::new("git").args(["rev-parse", "HEAD"]).current_dir(env!("CARGO_MANIFEST_DIR")).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The number that a commit's hash begins with.
fn number_of(hash: &str) -> Option<u64> {
    u64::from_str_radix(hash.get(..DIGITS)?, 16).ok()
}

#[test]
fn a_commit_has_one_part_however_much_of_its_hash_is_given() {
    assert_eq!(number_of("00000ff5e3c1a0b64c5c0bd9b2f5a4e1d0c3b2a1"), Some(0xff));
    assert_eq!(
        number_of("00000ff"),
        number_of("00000ff5e3c1a0b64c5c0bd9b2f5a4e1d0c3b2a1"),
        "an abbreviation is the same"
    );
    assert_eq!(number_of("no hash"), None);
}
