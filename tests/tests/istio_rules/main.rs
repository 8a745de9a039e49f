//! Each rule of Istio's fires, and what is right passes: one line per rule.

mod table;
mod together;

use foreshift_core::istio::validate::{Finding, validate};
use foreshift_core::text::{SourceId, parse, resolve};
use foreshift_core::value::Value;

/// Where the text of a case goes.
#[derive(Clone, Copy)]
enum In {
    /// The whole object.
    Whole,
    /// The spec of a `VirtualService`.
    Service,
    /// Beside the `route` of an http route of a right one.
    Http,
    /// An http route.
    Route,
    /// A match of an http route.
    Match,
    /// The spec of a `DestinationRule`.
    Rule,
    /// The traffic policy of a right one.
    Policy,
}

use self::In::{Http, Match, Policy, Route, Rule, Service, Whole};
use self::table::{RIGHT, WRONG};

#[test]
fn every_rule_fires() {
    for (place, text, expected) in WRONG {
        let found: Vec<String> = validate(&object(*place, text)).iter().map(line).collect();
        let is_among = found.iter().any(|line| line.contains(expected));
        assert!(is_among, "{text}\n  expected {expected}\n  found {found:#?}");
    }
}

#[test]
fn what_is_right_passes() {
    for (place, text) in RIGHT {
        let found: Vec<String> = validate(&object(*place, text)).iter().map(line).collect();
        assert!(found.is_empty(), "{text}\n  found {found:#?}");
    }
}

/// Whoever adds a rule adds a line above: what a rule may say is in the source, and each of it has to be said.
#[test]
fn every_message_has_a_case() {
    let said: Vec<String> =
        WRONG.iter().flat_map(|(place, text, _)| validate(&object(*place, text))).map(|found| found.message).collect();
    let mut silent = Vec::new();
    for folder in ["validate", "validate/regex", "schema"] {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/foreshift-core/src/istio/").to_owned() + folder;
        for file in std::fs::read_dir(folder).expect("the source") {
            let path = file.expect("a file").path();
            if path.is_dir() {
                continue;
            }
            let text = std::fs::read_to_string(path).expect("the source");
            let messages = literals(&text).filter(|literal| is_message(literal));
            silent.extend(messages.filter(|message| !said.iter().any(|said| is_of(said, message))));
        }
    }
    silent.retain(|message| !UNSAID.contains(&message.as_str()));
    assert!(silent.is_empty(), "no case says {silent:#?}");
}

/// Messages about sizes that no line of a table should have.
const UNSAID: &[&str] = &[
    "has more than 4096 entries",
    "has a value of more than 63 characters",
    "is a domain name of more than 255 characters",
    "is larger than a mebibyte",
    "is larger than 100 KiB, which weighs on the control plane",
    "is a pattern of more than 1024 bytes",
];

#[test]
fn sizes_have_limits() {
    let cases = [
        (Match, format!("uri: {{regex: {}}}", "a".repeat(1025)), "is a pattern of more than 1024 bytes"),
        (Route, direct_response(1 << 20), ""),
        (Route, direct_response((1 << 20) + 1), "is larger than a mebibyte"),
        (Route, direct_response((100 << 10) + 1), "is larger than 100 KiB"),
        (Rule, format!("host: {}a", "a.".repeat(128)), "is a domain name of more than 255 characters"),
        (Rule, format!("{{host: a, subsets: [{{name: {}}}]}}", "a".repeat(64)), "which is no name of a subset"),
        (
            Rule,
            format!("{{host: a, workloadSelector: {{matchLabels: {{a: {}}}}}}}", "b".repeat(64)),
            "has a value of more than 63 characters",
        ),
        (
            Policy,
            format!("portLevelSettings: [{}]", "{port: {number: 1}, tls: {}},".repeat(4097)),
            "has more than 4096 entries",
        ),
    ];
    for (place, text, expected) in cases {
        let found: Vec<String> = validate(&object(place, &text)).iter().map(line).collect();
        assert!(found.iter().any(|line| line.contains(expected)) || expected.is_empty(), "{expected}: {found:#?}");
    }
}

fn direct_response(size: usize) -> String {
    format!("directResponse: {{status: 200, body: {{string: {}}}}}", "a".repeat(size))
}

#[test]
fn a_field_of_a_later_version_is_unknown() {
    let found = validate(&object(Route, "redirect: {prefixRewrite: /}"));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].path, "spec.http[0].redirect.prefixRewrite");
}

#[test]
fn other_kinds_pass() {
    for text in ["kind: VirtualService", "{apiVersion: v1, kind: Service, spec: {bogus: 1}}", "[]", "1"] {
        assert_eq!(validate(&value(text)), []);
    }
}

fn line(found: &Finding) -> String {
    format!("{} {}", found.path, found.message)
}

fn object(place: In, text: &str) -> Value {
    let braced = if text.starts_with('{') { text.to_owned() } else { format!("{{{text}}}") };
    let inside = braced.strip_prefix('{').and_then(|text| text.strip_suffix('}')).expect("braces");
    let of_service = |spec: &str| ("VirtualService", "name: a, namespace: shop".to_owned(), spec.to_owned());
    let of_rule = |spec: &str| ("DestinationRule", "name: a, namespace: shop".to_owned(), spec.to_owned());
    let (kind, metadata, spec) = match place {
        Whole => ("VirtualService", format!("namespace: shop, {inside}"), "{}".to_owned()),
        Service => of_service(&braced),
        Http => of_service(&format!("{{hosts: [a], http: [{{route: [{{destination: {{host: a}}}}], {inside}}}]}}")),
        Route => of_service(&format!("{{hosts: [a], http: [{braced}]}}")),
        Match => of_service(&format!("{{hosts: [a], http: [{{match: [{braced}], redirect: {{uri: /}}}}]}}")),
        Rule => of_rule(&braced),
        Policy => of_rule(&format!("{{host: a, trafficPolicy: {braced}}}")),
    };
    value(&format!("{{apiVersion: networking.istio.io/v1, kind: {kind}, metadata: {{{metadata}}}, spec: {spec}}}"))
}

fn value(text: &str) -> Value {
    let documents = parse(SourceId(0), text).unwrap_or_else(|wrong| panic!("{}: {text}", wrong.message));
    resolve(&documents[0].root, &mut Vec::new())
}

/// The texts in quotes of a source file, without those in comments.
fn literals(source: &str) -> impl Iterator<Item = String> {
    let lines = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.flat_map(|line| line.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>())
}

/// Messages are clauses, other texts of the source are words.
fn is_message(literal: &str) -> bool {
    literal.contains(' ') && !literal.starts_with('\'')
}

/// Whether a message is made from a template, alone or at its end.
fn is_of(said: &str, template: &str) -> bool {
    let mut rest = said;
    template.replace("\\\\", "\\").split("{}").all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}
