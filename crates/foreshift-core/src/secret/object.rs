//! Which objects are Secrets, and which values in them nobody may see.

use super::mask::is_mask;
use super::vault::Vault;
use crate::value::{Data, Map, Value};

/// What `kubectl apply` keeps of an object, with every value of a Secret in it.
const LAST_APPLIED: &str = "metadata.annotations.kubectl.kubernetes.io/last-applied-configuration";

/// What is no value wherever it stands in a Secret. All else is one, also what stands there by a slip of the indentation.
const OTHERS: &[&str] = &["apiVersion", "kind", "type", "immutable", "metadata"];

/// What says which object it is, for whoever reads it.
const NAMES: &[&str] =
    &["apiVersion", "kind", "type", "immutable", "metadata.name", "metadata.namespace", "metadata.labels"];

/// The most that is spent on looking for values beside `data`: bytes of texts times values. Beyond it all is masked.
const LIMIT_SEARCH: usize = 1 << 26;

/// Whether an object is a Secret of the core group.
pub(super) fn is_secret(object: &Value) -> bool {
    let group =
        object.text_at(&["apiVersion"]).and_then(|version| version.split_once('/')).map_or("", |(group, _)| group);
    object.text_at(&["kind"]) == Some("Secret") && group.is_empty()
}

/// A document with the values of every Secret in it masked, which stand in the vault then; `None` where it has no Secret.
pub(super) fn masked(document: &Value, vault: &mut Vault) -> Option<Value> {
    let kind = document.text_at(&["kind"]).unwrap_or_default();
    if let (true, Some(items)) = (kind.ends_with("List"), document.get("items")) {
        let is_listed = |item: &Value| kind == "SecretList" && item.get("kind").is_none();
        let mut has_any = false;
        let mut one = |item: &Value| {
            let masked = if is_listed(item) { Some(secret(item, vault)) } else { masked(item, vault) };
            has_any |= masked.is_some();
            masked.unwrap_or_else(|| item.clone())
        };
        let items = Value { data: Data::Seq(items.items().iter().map(&mut one).collect()), ..items.clone() };
        return has_any.then(|| with(document, "items", items));
    }
    is_secret(document).then(|| secret(document, vault))
}

/// A Secret with masks.
fn secret(object: &Value, vault: &mut Vault) -> Value {
    let name = object.text_at(&["metadata", "name"]).unwrap_or_default();
    let mut own = Vault::default();
    let keep = |place: &str, leaf: &Value, own: &mut Vault| {
        let is_open = match &leaf.data {
            Data::Null => true,
            Data::Str(text) => text.is_empty() || is_mask(text),
            _ => false,
        };
        (!is_open).then(|| Data::Str(own.keep(name, place, &leaf.data).into()))
    };
    let object = mapped(object, "", &mut |place, leaf| {
        let is_value = !OTHERS.iter().any(|other| is_in(place, other)) || place == LAST_APPLIED;
        if is_value { keep(place, leaf, &mut own) } else { None }
    });
    let others = others(&object);
    let is_searched = others.saturating_mul(own.words()) < LIMIT_SEARCH;
    let values = own.clone();
    let object = mapped(&object, "", &mut |place, leaf| {
        let Data::Str(text) = &leaf.data else { return None };
        if is_name(place) || (is_searched && !values.stands_in(text)) {
            return None;
        }
        keep(place, leaf, &mut own)
    });
    vault.take(own);
    object
}

/// How many bytes the texts have that may have to be searched.
fn others(object: &Value) -> usize {
    let mut bytes = 0;
    mapped(object, "", &mut |_, leaf| {
        bytes += leaf.as_str().map_or(0, str::len);
        None
    });
    bytes
}

fn is_name(place: &str) -> bool {
    NAMES.iter().any(|name| is_in(place, name))
}

/// Whether a place is that one, or inside of it.
fn is_in(place: &str, above: &str) -> bool {
    place.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// A value with other data for the leaves that `change` has some for. It gets the place of each, keys divided by dots.
pub(super) fn mapped(value: &Value, place: &str, change: &mut impl FnMut(&str, &Value) -> Option<Data>) -> Value {
    let inside = |key: &str| if place.is_empty() { key.to_owned() } else { [place, ".", key].concat() };
    let data = match &value.data {
        Data::Map(map) => {
            let mut out = Map::default();
            for (key, item) in map.iter() {
                out.push(key.clone(), mapped(item, &inside(&key.name), change));
            }
            Data::Map(out)
        }
        Data::Seq(items) => {
            let items = items.iter().enumerate();
            Data::Seq(items.map(|(index, item)| mapped(item, &inside(&index.to_string()), change)).collect())
        }
        _ => change(place, value).unwrap_or_else(|| value.data.clone()),
    };
    Value { data, span: value.span }
}

/// A mapping with another value under a key that it has.
pub(super) fn with(value: &Value, key: &str, item: Value) -> Value {
    let mut out = value.clone();
    if let Data::Map(map) = &mut out.data
        && let Some(there) = map.get_mut(key)
    {
        *there = item;
    }
    out
}
