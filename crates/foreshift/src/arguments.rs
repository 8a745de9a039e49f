//! What can be asked for.

mod live;
mod objects;
mod pages;

pub(crate) use live::{
    AbortArguments, ApplyArguments, ApproveArguments, EventFormat, Place, ResumeArguments, RolloutArguments, Rollouts,
    WalkArguments,
};
pub(crate) use objects::{Described, GitopsArguments, GitopsTool, JobArguments, RbacArguments};
pub(crate) use pages::{
    BlocksArguments, MdbookArguments, MdbookQuestion, PlayArguments, RenderArguments, RenderFormat, ShareArguments,
};

use std::path::PathBuf;

use clap::error::{ContextKind, ErrorKind};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use foreshift_core::plan::{Hashes, Side};
use foreshift_core::render::Selection;

/// Preview an Istio traffic shift: every VirtualService and DestinationRule state, before it is made.
#[derive(Debug, Parser)]
#[command(name = "foreshift", version, arg_required_else_help = true, subcommand_required = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Whether to use colours; `auto` looks at the terminal and at `NO_COLOR`
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Color::Auto, display_order = 1000)]
    pub(crate) color: Color,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show every state of a rollout: its writes, its traffic, what it waits for, and the way back
    Plan(PlanArguments),
    /// Walk a cluster through exactly the planned states
    Apply(ApplyArguments),
    /// Say how far a rollout is
    Status(RolloutArguments),
    /// Answer the approval that a rollout waits for
    Approve(ApproveArguments),
    /// Take a running rollout back
    Abort(AbortArguments),
    /// Go on with a rollout where it stopped
    Resume(ResumeArguments),
    /// List the rollouts that have ended
    History(RolloutArguments),
    /// Show only what is wrong
    Lint(LintArguments),
    /// Draw a rollout for documentation, as HTML or SVG that needs no script
    Render(RenderArguments),
    /// Open the playground on files, and follow their changes
    Play(PlayArguments),
    /// Draw the fenced blocks of Markdown files, for generators of sites that can run no program
    Blocks(BlocksArguments),
    /// Be a preprocessor of mdBook: draw the fenced blocks of a book
    Mdbook(MdbookArguments),
    /// Print a playground link that holds the config and everything it names
    Share(ShareArguments),
    /// Print the least that a rollout has to be allowed, as Roles and RoleBindings
    Rbac(RbacArguments),
    /// Print a Job that makes the rollout in the cluster, with everything that it needs
    Job(JobArguments),
    /// Print what Argo CD or Flux has to leave alone while a rollout runs
    Gitops(GitopsArguments),
    /// Say what a code means
    Explain {
        /// The code in a finding's brackets; every code is listed without it
        code: Option<String>,
    },
    /// Print the JSON Schema of the deployment config, for editors
    Schema,
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Print a man page
    Man {
        /// The command that it is about; the page of foreshift itself without it
        command: Option<String>,
    },
}

#[derive(Args, Debug)]
#[command(after_help = "Exit codes: 0 done, 1 errors in the input, 2 usage

Examples:
  foreshift plan deploy.yaml
  foreshift plan deploy.yaml --current live/ --hash active=gc6647 --hash canary=cd6648
  foreshift plan deploy.yaml --abort-from 5
  kubectl get vs,dr,svc,deploy,rs -o yaml > now.yaml && foreshift plan deploy.yaml --current now.yaml")]
pub(crate) struct PlanArguments {
    /// The deployment config, a playground link, or `-` for standard input; manifest paths are relative to its folder
    #[arg(value_name = "DEPLOY.yaml")]
    pub(crate) config: String,

    #[command(flatten)]
    pub(crate) input: Input,

    /// What to print
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t = PlanFormat::Text)]
    pub(crate) output: PlanFormat,

    /// Only this state; 0 is the one before the first write
    #[arg(long, value_name = "N", conflicts_with = "abort_from")]
    pub(crate) state: Option<usize>,

    /// The way back from this state instead
    #[arg(long, value_name = "N")]
    pub(crate) abort_from: Option<usize>,

    /// Plan against the cluster; nothing is written
    #[arg(long, conflicts_with_all = ["current", "first"])]
    pub(crate) live: bool,

    #[command(flatten)]
    pub(crate) place: Place,

    /// Write one file for each object and state below this folder too
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    /// Take warnings for errors in the exit code
    #[arg(long)]
    pub(crate) strict: bool,
}

#[derive(Args, Debug)]
pub(crate) struct LintArguments {
    /// Deployment configs or playground links; `-` is standard input
    #[arg(value_name = "DEPLOY.yaml", required = true)]
    pub(crate) configs: Vec<String>,

    #[command(flatten)]
    pub(crate) input: Input,

    /// What to print
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t = LintFormat::Text)]
    pub(crate) output: LintFormat,

    /// Take warnings for errors in the exit code
    #[arg(long)]
    pub(crate) strict: bool,
}

/// What a preview is made from besides the config.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Input {
    /// What runs now: a file or a folder. Without it an earlier version is taken to run
    #[arg(long, value_name = "PATH")]
    pub(crate) current: Vec<String>,

    /// Only this target
    #[arg(long, value_name = "NAME")]
    pub(crate) target: Option<String>,

    /// The hash of a version: `active=` runs now, `canary=` comes; for one workload with its name before a dot
    #[arg(long = "hash", value_name = "[WORKLOAD.]SIDE=HASH", value_parser = hash)]
    pub(crate) hashes: Vec<Hash>,

    /// Nothing runs yet: show the first deployment
    #[arg(long)]
    pub(crate) first: bool,

    /// Fetch manifests that are at an address
    #[arg(long)]
    pub(crate) fetch: bool,

    /// Read nothing beyond this folder but what is named here; the config's repository without it, else its folder
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
}

/// For which workload, if for one only; of which side; the hash.
pub(crate) type Hash = (Option<String>, Side, String);

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum PlanFormat {
    /// A table of states, then the changed lines of each
    Text,
    /// Every object of every state
    Yaml,
    /// Everything, for scripts
    Json,
    /// For a pull request
    Markdown,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum LintFormat {
    /// As a compiler does
    Text,
    /// For scripts
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    /// Makes it count for everything that is printed from now on.
    pub(crate) fn choose(self) {
        let choice = match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}

impl PlanArguments {
    /// Which states are shown.
    pub(crate) fn selection(&self) -> Selection {
        match (self.state, self.abort_from) {
            (Some(n), _) => Selection::State(n),
            (None, Some(n)) => Selection::AbortFrom(n),
            (None, None) => Selection::All,
        }
    }
}

/// Whether somebody asks for a namespace as kubectl has it, where a command has no such option.
pub(crate) fn is_about_namespace(error: &clap::Error) -> bool {
    let argument = error.get(ContextKind::InvalidArg).map(ToString::to_string).unwrap_or_default();
    error.kind() == ErrorKind::UnknownArgument && (argument == "--namespace" || argument.starts_with("-n"))
}

fn hash(text: &str) -> Result<Hash, String> {
    let (name, hash) = text.split_once('=').ok_or("a hash is given as `active=HASH` or `canary=HASH`")?;
    let (workload, side) = Hashes::whose(name).map_err(|side| format!("`{side}` is neither `active` nor `canary`"))?;
    Ok((workload, side, hash.to_owned()))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        super::Arguments::command().debug_assert();
    }
}
