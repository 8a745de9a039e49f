//! What foreshift prints for other programs keeps to the schemas that are published for it, as an independent validator
//! reads them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use jsonschema::Validator;
use serde_json::{Value, json};
use tests::case::{self, CONFIG};
use tests::program::run;

/// What the schema of configs says that it is written in.
const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn sarif() -> Validator {
    let text = fs::read_to_string(here().join("sarif/sarif-schema-2.1.0.json")).expect("the schema of OASIS");
    // Only JavaScript takes this: a bracket is closed that was never opened. We name no language.
    let schema = parsed(&text.replace("-[a-zA-Z]{2}]?$", "-[a-zA-Z]{2}$"));
    // `uri` and `date-time` are part of what it says.
    jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema")
}

/// The meta-schema of the draft, closed: a misspelt keyword, which the draft itself passes over, is refused.
fn strict_meta_schema() -> Validator {
    let strict = json!({
        "$schema": DRAFT,
        "$id": "https://foreshift.invalid/strict",
        "$dynamicAnchor": "meta",
        "$ref": DRAFT,
        "unevaluatedProperties": false,
    });
    jsonschema::options().should_validate_formats(true).build(&strict).expect("a schema")
}

fn faults(validator: &Validator, value: &Value) -> Vec<String> {
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn every_case_as_sarif_keeps_to_the_schema_of_oasis() {
    let validator = sarif();
    let mut rules = BTreeSet::new();
    for case in case::all().iter().filter(|case| case.request.files.iter().all(|file| !file.path.is_empty())) {
        let arguments = [&["lint", CONFIG, "-o", "sarif"], &case.arguments()[..]].concat();
        let log = parsed(&run(&case.folder, &arguments, "").out);
        assert_eq!(faults(&validator, &log), Vec::<String>::new(), "{}", case.name);
        for result in log["runs"][0]["results"].as_array().expect("results") {
            rules.insert(result["ruleId"].to_string());
        }
    }
    assert!(rules.len() > 100, "{} rules in all cases", rules.len());
}

#[test]
fn the_schema_of_oasis_refuses_a_log_that_is_broken() {
    let validator = sarif();
    let case = here().join("cases/canary/reference");
    let log = parsed(&run(&case, &["lint", CONFIG, "-o", "sarif"], "").out);
    assert!(validator.is_valid(&log));
    let broken = |change: fn(&mut Value)| {
        let mut log = log.clone();
        change(&mut log);
        !validator.is_valid(&log)
    };
    assert!(broken(|log| log["version"] = "2.2.0".into()));
    assert!(broken(|log| log["runs"][0]["results"][0]["level"] = "information".into()));
    assert!(broken(|log| log["runs"][0]["results"][0]["message"] = json!({})));
    assert!(broken(|log| log["runs"][0]["results"][0]["place"] = "here".into()));
    assert!(broken(|log| {
        log["runs"][0]["results"][0]["locations"] = json!([{ "physicalLocation": { "region": { "startLine": 0 } } }]);
    }));
    assert!(broken(|log| {
        let uri = json!({ "artifactLocation": { "uri": "not a uri" } });
        log["runs"][0]["results"][0]["locations"] = json!([{ "physicalLocation": uri }]);
    }));
}

#[test]
fn the_schema_of_configs_keeps_to_the_draft_that_it_names() {
    let schema = parsed(&run(here(), &["schema"], "").out);
    assert_eq!(schema["$schema"], DRAFT);
    assert!(jsonschema::meta::is_valid(&schema));
    let strict = strict_meta_schema();
    assert_eq!(faults(&strict, &schema), Vec::<String>::new());

    let broken = |change: fn(&mut Value)| {
        let mut schema = schema.clone();
        change(&mut schema);
        !strict.is_valid(&schema)
    };
    assert!(broken(|schema| schema["$defs"]["config"]["properties"] = json!([])));
    assert!(broken(|schema| schema["$defs"]["config"]["require"] = json!(["targets"])), "a keyword that there is not");
    assert!(broken(|schema| schema["$defs"]["config"]["properties"]["application"]["type"] = "text".into()));
}
