//! The JSON Schema of the deployment config says what the reader says, as far as a schema can.

use std::fs;
use std::sync::OnceLock;

use foreshift_core::config::{self, DEFINITIONS};
use foreshift_core::diagnostic::{Code, Diagnostic};
use foreshift_core::text::{Origin, Sources};
use jsonschema::Validator;
use proptest::prelude::{ProptestConfig, any, prop, proptest};
use serde_json::Value;
use tests::case::{self, CONFIG};

#[path = "config/rows.rs"]
mod rows;

/// What takes more than one place, or a product, to see; and what is said of YAML text before there is a value.
const BEYOND_A_SCHEMA: &[Code] = &[
    Code::BlueGreenNotPlanned,
    Code::ConfigDocuments,
    Code::DependsOnCycle,
    Code::DuplicateQuery,
    Code::DuplicateWebhook,
    Code::SmiArchived,
    Code::TimeoutTooShort,
    Code::TtlOutOfRange,
    Code::UnknownQuery,
    Code::UnknownStrategy,
    Code::UnknownTarget,
    Code::UnknownVariable,
    Code::UnknownWebhook,
];

fn schema() -> Value {
    serde_json::from_str(&config::json_schema()).expect("the schema is JSON")
}

fn validator() -> Validator {
    jsonschema::draft202012::new(&schema()).expect("the schema is one of draft 2020-12")
}

fn errors(text: &str) -> Vec<Diagnostic> {
    let mut sources = Sources::default();
    let id = sources.add("deploy.yaml", text, Origin::default());
    let mut diagnostics = Vec::new();
    config::parse(id, text, &mut diagnostics);
    diagnostics.retain(Diagnostic::is_error);
    diagnostics
}

/// The first document of a text, read as kubectl reads it; `None` where it cannot be read.
fn first_document(text: &str) -> Option<Value> {
    let mut sources = Sources::default();
    let id = sources.add("deploy.yaml", text, Origin::default());
    let documents = foreshift_core::text::parse(id, text).ok()?;
    let value = foreshift_core::text::resolve(&documents.first()?.root, &mut Vec::new());
    Some(json(&value))
}

fn json(value: &foreshift_core::value::Value) -> Value {
    use foreshift_core::value::Data;
    match &value.data {
        Data::Null => Value::Null,
        Data::Bool(truth) => Value::from(*truth),
        Data::Int(number) => Value::from(*number),
        Data::Float(number) => Value::from(number.parse::<f64>().expect("a number")),
        Data::Str(text) => Value::from(&**text),
        Data::Seq(items) => items.iter().map(json).collect(),
        Data::Map(map) => map.iter().map(|(key, value)| (key.name.to_string(), json(value))).collect(),
    }
}

#[test]
fn the_schema_is_a_schema() {
    assert!(jsonschema::draft202012::meta::is_valid(&schema()));
}

/// What each of them says about a text; `None` where it is no YAML, or where the reader speaks of the YAML.
fn compare(validator: &Validator, text: &str) -> Option<(Vec<&'static str>, Vec<String>)> {
    let document = first_document(text)?;
    let errors = errors(text);
    if errors.iter().any(|found| found.code < Code::ConfigEmpty) {
        return None;
    }
    let found = errors.iter().filter(|found| !BEYOND_A_SCHEMA.contains(&found.code)).map(|found| found.code.name());
    let refused = validator.iter_errors(&document).map(|error| error.to_string());
    Some((found.collect(), refused.collect()))
}

#[test]
fn schema_and_reader_agree() {
    let validator = validator();
    let mut compared = 0;
    for row in rows::rows() {
        let Some((found, refused)) = compare(&validator, &row.text) else { continue };
        let rows::Row { text, expected } = row;
        assert_eq!(found.is_empty(), refused.is_empty(), "{text}\nreader: {expected:?}\nschema: {refused:?}");
        compared += 1;
    }
    assert!(compared > 80, "{compared}");
}

#[test]
fn schema_and_reader_agree_on_every_case() {
    let validator = validator();
    let (mut good, mut bad) = (0, 0);
    for case in case::all() {
        let path = case.folder.join(CONFIG);
        let text = fs::read_to_string(&path).expect("a case has a config");
        let Some((found, refused)) = compare(&validator, &text) else { continue };
        assert_eq!(found.is_empty(), refused.is_empty(), "{}\nreader: {found:?}\nschema: {refused:?}", case.name);
        *if refused.is_empty() { &mut good } else { &mut bad } += 1;
    }
    assert!(good > 200 && bad > 10, "{good} that both take, {bad} that both refuse");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn schema_and_reader_agree_on_odd_configs(
        row in any::<prop::sample::Index>(),
        line in any::<prop::sample::Index>(),
        put in prop::sample::select(vec!["", "a", "1", "-1", "null", "true", "[]", "{}", "[a]", "{a: b}", "1.5", "'5'"]),
    ) {
        let texts = rows::texts();
        let text = odd(row.get::<String>(&texts), &line, put);
        let validator = VALIDATOR.get_or_init(validator);
        if let Some((found, refused)) = compare(validator, &text) {
            assert_eq!(found.is_empty(), refused.is_empty(), "{text}\nreader: {found:?}\nschema: {refused:?}");
        }
    }
}

static VALIDATOR: OnceLock<Validator> = OnceLock::new();

/// The text with another value behind one of its colons.
fn odd(text: &str, colon: &prop::sample::Index, put: &str) -> String {
    let colons: Vec<usize> = text.match_indices(": ").map(|(at, _)| at).collect();
    if colons.is_empty() {
        return text.to_owned();
    }
    let (before, rest) = text.split_at(colon.get(&colons) + 2);
    let end = rest.find([',', '}', ']', '\n']).unwrap_or(rest.len());
    format!("{before}{put}{}", &rest[end..])
}

#[test]
fn every_field_is_described() {
    for definition in DEFINITIONS {
        let fields: Vec<&str> = definition.object.fields.iter().map(|field| field.name).collect();
        let described: Vec<&str> = definition.fields.iter().map(|field| field.name).collect();
        assert_eq!(fields, described, "{}", definition.name);
    }
}

#[test]
fn every_reference_of_the_schema_leads_somewhere() {
    let text = config::json_schema();
    for name in text.split("#/$defs/").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert_eq!(DEFINITIONS.iter().filter(|definition| definition.name == name).count(), 1, "{name}");
    }
    // `config` would also be what a table without a definition gets.
    assert_eq!(text.matches("\"#/$defs/config\"").count(), 1);
}
