//! `foreshift plan`: every state of a rollout.

mod files;
pub(super) mod live;

use std::fmt::Write as _;

use foreshift_core::render::{self, Selection};
use foreshift_core::{Preview, contract, preview};
use serde::Serialize;
use serde_json::Value as Json;

use super::exit;
use crate::arguments::{PlanArguments, PlanFormat};
use crate::failure::{Exit, Failure};
use crate::{input, output};

pub(crate) fn run(arguments: &PlanArguments) -> Result<Exit, Failure> {
    if arguments.live {
        return live::run(arguments);
    }
    let preview = preview(&input::request(&arguments.config, &arguments.input)?);
    print(arguments, &preview, None)
}

/// Prints a plan as it is asked for; `inputs` are what plans of a cluster were made from.
fn print(arguments: &PlanArguments, preview: &Preview, inputs: Option<&Json>) -> Result<Exit, Failure> {
    let selection = arguments.selection();
    check(preview, selection)?;
    output::errors(&findings(preview))?;
    if let Some(folder) = &arguments.out {
        files::write(preview, selection, folder)?;
    }
    match arguments.output {
        PlanFormat::Text => output::plan(&render::text(preview, selection))?,
        PlanFormat::Yaml => output::plain(&render::yaml(preview, selection))?,
        PlanFormat::Markdown => output::plain(&render::markdown(preview, selection))?,
        PlanFormat::Json => output::plain(&contract(preview, selection, inputs)?)?,
    }
    Ok(exit([preview], arguments.strict))
}

/// The findings, with an empty line before a plan that follows, or with a last word where none does.
pub(crate) fn findings(preview: &Preview) -> String {
    let mut out = render::diagnostics(preview);
    if !out.is_empty() {
        out.push('\n');
    }
    if preview.plans.is_empty() {
        let errors = preview.diagnostics.iter().filter(|found| found.is_error()).count();
        let plural = if errors == 1 { "" } else { "s" };
        let _ = writeln!(out, "there is no plan: {errors} error{plural}");
    }
    out
}

/// Refuses a state that no plan has.
pub(crate) fn check(preview: &Preview, selection: Selection) -> Result<(), Failure> {
    let (Selection::State(n) | Selection::AbortFrom(n)) = selection else { return Ok(()) };
    let last = preview.plans.iter().map(|plan| plan.stages.len()).max();
    match last {
        Some(last) if n > last => Err(Failure::usage(format!("there is no state {n}"))
            .help(format!("states are counted from 0, the one before the first write, to {last}"))),
        _ => Ok(()),
    }
}

/// The contract: the whole document, or one state or way back of it.
fn contract(preview: &Preview, selection: Selection, inputs: Option<&Json>) -> Result<String, Failure> {
    let is_one = preview.plans.len() == 1;
    match selection {
        Selection::State(n) if is_one => json(&contract::state(preview, 0, n)),
        Selection::AbortFrom(n) if is_one => json(&contract::way_back(preview, 0, n)),
        Selection::State(_) | Selection::AbortFrom(_) if preview.plans.len() > 1 => {
            Err(Failure::usage("one state as JSON is of one target, and there are several")
                .help("name it with `--target`"))
        }
        _ => match inputs {
            None => json(&contract::document(preview)),
            Some(inputs) => json(&Saved { document: contract::document(preview), inputs }),
        },
    }
}

/// A document that can be applied: with what it was made from.
#[derive(Serialize)]
struct Saved<'a> {
    #[serde(flatten)]
    document: contract::Document<'a>,
    inputs: &'a Json,
}

/// JSON for people and scripts.
pub(super) fn json(value: &impl Serialize) -> Result<String, Failure> {
    let mut text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::input(format!("the answer cannot be written as JSON: {error}")))?;
    text.push('\n');
    Ok(text)
}
