//! Each rule of Istio's fires, and what is right passes: one line per rule.

use foreshift_core::istio::analyze::analyze;
use foreshift_core::istio::validate::{Finding, validate};
use foreshift_core::text::{SourceId, parse, resolve};
use foreshift_core::value::Value;

/// Where the text of a case goes.
#[derive(Clone, Copy)]
enum In {
    /// The whole object.
    Whole,
    /// The spec of a `VirtualService`.
    Service,
    /// Beside the `route` of an http route of a right one.
    Http,
    /// An http route.
    Route,
    /// A match of an http route.
    Match,
    /// The spec of a `DestinationRule`.
    Rule,
    /// The traffic policy of a right one.
    Policy,
}

use In::{Http, Match, Policy, Route, Rule, Service, Whole};

/// Where, the text, and what has to be in one of the findings: its path, a blank, its message.
const WRONG: &[(In, &str, &str)] = &[
    // ── schema ──
    (Service, "bogus: 1", "spec.bogus is no field that Istio 1.30 knows"),
    (Service, "hosst: [a]", "spec.hosst is no field that Istio 1.30 knows; perhaps `hosts` was meant"),
    (Route, "route: [{}]", "spec.http[0].route[0] has no `destination`"),
    (Route, "route: [{destination: {host: null}}]", "spec.http[0].route[0].destination has no `host`"),
    (Route, "route: [{destination: {host: a}, weight: ten}]", "route[0].weight has to be a whole number, and is text"),
    (Route, "route: [null]", "spec.http[0].route[0] has to be a mapping, and is nothing"),
    (Route, "route: [{destination: {host: a}, weight: 3000000000}]", "weight is `3000000000`, which is not between"),
    (Policy, "tls: {mode: mutual}", "spec.trafficPolicy.tls.mode is `mutual`, which is none of DISABLE, SIMPLE"),
    (Match, "uri: {exact: a, prefix: b}", "spec.http[0].match[0].uri has more than one of exact, prefix, regex"),
    (Http, "timeout: 0s", "spec.http[0].timeout has to be a duration of at least a millisecond"),
    (Http, "timeout: 1d", "spec.http[0].timeout has to be a duration of at least a millisecond"),
    (Route, "directResponse: {status: 200, body: {bytes: '!'}}", "body.bytes has to be base64"),
    (Policy, "loadBalancer: {warmup: {duration: 1s, aggression: -0.5}}", "warmup.aggression is below 0"),
    (Policy, "retryBudget: {percent: 100.5}", "retryBudget.percent is not between 0 and 100"),
    (Rule, "{host: a, workloadSelector: {matchLabels: {a*: b}}}", "matchLabels has a wildcard"),
    (Rule, "{host: a, workloadSelector: {matchLabels: {'': b}}}", "matchLabels has an empty key"),
    // ── metadata ──
    (Whole, "annotations: {istio.io/dry-run: 'true'}", "is an annotation that only an `AuthorizationPolicy` may have"),
    (Whole, "annotations: {internal.istio.io/webhook-always-reject: ''}", "is an annotation that makes Istio refuse"),
    (Whole, "annotations: {internal.istio.io/parents: a}", "is an annotation that only Istio itself may set"),
    // ── a VirtualService as a whole ──
    (
        Service,
        "{gateways: [gw], http: [{route: [{destination: {host: a}}]}]}",
        "gateways stands in an object without `hosts`",
    ),
    (Service, "{tcp: [{route: [{destination: {host: a}}]}]}", "spec.tcp stands in an object without `hosts`"),
    (Service, "{hosts: [a]}", "spec has neither `http` nor `tcp` nor `tls`"),
    (
        Service,
        "{hosts: ['a b'], http: [{redirect: {uri: /}}]}",
        "hosts[0] has `a b`, which is no label of a domain name",
    ),
    (Service, "{hosts: [''], http: [{redirect: {uri: /}}]}", "spec.hosts[0] is empty"),
    (Service, "{hosts: [a..], http: [{redirect: {uri: /}}]}", "hosts[0] has ``, which is no label of a domain name"),
    (Service, "{hosts: [a.123], http: [{redirect: {uri: /}}]}", "has the top level domain `123`, which is all digits"),
    (Service, "{hosts: ['*'], http: [{redirect: {uri: /}}]}", "spec.hosts[0] is `*`, which only gateways may serve"),
    (
        Service,
        "{hosts: ['*.shop.com', a.shop.com], http: [{redirect: {uri: /}}]}",
        "spec.hosts[1] is `a.shop.com`, which overlaps with the host `*.shop.com`",
    ),
    (Service, "{hosts: [a], gateways: [x/*], http: [{redirect: {uri: /}}]}", "has `*`, which is no name of a gateway"),
    (Service, "{hosts: [a], gateways: ['*/x'], http: [{redirect: {uri: /}}]}", "has `*`, which is no namespace"),
    (
        Service,
        "{hosts: [a], gateways: [gw.ns.svc], http: [{redirect: {uri: /}}]}",
        "names a gateway in the old way; write `ns/gw`",
    ),
    (Match, "headers: {'@request.auth.claims.a': {exact: b}}", "routes by the claim `@request.auth.claims.a`"),
    (Service, "{exportTo: [a, a], hosts: [a], http: [{redirect: {uri: /}}]}", "exportTo[1] has `a` a second time"),
    (
        Service,
        "{exportTo: [., shop], hosts: [a], http: [{redirect: {uri: /}}]}",
        "exportTo[1] has `shop` a second time",
    ),
    (Service, "{exportTo: ['~'], hosts: [a], http: [{redirect: {uri: /}}]}", "is `~`, which only a `ServiceEntry`"),
    (Service, "{exportTo: [a_b], hosts: [a], http: [{redirect: {uri: /}}]}", "is `a_b`, which is neither `.` nor `*`"),
    (Service, "{exportTo: ['*', a], hosts: [a], http: [{redirect: {uri: /}}]}", "exportTo has `*` and something else"),
    // ── http ──
    (Http, "delegate: {name: a}", "spec.http[0] has a `delegate`, and `route` beside it"),
    (Service, "{http: [{redirect: {uri: /}, delegate: {name: a}}]}", "has a `delegate`, and is in a delegate itself"),
    (Route, "name: a", "spec.http[0] has neither `route` nor `redirect` nor `directResponse`"),
    (Http, "redirect: {uri: /}", "spec.http[0] has both `route` and `redirect`"),
    (Route, "{redirect: {uri: /}, rewrite: {uri: /}}", "spec.http[0] has both `rewrite` and `redirect`"),
    (Route, "{directResponse: {status: 200}, fault: {delay: {}}}", "has both `fault` and `directResponse`"),
    (Http, "{mirror: {host: a}, mirrors: [{destination: {host: a}}]}", "has both `mirror` and `mirrors`"),
    // ── match ──
    (Match, "headers: {'': {exact: a}}", "has a header without a name"),
    (Match, "headers: {a b: {exact: a}}", "has `a b`, which is no name of a header"),
    (Match, "method: {prefix: ''}", "spec.http[0].match[0].method.prefix is an empty prefix"),
    (Match, "uri: {regex: ''}", "spec.http[0].match[0].uri.regex is an empty pattern"),
    (Match, "port: 70000", "match[0].port is `70000`, which is no port from 1 to 65535"),
    (Match, "sourceLabels: {-a: b}", "has `-a`, which is no key of a label"),
    (Match, "sourceLabels: {a: b_}", "is `b_`, which is no value of a label"),
    (Match, "sourceNamespace: a.b", "sourceNamespace is `a.b`, which is no namespace"),
    // ── patterns ──
    (Match, "uri: {regex: (a}", "is `(a`, which is no pattern in RE2's syntax: a `(` is not closed"),
    (Match, "uri: {regex: a)}", "a `)` closes nothing"),
    (Match, "uri: {regex: (?=a)}", "what follows `(?` is unknown; RE2 has no look-around"),
    (Match, "uri: {regex: (?P<a)}", "the name of a group does not end"),
    (Match, "uri: {regex: '(?P<a-b>c)'}", "a group has a name that is no word"),
    (Match, "uri: {regex: '(?P<a>b)(?P<a>c)'}", "two groups have one name"),
    (Match, "uri: {regex: '*a'}", "a repetition has nothing to repeat"),
    (Match, "uri: {regex: a|*}", "a repetition has nothing to repeat"),
    (Match, "uri: {regex: a**}", "a repetition is repeated"),
    (Match, "uri: {regex: 'a{1001}'}", "a repetition has counts that are over 1000 or out of order"),
    (Match, "uri: {regex: 'a{3,2}'}", "a repetition has counts that are over 1000 or out of order"),
    (Match, "uri: {regex: '(a{50}){50}'}", "a repetition counts further than 1000"),
    (Match, r"uri: {regex: 'a\'}", "a backslash stands at the end"),
    (Match, r"uri: {regex: '(a)\1'}", "a backslash is before something that has no meaning with one"),
    (Match, r"uri: {regex: '\xg0'}", "is not followed by a code in hexadecimal"),
    (Match, r"uri: {regex: '\pq'}", "is not followed by a class of Unicode"),
    (Match, "uri: {regex: '[a'}", "a `[` is not closed"),
    (Match, "uri: {regex: '[b-a]'}", "a range of characters ends before it begins"),
    (Match, "uri: {regex: '[[:alfa:]]'}", "a class in `[:` and `:]` is unknown"),
    // ── destinations ──
    (Route, "route: [{destination: {host: '*'}}]", "destination.host is `*`, which is no destination"),
    (Route, "route: [{destination: {host: a.*}}]", "destination.host has `*`, which is no label of a domain name"),
    (Route, "route: [{destination: {host: a, subset: a_b}}]", "subset is `a_b`, which is no name of a subset"),
    (Route, "route: [{destination: {host: a, port: {}}}]", "destination.port has no `number`"),
    (
        Route,
        "route: [{destination: {host: a}, weight: -1}, {destination: {host: b}, weight: 2}]",
        "spec.http[0].route[0].weight is `-1`, which is below 0",
    ),
    (
        Route,
        "route: [{destination: {host: a}}, {destination: {host: b}, weight: 0}]",
        "spec.http[0].route has several destinations whose weights add up to 0",
    ),
    (Http, "mirrorPercent: 1", "spec.http[0].mirrorPercent is deprecated; use `mirrorPercentage`"),
    (Http, "mirrorPercent: 101", "spec.http[0].mirrorPercent is over 100"),
    (Http, "mirrorPercentage: {value: 100.0000001}", "mirrorPercentage.value is not between 0 and 100"),
    (Http, "mirrors: [{destination: {host: a}, percentage: {value: -1e-9}}]", "value is not between 0 and 100"),
    // ── headers ──
    (Http, "headers: {request: {add: {'': a}}}", "is for a header without a name"),
    (Http, "headers: {request: {add: {':path': a}}}", "a header's name may not begin with `:`"),
    (Http, "headers: {response: {remove: [Host]}}", "is for `Host`, which no operation may touch"),
    (
        Http,
        "headers: {response: {set: {a: 50%}}}",
        "is `50%`, in which a `%` neither is doubled nor encloses a variable",
    ),
    (Http, "headers: {response: {set: {a: '%A(b'}}}", "in which a `%` neither is doubled"),
    (Http, r#"headers: {response: {set: {a: "b\u0001"}}}"#, "has a control character"),
    (Http, "{rewrite: {authority: a}, headers: {request: {set: {host: b}}}}", "writes the authority a second time"),
    // ── other parts of a route ──
    (Http, "corsPolicy: {allowOrigins: [{exact: ''}]}", "allowOrigins[0] is an empty origin"),
    (Http, "corsPolicy: {allowMethods: [PUTT]}", "allowMethods[0] is `PUTT`, which is no HTTP method"),
    (Http, "corsPolicy: {maxAge: 1500ms}", "corsPolicy.maxAge is finer than seconds"),
    (Http, "fault: {}", "spec.http[0].fault has neither `abort` nor `delay`"),
    (Http, "fault: {delay: {percentage: {value: 0.00009999}}}", "value is neither 0 nor between 0.0001 and 100"),
    (Http, "fault: {abort: {httpStatus: 199}}", "httpStatus is `199`, which is no status from 200 to 599"),
    (Http, "fault: {abort: {grpcStatus: BAD}}", "grpcStatus is `BAD`, which is no status of gRPC"),
    (Http, "fault: {abort: {http2Error: a}}", "http2Error is something that Istio cannot do yet"),
    (Http, "fault: {delay: {exponentialDelay: 1s}}", "exponentialDelay is something that Istio cannot do yet"),
    (Http, "fault: {abort: {}}", "fault.abort does not say with which status"),
    (Http, "retries: {attempts: -1}", "spec.http[0].retries has `attempts` below 0"),
    (Http, "retries: {retryOn: 5xx}", "spec.http[0].retries says how to retry, and `attempts` is 0"),
    (Http, "retries: {attempts: 1, retryOn: '5xx,600'}", "retryOn has `600`, which is nothing to retry on"),
    (Http, "retries: {attempts: 1, backoff: 1.0001s, perTryTimeout: 1s}", "retries.backoff is finer than milliseconds"),
    (Route, "redirect: {}", "redirect has neither `uri` nor `authority` nor `scheme` nor a port"),
    (Route, "redirect: {uri: /, redirectCode: 200}", "has the `redirectCode` `200`, which is none of 300 to 399"),
    (Route, "redirect: {scheme: ftp}", "redirect has the `scheme` `ftp`, which is neither `http` nor `https`"),
    (Route, "redirect: {port: 65536}", "redirect.port is `65536`, which is no port"),
    (Http, "rewrite: {}", "rewrite has neither `uri` nor `uriRegexRewrite` nor `authority`"),
    (Http, "rewrite: {uri: /, uriRegexRewrite: {match: a, rewrite: b}}", "has both `uri` and `uriRegexRewrite`"),
    (Http, "rewrite: {uriRegexRewrite: {match: a}}", "uriRegexRewrite needs both `match` and `rewrite`"),
    // ── tls and tcp ──
    (Service, "{hosts: [a.b], tls: [{match: [], route: [{destination: {host: a}}]}]}", "tls[0] has nothing in `match`"),
    (
        Service,
        "{hosts: [a], tls: [{match: [{sniHosts: []}], route: [{destination: {host: a}}]}]}",
        "nothing in `sniHosts`",
    ),
    (
        Service,
        "{hosts: [a], tls: [{match: [{sniHosts: [b]}], route: [{destination: {host: a}}]}]}",
        "is `b`, which none of the `hosts` covers",
    ),
    (
        Service,
        "{hosts: [a], tls: [{match: [{sniHosts: [1.2.3.4]}], route: [{destination: {host: a}}]}]}",
        "is the address `1.2.3.4`",
    ),
    (Service, "{hosts: [a], tcp: [{}]}", "spec.tcp[0] has no `route`"),
    (
        Service,
        "{hosts: [a], tcp: [{match: [{destinationSubnets: [1.2.3.4/33]}], route: [{destination: {host: a}}]}]}",
        "is `1.2.3.4/33`, which is no address and no CIDR block",
    ),
    // ── rules that no request reaches ──
    (
        Service,
        "{hosts: [a], http: [{redirect: {uri: /}}, {redirect: {uri: /}}]}",
        "http[1] is never used: a rule before it",
    ),
    (
        Service,
        "{hosts: [a], http: [{match: [{port: 1}, {name: b, port: 1}], redirect: {uri: /}}]}",
        "spec.http[0].match[1] is never used: `http[0]` takes all that it would match",
    ),
    (
        Service,
        "{hosts: [a], http: [{match: [{uri: {prefix: /a}}, {uri: {prefix: /ab}}], redirect: {uri: /}}]}",
        "spec.http[0].match[1] is never used: `http[0]` takes all that it would match",
    ),
    (
        Service,
        "{hosts: [a], http: [{match: [{port: 1}], redirect: {uri: /}}, {match: [{port: 1}], redirect: {uri: /}}]}",
        "spec.http[1] is never used: rules before it have all its matches",
    ),
    // ── DestinationRule ──
    (Whole, "name: only-metadata", "spec has neither"),
    (Rule, "host: 'a b'", "spec.host has `a b`, which is no label of a domain name"),
    (Rule, "{host: a, subsets: [{name: ''}]}", "spec.subsets[0].name is an empty name of a subset"),
    (Rule, "{host: a, subsets: [{name: v1}, {name: v1}]}", "spec.subsets[1] is a second subset `v1`"),
    (Rule, "{host: a, subsets: [{name: v1, labels: {a: 'b c'}}]}", "is `b c`, which is no value of a label"),
    (Rule, "{host: a, subsets: [{name: v1, trafficPolicy: {}}]}", "spec.subsets[0].trafficPolicy is empty"),
    (Rule, "{host: a, workloadSelector: {}}", "spec.workloadSelector has no labels, and so selects every workload"),
    (Rule, "{host: a, exportTo: [b], workloadSelector: {matchLabels: {a: b}}}", "exportTo leaves its namespace"),
    (Rule, "{host: a, exportTo: [., b], workloadSelector: {matchLabels: {a: b}}}", "has more than its own namespace"),
    (Policy, "{tunnel: {targetHost: a, targetPort: 1}, proxyProtocol: {}}", "has both `tunnel` and `proxyProtocol`"),
    (Policy, "tunnel: {targetHost: a, targetPort: 1, protocol: GET}", "tunnel has the `protocol` `GET`"),
    (Policy, "tunnel: {targetHost: a_b, targetPort: 1}", "tunnel has the `targetHost` `a_b`, which is neither"),
    (Policy, "tunnel: {targetHost: a, targetPort: 0}", "tunnel.targetPort is `0`, which is no port"),
    (Policy, "portLevelSettings: [{tls: {}}]", "portLevelSettings[0] has no `port`"),
    (Policy, "portLevelSettings: [{port: {number: 1}}]", "portLevelSettings[0] is empty"),
    (Policy, "outlierDetection: {consecutiveErrors: 1}", "consecutiveErrors is deprecated; use"),
    (Policy, "outlierDetection: {consecutiveLocalOriginFailures: 1}", "which needs `splitExternalLocalOriginErrors`"),
    (Policy, "outlierDetection: {minHealthPercent: 101}", "minHealthPercent is `101`, which is not between 0 and 100"),
    (Policy, "connectionPool: {}", "connectionPool has neither `http` nor `tcp`"),
    (Policy, "connectionPool: {http: {maxRetries: -1}}", "connectionPool.http.maxRetries is below 0"),
    (
        Policy,
        "connectionPool: {http: {h2UpgradePolicy: UPGRADE, useClientProtocol: true}}",
        "http has `useClientProtocol`",
    ),
    (Policy, "connectionPool: {tcp: {idleTimeout: -1s}}", "tcp.idleTimeout is shorter than a millisecond"),
    (Policy, "connectionPool: {tcp: {idleTimeout: soon}}", "is `soon`, which is no duration such as `1.5s`"),
    (Policy, "loadBalancer: {consistentHash: {minimumRingSize: 1}}", "minimumRingSize is deprecated; use `ringHash`"),
    (
        Policy,
        "loadBalancer: {consistentHash: {minimumRingSize: 1, ringHash: {}}}",
        "consistentHash has both `minimumRingSize` and `ringHash`",
    ),
    (Policy, "loadBalancer: {consistentHash: {httpCookie: {name: ''}}}", "httpCookie is a cookie without a name"),
    (
        Policy,
        "loadBalancer: {consistentHash: {httpCookie: {name: a, attributes: [{name: ''}]}}}",
        "is an attribute without a name",
    ),
    (
        Policy,
        "loadBalancer: {consistentHash: {httpCookie: {name: a, attributes: [{name: b}, {name: b}]}}}",
        "attributes[1] is a second attribute `b`",
    ),
    (Policy, "loadBalancer: {consistentHash: {maglev: {}}}", "maglev has no `tableSize`"),
    (
        Policy,
        "loadBalancer: {consistentHash: {maglev: {tableSize: 65535}}}",
        "has the `tableSize` `65535`, which is no prime",
    ),
    (Policy, "loadBalancer: {consistentHash: {maglev: {tableSize: 5000011}}}", "has a `tableSize` of 5000011 or more"),
    (Policy, "loadBalancer: {warmup: {duration: 1s, aggression: 0.99}}", "warmup.aggression is below 1"),
    (
        Policy,
        "loadBalancer: {localityLbSetting: {distribute: [{from: a, to: {a: 100}}], failover: [{from: a, to: b}]}}",
        "localityLbSetting has both `distribute` and `failover`",
    ),
    (
        Policy,
        "loadBalancer: {localityLbSetting: {failoverPriority: [topology.istio.io/subzone], failover: [{from: a, to: b}]}}",
        "has both `failover` and `topology.istio.io/subzone` in `failoverPriority`",
    ),
    (
        Policy,
        "loadBalancer: {localityLbSetting: {failover: [{from: a, to: b}]}}",
        "does nothing without `outlierDetection`",
    ),
    (
        Policy,
        "{outlierDetection: {}, loadBalancer: {localityLbSetting: {failover: [{from: a, to: a}]}}}",
        "failover[0] leads from `a` to itself",
    ),
    (
        Policy,
        "{outlierDetection: {}, loadBalancer: {localityLbSetting: {failover: [{from: a/b, to: c}]}}}",
        "failover[0] has `a/b`, which is more than a region",
    ),
    (
        Policy,
        "{outlierDetection: {}, loadBalancer: {localityLbSetting: {failover: [{from: a, to: '*'}]}}}",
        "failover[0] has `*`, and a region here is no wildcard",
    ),
    (
        Policy,
        "loadBalancer: {localityLbSetting: {distribute: [{from: a, to: {a: 50}}]}}",
        "distribute[0] has shares in `to` that add up to 50 instead of 100",
    ),
    (
        Policy,
        "loadBalancer: {localityLbSetting: {distribute: [{from: a, to: {a: 0, b: 100}}]}}",
        "distribute[0].to.a is `0`, which is no share from 1 to 100",
    ),
    (
        Policy,
        "loadBalancer: {localityLbSetting: {distribute: [{from: a/*/b, to: {a: 100}}]}}",
        "has `a/*/b`, and a wildcard stands once and at the end",
    ),
    (
        Policy,
        "loadBalancer: {localityLbSetting: {distribute: [{from: a//b, to: {a: 100}}]}}",
        "has `a//b`, in which a part is empty",
    ),
    (
        Policy,
        "loadBalancer: {localityLbSetting: {distribute: [{from: a, to: {a: 60, a/b: 40}}]}}",
        "distribute[0].to.a/b has `a/b`, which overlaps with a locality before it",
    ),
    (
        Policy,
        "tls: {mode: SIMPLE, insecureSkipVerify: true, caCertificates: a}",
        "tls has `insecureSkipVerify`, and says what to verify",
    ),
    (Policy, "tls: {mode: SIMPLE, credentialName: a, caCrl: b}", "tls has both `credentialName` and `caCrl`"),
    (Policy, "tls: {mode: MUTUAL, clientCertificate: a}", "tls has the mode `MUTUAL`, which needs `privateKey`"),
    (Policy, "tls: {mode: MUTUAL, credentialName: 'configmap://b/a'}", "which is in another namespace"),
];

/// What is right and looks wrong.
const RIGHT: &[(In, &str)] = &[
    (Http, "name: null"),
    (Http, "{timeout: 1h2m3.5s, retries: {attempts: 1, retryOn: '5xx,503', perTryTimeout: .5s}}"),
    (Route, "route: [{destination: {host: a}, weight: 550}, {destination: {host: b}, weight: 500}]"),
    (Route, "route: [{destination: {host: a}, weight: 0}]"),
    (Route, "route: [{destination: {host: '*-a.b.'}}]"),
    (Http, "fault: {delay: {fixedDelay: 1ms, percentage: {value: 0.0001}}}"),
    (Http, "mirrorPercentage: {value: 1e2}"),
    (Http, "corsPolicy: {allowMethods: ['*'], allowHeaders: ['*'], maxAge: 24h}"),
    (Http, "headers: {request: {set: {':authority': a}}, response: {add: {a: '100%% %HOSTNAME% %REQ(X?Y)%'}}}"),
    (Match, "{uri: {prefix: ''}, withoutHeaders: {a: {regex: '*'}}}"),
    (Match, r"uri: {regex: '^/(?i)a(?:b|(?P<c>d)){2,3}?[^]a-z\d[:alpha:]-]\p{Greek}\Qa(\E\x{1F600}\.{,1}$'}"),
    (Match, "headers: {a: null}"),
    (Service, "{hosts: ['*'], gateways: [ns/gw], http: [{redirect: {uri: /}}]}"),
    (Service, "{hosts: [1.2.3.4, 'fe80::1'], http: [{redirect: {uri: /}}]}"),
    (Service, "{exportTo: [., other], hosts: [a], http: [{redirect: {uri: /}}]}"),
    (
        Service,
        "{hosts: ['outbound_.80_._.a.b'], gateways: [gw], tls: [{match: [{sniHosts: ['outbound_.80_._.a.b']}], route: [{destination: {host: a}}]}]}",
    ),
    (Service, "{http: [{route: [{destination: {host: a}}]}]}"),
    (Rule, "{host: '*.a', exportTo: [.], workloadSelector: {matchLabels: {a: b}}}"),
    (Rule, "{host: a, subsets: [{name: V1, labels: {a.b/c: '', d: e}}, {name: v2}]}"),
    (Policy, "connectionPool: {tcp: {idleTimeout: 0s}}"),
    (Policy, "{loadBalancer: {consistentHash: {maglev: {tableSize: 65537}}}, outlierDetection: {minHealthPercent: 0}}"),
    (
        Policy,
        "loadBalancer: {localityLbSetting: {distribute: [{from: a/*, to: {a/b: 60, a/c: 40}}, {from: b, to: {b: 100}}]}}",
    ),
    (Policy, "tls: {mode: MUTUAL, credentialName: 'configmap://shop/a', insecureSkipVerify: true}"),
];

#[test]
fn every_rule_fires() {
    for (place, text, expected) in WRONG {
        let found: Vec<String> = validate(&object(*place, text)).iter().map(line).collect();
        let is_among = found.iter().any(|line| line.contains(expected));
        assert!(is_among, "{text}\n  expected {expected}\n  found {found:#?}");
    }
}

#[test]
fn what_is_right_passes() {
    for (place, text) in RIGHT {
        let found: Vec<String> = validate(&object(*place, text)).iter().map(line).collect();
        assert!(found.is_empty(), "{text}\n  found {found:#?}");
    }
}

/// Whoever adds a rule adds a line above: what a rule may say is in the source, and each of it has to be said.
#[test]
fn every_message_has_a_case() {
    let said: Vec<String> =
        WRONG.iter().flat_map(|(place, text, _)| validate(&object(*place, text))).map(|found| found.message).collect();
    let mut silent = Vec::new();
    for folder in ["validate", "validate/regex", "schema"] {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/foreshift-core/src/istio/").to_owned() + folder;
        for file in std::fs::read_dir(folder).expect("the source") {
            let path = file.expect("a file").path();
            if path.is_dir() {
                continue;
            }
            let text = std::fs::read_to_string(path).expect("the source");
            let messages = literals(&text).filter(|literal| is_message(literal));
            silent.extend(messages.filter(|message| !said.iter().any(|said| is_of(said, message))));
        }
    }
    silent.retain(|message| !UNSAID.contains(&message.as_str()));
    assert!(silent.is_empty(), "no case says {silent:#?}");
}

/// Messages about sizes that no line of a table should have.
const UNSAID: &[&str] = &[
    "has more than 4096 entries",
    "has a value of more than 63 characters",
    "is a domain name of more than 255 characters",
    "is larger than a mebibyte",
    "is larger than 100 KiB, which weighs on the control plane",
    "is a pattern of more than 1024 bytes",
];

#[test]
fn sizes_have_limits() {
    let cases = [
        (Match, format!("uri: {{regex: {}}}", "a".repeat(1025)), "is a pattern of more than 1024 bytes"),
        (Route, direct_response(1 << 20), ""),
        (Route, direct_response((1 << 20) + 1), "is larger than a mebibyte"),
        (Route, direct_response((100 << 10) + 1), "is larger than 100 KiB"),
        (Rule, format!("host: {}a", "a.".repeat(128)), "is a domain name of more than 255 characters"),
        (Rule, format!("{{host: a, subsets: [{{name: {}}}]}}", "a".repeat(64)), "which is no name of a subset"),
        (
            Rule,
            format!("{{host: a, workloadSelector: {{matchLabels: {{a: {}}}}}}}", "b".repeat(64)),
            "has a value of more than 63 characters",
        ),
        (
            Policy,
            format!("portLevelSettings: [{}]", "{port: {number: 1}, tls: {}},".repeat(4097)),
            "has more than 4096 entries",
        ),
    ];
    for (place, text, expected) in cases {
        let found: Vec<String> = validate(&object(place, &text)).iter().map(line).collect();
        assert!(found.iter().any(|line| line.contains(expected)) || expected.is_empty(), "{expected}: {found:#?}");
    }
}

fn direct_response(size: usize) -> String {
    format!("directResponse: {{status: 200, body: {{string: {}}}}}", "a".repeat(size))
}

#[test]
fn a_field_of_a_later_version_is_unknown() {
    let found = validate(&object(Route, "redirect: {prefixRewrite: /}"));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].path, "spec.http[0].redirect.prefixRewrite");
}

