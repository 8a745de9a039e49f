//! What becomes of an object by applying a manifest, as far as that can be said without the API server; and objects in the
//! order in which their manifest has its keys.

use super::is_filled_in;
use crate::value::{Data, Map, Value};

/// The object with everything that the manifest says, and with everything else that it has. A list is the manifest's, whose
/// items keep what the object says beside it: they are found by their names, else by their places.
pub fn applied(live: &Value, manifest: &Value) -> Value {
    merged(live, manifest, &|_, _| true)
}

/// A pod template that takes the place of another one, with what the API server has filled into that.
pub fn template_in_place_of(live: &Value, manifest: &Value) -> Value {
    merged(live, manifest, &is_filled_in)
}

fn merged(live: &Value, manifest: &Value, keeps: &dyn Fn(&str, &Value) -> bool) -> Value {
    let data = match (&live.data, &manifest.data) {
        (Data::Map(live), Data::Map(manifest)) => {
            let mut out = Map::default();
            for (key, value) in live.iter() {
                match manifest.get(&key.name) {
                    Some(wanted) if wanted.is_null() => {}
                    Some(wanted) => out.put(&key.name, merged(value, wanted, keeps), None),
                    None if keeps(&key.name, value) => out.put(&key.name, value.clone(), None),
                    None => {}
                }
            }
            for (key, value) in manifest.iter().filter(|(key, value)| live.get(&key.name).is_none() && !value.is_null())
            {
                out.put(&key.name, value.clone(), None);
            }
            Data::Map(out)
        }
        (Data::Seq(live), Data::Seq(manifest)) => {
            let item = |(index, wanted)| {
                same(live, manifest, index).map_or_else(|| Value::clone(wanted), |live| merged(live, wanted, keeps))
            };
            Data::Seq(manifest.iter().enumerate().map(item).collect())
        }
        _ => manifest.data.clone(),
    };
    Value::new(data)
}

/// The same value with its keys in the order of another one; keys that that one does not have come behind.
pub fn in_order_of(value: &Value, like: &Value) -> Value {
    let data = match (&value.data, &like.data) {
        (Data::Map(value), Data::Map(like)) => {
            let mut out = Map::default();
            for (key, like) in like.iter() {
                if let Some(value) = value.get(&key.name) {
                    out.put(&key.name, in_order_of(value, like), None);
                }
            }
            for (key, value) in value.iter().filter(|(key, _)| like.get(&key.name).is_none()) {
                out.put(&key.name, value.clone(), None);
            }
            Data::Map(out)
        }
        (Data::Seq(value), Data::Seq(like)) => {
            let item = |(index, item)| {
                same(like, value, index).map_or_else(|| Value::clone(item), |like| in_order_of(item, like))
            };
            Data::Seq(value.iter().enumerate().map(item).collect())
        }
        (data, _) => data.clone(),
    };
    Value::new(data)
}

/// What of a list is the item at `index` of another one: the one of the same name, else the one at the same place.
fn same<'a>(list: &'a [Value], of: &[Value], index: usize) -> Option<&'a Value> {
    match of.get(index)?.text_at(&["name"]) {
        Some(name) => list.iter().find(|item| item.text_at(&["name"]) == Some(name)),
        None => list.get(index),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{SourceId, parse, resolve, write};

    fn value(text: &str) -> Value {
        let documents = parse(SourceId::NONE, text).expect("it is YAML");
        resolve(&documents.first().expect("a document").root, &mut Vec::new())
    }

    const LIVE: &str = "spec:\n  strategy: {type: RollingUpdate}\n  containers:\n  - image: a:1\n    name: a\n    pull: Always\n  - image: b:1\n    name: b\n  replicas: 6\n";

    #[test]
    fn what_a_manifest_does_not_name_stays() {
        let manifest = value(
            "spec:\n  replicas: 3\n  containers:\n  - {name: b, image: 'b:2'}\n  - {name: a, image: 'a:1'}\n  labels: {x: y}\n",
        );
        let after = value(
            "spec:\n  strategy: {type: RollingUpdate}\n  containers:\n  - {name: b, image: 'b:2'}\n  - {name: a, image: 'a:1', pull: Always}\n  replicas: 3\n  labels: {x: y}\n",
        );
        assert_eq!(applied(&value(LIVE), &manifest), after);
        assert_eq!(applied(&value(LIVE), &value(LIVE)), value(LIVE));
    }

    #[test]
    fn keys_stand_as_in_the_manifest() {
        let manifest = value("spec:\n  replicas: 3\n  containers:\n  - name: b\n  - name: a\n    image: a\n");
        let ordered = in_order_of(&value(LIVE), &manifest);
        assert_eq!(ordered, value(LIVE));
        assert_eq!(
            write(&ordered),
            "spec:\n  replicas: 6\n  containers:\n  - name: a\n    image: \"a:1\"\n    pull: Always\n  - name: b\n    image: \"b:1\"\n  strategy:\n    type: RollingUpdate\n"
        );
    }
}
