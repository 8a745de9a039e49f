//! `foreshift render`: a rollout for documentation.

use std::fs;

use foreshift_core::render::Selection;
use foreshift_core::{contract, preview};

use super::{exit, plan};
use crate::arguments::{RenderArguments, RenderFormat};
use crate::draw::{self, Fragment};
use crate::failure::{Exit, Failure};
use crate::{input, output, share};

pub(crate) fn run(arguments: &RenderArguments) -> Result<Exit, Failure> {
    let Some(config) = arguments.config.as_ref().filter(|_| !arguments.csp) else {
        output::plain(&format!("{}\n", draw::style_hash()))?;
        return Ok(Exit::Done);
    };
    let request = input::request(config, &arguments.input)?;
    let preview = preview(&request);
    let selection = arguments.state.map_or(Selection::All, Selection::State);
    plan::check(&preview, selection)?;
    output::errors(&plan::findings(&preview))?;
    let exit = exit([&preview], arguments.strict);
    if exit != Exit::Done {
        return Ok(exit);
    }
    let drawn = match arguments.output {
        RenderFormat::Svg => draw::storyboard(&preview, selection),
        RenderFormat::Html => {
            let json = serde_json::to_string(&contract::document(&preview))
                .map_err(|error| Failure::input(format!("the plan cannot be written as JSON: {error}")))?;
            let link = match &arguments.page.page {
                Some(page) => Some(share::link(page, &request)? + &state(arguments)),
                None => None,
            };
            let state = arguments.state.unwrap_or(0);
            draw::fragment(Fragment { preview: &preview, json: &json, state, link: link.as_deref() })
        }
    };
    match &arguments.out {
        None => output::plain(&drawn)?,
        Some(path) => fs::write(path, drawn)
            .map_err(|error| Failure::usage(format!("`{}` cannot be written: {error}", path.display())))?,
    }
    Ok(exit)
}

fn state(arguments: &RenderArguments) -> String {
    arguments.state.map_or(String::new(), |state| format!("&state={state}"))
}
