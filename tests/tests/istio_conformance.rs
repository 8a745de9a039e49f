//! Istio's rules as this project states them, against the answers of a real API server and istiod.
//!
//! The answers are not part of this repository: `FORESHIFT_CONFORMANCE` names the folder that has them, or it stands
//! beside the repository. Where it does not, there is nothing to compare and the tests say so.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use foreshift_core::diagnostic::Severity;
use foreshift_core::istio::analyze::{self, Analysis, Objects};
use foreshift_core::istio::validate::{Finding, Layer, validate};
use foreshift_core::text::{SourceId, parse, resolve};
use foreshift_core::value::Value;
use required::Part;
use serde_json::Value as Json;

/// Cases in which we disagree with the cluster, each with its reason.
const DISAGREEMENTS: &[(&str, &str)] = &[];

#[test]
fn every_manifest_gets_the_answer_of_a_cluster() {
    let Some(folder) = folder() else { return };
    let cases = read(&folder, "validation.json");
    let known: BTreeMap<&str, &str> = DISAGREEMENTS.iter().copied().collect();
    let mut wrong = String::new();
    let mut count = 0;
    for case in cases["cases"].as_array().expect("cases") {
        let id = case["id"].as_str().expect("id");
        let manifest = expand(&case["manifest"]);
        let findings = validate(&value(&manifest.to_string()));
        let difference = difference(case, &findings);
        match (difference, known.get(id)) {
            (Some(found), None) => writeln!(wrong, "{id}: {found}\n  {:?}", case["message"]).expect("text"),
            (None, Some(reason)) => writeln!(wrong, "{id} agrees, but is listed: {reason}").expect("text"),
            _ => {}
        }
        count += 1;
    }
    println!("{count} manifests, {} listed disagreements", known.len());
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_analysis_is_the_one_of_istioctl() {
    let Some(folder) = folder() else { return };
    let cases = read(&folder, "analyzers.json");
    let mut wrong = String::new();
    for case in cases["cases"].as_array().expect("cases") {
        let name = case["test"].as_str().expect("test");
        let mut objects = Vec::new();
        for input in case["inputs"].as_array().expect("inputs") {
            let path = folder.join("analyzer-inputs").join(input.as_str().expect("input"));
            let text = std::fs::read_to_string(path).expect("an input");
            objects.extend(values(&text));
        }
        let objects: Vec<&Value> = objects.iter().collect();
        let found = run(case["analyzer"].as_str().expect("analyzer"), &Objects::new(&objects));
        let found = counted(found.iter().map(|found| (found.code.to_owned(), level(found.severity), origin(found))));
        let expected = counted(case["expected"].as_array().expect("expected").iter().map(|expected| {
            let text = |key: &str| expected[key].as_str().expect("text").to_owned();
            (text("code"), text("level"), text("origin"))
        }));
        if found != expected {
            writeln!(wrong, "{name}:\n  expected {expected:?}\n  found    {found:?}").expect("text");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// The checks that an analyzer of Istio's makes.
fn run(analyzer: &str, objects: &Objects) -> Vec<Analysis> {
    match analyzer {
        "virtualservice.ConflictingMeshGatewayHostsAnalyzer" => analyze::mesh_hosts(objects),
        "virtualservice.GatewayAnalyzer" => analyze::gateways(objects),
        "schema.ValidationAnalyzer.VirtualService" => analyze::unused_rules(objects),
        "virtualservice.DestinationHostAnalyzer" => {
            [analyze::destination_hosts(objects), analyze::ingress_routes(objects)].concat()
        }
        "destinationrule.SubsetSelectPodAnalyzer" => {
            [analyze::rule_hosts(objects), analyze::subset_pods(objects)].concat()
        }
        other => panic!("no check for {other}"),
    }
}

fn difference(case: &Json, findings: &[Finding]) -> Option<String> {
    let errors: Vec<&Finding> = findings.iter().filter(|found| found.severity == Severity::Error).collect();
    let is_accepted = case["accepted"].as_bool().expect("accepted");
    if is_accepted != errors.is_empty() {
        return Some(format!("accepted is {is_accepted}, found {errors:?}"));
    }
    let layer = errors.first().map(|found| match found.layer {
        Layer::Schema => "crd",
        Layer::Webhook => "webhook",
    });
    if layer != case["layer"].as_str() {
        return Some(format!("layer is {}, found {errors:?}", case["layer"]));
    }
    // A refused object shows no warnings, so the column counts for the others.
    let has_warning = findings.iter().any(|found| found.severity == Severity::Warning);
    match case["warning"].as_bool() {
        Some(expected) if is_accepted && expected != has_warning => {
            Some(format!("warning is {expected}, found {findings:?}"))
        }
        _ => None,
    }
}

fn level(severity: Severity) -> String {
    match severity {
        Severity::Error => "Error",
        Severity::Warning => "Warning",
        Severity::Note => "Info",
    }
    .to_owned()
}

fn origin(found: &Analysis) -> String {
    match &found.namespace {
        Some(namespace) => format!("{} {namespace}/{}", found.kind, found.name),
        None => format!("{} {}", found.kind, found.name),
    }
}

fn counted<T: Ord>(items: impl Iterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(item).or_default() += 1;
    }
    counts
}

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("FORESHIFT_CONFORMANCE").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/conformance/istio"),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    required::left_out(Part::Conformance, format!("{} is not here", folder.display()))
        .unwrap_or_else(|missing| panic!("{missing}"));
    None
}

fn read(folder: &std::path::Path, name: &str) -> Json {
    let text = std::fs::read_to_string(folder.join(name)).expect("a file of the suite");
    serde_json::from_str(&text).expect("JSON")
}

/// Long texts are written as what they repeat.
fn expand(json: &Json) -> Json {
    match json {
        Json::Array(items) => items.iter().map(expand).collect(),
        Json::Object(map) => {
            let count = |key: &str| map.get(key).and_then(Json::as_u64).map(|n| usize::try_from(n).expect("a size"));
            if let (Some(repeated), Some(count)) = (map.get("$repeat"), count("count")) {
                return repeated.as_str().expect("text").repeat(count).into();
            }
            if let Some(length) = count("$bytes_base64_len") {
                return "A".repeat(length).into();
            }
            map.iter().map(|(key, value)| (key.clone(), expand(value))).collect()
        }
        other => other.clone(),
    }
}

fn value(text: &str) -> Value {
    values(text).pop().expect("a document")
}

fn values(text: &str) -> Vec<Value> {
    let documents = parse(SourceId(0), text).expect("YAML");
    documents.iter().map(|document| resolve(&document.root, &mut Vec::new())).filter(|value| !value.is_null()).collect()
}
