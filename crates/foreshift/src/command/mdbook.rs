//! `foreshift mdbook`: a preprocessor of mdBook, after its protocol: `[context, book]` comes in as JSON, the book goes out.

use std::path::Path;

use serde_json::Value;

use crate::arguments::{MdbookArguments, MdbookQuestion};
use crate::failure::{Exit, Failure};
use crate::input::Reach;
use crate::{block, input, output};

/// The most that a book may have, with all that mdBook says of it.
const LIMIT_BYTES: u64 = 256 << 20;

pub(crate) fn run(arguments: &MdbookArguments) -> Result<Exit, Failure> {
    if let Some(MdbookQuestion::Supports { renderer }) = &arguments.question {
        // Others show the blocks as the code that they are.
        return Ok(if renderer == "html" { Exit::Done } else { Exit::Errors });
    }
    let unreadable = |reason: String| {
        Failure::usage(format!("what mdBook says cannot be read: {reason}")).help("mdBook runs this command by itself")
    };
    let (context, mut book): (Value, Value) =
        serde_json::from_slice(&input::piped(LIMIT_BYTES)?).map_err(|error| unreadable(error.to_string()))?;
    let setting = |path: &str| context.pointer(path).and_then(Value::as_str);
    let root = Path::new(setting("/root").unwrap_or("."));
    let source = root.join(setting("/config/book/src").unwrap_or("src"));
    let page = setting("/config/preprocessor/foreshift/page");
    let reach = Reach::inside(root, arguments.root.as_deref())?;
    draw(&mut book, (&source, &reach), page)?;
    output::plain(&book.to_string())?;
    Ok(Exit::Done)
}

/// Draws the blocks of every chapter, wherever it stands in the book: mdBook's versions nest them differently.
fn draw(value: &mut Value, (source, reach): (&Path, &Reach), page: Option<&str>) -> Result<(), Failure> {
    match value {
        Value::Array(items) => items.iter_mut().try_for_each(|item| draw(item, (source, reach), page)),
        Value::Object(fields) => {
            let path = fields.get("path").and_then(Value::as_str).map(|path| source.join(path));
            if let (Some(path), Some(Value::String(content))) = (path, fields.get_mut("content")) {
                *content = chapter(content, (&path, reach), page)?;
            }
            fields.values_mut().try_for_each(|field| draw(field, (source, reach), page))
        }
        _ => Ok(()),
    }
}

fn chapter(content: &str, (path, reach): (&Path, &Reach), page: Option<&str>) -> Result<String, Failure> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut out = String::with_capacity(content.len());
    let mut done = 0;
    for fence in block::fences(content) {
        let at = |failure: Failure| failure.at(&format!("{}:{}", path.display(), fence.line));
        out.push_str(content.get(done..fence.range.start).unwrap_or_default());
        out.push_str(&block::drawn(fence.options, &fence.text, (folder, reach), page).map_err(at)?);
        done = fence.range.end;
    }
    out.push_str(content.get(done..).unwrap_or_default());
    Ok(out)
}
