//! What commands share that deal with a cluster: the runtime, the clusters of the targets, how a stop is told.

mod moment;
pub(crate) mod named;
pub(crate) mod progress;
pub(crate) mod prompt;
pub(crate) mod signals;
pub(crate) mod terminal;

use std::time::Duration;

use foreshift_core::config::{self, Config, Target};
use foreshift_core::text::SourceId;
use foreshift_executor::cluster::{Access, ApiError, Kubernetes, Reason, connect, contexts};
use foreshift_executor::rollout::Of;
use foreshift_executor::{Stop, StopKind};
use tokio::task::LocalSet;

use crate::arguments::Place;
use crate::failure::{Exit, Failure};
use crate::output;

/// How long a request that may work later is made again, by commands that have no `--patience`.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Runs what waits: on one thread, because a plan is shared between its tasks without locks.
pub(crate) fn run<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::input(format!("the program cannot wait for anything: {error}")))?;
    let done = LocalSet::new().block_on(&runtime, work);
    // A question that nobody answers any more is not waited for.
    runtime.shutdown_background();
    done
}

/// A deployment config without what is wrong in it: the plan says that at its place.
pub(crate) fn config(text: &str) -> Result<Config, Failure> {
    let mut found = Vec::new();
    config::parse(SourceId(0), text, &mut found)
        .ok_or_else(|| Failure::input("this is no deployment config").help("`foreshift lint` says why"))
}

/// The targets of a config that are asked for, in its order.
pub(crate) fn targets<'a>(config: &'a Config, only: Option<&str>) -> Result<Vec<&'a Target>, Failure> {
    let is_asked = |target: &&Target| only.is_none_or(|only| target.name.value == only);
    let targets: Vec<&Target> = config.targets.iter().filter(is_asked).collect();
    match (targets.is_empty(), only) {
        (true, Some(only)) => Err(Failure::usage(format!("the config has no target `{only}`"))),
        _ => Ok(targets),
    }
}

/// Whose record a target has.
pub(crate) fn of(config: &Config, target: &Target) -> Of {
    Of {
        application: config.application.value.clone(),
        target: target.name.value.clone(),
        namespace: target.namespace.value.clone(),
    }
}

/// The cluster of a target.
pub(crate) async fn cluster(place: &Place, target: &Target) -> Result<Kubernetes, Failure> {
    connected(place, context(place, target)?.as_deref()).await
}

async fn connected(place: &Place, context: Option<&str>) -> Result<Kubernetes, Failure> {
    let access = Access { kubeconfig: place.kubeconfig.as_deref(), context };
    connect(access).await.map_err(|error| unreachable(&error))
}

/// How many targets share a connection: an API server takes about a thousand requests on one at a time, and each target
/// follows what it is about with less than ten.
const TARGETS: usize = 50;

/// The clusters of several targets. Those of one context share connections.
#[derive(Default)]
pub(crate) struct Clusters {
    known: Vec<(Option<String>, Kubernetes, usize)>,
}

impl Clusters {
    /// The cluster of a target, for a run if there is one already.
    pub(crate) async fn of(
        &mut self,
        place: &Place,
        target: &Target,
        run: Option<&str>,
    ) -> Result<Kubernetes, Failure> {
        let context = context(place, target)?;
        let has_room =
            |(known, _, targets): &&mut (Option<String>, Kubernetes, usize)| *known == context && *targets < TARGETS;
        if let Some((_, cluster, targets)) = self.known.iter_mut().find(has_room) {
            *targets += 1;
            return Ok(cluster.clone());
        }
        let cluster = connected(place, context.as_deref()).await?;
        let cluster = match run {
            Some(run) => cluster.of_run(run).map_err(|error| unreachable(&error))?,
            None => cluster,
        };
        self.known.push((context, cluster.clone(), 1));
        Ok(cluster)
    }
}

/// The context of a target; `None` for the current one, or the cluster that this runs in.
fn context(place: &Place, target: &Target) -> Result<Option<String>, Failure> {
    let account = target.account.as_ref().map(|account| account.value.as_str());
    let name = &target.name.value;
    if let Some((_, context)) = place.account_map.iter().find(|(mapped, _)| Some(mapped.as_str()) == account) {
        return Ok(Some(context.clone()));
    }
    if !place.account_map.is_empty() {
        let account = account.unwrap_or("no account");
        return Err(Failure::usage(format!(
            "`--account-map` says nothing of {account}, the account of target `{name}`"
        ))
        .help("give `--account-map ACCOUNT=CONTEXT` for each account of the config"));
    }
    let (None, Some(account)) = (&place.context, account) else { return Ok(place.context.clone()) };
    let contexts = contexts(place.kubeconfig.as_deref()).map_err(|error| unreachable(&error))?;
    // In a pod there is one cluster, and nothing to choose.
    if contexts.is_empty() {
        return Ok(None);
    }
    if contexts.iter().any(|context| context == account) {
        output::errors(&format!("note: {name} is in the context `{account}`, which is called like its account\n"))?;
        return Ok(Some(account.to_owned()));
    }
    Err(Failure::usage(format!("nobody says which cluster the account `{account}` of target `{name}` is")).help(
        format!("`--account-map {account}=CONTEXT` says it, or `--context CONTEXT`; there is {}", contexts.join(", ")),
    ))
}

pub(crate) fn unreachable(error: &ApiError) -> Failure {
    let failure = Failure::cluster(format!("there is no cluster to talk to: {error}"));
    let help = match error.reason {
        Reason::Unauthorized => {
            "`kubectl config get-contexts` lists the contexts that there are; `--simulate` needs none"
        }
        _ => "is it reachable? `kubectl get --raw /readyz` asks it",
    };
    failure.help(help)
}

/// A stop ends the command with its exit code.
impl From<Stop> for Failure {
    fn from(stop: Stop) -> Failure {
        let exit = match stop.kind {
            StopKind::Input => Exit::Errors,
            StopKind::Busy => Exit::Busy,
            StopKind::OffPlan => Exit::OffPlan,
            StopKind::Cluster => Exit::Cluster,
            StopKind::Interrupted => Exit::Interrupted,
        };
        let failure = Failure::exit(exit, stop.to_string().trim_end().to_owned());
        match stop.help {
            Some(help) => failure.help(help),
            None => failure,
        }
    }
}
