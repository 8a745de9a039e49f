//! The deployment config as it is meant: defaults filled in, references found, durations in seconds.

use std::rc::Rc;

use crate::text::{Origin, Span};

/// A value with the place where the user wrote it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub span: Span,
}

/// A whole deployment config of kind `kubernetes`.
#[derive(Clone, Debug)]
pub struct Config {
    /// Who it is: one rollout at a time per application.
    pub application: Spanned<String>,
    /// A text for people.
    pub description: Option<String>,
    /// Variables for every webhook and analysis, in the user's order.
    pub context: Rc<Vec<(String, String)>>,
    /// How long pods may take to get Ready; 1800 where the user says nothing (Armory).
    pub timeout_seconds: u32,
    /// Whether the Deployment stays after the rollout; `None` where the user says nothing.
    pub keep_deployment_object: Option<bool>,
    /// What happens to a second rollout of the application.
    pub if_in_progress: IfInProgress,
    /// Where to, in the user's order.
    pub targets: Vec<Target>,
    /// What to, in the user's order.
    pub manifests: Vec<Manifest>,
    /// How requests reach it, in the user's order.
    pub traffic: Vec<Traffic>,
    /// The metric provider of a query that names none.
    pub default_metric_provider: Option<String>,
    /// What an analysis can ask; no name occurs twice.
    pub queries: Vec<Rc<Query>>,
    /// What a step can call; no name occurs twice.
    pub webhooks: Vec<Rc<Webhook>>,
}

/// What happens when a rollout begins while another one of the same application runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum IfInProgress {
    /// It is refused.
    Reject,
    /// It waits; of several that wait the newest one wins.
    EnqueueOne,
}

/// A namespace in a cluster, and how to get there.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its key under `targets`.
    pub name: Spanned<String>,
    /// The cluster, by Armory's name for it.
    pub account: Option<Spanned<String>>,
    /// Where its objects go.
    pub namespace: Spanned<String>,
    /// The strategy that it names; the place is that of the name.
    pub strategy: Spanned<Strategy>,
    /// The targets that have to be finished before; there is no cycle.
    pub depends_on: Vec<Spanned<String>>,
    /// What has to hold before it begins, all in parallel.
    pub before: Vec<GateStep>,
    /// What has to hold before it counts as finished, all in parallel.
    pub after: Vec<GateStep>,
}

/// How the requests get from one version to the next.
#[derive(Clone, Debug)]
pub enum Strategy {
    /// Share by share. The last step to 100 is implied.
    Canary(Vec<CanaryStep>),
    /// All at once.
    BlueGreen(BlueGreen),
}

/// One entry of `canary.steps`.
#[derive(Clone, Debug)]
pub struct CanaryStep {
    /// The whole entry.
    pub span: Span,
    /// What it does.
    pub kind: CanaryStepKind,
}

/// What a step of a canary does.
#[derive(Clone, Debug)]
pub enum CanaryStepKind {
    /// Gives this share of a hundred to the canary; at most 100.
    SetWeight(Spanned<u8>),
    /// Goes on only when this holds.
    Wait(Wait),
    /// Gives Services a temporary public address.
    ExposeServices {
        /// Their names.
        services: Vec<String>,
        /// For how long; 300 where the user says nothing (Armory).
        ttl_seconds: u32,
    },
}

/// A canary's twin that switches at once. Parsed and checked; not planned yet.
#[derive(Clone, Debug)]
pub struct BlueGreen {
    /// The Service that users reach.
    pub active_service: Option<Spanned<String>>,
    /// The Service that shows the next version before the switch.
    pub preview_service: Option<Spanned<String>>,
    /// What has to hold before the switch, all in parallel.
    pub redirect_traffic_after: Vec<GateStep>,
    /// What has to hold before the former version goes, all in parallel.
    pub shut_down_old_version_after: Vec<GateStep>,
}

/// One condition of a list whose conditions hold in parallel.
#[derive(Clone, Debug)]
pub struct GateStep {
    /// The whole entry.
    pub span: Span,
    /// The condition.
    pub wait: Wait,
}

/// A condition on going on.
#[derive(Clone, Debug)]
pub enum Wait {
    /// Time has passed.
    Duration {
        /// How much, at least 1.
        seconds: u32,
    },
    /// Somebody has approved.
    Approval {
        /// Who may; empty where anybody may.
        requires_roles: Vec<String>,
        /// After how long the answer is no; `None` for never.
        expires_seconds: Option<u32>,
    },
    /// Metrics are within their limits.
    Analysis(Rc<Analysis>),
    /// A webhook has answered.
    Webhook(Rc<Call>),
}

/// A call of a webhook.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Call {
    /// What is called.
    pub webhook: Rc<Webhook>,
    /// Variables for this call.
    pub context: Context,
    /// How long it may take until it is known whether the webhook succeeds: the config's timeout.
    pub timeout_seconds: u32,
}

/// The variables of a step, and behind them those of the whole config.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Context {
    /// The step's own, in the user's order.
    pub own: Vec<(String, String)>,
    /// The config's, in the user's order.
    pub config: Rc<Vec<(String, String)>>,
}

/// A judgment of metrics.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Analysis {
    /// The metric provider, where the step names one.
    pub metric_provider: Option<String>,
    /// The metric provider where neither the query nor the step names one.
    pub default_metric_provider: Option<String>,
    /// Variables for the queries.
    pub context: Context,
    /// The time that one judgment looks at, and the time between two.
    pub interval_seconds: u32,
    /// How many judgments there are, at least 1.
    pub judgment_runs: u32,
    /// Who decides on going back.
    pub roll_back: Mode,
    /// Who decides on going on.
    pub roll_forward: Mode,
    /// What a judgment looks at, where the step says so.
    pub lookback: Option<Lookback>,
    /// Whether the first bad judgment ends it.
    pub abort_on_failed_judgment: bool,
    /// What is asked, in the step's order; at least one.
    pub queries: Vec<Rc<Query>>,
}

