//! The tables' objects in words, with the rules that a table cannot say.

use crate::config::table;
use crate::shape::Object;

/// An object of the tables, for people and editors.
#[derive(Debug)]
pub struct Definition {
    /// Its name in the schema.
    pub name: &'static str,
    /// The table.
    pub object: &'static Object,
    /// What it is.
    pub says: &'static str,
    /// Each of its fields.
    pub fields: &'static [Described],
    /// Further keywords of the object, as JSON; empty for none.
    pub rule: &'static str,
}

/// A field in words.
#[derive(Debug)]
pub struct Described {
    /// Its key.
    pub name: &'static str,
    /// What it is.
    pub says: &'static str,
    /// Further keywords of its value, as JSON behind a comma; empty for none.
    pub limit: &'static str,
}

const AT_LEAST_ONE: &str = ", \"minItems\": 1";

/// The name of a namespace: RFC 1123's label.
const NAMESPACE: &str = ", \"maxLength\": 63, \"pattern\": \"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$\"";

const PAUSE_RULE: &str = "\"if\": {\"properties\": {\"untilApproved\": {\"const\": true}}, \"required\": [\"untilApproved\"]}, \
     \"then\": {\"properties\": {\"duration\": {\"type\": \"null\"}, \"unit\": {\"type\": \"null\"}}}, \
     \"else\": {\"properties\": {\"duration\": {\"type\": \"integer\"}, \"unit\": {\"type\": \"string\"}}, \
     \"required\": [\"duration\", \"unit\"]}";

const QUERY_RULE: &str = "\"anyOf\": [\
     {\"required\": [\"upperLimit\"], \"properties\": {\"upperLimit\": {\"type\": \"number\"}}}, \
     {\"required\": [\"lowerLimit\"], \"properties\": {\"lowerLimit\": {\"type\": \"number\"}}}]";

const PAUSE_SAYS: &str = "Waits for a time or for an approval.";
const ANALYSIS_SAYS: &str = "Waits for metrics to be within their limits.";
const WEBHOOK_SAYS: &str = "Waits for a webhook.";
const EXPOSE_SAYS: &str = "Gives Services a temporary public address; passed over with a warning.";
const CONTEXT_SAYS: &str = "Variables, by name.";

