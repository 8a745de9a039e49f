//! `foreshift lint`: findings only.

mod sarif;

use foreshift_core::contract::{self, Finding};
use foreshift_core::render;
use foreshift_core::{Preview, preview};
use serde::Serialize;

use super::exit;
use crate::arguments::{LintArguments, LintFormat};
use crate::failure::{Exit, Failure};
use crate::{input, output};

/// The findings of the contract alone.
#[derive(Serialize)]
struct Findings<'a> {
    format: u8,
    diagnostics: Vec<Finding<'a>>,
}

pub(crate) fn run(arguments: &LintArguments) -> Result<Exit, Failure> {
    let mut previews: Vec<Preview> = Vec::new();
    for config in &arguments.configs {
        previews.push(preview(&input::request(config, &arguments.input)?));
    }
    match arguments.output {
        LintFormat::Text => output::findings(&text(&previews))?,
        LintFormat::Json => output::plain(&super::plan::json(&findings(&previews))?)?,
        LintFormat::Sarif => output::plain(&super::plan::json(&sarif::log(&previews))?)?,
    }
    Ok(exit(&previews, arguments.strict))
}

fn text(previews: &[Preview]) -> String {
    let texts = previews.iter().map(render::diagnostics).filter(|text| !text.is_empty());
    texts.collect::<Vec<_>>().join("\n")
}

fn findings(previews: &[Preview]) -> Findings<'_> {
    let diagnostics = previews.iter().flat_map(|preview| contract::document(preview).diagnostics).collect();
    Findings { format: contract::FORMAT, diagnostics }
}
