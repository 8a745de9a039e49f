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

/// Reasons for which we read otherwise, each with the ids of its texts.
const DIFFERENCES: &[(&str, &[&str])] = &[
    (
        "no object is written like this",
        &[
            "value 0b-1",
            "key 0b-1",
            "structure: literal at root column 0",
            "structure: literal marker at column 0",
            "structure: flow question",
        ],
    ),
    (
        "kubectl decodes it; we refuse to show bytes",
        &[
            "value !!binary aGk=",
            "value !!binary 'aGk='",
            "value !!binary /w==",
            "key !!binary aGk=",
            "item !!binary aGk=",
            "key !!binary 'aGk='",
            "item !!binary 'aGk='",
            "key !!binary !",
            "key !!binary /w==",
            "item !!binary /w==",
            "structure: binary block",
        ],
    ),
    ("nothing in a manifest is a timestamp", &["value !!timestamp x", "key !!timestamp x", "item !!timestamp x"]),
    (
        "kubectl reads JSON files with another reader, which takes it",
        &[
            "value \"\\ud83d\\ude00\"",
            "value \"\\/\"",
            "key \"\\ud83d\\ude00\"",
            "key \"\\/\"",
            "structure: json escapes",
            "structure: json surrogate",
            "structure: json colon on next line",
        ],
    ),
    (
        "go-yaml is laxer than YAML; we refuse it",
        &[
            "value \"\\'\"",
            "value {a:}",
            "value [a:]",
            "value |#c\n  x\n",
            "key \"\\'\"",
            "structure: quoted then hash",
            "structure: flow comment without space",
            "structure: flow dash alone",
        ],
    ),
    (
        "kubectl takes the mark for text; we refuse it",
        &["value \u{feff}a", "structure: bom in the middle", "structure: bom in value"],
    ),
    (
        "YAML 1.1 breaks lines at U+0085, U+2028 and U+2029",
        &[
            "value a\u{85}b",
            "value a\u{2028}b",
            "key a\u{85}b",
            "key a\u{2028}b",
            "structure: nel",
            "structure: ls",
            "structure: nel in quoted",
            "structure: ls in literal",
        ],
    ),
    (
        "kubectl turns the number into another text, a key of it is worth a refusal",
        &[
            "key .inf",
            "key .Inf",
            "key .INF",
            "key +.inf",
            "key -.inf",
            "key +.Inf",
            "key -.INF",
            "key .nan",
            "key .NaN",
            "key .NAN",
            "key 08",
            "key 09",
            "key 0778",
            "key 018",
            "key 1.5_0",
            "key .5_0",
            "key 1e1_0",
            "key 0_8",
            "key 1_e3",
            "key .5",
            "key 5.",
            "key -.5",
            "key +.5",
            "key -5.",
            "key +5.",
            "key 00.5",
            "key 01.5",
            "key 0.0",
            "key -0.0",
            "key +0.0",
            "key 5.e1",
            "key .5e1",
            "key 1e3",
            "key 1E3",
            "key 1e+3",
            "key 1e-3",
            "key 1.0e3",
            "key -1e3",
            "key +1e3",
            "key 1e-400",
            "key 1e308",
            "key 1.7976931348623157e308",
            "key 08.5",
            "key 0e0",
            "key 08e1",
            "key 1.0",
            "key 1.10",
            "key 100.0",
            "key 1e2",
            "key 12e03",
            "key -9223372036854775809",
            "key 18446744073709551616",
            "key +9223372036854775808",
            "key +18446744073709551615",
            "key 99999999999999999999999",
            "key 123456789012345678901234567890",
            "key -18446744073709551615",
            "key 09223372036854775808",
            "key 12e45",
            "key 0e12",
            "key 7E7",
            "key 123e4",
            "key 00e0",
            "key 1e_3",
            "key -.5_1",
            "key +.5_1",
            "key !!float .inf",
            "key !!float '1e3'",
            "explicit key 1e3",
            "structure: duplicate float and int",
            "structure: key float",
            "structure: key float large",
            "structure: key float small",
            "structure: key float 32",
            "structure: key float large digits",
            "structure: key inf",
            "structure: key negative zero",
            "structure: key 1e21",
            "structure: key 1e20",
            "structure: key 100000000000000000000",
        ],
    ),
    (
        "kubectl's reader stops in the middle and forgets the rest; we refuse the text",
        &[
            "key {}",
            "key []",
            "key [? a : 1]",
            "key {? a : 1}",
            "key {? a}",
            "key [a]]",
            "key {a: 1}}",
            "structure: json then more",
            "structure: json twice on a line",
            "structure: map indented root less",
        ],
    ),
    ("YAML 1.2 allows it; kubectl refuses it, loudly", &["structure: directive 1.2", "structure: directive 1.3"]),
    (
        "two keys become one in JSON; we refuse that, kubectl takes the last",
        &["structure: duplicate number and text", "structure: duplicate bool and quoted"],
    ),
    ("our limit of nesting", &["structure: deep 101"]),
];

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
    let listed = DIFFERENCES.iter().flat_map(|(reason, ids)| ids.iter().map(move |id| (*id, *reason)));
    let known: BTreeMap<&str, &str> = listed.collect();
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
    for id in DIFFERENCES.iter().flat_map(|(_, ids)| *ids) {
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
        Data::Str(text) => (**text).into(),
        Data::Seq(items) => items.iter().map(json).collect(),
        Data::Map(map) => map.iter().map(|(key, value)| (key.name.to_string(), json(value))).collect(),
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
    let path =
        Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs this")).join("kubectl/answers.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("the answers")).expect("JSON")
}

fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(from).map(Some)
}