/// Every object of the config; the first is the config itself.
pub const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "config",
        object: &table::CONFIG,
        says: "What to deploy, where to, and how the requests get there.",
        fields: &[
            says("version", "The version of the config's format; `v1`."),
            says("kind", "The kind of deployment."),
            limited("application", "Who it is: one rollout at a time per application.", ", \"minLength\": 1"),
            says("description", "A text for people."),
            says("context", CONTEXT_SAYS),
            says("deploymentConfig", "What holds for every target."),
            limited("targets", "Where to deploy, by names of your own.", ", \"minProperties\": 1"),
            limited("manifests", "What to deploy.", AT_LEAST_ONE),
            says("strategies", "How to get from one version to the next, by names of your own."),
            says("analysis", "What an analysis can ask."),
            says("webhooks", "What a step can call."),
            says("trafficManagement", "Which routes and subsets a target's weights move on."),
        ],
        rule: "",
    },
    Definition {
        name: "deploymentConfig",
        object: &table::DEPLOYMENT_CONFIG,
        says: "What holds for every target.",
        fields: &[
            says("timeout", "How long pods may take to get Ready, at least 1 minute; 30 minutes if left out."),
            says("keepDeploymentObject", "Whether the Deployment stays after the rollout."),
            says("ifDeploymentInProgress", "What happens to a second rollout of the application."),
        ],
        rule: "",
    },
    Definition {
        name: "ifDeploymentInProgress",
        object: &table::IF_IN_PROGRESS,
        says: "What happens to a second rollout of the application.",
        fields: &[says("strategy", "`reject` refuses it; with `enqueueOne` the newest one waits.")],
        rule: "",
    },
    Definition {
        name: "period",
        object: &table::PERIOD,
        says: "A length of time.",
        fields: &[says("duration", "How many units."), says("unit", "The unit.")],
        rule: "",
    },
    Definition {
        name: "target",
        object: &table::TARGET,
        says: "A namespace in a cluster, and how to get there.",
        fields: &[
            says("account", "The cluster, by its name in Armory."),
            limited("namespace", "Where the objects go.", NAMESPACE),
            says("strategy", "A name under `strategies`."),
            says("constraints", "What has to hold before and after."),
        ],
        rule: "",
    },
    Definition {
        name: "constraints",
        object: &table::CONSTRAINTS,
        says: "What has to hold before and after a target.",
        fields: &[
            says("dependsOn", "Names under `targets` that have to be finished before."),
            says("beforeDeployment", "What has to hold before it begins, all in parallel."),
            says("afterDeployment", "What has to hold before it counts as finished, all in parallel."),
        ],
        rule: "",
    },
    Definition {
        name: "manifest",
        object: &table::MANIFEST,
        says: "Objects to deploy: a path or a text.",
        fields: &[
            says("path", "A file, a directory or an address; relative to the config's folder."),
            says("inline", "The objects themselves, as YAML text."),
            limited("targets", "Names under `targets` that get it; all if left out.", AT_LEAST_ONE),
        ],
        rule: "",
    },
    Definition {
        name: "strategy",
        object: &table::STRATEGY,
        says: "How the requests get from one version to the next.",
        fields: &[says("canary", "Share by share."), says("blueGreen", "All at once; checked, and not planned yet.")],
        rule: "",
    },
    Definition {
        name: "canary",
        object: &table::CANARY,
        says: "Share by share; after the last step everything goes to the new version.",
        fields: &[says("steps", "What happens, one after the other.")],
        rule: "",
    },
    Definition {
        name: "blueGreen",
        object: &table::BLUE_GREEN,
        says: "All at once.",
        fields: &[
            says("activeService", "The Service that users reach."),
            says("previewService", "The Service that shows the next version."),
            says("redirectTrafficAfter", "What has to hold before the switch, all in parallel."),
            says("shutDownOldVersionAfter", "What has to hold before the former version goes, all in parallel."),
        ],
        rule: "",
    },
    Definition {
        name: "step",
        object: &table::STEP,
        says: "One step of a canary: exactly one of these.",
        fields: &[
            says("setWeight", "Gives the new version a share of the requests."),
            says("pause", PAUSE_SAYS),
            says("analysis", ANALYSIS_SAYS),
            says("runWebhook", WEBHOOK_SAYS),
            says("exposeServices", EXPOSE_SAYS),
        ],
        rule: "",
    },
    Definition {
        name: "condition",
        object: &table::CONDITION,
        says: "One condition of a blueGreen: exactly one of these.",
        fields: &[
            says("pause", PAUSE_SAYS),
            says("analysis", ANALYSIS_SAYS),
            says("runWebhook", WEBHOOK_SAYS),
            says("exposeServices", EXPOSE_SAYS),
        ],
        rule: "",
    },
    Definition {
        name: "gate",
        object: &table::GATE,
        says: "One condition before or after a target: exactly one of these.",
        fields: &[says("pause", PAUSE_SAYS), says("analysis", ANALYSIS_SAYS), says("runWebhook", WEBHOOK_SAYS)],
        rule: "",
    },
    Definition {
        name: "setWeight",
        object: &table::SET_WEIGHT,
        says: "The new version's share.",
        fields: &[says("weight", "Of a hundred requests, how many.")],
        rule: "",
    },
    Definition {
        name: "pause",
        object: &table::PAUSE,
        says: "Waits for a time, or for an approval.",
        fields: &[
            says("duration", "How many units."),
            says("unit", "The unit."),
            says("untilApproved", "`true` waits for an approval, without a duration."),
            says("requiresRoles", "Who may approve; anybody if left out."),
            says("approvalExpiration", "After how long the answer is no."),
        ],
        rule: PAUSE_RULE,
    },
    Definition {
        name: "analysisStep",
        object: &table::ANALYSIS_STEP,
        says: ANALYSIS_SAYS,
        fields: &[
            says("metricProviderName", "Whom to ask; the default of `analysis` if left out."),
            says("context", CONTEXT_SAYS),
            says("interval", "How many units one judgment looks at."),
            says("units", "The unit of `interval`."),
            says("numberOfJudgmentRuns", "How many judgments there are."),
            says("rollBackMode", "Who decides on going back; `automatic` if left out."),
            says("rollForwardMode", "Who decides on going on; `automatic` if left out."),
            says(
                "lookbackMethod",
                "`growing` looks at everything since the beginning, `sliding` at the last interval.",
            ),
            says("abortOnFailedJudgment", "Whether the first bad judgment ends it."),
            limited("queries", "Names under `analysis.queries`.", AT_LEAST_ONE),
        ],
        rule: "",
    },
    Definition {
        name: "runWebhook",
        object: &table::RUN_WEBHOOK,
        says: WEBHOOK_SAYS,
        fields: &[says("name", "A name under `webhooks`."), says("context", CONTEXT_SAYS)],
        rule: "",
    },
    Definition {
        name: "exposeServices",
        object: &table::EXPOSE_SERVICES,
        says: EXPOSE_SAYS,
        fields: &[
            limited("services", "The names of the Services.", AT_LEAST_ONE),
            says("ttl", "For how long, 1 minute to 24 hours; 5 minutes if left out."),
        ],
        rule: "",
    },
    Definition {
        name: "analysis",
        object: &table::ANALYSIS,
        says: "What an analysis can ask.",
        fields: &[
            says("defaultMetricProviderName", "Whom to ask where a query or a step does not say."),
            says("queries", "The queries."),
        ],
        rule: "",
    },
    Definition {
        name: "query",
        object: &table::QUERY,
        says: "A metric and its limits, at least one of them.",
        fields: &[
            says("name", "What steps call it."),
            says("queryTemplate", "The query, with variables in `{{…}}`."),
            says("upperLimit", "Above this number it fails."),
            says("lowerLimit", "Below this number it fails."),
            says("metricProviderName", "Whom to ask."),
        ],
        rule: QUERY_RULE,
    },
    Definition {
        name: "webhook",
        object: &table::WEBHOOK,
        says: "An address that a step can call.",
        fields: &[
            says("name", "What steps call it."),
            says("method", "The HTTP method."),
            says("uriTemplate", "The address, with variables in `{{…}}`."),
            says("networkMode", "Straight, or through Armory's agent in the cluster."),
            says("agentIdentifier", "The agent; the one of the target's account if left out."),
            says("headers", "The headers of the request."),
            says("bodyTemplate", "The body of the request."),
            says("retryCount", "How often a call that does not connect is made again."),
            says("disableCallback", "Whether nobody waits for the webhook to call back."),
        ],
        rule: "",
    },
    Definition {
        name: "header",
        object: &table::HEADER,
        says: "A header of a request.",
        fields: &[says("key", "Its name."), says("value", "Its value, with variables in `{{…}}`.")],
        rule: "",
    },
    Definition {
        name: "body",
        object: &table::BODY,
        says: "The body of a request.",
        fields: &[says("inline", "The text, with variables in `{{…}}`.")],
        rule: "",
    },
    Definition {
        name: "traffic",
        object: &table::TRAFFIC,
        says: "What moves when the weights of some targets move.",
        fields: &[
            says("targets", "Names under `targets`; all if left out."),
            says("istio", "Pairs of a VirtualService and a DestinationRule."),
            says("kubernetes", "The Services of a blueGreen."),
            says("smi", "TrafficSplits; refused, because SMI is archived."),
        ],
        rule: "",
    },
    Definition {
        name: "istio",
        object: &table::ISTIO,
        says: "A route and the subsets that it chooses from.",
        fields: &[
            says("virtualService", "The route."),
            says("destinationRule", "The subsets; the only rule of the route's host if left out."),
        ],
        rule: "",
    },
    Definition {
        name: "virtualService",
        object: &table::VIRTUAL_SERVICE,
        says: "A route of a VirtualService.",
        fields: &[
            says("name", "The VirtualService's name."),
            says("httpRouteName", "The route's name; the only one if left out."),
        ],
        rule: "",
    },
    Definition {
        name: "destinationRule",
        object: &table::DESTINATION_RULE,
        says: "Two subsets of a DestinationRule.",
        fields: &[
            says("name", "The DestinationRule's name."),
            says("activeSubsetName", "The subset of what runs now; the one that the route names if left out."),
            says("canarySubsetName", "The subset of what comes; it need not be there."),
        ],
        rule: "",
    },
    Definition {
        name: "kubernetes",
        object: &table::KUBERNETES,
        says: "The Services of a blueGreen.",
        fields: &[
            says("activeService", "The Service that users reach."),
            says("previewService", "The Service that shows the next version."),
        ],
        rule: "",
    },
    Definition {
        name: "smi",
        object: &table::SMI,
        says: "A TrafficSplit.",
        fields: &[
            says("rootServiceName", "The Service that users reach."),
            says("canaryServiceName", "The Service of the new version."),
            says("trafficSplitName", "The TrafficSplit's name."),
        ],
        rule: "",
    },
];

const fn says(name: &'static str, says: &'static str) -> Described {
    limited(name, says, "")
}

const fn limited(name: &'static str, says: &'static str, limit: &'static str) -> Described {
    Described { name, says, limit }
}
