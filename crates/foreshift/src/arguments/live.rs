//! What can be asked for about rollouts in a cluster.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::Input;

#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Args, Debug)]
#[command(after_help = "Exit codes: 0 done, 1 errors in the input, 2 usage, 3 another rollout is in progress,
4 off plan, 5 rolled back, 6 cluster refused or unreachable, 7 interrupted or detached, resumable

Examples:
  foreshift apply deploy.yaml --simulate
  foreshift apply deploy.yaml --context staging
  foreshift apply deploy.yaml --yes --detach -o json
  foreshift plan deploy.yaml --live -o json > plan.json && foreshift apply plan.json")]
pub(crate) struct ApplyArguments {
    /// The deployment config, or a plan that `plan --live -o json` printed
    #[arg(value_name = "DEPLOY.yaml")]
    pub(crate) config: String,

    #[command(flatten)]
    pub(crate) input: Input,

    #[command(flatten)]
    pub(crate) place: Place,

    #[command(flatten)]
    pub(crate) walk: WalkArguments,

    /// Do not ask before the first write
    #[arg(long)]
    pub(crate) yes: bool,

    /// Walk a cluster in memory, in which an earlier version runs; where there is no terminal, `--yes` gives its approvals
    /// too
    #[arg(long, conflicts_with_all = ["context", "account_map", "kubeconfig", "detach"])]
    pub(crate) simulate: bool,

    /// Take a running rollout of the application back first
    #[arg(long)]
    pub(crate) replace: bool,

    /// Go on with the rollout of this config where one is in progress
    #[arg(long, conflicts_with = "replace")]
    pub(crate) resume: bool,
}

/// How a rollout is walked.
#[derive(Args, Debug)]
pub(crate) struct WalkArguments {
    /// How long every proxy is given to learn of a write: 2 s, and 500 ms where `--istiod` is asked after that
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    settle: Option<Duration>,

    /// Where istiod's debug endpoint is, as `http://localhost:15014` behind a port-forward: after the settle time it is waited
    /// until every proxy has acknowledged. Given for each replica, as each knows its own proxies
    #[arg(long, value_name = "URL")]
    pub(crate) istiod: Vec<String>,

    /// How long a Lease is held without being renewed; a resume may have to wait as long
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = duration)]
    pub(crate) lease: Duration,

    /// How long a request that the cluster does not answer is made again
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = duration)]
    pub(crate) patience: Duration,

    /// End at the next approval, with exit code 7, and leave the rest to `resume`
    #[arg(long)]
    pub(crate) detach: bool,

    /// Where a metric provider of the config is
    #[arg(long, value_name = "NAME=URL")]
    pub(crate) metrics: Vec<String>,

    /// Listen here for what webhooks call back
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) callback_listen: Option<String>,

    /// How webhooks reach that address
    #[arg(long, value_name = "URL", requires = "callback_listen")]
    pub(crate) callback_url: Option<String>,

    /// What to print while it goes on
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t = EventFormat::Text)]
    pub(crate) output: EventFormat,
}

impl WalkArguments {
    /// How long every proxy is given: for istiod to gather writes, where it says by itself when the proxies have them.
    pub(crate) fn settle(&self) -> Duration {
        let asked = Duration::from_millis(if self.istiod.is_empty() { 2000 } else { 500 });
        self.settle.unwrap_or(asked)
    }
}

/// Which clusters.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Place {
    /// The context of the kubeconfig. Without it the one that an account is called like, or that `--account-map` says; of a
    /// target without an account the current one
    #[arg(long, value_name = "CONTEXT")]
    pub(crate) context: Option<String>,

    /// The context for an account of the config; may be given for each
    #[arg(long, value_name = "ACCOUNT=CONTEXT", value_parser = pair, conflicts_with = "context")]
    pub(crate) account_map: Vec<(String, String)>,

    /// The kubeconfig; without it the files in KUBECONFIG, else the one at home
    #[arg(long, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
}

/// Which rollouts, in progress or ended.
#[derive(Args, Debug)]
pub(crate) struct Rollouts {
    /// The deployment config; its application and targets say which rollouts are meant
    #[arg(value_name = "DEPLOY.yaml", required_unless_present = "application")]
    pub(crate) config: Option<String>,

    /// Rollouts of this application, without a config
    #[arg(long, value_name = "NAME", conflicts_with_all = ["config", "account_map"], requires = "namespace")]
    pub(crate) application: Option<String>,

    /// Only in this namespace
    #[arg(short, long, value_name = "NAMESPACE")]
    pub(crate) namespace: Option<String>,

    /// Only this target
    #[arg(long, value_name = "NAME")]
    pub(crate) target: Option<String>,

    /// Read no config beyond this folder but by its own path; its repository without it, else its folder
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Args, Debug)]
pub(crate) struct RolloutArguments {
    #[command(flatten)]
    pub(crate) rollouts: Rollouts,

    /// What to print
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t = EventFormat::Text)]
    pub(crate) output: EventFormat,
}

#[derive(Args, Debug)]
pub(crate) struct ApproveArguments {
    #[command(flatten)]
    pub(crate) rollout: RolloutArguments,

    /// Say no: the rollout is taken back
    #[arg(long)]
    pub(crate) reject: bool,

    /// Only the approval behind this state
    #[arg(long, value_name = "N")]
    pub(crate) state: Option<usize>,
}

#[derive(Args, Debug)]
pub(crate) struct AbortArguments {
    #[command(flatten)]
    pub(crate) resume: ResumeArguments,

    /// Go by what the cluster and your files say, where the record is gone or not as it was written
    #[arg(long)]
    pub(crate) from_cluster: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ResumeArguments {
    #[command(flatten)]
    pub(crate) rollouts: Rollouts,

    #[command(flatten)]
    pub(crate) walk: WalkArguments,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum EventFormat {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (account, context) = text.split_once('=').ok_or("it is given as `ACCOUNT=CONTEXT`")?;
    Ok((account.to_owned(), context.to_owned()))
}

/// A number with `ms`, `s`, `m` or `h`; seconds without.
fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.find(|letter: char| letter.is_ascii_alphabetic()).unwrap_or(text.len()));
    let number: u64 = number.parse().map_err(|_| format!("`{text}` is no duration: try `500ms`, `2s` or `1m`"))?;
    match unit {
        "ms" => Ok(Duration::from_millis(number)),
        "" | "s" => Ok(Duration::from_secs(number)),
        "m" => Ok(Duration::from_secs(number * 60)),
        "h" => Ok(Duration::from_secs(number * 3600)),
        _ => Err(format!("`{unit}` is no unit: there is `ms`, `s`, `m` and `h`")),
    }
}
