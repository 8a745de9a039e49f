//! Configs with what is found in each.

/// One config, and its findings as `code line:column`.
pub struct Row {
    pub text: String,
    pub expected: &'static [&'static str],
}

/// What every row has, but for the sections that it writes itself.
const BASE: &[(&str, &str)] = &[
    ("application", "application: reviews\n"),
    ("targets", "targets: {prod: {namespace: shop, strategy: canary}}\n"),
    ("manifests", "manifests: [{path: reviews.yaml}]\n"),
    ("strategies", "strategies: {canary: {canary: {steps: [{setWeight: {weight: 10}}]}}}\n"),
];

/// The base but for these sections.
pub fn without(sections: &[&str]) -> String {
    BASE.iter().filter(|(name, _)| !sections.contains(name)).map(|(_, text)| *text).collect()
}

/// Top-level sections, in front of the rest of the base.
fn sections(text: &str, expected: &'static [&'static str]) -> Row {
    let own: Vec<&str> = text.lines().filter_map(|line| line.split(':').next()).collect();
    Row { text: format!("{text}\n{}", without(&own)), expected }
}

/// Steps of the canary, on line 2 from column 2.
fn steps(text: &str, expected: &'static [&'static str]) -> Row {
    let text = format!("strategies: {{canary: {{canary: {{steps: [\n {text}\n ]}}}}}}");
    sections(&text, expected)
}

/// Queries on line 2 from column 2, all of them with a template.
fn queries(text: &str, expected: &'static [&'static str]) -> Row {
    sections(&format!("analysis: {{queries: [\n {text}\n ]}}"), expected)
}

/// Targets on line 2 from column 2, over strategies of both kinds.
fn targets(text: &str, expected: &'static [&'static str]) -> Row {
    sections(&format!("targets: {{\n {text}\n }}"), expected)
}

/// Traffic on line 2 from column 2.
fn traffic(text: &str, expected: &'static [&'static str]) -> Row {
    sections(&format!("trafficManagement: [\n {text}\n ]"), expected)
}

/// Manifests on line 2 from column 2.
fn manifests(text: &str, expected: &'static [&'static str]) -> Row {
    sections(&format!("manifests: [\n {text}\n ]"), expected)
}

/// A whole text.
fn whole(text: &str, expected: &'static [&'static str]) -> Row {
    Row { text: text.to_owned(), expected }
}

/// The text of every row, and of the larger configs.
pub fn texts() -> Vec<String> {
    let larger = [FULL.to_owned(), format!("{INLINE}{}", without(&["manifests"]))];
    rows().into_iter().map(|row| row.text).chain(larger).collect()
}

