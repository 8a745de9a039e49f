//! The schema of a `VirtualService`.

use super::{DURATION, INT32, PORT, STRING_MAP, STRINGS, UINT32, rules};
use crate::shape::{Object, Shape, object, optional, required};

pub(super) static SPEC: Object = object(&[
    optional("hosts", STRINGS),
    optional("gateways", STRINGS),
    optional("http", Shape::List(&Shape::Object(&HTTP))),
    optional("tls", Shape::List(&Shape::Object(&TLS))),
    optional("tcp", Shape::List(&Shape::Object(&TCP))),
    optional("exportTo", STRINGS),
]);

static HTTP: Object = object(&[
    optional("name", Shape::Str),
    optional("match", Shape::List(&Shape::Object(&HTTP_MATCH))),
    optional("route", Shape::List(&Shape::Object(&HTTP_DESTINATION))),
    optional("redirect", Shape::Object(&REDIRECT)),
    optional("directResponse", Shape::Object(&DIRECT_RESPONSE)),
    optional("delegate", Shape::Object(&DELEGATE)),
    optional("rewrite", Shape::Object(&REWRITE)),
    optional("timeout", DURATION),
    optional("retries", Shape::Object(&RETRIES)),
    optional("fault", Shape::Object(&FAULT)),
    optional("mirror", Shape::Object(&DESTINATION)),
    optional("mirrors", Shape::List(&Shape::Object(&MIRROR))),
    optional("mirrorPercent", UINT32),
    optional("mirror_percent", UINT32),
    optional("mirrorPercentage", Shape::Object(&PERCENT)),
    optional("corsPolicy", Shape::Object(&CORS)),
    optional("headers", Shape::Object(&HEADERS)),
]);

static HTTP_MATCH: Object = object(&[
    optional("name", Shape::Str),
    optional("uri", STRING_MATCH),
    optional("scheme", STRING_MATCH),
    optional("method", STRING_MATCH),
    optional("authority", STRING_MATCH),
    optional("headers", Shape::Dict(&STRING_MATCH)),
    optional("port", UINT32),
    optional("sourceLabels", STRING_MAP),
    optional("gateways", STRINGS),
    optional("queryParams", Shape::Dict(&STRING_MATCH)),
    optional("ignoreUriCase", Shape::Bool),
    optional("withoutHeaders", Shape::Dict(&STRING_MATCH)),
    optional("sourceNamespace", Shape::Str),
    optional("statPrefix", Shape::Str),
]);

const STRING_MATCH: Shape = Shape::Object(&MATCHER);

static MATCHER: Object = Object {
    fields: &[optional("exact", Shape::Str), optional("prefix", Shape::Str), optional("regex", Shape::Str)],
    at_most_one: &[&["exact", "prefix", "regex"]],
};

static HTTP_DESTINATION: Object = object(&[
    required("destination", Shape::Object(&DESTINATION)),
    optional("weight", INT32),
    optional("headers", Shape::Object(&HEADERS)),
]);

static DESTINATION: Object =
    object(&[required("host", Shape::Str), optional("subset", Shape::Str), optional("port", Shape::Object(&PORT))]);

static MIRROR: Object =
    object(&[required("destination", Shape::Object(&DESTINATION)), optional("percentage", Shape::Object(&PERCENT))]);

static PERCENT: Object = object(&[optional("value", Shape::Number)]);

static REDIRECT: Object = Object {
    fields: &[
        optional("uri", Shape::Str),
        optional("authority", Shape::Str),
        optional("port", UINT32),
        optional("derivePort", Shape::Word(&["FROM_PROTOCOL_DEFAULT", "FROM_REQUEST_PORT"])),
        optional("scheme", Shape::Str),
        optional("redirectCode", UINT32),
    ],
    at_most_one: &[&["port", "derivePort"]],
};

static DIRECT_RESPONSE: Object = object(&[required("status", UINT32), optional("body", Shape::Object(&BODY))]);

