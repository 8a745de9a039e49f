//! The core in a browser: what a page calls, and nothing that decides.

use foreshift_core::diagnostic::{self, Diagnostic};
use foreshift_core::text::{self, Origin, Sources};
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// What a page gets for one text.
#[derive(Serialize)]
struct Reading {
    /// How many documents are not empty.
    documents: usize,
    findings: Vec<Finding>,
}

/// A finding as a page shows it; line and column count from 1.
#[derive(Serialize)]
struct Finding {
    severity: &'static str,
    message: String,
    line: u32,
    column: u32,
}

/// Makes a panic readable: without it a page sees only `unreachable`. The module calls it when it is loaded.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|panic| {
        web_sys::console::error_1(&JsValue::from_str(&panic.to_string()));
    }));
}

/// The version of foreshift that this module holds.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// Reads one text: `{documents, findings: [{severity, message, line, column}]}`.
#[wasm_bindgen]
pub fn read(path: &str, text: &str) -> Result<JsValue, JsValue> {
    let mut sources = Sources::default();
    let source = sources.add(path, text, Origin::default());
    let mut findings = Vec::new();
    let documents = match text::parse(source, text) {
        Ok(documents) => documents,
        Err(finding) => {
            findings.push(finding);
            Vec::new()
        }
    };
    for document in &documents {
        text::resolve(&document.root, &mut findings);
    }
    diagnostic::tidy(&mut findings);
    let reading = Reading {
        documents: documents.len(),
        findings: findings.into_iter().filter_map(|finding| shown(finding, &sources)).collect(),
    };
    Ok(serde_wasm_bindgen::to_value(&reading)?)
}

fn shown(finding: Diagnostic, sources: &Sources) -> Option<Finding> {
    let (_, position) = finding.place(sources)?;
    Some(Finding {
        severity: finding.severity.name(),
        message: finding.message,
        line: position.line,
        column: position.column,
    })
}
