//! Which runs are made: all of them, or a part that is another one every day.

use std::env;
use std::time::{SystemTime, UNIX_EPOCH};

use test_cluster::{Failure, Result};

/// `all`, the number of a part, or how names of runs begin, as `Forward-KilledAfter-12`; without it, the number of the day.
const VARIABLE: &str = "FORESHIFT_STOPS";

/// How many runs a part has at least.
const PART: usize = 60;

/// The runs to make. The parts `0`, `1`, … together are all of them.
pub(super) fn part_of<T: ToString>(all: Vec<T>) -> Result<Vec<T>> {
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
        None => SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() / 86_400,
    };
    let parts = (all.len() / PART).max(1);
    let part = usize::try_from(number)? % parts;
    println!("part {part} of {parts}, by {VARIABLE}={number}; {VARIABLE}=all makes all {} runs", all.len());
    Ok(all.into_iter().enumerate().filter(|(index, _)| index % parts == part).map(|(_, item)| item).collect())
}
