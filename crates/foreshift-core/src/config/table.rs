//! What a deployment config looks like, as tables: the reader and the JSON Schema are made from them.
//!
//! Source: Armory's CD-as-a-Service config reference. Groups of fields of which one may be given need one to be given.

use crate::istio::validate::is_dns_label;
use crate::shape::{Field, Object, Shape, object, optional, required};
use crate::value::Value;

fn filled(value: &Value) -> Option<&'static str> {
    (value.as_str() == Some("")).then_some("it is empty")
}

fn namespace(value: &Value) -> Option<&'static str> {
    let is_one = |name: &str| is_dns_label(name) && !name.bytes().any(|byte| byte.is_ascii_uppercase());
    (!value.as_str().is_some_and(is_one)).then_some("a namespace has up to 63 lower case letters, digits and dashes")
}

/// The whole config.
pub static CONFIG: Object = object(&[
    maybe("version", &Shape::Str),
    maybe("kind", &Shape::Word(&["kubernetes"])),
    required("application", Shape::Checked(&Shape::Str, filled)),
    maybe("description", &Shape::Str),
    maybe("context", &CONTEXT),
    maybe("deploymentConfig", &Shape::Object(&DEPLOYMENT_CONFIG)),
    required("targets", Shape::Dict(&Shape::Object(&TARGET))),
    required("manifests", Shape::List(&Shape::Object(&MANIFEST))),
    maybe("strategies", &Shape::Dict(&Shape::Object(&STRATEGY))),
    maybe("analysis", &Shape::Object(&ANALYSIS)),
    maybe("webhooks", &Shape::List(&Shape::Object(&WEBHOOK))),
    maybe("trafficManagement", &Shape::List(&Shape::Object(&TRAFFIC))),
]);

/// `deploymentConfig`
pub static DEPLOYMENT_CONFIG: Object = object(&[
    maybe("timeout", &Shape::Object(&PERIOD)),
    maybe("keepDeploymentObject", &Shape::Bool),
    maybe("ifDeploymentInProgress", &Shape::Object(&IF_IN_PROGRESS)),
]);

/// `deploymentConfig.ifDeploymentInProgress`
pub static IF_IN_PROGRESS: Object = object(&[required("strategy", Shape::Word(&["reject", "enqueueOne"]))]);

/// A number with its unit, where nothing else may stand.
pub static PERIOD: Object = object(&[required("duration", DURATION), required("unit", Shape::Word(UNITS))]);

/// An entry of `targets`.
pub static TARGET: Object = object(&[
    maybe("account", &Shape::Str),
    required("namespace", Shape::Checked(&Shape::Str, namespace)),
    required("strategy", Shape::Str),
    maybe("constraints", &Shape::Object(&CONSTRAINTS)),
]);

/// `targets.*.constraints`
pub static CONSTRAINTS: Object = object(&[
    maybe("dependsOn", &NAMES),
    maybe("beforeDeployment", &Shape::List(&Shape::Object(&GATE))),
    maybe("afterDeployment", &Shape::List(&Shape::Object(&GATE))),
]);

/// An entry of `manifests`.
pub static MANIFEST: Object = Object {
    fields: &[maybe("path", &Shape::Str), maybe("inline", &Shape::Str), maybe("targets", &NAMES)],
    at_most_one: &[SOURCES],
};

/// An entry of `strategies`.
pub static STRATEGY: Object = Object {
    fields: &[maybe("canary", &Shape::Object(&CANARY)), maybe("blueGreen", &Shape::Object(&BLUE_GREEN))],
    at_most_one: &[STRATEGIES],
};

/// `strategies.*.canary`
pub static CANARY: Object = object(&[required("steps", Shape::Nullable(&Shape::List(&Shape::Object(&STEP))))]);

/// `strategies.*.blueGreen`
pub static BLUE_GREEN: Object = object(&[
    maybe("activeService", &Shape::Str),
    maybe("previewService", &Shape::Str),
    maybe("redirectTrafficAfter", &Shape::List(&Shape::Object(&CONDITION))),
    maybe("shutDownOldVersionAfter", &Shape::List(&Shape::Object(&CONDITION))),
]);

/// A step of a canary.
pub static STEP: Object = Object {
    fields: &[
        maybe("setWeight", &Shape::Object(&SET_WEIGHT)),
        maybe("pause", &Shape::Object(&PAUSE)),
        maybe("analysis", &Shape::Object(&ANALYSIS_STEP)),
        maybe("runWebhook", &Shape::Object(&RUN_WEBHOOK)),
        maybe("exposeServices", &Shape::Object(&EXPOSE_SERVICES)),
    ],
    at_most_one: &[STEPS],
};

/// A condition of a blueGreen.
pub static CONDITION: Object = Object {
    fields: &[
        maybe("pause", &Shape::Object(&PAUSE)),
        maybe("analysis", &Shape::Object(&ANALYSIS_STEP)),
        maybe("runWebhook", &Shape::Object(&RUN_WEBHOOK)),
        maybe("exposeServices", &Shape::Object(&EXPOSE_SERVICES)),
    ],
    at_most_one: &[CONDITIONS],
};

/// A condition before or after a target.
pub static GATE: Object = Object {
    fields: &[
        maybe("pause", &Shape::Object(&PAUSE)),
        maybe("analysis", &Shape::Object(&ANALYSIS_STEP)),
        maybe("runWebhook", &Shape::Object(&RUN_WEBHOOK)),
    ],
    at_most_one: &[GATES],
};

/// `setWeight`, in full.
pub static SET_WEIGHT: Object = object(&[required("weight", WEIGHT)]);