/// Every row.
pub fn rows() -> Vec<Row> {
    let mut rows = vec![
        // The file.
        sections("", &[]),
        whole("", &["config-empty 1:1"]),
        whole("# nothing\n---\n", &["config-empty 1:1"]),
        whole("[a]", &["wrong-type 1:1"]),
        whole("application", &["wrong-type 1:1"]),
        whole(
            "application: reviews\ntargets:\n  dev:\n    namespace: a\n\t\tstrategy: canary\nmanifests: []\n",
            &["tab-indentation 5:1"],
        ),
        whole("application: a: b", &["yaml-syntax 1:15"]),
        whole("{}", &["missing-field 1:1", "missing-field 1:1", "missing-field 1:1"]),
        sections("kind: lambda\nnonsense: 1", &["kind-lambda 1:7"]),
        sections("kind: Kubernetes", &[]),
        sections("kind: ecs", &["unknown-word 1:7"]),
        sections("version: 1", &["wrong-type 1:10"]),
        sections(
            "version: v1\nkind:\ndescription:\ncontext:\ndeploymentConfig:\nanalysis:\nwebhooks:\ntrafficManagement:",
            &[],
        ),
        sections("application: yes", &["ambiguous-scalar 1:14", "wrong-type 1:14"]),
        sections("application: 12", &["wrong-type 1:14"]),
        sections("application: ''", &["wrong-type 1:14"]),
        sections("applicaton: reviews\napplication: reviews", &["unknown-field 1:1"]),
        sections("nonsense: 1", &["unknown-field 1:1"]),
        sections("context: {port: 8080, on: 'true'}", &["wrong-type 1:17", "ambiguous-scalar 1:23"]),
        whole(
            "application: a\ntargets: {t: {namespace: a, strategy: s}}\nmanifests: [{path: a}]\nstrategies: {s: {canary: {steps: []}}}\n---\nkind: Service\n",
            &["config-documents 6:1"],
        ),
        // The deployment.
        sections("deploymentConfig: {timeout: {duration: 30, unit: seconds}}", &["timeout-too-short 1:40"]),
        sections("deploymentConfig: {timeout: {duration: 60, unit: SECONDS}}", &[]),
        sections("deploymentConfig: {timeout: {duration: 0, unit: hours}}", &["duration-out-of-range 1:40"]),
        sections("deploymentConfig: {timeout: {duration: 1, unit: days}}", &["unknown-unit 1:49"]),
        sections("deploymentConfig: {timeout: {duration: 1}}", &["missing-field 1:29"]),
        sections(
            "deploymentConfig: {keepDeploymentObject: 'no', ifDeploymentInProgress: {strategy: queue}}",
            &["wrong-type 1:42", "unknown-word 1:83"],
        ),
    ];
    rows.extend(target_rows());
    rows.extend(step_rows());
    rows.extend(section_rows());
    rows
}

fn target_rows() -> Vec<Row> {
    vec![
        sections("targets: {}", &["no-targets 1:10"]),
        sections("targets: []", &["wrong-type 1:10"]),
        targets("prod (a b): {account: eu, namespace: shop, strategy: canary, constraints: }", &[]),
        targets("a: &a {namespace: shop, strategy: canary}, b: *a, c: {<<: *a, namespace: other}", &[]),
        targets("prod: {strategy: canary}", &["missing-field 2:8"]),
        targets("prod: {namespace: '', strategy: canary}", &["wrong-type 2:20"]),
        targets("prod: {namespace: Shop, strategy: canary}", &["wrong-type 2:20"]),
        targets("prod: {namespace: shop-, strategy: canary}", &["wrong-type 2:20"]),
        targets("prod: {namespace: a.b, strategy: canary}", &["wrong-type 2:20"]),
        targets("a: {namespace: 0-0, strategy: canary}, b: {namespace: x, strategy: canary}", &[]),
        targets("prod: {namespace: shop}", &["missing-field 2:8"]),
        targets("prod: {namespace: shop, strategy: canry}", &["unknown-strategy 2:36"]),
        targets("prod: {namespace: shop, strategy: zebra}", &["unknown-strategy 2:36"]),
        targets("prod: {namespace: shop, strategy: canary, constraint: {}}", &["unknown-field 2:44"]),
        targets(
            "a: {namespace: v, strategy: canary, constraints: {dependsOn: [b, z]}}, b: {namespace: w, strategy: canary}",
            &["unknown-target 2:67"],
        ),
        targets(
            "a: {namespace: v, strategy: canary, constraints: {dependsOn: [b]}}, b: {namespace: w, strategy: canary, constraints: {dependsOn: [a]}}",
            &["depends-on-cycle 2:132"],
        ),
        targets("a: {namespace: v, strategy: canary, constraints: {dependsOn: [a]}}", &["depends-on-cycle 2:64"]),
        targets(
            "a: {namespace: v, strategy: canary, constraints: {beforeDeployment: [{setWeight: {weight: 1}}, {pause: {duration: 1, unit: hours}}], afterDeployment: [{}]}}",
            &["unknown-field 2:72", "step-no-kind 2:153"],
        ),
        sections(
            "strategies: {canary: {canary: {steps: [{pause: {untilApproved: true}}]}}, idle: {canary: {steps: }}}",
            &["unused-strategy 1:75"],
        ),
        sections("strategies: {canary: {canary: {steps: []}, blueGreen: {}}}", &["strategy-two-kinds 1:44"]),
        sections("strategies: {canary: {}}", &["strategy-no-kind 1:22"]),
        sections("strategies: {canary: {canry: {steps: []}}}", &["unknown-field 1:23"]),
        sections("strategies: {canary: {canary: {}}}", &["missing-field 1:31"]),
        sections(
            "strategies: {canary: {blueGreen: {activeService: a, redirectTrafficAfter: [{exposeServices: {services: [a]}}, {pause: {}}]}}}",
            &["expose-services-ignored 1:77", "pause-no-end 1:119", "blue-green-not-planned 3:45"],
        ),
    ]
}