/// Who acts on a judgment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mode {
    /// The rollout itself; Armory's default.
    Automatic,
    /// A person.
    Manual,
}

/// What a judgment looks at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lookback {
    /// Everything since the analysis began.
    Growing,
    /// The last interval.
    Sliding,
}

/// One entry of `manifests`.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The whole entry.
    pub span: Span,
    /// Where its objects are.
    pub source: ManifestSource,
    /// The targets that get it, each of them there; empty means all.
    pub targets: Vec<Spanned<String>>,
}

/// Where the objects of a manifest are.
#[derive(Clone, Debug)]
pub enum ManifestSource {
    /// A file or a directory, relative to the config's folder.
    Path(Spanned<String>),
    /// In the config itself.
    Inline {
        /// The objects' text; the place is that of the scalar.
        text: Spanned<String>,
        /// Where the text's first character stands in the config's file, if every line of it stands there as it is but
        /// for the same indentation (a literal block). `None` for other styles: report at `text.span`.
        origin: Option<Origin>,
    },
    /// A file at an `http://` or `https://` address.
    Url(Spanned<String>),
}

/// One entry of `trafficManagement`.
#[derive(Clone, Debug)]
pub struct Traffic {
    /// The whole entry.
    pub span: Span,
    /// The targets that it speaks of, each of them there; empty means all.
    pub targets: Vec<Spanned<String>>,
    /// The pairs, in the user's order.
    pub istio: Vec<Pair>,
    /// The Services of a blueGreen.
    pub kubernetes: Vec<KubernetesTraffic>,
    /// SMI's entries; always with an error, because SMI is archived.
    pub smi: Vec<SmiTraffic>,
}

/// A `VirtualService` route and a `DestinationRule` subset that belong together.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The whole entry.
    pub span: Span,
    /// The `VirtualService`'s name.
    pub virtual_service: Spanned<String>,
    /// The route's name; `None` means the only one.
    pub http_route: Option<Spanned<String>>,
    /// The `DestinationRule`'s name; `None` means the only one of the route's host.
    pub destination_rule: Option<Spanned<String>>,
    /// The subset of what runs now; `None` means the one that the route names.
    pub active_subset: Option<Spanned<String>>,
    /// The subset of what comes; `None` means a name of ours.
    pub canary_subset: Option<Spanned<String>>,
}

/// The Services of a blueGreen.
#[derive(Clone, Debug)]
pub struct KubernetesTraffic {
    /// The whole entry.
    pub span: Span,
    /// The Service that users reach.
    pub active_service: Spanned<String>,
    /// The Service that shows the next version before the switch.
    pub preview_service: Option<Spanned<String>>,
}

/// A `TrafficSplit` of the Service Mesh Interface.
#[derive(Clone, Debug)]
pub struct SmiTraffic {
    /// The whole entry.
    pub span: Span,
    /// The Service that users reach.
    pub root_service: Spanned<String>,
    /// The Service of the canary.
    pub canary_service: Option<Spanned<String>>,
    /// The `TrafficSplit`'s name.
    pub traffic_split: Option<Spanned<String>>,
}

/// One entry of `analysis.queries`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Query {
    /// What steps call it.
    pub name: Spanned<String>,
    /// The query, with its variables.
    pub query_template: String,
    /// Above this number it fails; as written, read as kubectl reads numbers.
    pub upper_limit: Option<String>,
    /// Below this number it fails; one of the two is there.
    pub lower_limit: Option<String>,
    /// The metric provider, where the query names one.
    pub metric_provider: Option<String>,
}

/// One entry of `webhooks`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Webhook {
    /// What steps call it.
    pub name: Spanned<String>,
    /// The HTTP method, where the user says one.
    pub method: Option<String>,
    /// The address, with its variables.
    pub uri_template: String,
    /// Which way the call goes.
    pub network_mode: NetworkMode,
    /// The agent that calls; `None` means the one of the target's account.
    pub agent_identifier: Option<String>,
    /// Names and values, in the user's order.
    pub headers: Vec<(String, String)>,
    /// The body, with its variables.
    pub body: Option<String>,
    /// How often a call that does not connect is made again.
    pub retry_count: u32,
    /// Whether nobody waits for the webhook to call back.
    pub disable_callback: bool,
}

/// Which way a webhook's call goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NetworkMode {
    /// Straight; the default.
    Direct,
    /// Through Armory's agent in the cluster.
    RemoteNetworkAgent,
}

impl Traffic {
    /// Whether it speaks of the target with that name.
    pub fn covers(&self, target: &str) -> bool {
        self.targets.is_empty() || self.targets.iter().any(|name| name.value == target)
    }
}

impl Manifest {
    /// Whether the target with that name gets it.
    pub fn covers(&self, target: &str) -> bool {
        self.targets.is_empty() || self.targets.iter().any(|name| name.value == target)
    }
}

impl Context {
    /// What a variable says; the step's own one wins.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// Every variable, the step's own first.
    pub fn iter(&self) -> impl Iterator<Item = &(String, String)> {
        self.own.iter().chain(self.config.iter())
    }
}

impl Analysis {
    /// The metric provider of one of its queries: the query's own, else the step's, else the config's.
    pub fn provider<'a>(&'a self, query: &'a Query) -> Option<&'a str> {
        let all = [&query.metric_provider, &self.metric_provider, &self.default_metric_provider];
        all.into_iter().find_map(Option::as_deref)
    }
}
