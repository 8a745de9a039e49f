//! Objects as the API has them, and as the core has them.

use foreshift_core::value::{Data, Value};
use serde_json::{Map, Number};

use crate::cluster::Json;

/// An object of the API for the core.
pub fn value(json: &Json) -> Value {
    Value::new(match json {
        Json::Null => Data::Null,
        Json::Bool(truth) => Data::Bool(*truth),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Data::Int(number),
            None => Data::Float(number.to_string().into()),
        },
        Json::String(text) => Data::Str(text.as_str().into()),
        Json::Array(items) => Data::Seq(items.iter().map(value).collect()),
        Json::Object(map) => Data::Map(map.iter().map(|(key, item)| (key.as_str().into(), value(item))).collect()),
    })
}

/// A value of the core for the API. A number that JSON does not have, such as `.inf`, is left to the API to refuse.
pub(crate) fn json(value: &Value) -> Json {
    match &value.data {
        Data::Null => Json::Null,
        Data::Bool(truth) => Json::Bool(*truth),
        Data::Int(number) => Json::from(*number),
        Data::Float(text) => {
            let number = text.parse().ok().and_then(Number::from_f64);
            number.map_or_else(|| Json::String(text.to_string()), Json::Number)
        }
        Data::Str(text) => Json::String(text.to_string()),
        Data::Seq(items) => Json::Array(items.iter().map(json).collect()),
        Data::Map(map) => {
            let entries = map.iter().map(|(key, item)| (key.name.to_string(), json(item)));
            Json::Object(entries.collect::<Map<_, _>>())
        }
    }
}

/// The text at a JSON pointer; empty where there is none.
pub(crate) fn text<'a>(json: &'a Json, pointer: &str) -> &'a str {
    json.pointer(pointer).and_then(Json::as_str).unwrap_or_default()
}

/// The whole number at a JSON pointer.
pub(crate) fn number(json: &Json, pointer: &str) -> Option<i64> {
    json.pointer(pointer).and_then(Json::as_i64)
}

/// The list at a JSON pointer; empty where there is none.
pub(crate) fn items<'a>(json: &'a Json, pointer: &str) -> &'a [Json] {
    json.pointer(pointer).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Puts a value under a key of the mapping at `path`, making the mappings on the way.
pub(crate) fn put(json: &mut Json, path: &[&str], value: Json) {
    let Some((last, way)) = path.split_last() else { return };
    let mut at = json;
    for key in way {
        if !at.is_object() {
            return;
        }
        let Some(map) = at.as_object_mut() else { return };
        let next = map.entry((*key).to_owned()).or_insert_with(|| Json::Object(Map::new()));
        if next.is_null() {
            *next = Json::Object(Map::new());
        }
        at = next;
    }
    if let Some(map) = at.as_object_mut() {
        map.insert((*last).to_owned(), value);
    }
}
