//! `--out`: a folder for each state, a file for each object in it.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use foreshift_core::Preview;
use foreshift_core::kubernetes::Key;
use foreshift_core::plan::{Plan, Step};
use foreshift_core::render::{Frame, Selection, Way, frames};

use crate::failure::Failure;

/// Writes `<target>/<state>-<step>/<kind>-<name>.yaml` for every object of every selected state, byte for byte its text.
///
/// A folder that holds something already is refused, so that no state of another plan stands among these.
pub(super) fn write(preview: &Preview, selection: Selection, folder: &Path) -> Result<(), Failure> {
    let mut taken = BTreeSet::new();
    for plan in &preview.plans {
        let target = free(&file_name(&plan.target), &mut taken);
        let mut place = folder.join(target);
        refuse_link(&place)?;
        let (way, frames) = frames(plan, selection);
        if let (Way::Back, Selection::AbortFrom(from)) = (way, selection) {
            place.push(format!("abort-from-{from:02}"));
        }
        refuse_link(&place)?;
        refuse_filled(&place)?;
        let digits = plan.stages.len().to_string().len().max(2);
        for frame in &frames {
            state(&place.join(state_name(frame, digits)), plan, frame)?;
        }
    }
    Ok(())
}

fn state(folder: &Path, plan: &Plan, frame: &Frame<'_>) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
    let mut taken = BTreeSet::new();
    for (key, text) in &frame.objects {
        let name = free(&object_name(key, plan), &mut taken);
        let path = folder.join(format!("{name}.yaml"));
        // Only made new: a link that somebody puts there meanwhile is not written through.
        let file = fs::OpenOptions::new().write(true).create_new(true).open(&path);
        file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| unwritable(&path, &error))?;
    }
    Ok(())
}

/// With as many digits as the last state has, so that names sort as states follow each other.
fn state_name(frame: &Frame<'_>, digits: usize) -> String {
    let index = frame.index;
    match frame.act.as_ref().map(|act| act.step) {
        Some(Step::SetWeight(weight)) => format!("{index:0digits$}-setWeight-{}", weight.percent()),
        Some(step) => format!("{index:0digits$}-{}", step.kind()),
        None => format!("{index:0digits$}-start"),
    }
}

fn object_name(key: &Key, plan: &Plan) -> String {
    let name = format!("{}-{}", key.kind, key.name);
    if key.namespace.is_empty() || key.namespace == plan.namespace {
        file_name(&name)
    } else {
        file_name(&format!("{name}.{}", key.namespace))
    }
}

/// A name of one file on every system, whatever a user called a thing.
fn file_name(name: &str) -> String {
    let is_fine = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let fine: String = name.chars().map(|c| if is_fine(c) { c } else { '_' }).collect();
    if fine.trim_matches('.').is_empty() { format!("_{fine}") } else { fine }
}

/// The name, or the first one with a number behind it that is not taken. Some systems do not tell case apart.
fn free(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut free = name.to_owned();
    let mut number = 2;
    while !taken.insert(free.to_lowercase()) {
        free = format!("{name}-{number}");
        number += 1;
    }
    free
}

/// Refuses a link in the given folder: what is written would be elsewhere.
fn refuse_link(place: &Path) -> Result<(), Failure> {
    if place.is_symlink() {
        return Err(Failure::usage(format!("`{}` is a link", place.display()))
            .help("remove it, or name the folder that it leads to with `--out`"));
    }
    Ok(())
}

fn refuse_filled(folder: &Path) -> Result<(), Failure> {
    let mut entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unwritable(folder, &error)),
    };
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(Failure::usage(format!("`{}` holds something already", folder.display()))
            .help("remove it or give another folder, so that states of two plans are not mixed up")),
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("`{}` cannot be written: {error}", path.display()))
}
