//! YAML means what kubectl takes it to mean: our reading of every text beside the answer of kubectl's own reader.
//!
//! The answers stand in `tests/kubectl/answers.json`, which says where they come from.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use foreshift_core::text::{SourceId, parse, resolve};
use foreshift_core::value::{Data, Value};
use serde::Deserialize;
use serde_json::Value as Json;

/// Texts that we read otherwise, each with the reason.
const DIFFERENCES: &[(&str, &str)] = &[];

#[derive(Deserialize)]
struct Suite {
    answers: Vec<Answer>,
}

#[derive(Deserialize)]
struct Answer {
    id: String,
    text: String,
    /// Absent where it is refused; `null` is an answer.
    #[serde(default, deserialize_with = "present")]
    json: Option<Json>,
    refused: Option<String>,
}

#[test]
fn every_text_means_what_kubectl_takes_it_to_mean() {
    let known: BTreeMap<&str, &str> = DIFFERENCES.iter().copied().collect();
    let mut wrong = String::new();
    for answer in &suite().answers {
        match (difference(answer), known.get(&*answer.id)) {
            (Some(found), None) => writeln!(wrong, "{:?} {:?}: {found}", answer.id, answer.text).expect("text"),
            (None, Some(reason)) => writeln!(wrong, "{:?} agrees, but is listed: {reason}", answer.id).expect("text"),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_listed_difference_is_about_a_text_that_is_there() {
    let answers = suite().answers;
    for (id, _) in DIFFERENCES {
        assert!(answers.iter().any(|answer| answer.id == *id), "{id:?}");
    }
}

fn difference(answer: &Answer) -> Option<String> {
    match (ours(&answer.text), &answer.json) {
        (Err(_), None) => None,
        (Ok(found), None) => Some(format!("kubectl refuses it ({:?}), we read {found}", answer.refused)),
        (Err(found), Some(expected)) => Some(format!("kubectl reads {expected}, we refuse it: {found}")),
        (Ok(found), Some(expected)) if same(&found, expected) => None,
        (Ok(found), Some(expected)) => Some(format!("kubectl reads {expected}, we read {found}")),
    }
}

/// The first document as we read it, or the first error.
fn ours(text: &str) -> Result<Json, String> {
    let documents = parse(SourceId(0), text).map_err(|found| found.message)?;
    let Some(first) = documents.first() else { return Ok(Json::Null) };
    let mut found = Vec::new();
    let value = resolve(&first.root, &mut found);
    match found.into_iter().find(|found| found.is_error()) {
        Some(error) => Err(error.message),
        None => Ok(json(&value)),
    }
}

fn json(value: &Value) -> Json {
    match &value.data {
        Data::Null => Json::Null,
        Data::Bool(truth) => (*truth).into(),
        Data::Int(number) => (*number).into(),
        Data::Float(text) => number(text),
        Data::Str(text) => text.as_str().into(),
        Data::Seq(items) => items.iter().map(json).collect(),
        Data::Map(map) => map.iter().map(|(key, value)| (key.name.clone(), json(value))).collect(),
    }
}

/// A number that stands in a [`Data::Float`] as it was written.
fn number(text: &str) -> Json {
    let text = text.strip_prefix('+').unwrap_or(text);
    match text.parse::<u64>() {
        Ok(whole) => whole.into(),
        Err(_) => text.parse::<f64>().map_or_else(|_| format!("no number: {text}").into(), Json::from),
    }
}

fn same(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        (Json::Array(left), Json::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Json::Object(left), Json::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, value)| right.get(key).is_some_and(|other| same(value, other)))
        }
        _ => left == right,
    }
}

fn suite() -> Suite {
    let path = Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs this")).join("kubectl/answers.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("the answers")).expect("JSON")
}

fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(from).map(Some)
}
