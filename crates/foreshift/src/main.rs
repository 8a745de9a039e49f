//! The command line: arguments, printing, exit codes. What there is to decide is decided in the core.

mod arguments;
mod block;
mod command;
mod draw;
mod failure;
mod input;
mod live;
mod masks;
mod objects;
mod output;
mod paint;
mod serve;
mod share;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser as _;
use failure::{Exit, Failure};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if arguments::is_about_namespace(&error) => {
            let failure = Failure::usage("this command has no `--namespace`: the config has one for each target")
                .help("`--target NAME` chooses among the targets");
            let _ = output::errors(&failure.to_string());
            return ExitCode::from(failure.exit as u8);
        }
        Err(error) => error.exit(),
    };
    arguments.color.choose();
    let exit = run(&arguments.command).unwrap_or_else(|failure| {
        // Where even this cannot be written nobody is left to tell.
        let _ = output::errors(&failure.to_string());
        failure.exit
    });
    ExitCode::from(exit as u8)
}

fn run(command: &Command) -> Result<Exit, Failure> {
    match command {
        Command::Plan(arguments) => command::plan::run(arguments),
        Command::Apply(arguments) => command::apply::run(arguments),
        Command::Status(arguments) => command::rollouts::status(arguments),
        Command::Approve(arguments) => command::rollouts::approve(arguments),
        Command::Abort(arguments) => command::rollouts::abort(arguments),
        Command::Resume(arguments) => command::rollouts::resume(arguments),
        Command::History(arguments) => command::rollouts::history(arguments),
        Command::Lint(arguments) => command::lint::run(arguments),
        Command::Render(arguments) => command::render::run(arguments),
        Command::Play(arguments) => command::play::run(arguments),
        Command::Blocks(arguments) => command::blocks::run(arguments),
        Command::Mdbook(arguments) => command::mdbook::run(arguments),
        Command::Share(arguments) => command::share::run(arguments),
        Command::Rbac(arguments) => command::rbac::run(arguments),
        Command::Job(arguments) => command::job::run(arguments),
        Command::Gitops(arguments) => command::gitops::run(arguments),
        Command::Explain { code } => command::explain::run(code.as_deref()),
        Command::Schema => command::schema::run(),
        Command::Completions { shell } => command::completions::run(*shell),
        Command::Man { command } => command::man::run(command.as_deref()),
    }
}
