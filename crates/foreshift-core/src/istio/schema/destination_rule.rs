//! The schema of a `DestinationRule`.

use super::{DURATION, INT32, PORT, STRING_MAP, STRINGS, UINT32, UINT64, rules};
use crate::shape::{Field, Object, Shape, object, optional, required};

pub(super) static SPEC: Object = object(&[
    required("host", Shape::Str),
    optional("trafficPolicy", Shape::Object(&TRAFFIC_POLICY)),
    optional("subsets", Shape::List(&Shape::Object(&SUBSET))),
    optional("exportTo", STRINGS),
    optional("workloadSelector", Shape::Object(&WORKLOAD_SELECTOR)),
]);

static SUBSET: Object = object(&[
    required("name", Shape::Str),
    optional("labels", STRING_MAP),
    optional("trafficPolicy", Shape::Object(&TRAFFIC_POLICY)),
]);

static WORKLOAD_SELECTOR: Object = object(&[optional("matchLabels", Shape::Checked(&STRING_MAP, rules::selector))]);

const LOAD_BALANCER_FIELD: Field = optional("loadBalancer", Shape::Object(&LOAD_BALANCER));
const POOL_FIELD: Field = optional("connectionPool", Shape::Object(&POOL));
const OUTLIER_FIELD: Field = optional("outlierDetection", Shape::Object(&OUTLIER));
const TLS_FIELD: Field = optional("tls", Shape::Object(&TLS));

static TRAFFIC_POLICY: Object = object(&[
    LOAD_BALANCER_FIELD,
    POOL_FIELD,
    OUTLIER_FIELD,
    TLS_FIELD,
    optional("portLevelSettings", Shape::Checked(&Shape::List(&Shape::Object(&PORT_POLICY)), rules::ports)),
    optional("tunnel", Shape::Object(&TUNNEL)),
    optional("proxyProtocol", Shape::Object(&PROXY_PROTOCOL)),
    optional("retryBudget", Shape::Object(&RETRY_BUDGET)),
]);

static PORT_POLICY: Object =
    object(&[optional("port", Shape::Object(&PORT)), LOAD_BALANCER_FIELD, POOL_FIELD, OUTLIER_FIELD, TLS_FIELD]);

static LOAD_BALANCER: Object = Object {
    fields: &[
        optional(
            "simple",
            Shape::Word(&["UNSPECIFIED", "LEAST_CONN", "RANDOM", "PASSTHROUGH", "ROUND_ROBIN", "LEAST_REQUEST"]),
        ),
        optional("consistentHash", Shape::Object(&CONSISTENT_HASH)),
        optional("localityLbSetting", Shape::Object(&LOCALITY)),
        optional("warmupDurationSecs", DURATION),
        optional("warmup", Shape::Object(&WARMUP)),
    ],
    at_most_one: &[&["simple", "consistentHash"]],
};

static CONSISTENT_HASH: Object = Object {
    fields: &[
        optional("httpHeaderName", Shape::Str),
        optional("httpCookie", Shape::Object(&COOKIE)),
        optional("useSourceIp", Shape::Bool),
        optional("httpQueryParameterName", Shape::Str),
        optional("ringHash", Shape::Object(&RING_HASH)),
        optional("maglev", Shape::Object(&MAGLEV)),
        optional("minimumRingSize", UINT64),
    ],
    at_most_one: &[&["httpHeaderName", "httpCookie", "useSourceIp", "httpQueryParameterName"], &["ringHash", "maglev"]],
};

static COOKIE: Object = object(&[
    required("name", Shape::Str),
    optional("path", Shape::Str),
    optional("ttl", Shape::Str),
    optional("attributes", Shape::List(&Shape::Object(&ATTRIBUTE))),
]);

static ATTRIBUTE: Object = object(&[required("name", Shape::Str), optional("value", Shape::Str)]);

static RING_HASH: Object = object(&[optional("minimumRingSize", UINT64)]);

static MAGLEV: Object = object(&[optional("tableSize", UINT64)]);

static LOCALITY: Object = object(&[
    optional("distribute", Shape::List(&Shape::Object(&DISTRIBUTE))),
    optional("failover", Shape::List(&Shape::Object(&FAILOVER))),
    optional("failoverPriority", STRINGS),
    optional("enabled", Shape::Bool),
]);

static DISTRIBUTE: Object = object(&[optional("from", Shape::Str), optional("to", Shape::Dict(&UINT32))]);

static FAILOVER: Object = object(&[optional("from", Shape::Str), optional("to", Shape::Str)]);

static WARMUP: Object = object(&[
    required("duration", DURATION),
    optional("minimumPercent", Shape::Checked(&Shape::Number, rules::percent)),
    optional("aggression", Shape::Checked(&Shape::Number, rules::not_negative)),
]);

static POOL: Object = object(&[optional("tcp", Shape::Object(&POOL_TCP)), optional("http", Shape::Object(&POOL_HTTP))]);

static POOL_TCP: Object = object(&[
    optional("maxConnections", INT32),
    optional("connectTimeout", DURATION),
    optional("tcpKeepalive", Shape::Object(&KEEPALIVE)),
    optional("maxConnectionDuration", DURATION),
    optional("idleTimeout", Shape::Str),
]);

static KEEPALIVE: Object =
    object(&[optional("probes", UINT32), optional("time", DURATION), optional("interval", DURATION)]);

static POOL_HTTP: Object = object(&[
    optional("http1MaxPendingRequests", INT32),
    optional("http2MaxRequests", INT32),
    optional("maxRequestsPerConnection", INT32),
    optional("maxRetries", INT32),
    optional("idleTimeout", DURATION),
    optional("h2UpgradePolicy", Shape::Word(&["DEFAULT", "DO_NOT_UPGRADE", "UPGRADE"])),
    optional("useClientProtocol", Shape::Bool),
    optional("maxConcurrentStreams", INT32),
]);

static OUTLIER: Object = object(&[
    optional("consecutiveErrors", INT32),
    optional("splitExternalLocalOriginErrors", Shape::Bool),
    optional("consecutiveLocalOriginFailures", UINT32),
    optional("consecutiveGatewayErrors", UINT32),
    optional("consecutive5xxErrors", UINT32),
    optional("interval", DURATION),
    optional("baseEjectionTime", DURATION),
    optional("maxEjectionPercent", INT32),
    optional("minHealthPercent", INT32),
]);

static TLS: Object = object(&[
    optional("mode", Shape::Word(&["DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL"])),
    optional("clientCertificate", Shape::Str),
    optional("privateKey", Shape::Str),
    optional("caCertificates", Shape::Str),
    optional("caCrl", Shape::Str),
    optional("credentialName", Shape::Str),
    optional("subjectAltNames", STRINGS),
    optional("sni", Shape::Str),
    optional("insecureSkipVerify", Shape::Bool),
]);

static TUNNEL: Object =
    object(&[optional("protocol", Shape::Str), required("targetHost", Shape::Str), required("targetPort", UINT32)]);

static PROXY_PROTOCOL: Object = object(&[optional("version", Shape::Word(&["V1", "V2"]))]);

static RETRY_BUDGET: Object = object(&[
    optional("percent", Shape::Checked(&Shape::Number, rules::percent)),
    optional("minRetryConcurrency", UINT32),
]);