#[test]
fn other_kinds_pass() {
    for text in ["kind: VirtualService", "{apiVersion: v1, kind: Service, spec: {bogus: 1}}", "[]", "1"] {
        assert_eq!(validate(&value(text)), []);
    }
}

/// Objects beside some that are always there (see [`together`]), and the codes that istioctl would print for them.
const TOGETHER: &[(&str, &[&str])] = &[
    ("{}", &[]),
    ("vs: {to: reviews, subset: v1}\nrule: {host: reviews, subset: v1}", &[]),
    ("vs: {to: reviews, subset: v1}\nrule: {host: reviews.shop.svc.cluster.local, subset: v1}", &[]),
    ("vs: {to: reviews, subset: v1}\nrule: {host: '*.shop.svc.cluster.local', subset: v1}", &[]),
    ("vs: {to: reviews, subset: v2}\nrule: {host: reviews, subset: v1}", &["IST0101"]),
    ("vs: {to: reviews, mirror: reviews, subset: v2}\nrule: {host: reviews, subset: v1}", &["IST0101", "IST0101"]),
    ("vs: {to: revews}", &["IST0101"]),
    ("vs: {to: reviews.shop}", &["IST0101"]),
    ("vs: {to: reviews, mirror: revews}", &["IST0101"]),
    ("vs: {to: reviews, port: 81}", &["IST0101"]),
    ("vs: {to: reviews, port: 80}", &[]),
    ("vs: {to: wide}", &["IST0112"]),
    ("vs: {to: wide, port: 81}", &[]),
    ("vs: {to: a.example.com}", &[]),
    ("vs: {to: reviews}\nsecond: {to: reviews}", &["IST0109", "IST0109"]),
    ("vs: {to: reviews, name: other}\nsecond: {to: reviews}", &[]),
    ("vs: {to: reviews, again: {route: [{destination: {host: reviews}}]}}", &["IST0130"]),
    (
        "vs: {to: reviews, match: {port: 1}, again: {match: [{port: 1}], route: [{destination: {host: reviews}}]}}",
        &["IST0130", "IST0131"],
    ),
    ("vs: {to: reviews, gateway: gw}", &["IST0101", "IST0132"]),
    ("vs: {to: reviews, gateway: gw, name: a.com}\ngateway: {host: '*.com'}", &[]),
    ("vs: {to: reviews, gateway: gw, name: a.com}\ngateway: {host: './a.com'}", &[]),
    ("vs: {to: reviews, gateway: gw, name: a.com}\ngateway: {host: 'other/a.com'}", &["IST0132"]),
    ("vs: {to: reviews, gateway: 'x/gateway~istio-autogenerated-k8s-gateway~y'}", &["IST0165"]),
    (
        "vs: {to: reviews, gateway: gw, name: a.com}\ngateway: {host: a.com}\nsecond: {to: reviews, subset: v1}\nrule: {host: reviews, subset: v1}",
        &["IST0140"],
    ),
    ("rule: {host: reviews, subset: v3}", &["IST0173"]),
    ("rule: {host: revews, subset: v1}", &["IST0174"]),
    ("rule: {host: '*.nowhere', subset: v1}", &["IST0174"]),
];

