//! `foreshift explain`: what a code means.

use foreshift_core::diagnostic::Code;
use foreshift_core::shape::nearest;

use crate::failure::{Exit, Failure};
use crate::output;

/// The columns of an explanation.
const WIDTH: usize = 80;

pub(crate) fn run(code: Option<&str>) -> Result<Exit, Failure> {
    match code {
        None => output::plain(&list())?,
        Some(name) => output::plain(&explanation(find(name)?))?,
    }
    Ok(Exit::Done)
}

fn find(name: &str) -> Result<Code, Failure> {
    // As it stands in a finding: `error[unknown-field]`.
    let bare = name.split_once('[').map_or(name, |(_, rest)| rest).trim_end_matches(']');
    let names = || Code::ALL.iter().map(|code| code.name());
    Code::ALL.iter().copied().find(|code| code.name() == bare).ok_or_else(|| {
        let failure = Failure::usage(format!("there is no code `{name}`"));
        match nearest(bare, names()) {
            Some(near) => failure.help(format!("did you mean `{near}`?")),
            None => failure.help("`foreshift explain` lists every code"),
        }
    })
}

fn list() -> String {
    let width = Code::ALL.iter().map(|code| code.name().len()).max().unwrap_or(0);
    Code::ALL
        .iter()
        .fold(String::new(), |out, code| format!("{out}{:width$}  {}\n", code.name(), code.severity().name()))
}

fn explanation(code: Code) -> String {
    let mut out = format!("{} ({})\n\n", code.name(), code.severity().name());
    let mut column = 0;
    for word in code.explanation().split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > WIDTH {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out.push('\n');
    out
}
