//! Inputs that nobody writes by accident: deep, wide, long, and much said with few bytes.
//!
//! Each ends with an error, soon, in little memory and on a small stack.

mod bombs;
mod templates;

use std::fmt::Write as _;

use bombs::{chain, exponential, indented, long_aliased, merges_exponential, merges_nested, merges_wide, wide};
use foreshift_core::{File, Request};

use crate::sized;

/// How long a text may be and still be read.
const FULL: usize = 4 << 20;

/// A request with its name.
#[derive(Clone, Debug)]
pub struct Hostile {
    /// What is hostile about it.
    pub name: &'static str,
    /// What is asked.
    pub request: Request,
}

/// Every input; `divisor` makes each of them so many times smaller.
pub fn all(divisor: usize) -> Vec<Hostile> {
    let full = FULL / divisor;
    let count = |number: usize| number / divisor;
    let mut list = Vec::new();
    for (name, text) in texts(full, divisor) {
        list.push(as_config(name, text.clone()));
        list.push(as_manifest(name, text));
    }
    for (name, text) in configs(full, &count).into_iter().chain(templates::configs(full, &count)) {
        list.push(as_config(name, text));
    }
    for (name, text) in manifests(full, &count) {
        list.push(as_manifest(name, text));
    }
    list.push(two_orders(full));
    list.push(Hostile { name: "weights of routes", request: sized::with_routes(1, count(3_000), count(3_000)) });
    list
}

/// Texts that are hostile whatever they are read as.
fn texts(full: usize, divisor: usize) -> Vec<(&'static str, String)> {
    let repeated = |part: &str| part.repeat(full / part.len());
    let deep = 100_000 / divisor;
    vec![
        ("brackets", "[".repeat(deep)),
        ("braces", "{a: ".repeat(deep)),
        ("brackets closed", format!("a: {}{}\n", "[".repeat(deep), "]".repeat(deep))),
        ("block levels", indented(full, "a:\n")),
        ("block levels of lists", indented(full, "-\n")),
        ("dashes", repeated("- ")),
        ("question marks", repeated("? ")),
        ("colons", repeated(": ")),
        ("anchors on anchors", repeated("&a ")),
        ("tags", repeated("!!str ")),
        ("long tag", format!("a: !{} b\n", "t".repeat(full - 16))),
        ("aliases exponential", exponential()),
        ("aliases wide", wide(deep)),
        ("aliases of a long scalar", long_aliased(full)),
        ("aliases of aliases", chain(full)),
        ("merges exponential", merges_exponential()),
        ("merges of a wide mapping", merges_wide(full)),
        ("merges nested", merges_nested(full)),
        ("more than is read", "a: 1\n".repeat(2 << 20)),
        ("one plain scalar", "a".repeat(full)),
        ("one plain scalar of many lines", repeated("ab\n")),
        ("one quoted scalar", format!("a: \"{}\"\n", "b".repeat(full - 8))),
        ("one quoted scalar of escapes", format!("a: \"{}\"\n", "\\n".repeat((full - 8) / 2))),
        ("one quoted scalar, not closed", format!("a: \"{}", "b\n".repeat((full - 8) / 2))),
        ("one literal scalar", format!("a: |\n{}", " b\n".repeat((full - 8) / 3))),
        ("one literal scalar of blank lines", format!("a: |\n{}", "\n".repeat(full - 8))),
        ("one number", "9".repeat(full)),
        ("one number with an exponent", format!("a: 1e{}\n", "9".repeat(full - 8))),
        ("one number as a key", format!("{}: 1\n", "9".repeat(1000))),
        ("keys", numbered(full, "k")),
        ("keys without values", repeated("a:\n")),
        ("the same key", repeated("a: 1\n")),
        ("words that are booleans", numbered(full, "k: y\nx")),
        ("a long key", format!("? {}\n: 1\n", "k".repeat(full - 8))),
        ("documents", repeated("---\na: 1\n")),
        ("empty documents", repeated("---\n")),
        ("directives", repeated("%FOO bar\n")),
        ("comments", repeated("# c\n")),
        ("one comment", format!("#{}", "c".repeat(full - 1))),
        ("anchors", lines(full, |out, n| writeln!(out, "- &a{n} x"))),
        ("spaces", " ".repeat(full)),
        ("line breaks", "\n".repeat(full)),
        ("carriage returns", "\r".repeat(full)),
        ("tabs", "\t".repeat(full)),
        ("lines of tabs", repeated("\ta: 1\n")),
        ("quotes", "\"".repeat(full)),
        ("flow list in a line", format!("a: [{}]\n", "1,".repeat((full - 8) / 2))),
        ("flow list of words", format!("a: [{}]\n", "y,".repeat((full - 8) / 2))),
        ("flow mapping in a line", format!("{{{}}}\n", lines(full - 4, |out, n| write!(out, "k{n}: 1, ")))),
        ("flow list, not closed", format!("a: [{}", "1,\n".repeat((full - 8) / 3))),
        ("flow lists that are empty", repeated("- []\n")),
        ("null bytes", "\0".repeat(full)),
        ("marks of byte order", repeated("\u{feff}")),
        ("characters of four bytes", repeated("😀")),
    ]
}