#[test]
fn every_analysis_is_made() {
    for (text, expected) in TOGETHER {
        let objects = together(text);
        let mut found: Vec<&str> =
            analyze(&objects.iter().collect::<Vec<_>>()).into_iter().map(|found| found.code).collect();
        found.sort_unstable();
        assert_eq!(&found, expected, "{text}");
    }
}

fn together(text: &str) -> Vec<Value> {
    let given = value(text);
    let part = |name: &str| given.get(name);
    let mut out = vec![
        value(
            "{apiVersion: v1, kind: Service, metadata: {name: reviews, namespace: shop}, spec: {ports: [{port: 80}]}}",
        ),
        value(
            "{apiVersion: v1, kind: Service, metadata: {name: wide, namespace: shop}, spec: {ports: [{port: 80}, {port: 81}]}}",
        ),
        value(
            "{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: e, namespace: shop}, spec: {hosts: ['*.example.com']}}",
        ),
        value("{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: shop, labels: {version: v1}}}"),
        value(
            "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, namespace: shop}, spec: {template: {metadata: {labels: {version: v2}}}}}",
        ),
    ];
    for name in ["vs", "second"] {
        out.extend(part(name).map(|part| value(&virtual_service(name, part))));
    }
    out.extend(part("rule").map(|part| {
        let (host, subset) = (text_of(part, "host", ""), text_of(part, "subset", "v1"));
        value(&format!("{{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {{name: r, namespace: shop}}, spec: {{host: '{host}', subsets: [{{name: {subset}, labels: {{version: {subset}}}}}]}}}}"))
    }));
    out.extend(part("gateway").map(|part| {
        let host = text_of(part, "host", "");
        value(&format!("{{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {{name: gw, namespace: shop}}, spec: {{servers: [{{hosts: ['{host}']}}]}}}}"))
    }));
    out
}