static BODY: Object = Object {
    fields: &[optional("string", Shape::Str), optional("bytes", Shape::Checked(&Shape::Str, rules::base64))],
    at_most_one: &[&["string", "bytes"]],
};

static DELEGATE: Object = object(&[optional("name", Shape::Str), optional("namespace", Shape::Str)]);

static REWRITE: Object = object(&[
    optional("uri", Shape::Str),
    optional("authority", Shape::Str),
    optional("uriRegexRewrite", Shape::Object(&REGEX_REWRITE)),
]);

static REGEX_REWRITE: Object = object(&[optional("match", Shape::Str), optional("rewrite", Shape::Str)]);

static RETRIES: Object = object(&[
    optional("attempts", INT32),
    optional("perTryTimeout", DURATION),
    optional("retryOn", Shape::Str),
    optional("backoff", DURATION),
    optional("retryRemoteLocalities", Shape::Bool),
    optional("retryIgnorePreviousHosts", Shape::Bool),
]);

static FAULT: Object = object(&[optional("delay", Shape::Object(&DELAY)), optional("abort", Shape::Object(&ABORT))]);

static DELAY: Object = Object {
    fields: &[
        optional("fixedDelay", DURATION),
        optional("exponentialDelay", DURATION),
        optional("percent", INT32),
        optional("percentage", Shape::Object(&PERCENT)),
    ],
    at_most_one: &[&["fixedDelay", "exponentialDelay"]],
};

static ABORT: Object = Object {
    fields: &[
        optional("httpStatus", INT32),
        optional("grpcStatus", Shape::Str),
        optional("http2Error", Shape::Str),
        optional("percentage", Shape::Object(&PERCENT)),
    ],
    at_most_one: &[&["httpStatus", "grpcStatus", "http2Error"]],
};

static CORS: Object = object(&[
    optional("allowOrigin", STRINGS),
    optional("allowOrigins", Shape::List(&STRING_MATCH)),
    optional("allowMethods", STRINGS),
    optional("allowHeaders", STRINGS),
    optional("exposeHeaders", STRINGS),
    optional("maxAge", DURATION),
    optional("allowCredentials", Shape::Bool),
    optional("unmatchedPreflights", Shape::Word(&["UNSPECIFIED", "FORWARD", "IGNORE"])),
]);

static HEADERS: Object = object(&[
    optional("request", Shape::Object(&HEADER_OPERATIONS)),
    optional("response", Shape::Object(&HEADER_OPERATIONS)),
]);

static HEADER_OPERATIONS: Object =
    object(&[optional("set", STRING_MAP), optional("add", STRING_MAP), optional("remove", STRINGS)]);

static TLS: Object = object(&[
    required("match", Shape::List(&Shape::Object(&TLS_MATCH))),
    optional("route", Shape::List(&Shape::Object(&ROUTE_DESTINATION))),
]);

static TLS_MATCH: Object = object(&[
    required("sniHosts", STRINGS),
    optional("destinationSubnets", STRINGS),
    optional("port", UINT32),
    optional("sourceLabels", STRING_MAP),
    optional("gateways", STRINGS),
    optional("sourceNamespace", Shape::Str),
]);

static TCP: Object = object(&[
    optional("match", Shape::List(&Shape::Object(&TCP_MATCH))),
    optional("route", Shape::List(&Shape::Object(&ROUTE_DESTINATION))),
]);

static TCP_MATCH: Object = object(&[
    optional("destinationSubnets", STRINGS),
    optional("port", UINT32),
    optional("sourceSubnet", Shape::Str),
    optional("sourceLabels", STRING_MAP),
    optional("gateways", STRINGS),
    optional("sourceNamespace", Shape::Str),
]);

static ROUTE_DESTINATION: Object =
    object(&[required("destination", Shape::Object(&DESTINATION)), optional("weight", INT32)]);