fn step_rows() -> Vec<Row> {
    vec![
        steps("{setWeight: {weight: 150}}", &["weight-out-of-range 2:23"]),
        steps("{setWeight: {weight: -1}}", &["weight-out-of-range 2:23"]),
        steps("{setWeight: {weight: 12.5}}", &["weight-not-whole 2:23"]),
        steps("{setWeight: {weight: 10%}}", &["weight-not-whole 2:23"]),
        steps("{setWeight: {weight: 010}}", &["ambiguous-scalar 2:23"]),
        steps("{setWeight: {}}", &["missing-field 2:14"]),
        steps("{setWeight: 10}", &["weight-shorthand 2:14"]),
        steps("{setWeight: 150}", &["weight-out-of-range 2:14", "weight-shorthand 2:14"]),
        steps("{setWeight: 10%}", &["weight-not-whole 2:14"]),
        steps("{setWeight: [10]}", &["wrong-type 2:14"]),
        steps(
            "{setWeight: {weight: 50}}, {setWeight: {weight: 20}}, {setWeight: {weight: 20}}",
            &["weight-goes-down 2:50"],
        ),
        steps("{setWieght: {weight: 5}}", &["unknown-field 2:3"]),
        steps("{setWeight: {weight: 5}, pause: {untilApproved: true}}", &["step-two-kinds 2:27"]),
        steps("{}, {pause: }, setWeight", &["step-no-kind 2:2", "step-no-kind 2:7", "wrong-type 2:17"]),
        steps(
            "{pause: {duration: 1, unit: minutes}}, {pause: {duration: 1, unit: SECONDS, untilApproved: false}}",
            &[],
        ),
        steps("{pause: {duration: 0, unit: seconds}}", &["duration-out-of-range 2:21"]),
        steps("{pause: {duration: 1000001, unit: seconds}}", &["duration-out-of-range 2:21"]),
        steps("{pause: {duration: -5, unit: seconds}}", &["duration-out-of-range 2:21"]),
        steps("{pause: {duration: 1.5, unit: hours}}", &["wrong-type 2:21"]),
        steps("{pause: {duration: 2, unit: days}}", &["unknown-unit 2:30"]),
        steps("{pause: {duration: 2}}, {pause: {unit: hours}}", &["missing-field 2:10", "missing-field 2:34"]),
        steps("{pause: {duration: 2, unit: hours, untilApproved: true}}", &["pause-two-ends 2:37"]),
        steps(
            "{pause: {}}, {pause: {untilApproved: false}}, {pause: {untilApproved: 'yes'}}",
            &["pause-no-end 2:10", "pause-no-end 2:23", "wrong-type 2:72"],
        ),
        steps("{pause: {untilApproved: true, requiresRole: [a]}}", &["unknown-field 2:32"]),
        steps(
            "{pause: {untilApproved: true, requiresRoles: [], approvalExpiration: {duration: 0, unit: days}}}",
            &["duration-out-of-range 2:82", "unknown-unit 2:91"],
        ),
        steps("{pause: {duration: 2, unit: hours, requiresRoles: [a]}}", &["approval-unused 2:37"]),
        steps(
            "{exposeServices: {services: [a], ttl: {duration: 30, unit: seconds}}}",
            &["expose-services-ignored 2:3", "ttl-out-of-range 2:51"],
        ),
        steps(
            "{exposeServices: {services: [a], ttl: {duration: 25, unit: hours}}}",
            &["expose-services-ignored 2:3", "ttl-out-of-range 2:51"],
        ),
        steps("{exposeServices: {services: []}}", &["expose-services-ignored 2:3", "empty-list 2:20"]),
        steps("{runWebhook: {name: tell}}", &["unknown-webhook 2:22"]),
        sections(
            "strategies: {canary: {canary: {steps: [{runWebhook: {name: tell}}]}}}\n\
             webhooks: [{name: tell, uriTemplate: 'https://ci.example/{{ context.a }}'}]",
            &["unknown-variable 2:58"],
        ),
        steps(
            "{analysis: {interval: 7, units: seconds, numberOfJudgmentRuns: 1, queries: [cpu]}}",
            &["unknown-query 2:78"],
        ),
        steps(
            "{analysis: {interval: 7, units: seconds, numberOfJudgmentRuns: 0, rollBackMode: never, queries: []}}",
            &["number-out-of-range 2:65", "unknown-word 2:82", "empty-list 2:89"],
        ),
        steps("{analysis: {interval: 7}}", &["missing-field 2:13", "missing-field 2:13", "missing-field 2:13"]),
    ]
}