fn virtual_service(name: &str, part: &Value) -> String {
    let (to, host) = (text_of(part, "to", ""), text_of(part, "name", "reviews"));
    let subset = part.text_at(&["subset"]).map_or(String::new(), |subset| format!(", subset: {subset}"));
    let port =
        part.get("port").and_then(Value::as_int).map_or(String::new(), |port| format!(", port: {{number: {port}}}"));
    let gateways = part.text_at(&["gateway"]).map_or(String::new(), |gateway| format!("gateways: ['{gateway}'],"));
    let mirror = part.text_at(&["mirror"]).map_or(String::new(), |host| format!(", mirror: {{host: {host}{subset}}}"));
    let found = part.get("match").map_or(String::new(), |_| "match: [{port: 1}],".to_owned());
    let again = part.get("again").map_or(String::new(), |again| {
        let found = again.get("match").map_or("", |_| "match: [{port: 1}],");
        format!(", {{{found} route: [{{destination: {{host: reviews}}}}]}}")
    });
    format!(
        "{{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {{name: {name}, namespace: shop}}, \
         spec: {{hosts: [{host}], {gateways} http: [{{{found} route: [{{destination: {{host: {to}{subset}{port}}}}}]{mirror}}}{again}]}}}}"
    )
}

fn text_of<'a>(part: &'a Value, key: &str, absent: &'a str) -> &'a str {
    part.text_at(&[key]).unwrap_or(absent)
}

