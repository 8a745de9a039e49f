//! How the objects of manifests look after a write, where it is known how they look before: as the API server says, and
//! not as somebody wrote them. What it fills in stands in both, so that only changes are lines.

use std::rc::Rc;

use super::World;
use super::model::{Content, Stage};
use super::size::{kept_size, resized};
use super::workload::covers;
use crate::kubernetes::{Object, objects};
use crate::text::{Change, Origin, Sources, changed, write};
use crate::value::{Data, Map, Value};

/// Gives each write of an object of the manifests the text that the object has after it, and the size that it keeps. What
/// is written stays what the manifest says.
pub(super) fn show(stages: &mut [Stage], world: &World) {
    for stage in stages.iter_mut().filter(|stage| !stage.write.key.is_traffic()) {
        let key = &stage.write.key;
        let (Some(content), Some(manifest)) = (&mut stage.write.content, world.included.get(key)) else { continue };
        // What a write makes of the object that runs, as by pausing it, has its text from that.
        if covers(&content.value, &manifest.value) {
            *content = after(content, manifest, world);
        }
    }
}

fn after(content: &Content, manifest: &Object, world: &World) -> Content {
    let size = kept_size(&manifest.key, world);
    let kept: Vec<_> = size.map(resized).into_iter().collect();
    let value = changed(&content.value, &kept);
    let text = match world.applied.get(&manifest.key) {
        Some(applied) => {
            let mut shown = (*applied.value).clone();
            add(&mut shown, &manifest.value, &content.value);
            write(&changed(&shown, &kept))
        }
        None if value == *content.value => return content.clone(),
        None => edited(&content.text, &kept).unwrap_or_else(|| write(&value)),
    };
    Content { value: Rc::new(value), text: text.into() }
}

/// Puts into `out` what `to` says otherwise than `from`.
fn add(out: &mut Value, from: &Value, to: &Value) {
    let (Data::Map(from), Data::Map(to)) = (&from.data, &to.data) else { return };
    if !matches!(out.data, Data::Map(_)) {
        out.data = Data::Map(Map::default());
    }
    let Data::Map(out) = &mut out.data else { return };
    let mut before = None;
    for (key, value) in to.iter() {
        match (from.get(&key.name), out.get_mut(&key.name)) {
            (Some(old), _) if old == value => {}
            (Some(old), Some(out)) if old.as_map().is_some() && value.as_map().is_some() => add(out, old, value),
            _ => out.put(&key.name, value.clone(), before),
        }
        before = Some(&*key.name);
    }
}

/// A text of one object with changes, in its own lines.
fn edited(text: &Rc<str>, changes: &[Change]) -> Option<String> {
    let mut sources = Sources::default();
    let id = sources.add("", text, Origin::default());
    let object = objects(&mut sources, id, &mut Vec::new()).into_iter().next()?;
    object.edited(changes).map(|edited| edited.text)
}

/// Whether applying an object of the manifests changes what runs.
pub(super) fn changes(live: &Object, manifest: &Object, world: &World) -> bool {
    let kept: Vec<_> = kept_size(&manifest.key, world).map(resized).into_iter().collect();
    match world.applied.get(&manifest.key) {
        Some(applied) => *live.value != changed(&applied.value, &kept),
        None => !covers(&live.value, &changed(&manifest.value, &kept)),
    }
}