/// Deployment configs that are hostile.
fn configs(full: usize, count: &dyn Fn(usize) -> usize) -> Vec<(&'static str, String)> {
    let target = "{account: a, namespace: n, strategy: s}";
    let many = count(100_000);
    vec![
        ("config with unknown fields", format!("{CONFIG_HEAD}{}", numbered(full - 500, "unknown"))),
        ("config with fields in need of a guess", format!("{CONFIG_HEAD}{}", numbered(full - 500, "taget"))),
        ("config with targets", format!("{}targets:\n{}", CONFIG_TAIL, each(many, |n| format!("  t{n}: {target}\n")))),
        (
            "config with targets of one key each",
            format!("{}targets:\n{}", CONFIG_TAIL, each(many, |n| format!("  t{n}: 1\n"))),
        ),
        (
            "config with targets that share a manifest",
            format!("{}targets:\n{}", CONFIG_TAIL, each(count(20_000), |n| format!("  t{n}: {target}\n"))),
        ),
        ("config with steps", with_steps(&each(many, |n| format!("        - setWeight: {{weight: {}}}\n", n % 100)))),
        ("config with wrong steps", with_steps(&each(many, |_| "        - x: 1\n".to_owned()))),
        (
            "config with pauses",
            with_steps(&each(count(60_000), |_| "        - pause: {untilApproved: 1}\n".to_owned())),
        ),
        (
            "config with a chain of targets",
            format!(
                "{}targets:\n{}",
                CONFIG_TAIL,
                each(count(50_000), |n| format!(
                    "  t{n}: {{account: a, namespace: n, strategy: s, constraints: {{dependsOn: [t{}]}}}}\n",
                    n + 1
                ))
            ),
        ),
        (
            "config with a circle of targets",
            format!(
                "{}targets:\n{}",
                CONFIG_TAIL,
                each(count(30_000), |n| format!(
                    "  t{n}: {{account: a, namespace: n, strategy: s, constraints: {{dependsOn: [t{}]}}}}\n",
                    (n + 1) % count(30_000)
                ))
            ),
        ),
        (
            "config with a target that waits for many that are not there",
            format!(
                "{CONFIG_TAIL}targets:\n  t: {{account: a, namespace: n, strategy: s, constraints: {{dependsOn: [{}]}}}}\n",
                each(many, |n| format!("x{n}, "))
            ),
        ),
        (
            "config with strategies",
            format!("{CONFIG_HEAD}{}", each(many, |n| format!("  s{n}: {{canary: {{steps: []}}}}\n"))),
        ),
        (
            "config with istio entries",
            format!(
                "{CONFIG_HEAD}trafficManagement:\n{}",
                each(count(10_000), |n| format!(
                    "  - istio:\n      - virtualService: {{name: v{n}, httpRouteName: m}}\n        destinationRule: {{name: d{n}}}\n"
                ))
            ),
        ),
        (
            "config with pairs in one istio entry",
            format!(
                "{CONFIG_HEAD}trafficManagement:\n  - istio:\n{}",
                each(count(10_000), |n| format!(
                    "      - virtualService: {{name: v{n}, httpRouteName: m}}\n        destinationRule: {{name: d{n}}}\n"
                ))
            ),
        ),
        (
            "config with the same pair again and again",
            format!(
                "{CONFIG_HEAD}trafficManagement:\n  - istio:\n{}",
                each(count(10_000), |_| {
                    "      - virtualService: {name: v, httpRouteName: m}\n        destinationRule: {name: d}\n"
                        .to_owned()
                })
            ),
        ),
        (
            "config with manifests",
            format!("{CONFIG_HEAD}manifests:\n{}", each(many, |n| format!("  - path: f{n}.yaml\n"))),
        ),
        (
            "config with inline manifests",
            format!("{CONFIG_BARE}manifests:\n{}", each(count(20_000), |_| "  - inline: |\n      a: 1\n".to_owned())),
        ),
        (
            "config with one inline manifest",
            format!("{CONFIG_BARE}manifests:\n  - inline: |\n{}", "      a: 1\n      ---\n".repeat(full / 24)),
        ),
    ]
}

