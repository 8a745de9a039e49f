//! `foreshift render`: a rollout for documentation.

use std::fs;
use std::path::Path;

use foreshift_core::render::Selection;
use foreshift_core::{Preview, Request, contract, preview};

use super::{exit, plan};
use crate::arguments::{RenderArguments, RenderFormat};
use crate::draw::{self, Fragment};
use crate::failure::{Exit, Failure};
use crate::input::Reach;
use crate::{block, input, masks, output, share};

pub(crate) fn run(arguments: &RenderArguments) -> Result<Exit, Failure> {
    let page = arguments.page.page.as_deref();
    if arguments.csp {
        output::plain(&format!("{}\n", draw::style_hash()))?;
        return Ok(Exit::Done);
    }
    if let Some(options) = &arguments.block {
        let (folder, root) = (Path::new(""), arguments.input.root.as_deref());
        let reach = Reach::inside(Path::new("."), root)?;
        print(arguments, &block::drawn(options, &input::standard_input()?, (folder, &reach), page)?)?;
        return Ok(Exit::Done);
    }
    let config = arguments.config.as_deref().unwrap_or_default();
    let request = input::request(config, &arguments.input)?;
    let preview = preview(&request);
    plan::check(&preview, arguments.state.map_or(Selection::All, Selection::State))?;
    output::errors(&plan::findings(&preview))?;
    let exit = exit([&preview], arguments.strict);
    if exit == Exit::Done {
        masks::warn(&request, "what is drawn")?;
        print(arguments, &drawn(&preview, &request, arguments.output, arguments.state, page)?)?;
    }
    Ok(exit)
}

/// A picture of a preview, which leads to a page if there is one.
pub(crate) fn drawn(
    preview: &Preview,
    request: &Request,
    format: RenderFormat,
    state: Option<usize>,
    page: Option<&str>,
) -> Result<String, Failure> {
    if format == RenderFormat::Svg {
        return Ok(draw::storyboard(preview, state.map_or(Selection::All, Selection::State)));
    }
    let json = serde_json::to_string(&contract::document(preview))
        .map_err(|error| Failure::input(format!("the plan cannot be written as JSON: {error}")))?;
    let link = page.map(|page| share::link(page, request, state)).transpose()?;
    Ok(draw::fragment(Fragment { preview, json: &json, state: state.unwrap_or(0), link: link.as_deref() }))
}

fn print(arguments: &RenderArguments, drawn: &str) -> Result<(), Failure> {
    match &arguments.out {
        None => output::plain(drawn),
        Some(path) => fs::write(path, drawn)
            .map_err(|error| Failure::usage(format!("`{}` cannot be written: {error}", path.display()))),
    }
}