fn section_rows() -> Vec<Row> {
    vec![
        sections("manifests: []", &["no-manifests 1:12"]),
        manifests(
            "{path: a, inline: b}, {}, {targets: [prod]}, {pth: a}",
            &["manifest-two-sources 2:12", "manifest-no-source 2:24", "manifest-no-source 2:28", "unknown-field 2:48"],
        ),
        manifests("{path: a, targets: []}, {path: a, targets: [pord]}", &["empty-list 2:12", "unknown-target 2:46"]),
        manifests("{path: a, targets: prod}", &["wrong-type 2:21"]),
        queries(
            "{name: cpu, queryTemplate: q, upperLimit: 1}, {name: cpu, queryTemplate: q, lowerLimit: 1.5}",
            &["duplicate-query 2:55"],
        ),
        queries("{name: cpu, queryTemplate: q}", &["query-without-limit 2:9"]),
        queries("{name: cpu, upperLimit: '5'}", &["missing-field 2:2", "wrong-type 2:26"]),
        sections(
            "webhooks: [{name: tell, uriTemplate: a, networkMode: tunnel}, {name: tell, uriTemplate: b}]",
            &["unknown-word 1:54", "duplicate-webhook 1:70"],
        ),
        sections(
            "webhooks: [{name: tell, retryCount: -1, headers: [{key: a}], bodyTemplate: {path: a}}]",
            &[
                "missing-field 1:12",
                "number-out-of-range 1:37",
                "missing-field 1:51",
                "missing-field 1:76",
                "unknown-field 1:77",
            ],
        ),
        traffic("{istio: [{virtualService: {name: a}}]}", &[]),
        traffic("{targets: [], istio: [{virtualService: {name: a}, destinationRule: {name: b}}]}", &[]),
        traffic(
            "{targets: [dev], istio: [{virtualService: {}, destinationRule: {subset: b}}]}",
            &["unknown-target 2:13", "missing-field 2:44", "unknown-field 2:66"],
        ),
        traffic(
            "{targets: [prod]}, {istio: []}, {istio: {}}",
            &["traffic-empty 2:2", "traffic-empty 2:21", "wrong-type 2:42"],
        ),
        traffic("{smi: [{rootServiceName: a}]}", &["smi-archived 2:9"]),
        traffic("{kubernetes: [{activeService: a}]}", &["kubernetes-traffic-ignored 2:16"]),
        traffic("{targets: [prod], kubernetes: [{activeService: a}]}", &["kubernetes-traffic-ignored 2:33"]),
    ]
}

/// Manifests in the config, in every style.
pub const INLINE: &str = r#"manifests:
  - inline: |
      kind: Service
      metadata:
        name: é
  - inline: |2 # indented by two more


        kind: Service
        metadata:
      name: b
  - inline: |-
      name: c
  - inline: >-
      kind: Service
      name: d
  - inline: "name: e"
"#;

/// Every field of the config at least once.
pub const FULL: &str = include_str!("full.yaml");