/// Manifests that are hostile.
fn manifests(full: usize, count: &dyn Fn(usize) -> usize) -> Vec<(&'static str, String)> {
    let many = count(100_000);
    let service =
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: web}\nspec:\n  hosts: [web]\n";
    let rule = "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: web}\nspec:\n  host: web\n";
    let object = |n| format!("{{apiVersion: v1, kind: Service, metadata: {{name: s{n}}}}}");
    vec![
        ("service with routes", format!("{service}  http:\n{}", each(many, |n| format!("    - {{name: r{n}}}\n")))),
        (
            "service with routes of one name",
            format!("{service}  http:\n{}", each(count(50_000), |_| "    - name: main\n      route: []\n".to_owned())),
        ),
        (
            "service with destinations",
            format!(
                "{service}  http:\n    - name: main\n      route:\n{}",
                each(count(30_000), |n| format!("        - {{destination: {{host: h{n}}}, weight: 1}}\n"))
            ),
        ),
        (
            "service with hosts",
            format!("{}  hosts:\n{}", service.replace("  hosts: [web]\n", ""), each(many, |n| format!("    - h{n}\n"))),
        ),
        ("service with wrong fields", format!("{service}{}", each(many, |n| format!("  x{n}: 1\n")))),
        ("rule with subsets", format!("{rule}  subsets:\n{}", each(count(50_000), |n| format!("    - name: v{n}\n")))),
        (
            "rule with subsets of one name",
            format!("{rule}  subsets:\n{}", each(count(50_000), |_| "    - name: v\n".to_owned())),
        ),
        (
            "services of one host",
            each(count(8_000), |n| {
                format!("---\n{}  http: [{{name: main}}]\n", service.replace("name: web", &format!("name: w{n}")))
            }),
        ),
        (
            "rules of one host",
            each(count(8_000), |n| format!("---\n{}", rule.replace("name: web", &format!("name: w{n}")))),
        ),
        ("objects", each(count(40_000), |n| format!("---\n{}\n", object(n)))),
        ("objects of one name", each(count(40_000), |_| format!("---\n{}\n", object(1)))),
        (
            "list of objects",
            format!("kind: List\napiVersion: v1\nitems:\n{}", each(count(40_000), |n| format!("- {}\n", object(n)))),
        ),
        (
            "list in a line",
            format!(
                "{{kind: List, apiVersion: v1, items: [{}]}}\n",
                each(count(40_000), |n| format!("{},", object(n)))
            ),
        ),
        ("list of nothing", format!("kind: List\napiVersion: v1\nitems:\n{}", "- 1\n".repeat(full / 4 - 20))),
        (
            "list of lists",
            format!("kind: List\napiVersion: v1\nitems:\n{}", "- {kind: List, items: [1]}\n".repeat(full / 32)),
        ),
        (
            "deployment with environment",
            format!(
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  template:\n    metadata:\n      annotations:\n{}",
                each(count(80_000), |n| format!("        k{n}: v\n"))
            ),
        ),
    ]
}

/// The same object with its keys in two orders, as what is wanted and as what runs.
fn two_orders(full: usize) -> Hostile {
    let head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n";
    let keys: Vec<String> = (0..full / 20).map(|n| format!("  key{n}: x\n")).collect();
    let live = format!("{head}{}", keys.iter().rev().map(String::as_str).collect::<String>());
    let mut hostile = as_manifest("keys in two orders", format!("{head}{}", keys.concat()));
    hostile.request.files.push(file("live.yaml", live));
    hostile.request.current.push("live.yaml".to_owned());
    hostile
}

const CONFIG_BARE: &str = "\
version: v1
kind: kubernetes
application: shop
targets:
  prod: {account: a, namespace: shop, strategy: s}
strategies:
  s: {canary: {steps: [{setWeight: {weight: 10}}]}}
";

const CONFIG_TAIL: &str = "\
version: v1
kind: kubernetes
application: shop
manifests:
  - path: app.yaml
strategies:
  s: {canary: {steps: [{setWeight: {weight: 10}}]}}
";

const CONFIG_HEAD: &str = "\
version: v1
kind: kubernetes
application: shop
targets:
  prod: {account: a, namespace: shop, strategy: s}
manifests:
  - path: app.yaml
strategies:
  s: {canary: {steps: [{setWeight: {weight: 10}}]}}
";

const TRAFFIC: &str = "\
trafficManagement:
  - istio:
      - virtualService: {name: web, httpRouteName: main}
        destinationRule: {name: web, activeSubsetName: stable}
";

fn with_steps(steps: &str) -> String {
    format!(
        "version: v1\nkind: kubernetes\napplication: shop\ntargets:\n  prod: {{account: a, namespace: shop, strategy: s}}\n\
         manifests:\n  - path: app.yaml\nstrategies:\n  s:\n    canary:\n      steps:\n{steps}{TRAFFIC}"
    )
}

fn as_config(name: &'static str, text: String) -> Hostile {
    Hostile { name, request: request(vec![file("deploy.yaml", text), file("app.yaml", "a: 1\n".to_owned())]) }
}

fn as_manifest(name: &'static str, text: String) -> Hostile {
    Hostile {
        name,
        request: request(vec![file("deploy.yaml", format!("{CONFIG_HEAD}{TRAFFIC}")), file("app.yaml", text)]),
    }
}

fn request(files: Vec<File>) -> Request {
    Request { config: "deploy.yaml".to_owned(), files, ..Request::default() }
}

fn file(path: &str, text: String) -> File {
    File { path: path.to_owned(), text }
}

fn each(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect()
}

/// Lines up to a length.
fn lines(full: usize, write: impl Fn(&mut String, usize) -> std::fmt::Result) -> String {
    let mut out = String::new();
    for n in 0.. {
        let before = out.len();
        let written = write(&mut out, n);
        if written.is_err() || out.len() > full {
            out.truncate(before);
            break;
        }
    }
    out
}

fn numbered(full: usize, name: &str) -> String {
    lines(full, |out, n| writeln!(out, "{name}{n}: 1"))
}
