//! Findings as SARIF 2.1.0, the OASIS format that code scanning reads.

use std::fmt::Write as _;

use foreshift_core::Preview;
use foreshift_core::diagnostic::{Code, Diagnostic, Severity};
use serde_json::{Value, json};

/// A log with one run: every rule there is, every finding of every preview.
pub(super) fn log(previews: &[Preview]) -> Value {
    let rules: Vec<Value> = Code::ALL.iter().map(|code| rule(*code)).collect();
    let results: Vec<Value> = previews
        .iter()
        .flat_map(|preview| preview.diagnostics.iter().map(move |found| result(found, preview)))
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": "foreshift",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": rules,
                },
            },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(code: Code) -> Value {
    json!({
        "id": code.name(),
        "fullDescription": { "text": code.explanation() },
        "defaultConfiguration": { "level": level(code.severity()) },
    })
}

fn result(found: &Diagnostic, preview: &Preview) -> Value {
    let text = match &found.help {
        Some(help) => format!("{}\nhelp: {help}", found.message),
        None => found.message.clone(),
    };
    let index = Code::ALL.iter().position(|code| *code == found.code);
    json!({
        "ruleId": found.code.name(),
        "ruleIndex": index,
        "level": level(found.severity),
        "message": { "text": text },
        "locations": location(found, preview).into_iter().collect::<Vec<_>>(),
    })
}

fn location(found: &Diagnostic, preview: &Preview) -> Option<Value> {
    let (source, start) = found.place(&preview.sources)?;
    let end = source.position(found.span.end);
    Some(json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(&source.path) },
            "region": {
                "startLine": start.line,
                "startColumn": start.column,
                "endLine": end.line,
                "endColumn": end.column,
            },
        },
    }))
}

/// A path as a relative reference; an address as it is.
fn uri(path: &str) -> String {
    if path.starts_with("http://") || path.starts_with("https://") {
        return path.to_owned();
    }
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}