/// `pause`: for a time, or until somebody approves.
pub static PAUSE: Object = object(&[
    maybe("duration", &DURATION),
    maybe("unit", &Shape::Word(UNITS)),
    maybe("untilApproved", &Shape::Bool),
    maybe("requiresRoles", &NAMES),
    maybe("approvalExpiration", &Shape::Object(&PERIOD)),
]);

/// `analysis` as a step.
pub static ANALYSIS_STEP: Object = object(&[
    maybe("metricProviderName", &Shape::Str),
    maybe("context", &CONTEXT),
    required("interval", DURATION),
    required("units", Shape::Word(UNITS)),
    required("numberOfJudgmentRuns", Shape::Int(&(1, COUNT_MAX))),
    maybe("rollBackMode", &Shape::Word(MODES)),
    maybe("rollForwardMode", &Shape::Word(MODES)),
    maybe("lookbackMethod", &Shape::Word(&["growing", "sliding"])),
    maybe("abortOnFailedJudgment", &Shape::Bool),
    required("queries", NAMES),
]);

/// `runWebhook`
pub static RUN_WEBHOOK: Object = object(&[required("name", Shape::Str), maybe("context", &CONTEXT)]);

/// `exposeServices`
pub static EXPOSE_SERVICES: Object = object(&[required("services", NAMES), maybe("ttl", &Shape::Object(&PERIOD))]);

/// `analysis` of the whole config.
pub static ANALYSIS: Object =
    object(&[maybe("defaultMetricProviderName", &Shape::Str), maybe("queries", &Shape::List(&Shape::Object(&QUERY)))]);

/// An entry of `analysis.queries`.
pub static QUERY: Object = object(&[
    required("name", Shape::Str),
    required("queryTemplate", Shape::Str),
    maybe("upperLimit", &Shape::Number),
    maybe("lowerLimit", &Shape::Number),
    maybe("metricProviderName", &Shape::Str),
]);

/// An entry of `webhooks`.
pub static WEBHOOK: Object = object(&[
    required("name", Shape::Str),
    maybe("method", &Shape::Str),
    required("uriTemplate", Shape::Str),
    maybe("networkMode", &Shape::Word(&["direct", "remoteNetworkAgent"])),
    maybe("agentIdentifier", &Shape::Str),
    maybe("headers", &Shape::List(&Shape::Object(&HEADER))),
    maybe("bodyTemplate", &Shape::Object(&BODY)),
    maybe("retryCount", &Shape::Int(&(0, COUNT_MAX))),
    maybe("disableCallback", &Shape::Bool),
]);

/// An entry of `webhooks[].headers`.
pub static HEADER: Object = object(&[required("key", Shape::Str), required("value", Shape::Str)]);

/// `webhooks[].bodyTemplate`
pub static BODY: Object = object(&[required("inline", Shape::Str)]);

/// An entry of `trafficManagement`.
pub static TRAFFIC: Object = object(&[
    maybe("targets", &NAMES),
    maybe("istio", &Shape::List(&Shape::Object(&ISTIO))),
    maybe("kubernetes", &Shape::List(&Shape::Object(&KUBERNETES))),
    maybe("smi", &Shape::List(&Shape::Object(&SMI))),
]);

/// An entry of `trafficManagement[].istio`.
pub static ISTIO: Object = object(&[
    required("virtualService", Shape::Object(&VIRTUAL_SERVICE)),
    maybe("destinationRule", &Shape::Object(&DESTINATION_RULE)),
]);

/// `virtualService` of a pair.
pub static VIRTUAL_SERVICE: Object = object(&[required("name", Shape::Str), maybe("httpRouteName", &Shape::Str)]);

/// `destinationRule` of a pair.
pub static DESTINATION_RULE: Object = object(&[
    maybe("name", &Shape::Str),
    maybe("activeSubsetName", &Shape::Str),
    maybe("canarySubsetName", &Shape::Str),
]);

/// An entry of `trafficManagement[].kubernetes`.
pub static KUBERNETES: Object = object(&[required("activeService", Shape::Str), maybe("previewService", &Shape::Str)]);

/// An entry of `trafficManagement[].smi`.
pub static SMI: Object = object(&[
    required("rootServiceName", Shape::Str),
    maybe("canaryServiceName", &Shape::Str),
    maybe("trafficSplitName", &Shape::Str),
]);

/// The units of time. Words of the config are read in any case, as Armory does.
pub const UNITS: &[&str] = &["seconds", "minutes", "hours"];

/// A share of a hundred.
pub const WEIGHT: Shape = Shape::Int(&(0, 100));

/// A number of units; the largest one in hours still fits into 32 bits of seconds.
pub const DURATION: Shape = Shape::Int(&(1, 1_000_000));

/// Where a manifest may come from.
pub const SOURCES: &[&str] = &["path", "inline"];

/// The kinds of strategy.
pub const STRATEGIES: &[&str] = &["canary", "blueGreen"];

/// The kinds of step of a canary.
pub const STEPS: &[&str] = &["setWeight", "pause", "analysis", "runWebhook", "exposeServices"];

/// The kinds of condition of a blueGreen.
pub const CONDITIONS: &[&str] = &["pause", "analysis", "runWebhook", "exposeServices"];

/// The kinds of condition before or after a target.
pub const GATES: &[&str] = &["pause", "analysis", "runWebhook"];

const MODES: &[&str] = &["automatic", "manual"];
const NAMES: Shape = Shape::List(&Shape::Str);
const CONTEXT: Shape = Shape::Dict(&Shape::Str);
const COUNT_MAX: i64 = 1_000_000;

/// A field that may be left out or left empty, which means the same to Armory.
const fn maybe(name: &'static str, shape: &'static Shape) -> Field {
    optional(name, Shape::Nullable(shape))
}