fn line(found: &Finding) -> String {
    format!("{} {}", found.path, found.message)
}

fn object(place: In, text: &str) -> Value {
    let braced = if text.starts_with('{') { text.to_owned() } else { format!("{{{text}}}") };
    let inside = braced.strip_prefix('{').and_then(|text| text.strip_suffix('}')).expect("braces");
    let of_service = |spec: &str| ("VirtualService", "name: a, namespace: shop".to_owned(), spec.to_owned());
    let of_rule = |spec: &str| ("DestinationRule", "name: a, namespace: shop".to_owned(), spec.to_owned());
    let (kind, metadata, spec) = match place {
        Whole => ("VirtualService", format!("namespace: shop, {inside}"), "{}".to_owned()),
        Service => of_service(&braced),
        Http => of_service(&format!("{{hosts: [a], http: [{{route: [{{destination: {{host: a}}}}], {inside}}}]}}")),
        Route => of_service(&format!("{{hosts: [a], http: [{braced}]}}")),
        Match => of_service(&format!("{{hosts: [a], http: [{{match: [{braced}], redirect: {{uri: /}}}}]}}")),
        Rule => of_rule(&braced),
        Policy => of_rule(&format!("{{host: a, trafficPolicy: {braced}}}")),
    };
    value(&format!("{{apiVersion: networking.istio.io/v1, kind: {kind}, metadata: {{{metadata}}}, spec: {spec}}}"))
}

fn value(text: &str) -> Value {
    let documents = parse(SourceId(0), text).unwrap_or_else(|wrong| panic!("{}: {text}", wrong.message));
    resolve(&documents[0].root, &mut Vec::new())
}

/// The texts in quotes of a source file, without those in comments.
fn literals(source: &str) -> impl Iterator<Item = String> {
    let lines = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.flat_map(|line| line.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>())
}

/// Messages are clauses, other texts of the source are words.
fn is_message(literal: &str) -> bool {
    literal.contains(' ') && !literal.starts_with('\'')
}

/// Whether a message is made from a template, alone or at its end.
fn is_of(said: &str, template: &str) -> bool {
    let mut rest = said;
    template.replace("\\\\", "\\").split("{}").all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}
