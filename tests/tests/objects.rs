//! What is printed for kubectl: permissions, a Job, rules for GitOps; each as the built program prints it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Stdio};

use foreshift_core::kubernetes::Key;
use foreshift_core::plan::{Plan, Step};
use foreshift_core::value::{Data, Value};
use foreshift_core::{Preview, preview};
use required::Part;
use serde::Deserialize as _;
use serde_json::{Value as Json, json};
use tests::case::{self, CONFIG, Case};
use tests::program::{Scratch, run};

/// Every case with a plan, and its plans.
fn planned() -> Vec<(Case, Preview)> {
    let cases = case::all().into_iter().filter(|case| case.request.files.iter().all(|file| !file.path.is_empty()));
    let planned = cases.map(|case| (preview(&case.request), case)).filter(|(preview, _)| !preview.has_errors());
    planned.filter(|(preview, _)| !preview.plans.is_empty()).map(|(preview, case)| (case, preview)).collect()
}

/// The objects that a command prints for a case.
fn objects(case: &Case, command: &str, more: &[&str]) -> Vec<Json> {
    let arguments = [&[command, CONFIG], &case.arguments()[..], more].concat();
    let run = run(&case.folder, &arguments, "");
    assert_eq!(run.code, 0, "{}: {}", case.name, run.err);
    documents(&run.out)
}

fn documents(text: &str) -> Vec<Json> {
    serde_yaml::Deserializer::from_str(text).map(|document| Json::deserialize(document).expect("YAML")).collect()
}

fn json(value: &Value) -> Json {
    match &value.data {
        Data::Null => Json::Null,
        Data::Bool(truth) => json!(truth),
        Data::Int(number) => json!(number),
        Data::Float(number) => number.parse::<f64>().map_or(json!(&**number), |number| json!(number)),
        Data::Str(text) => json!(&**text),
        Data::Seq(items) => items.iter().map(json).collect(),
        Data::Map(map) => {
            map.iter().map(|(key, value)| (key.name.to_string(), json(value))).collect::<serde_json::Map<_, _>>().into()
        }
    }
}

fn texts(value: &Json) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Json::as_str).collect()
}

/// What jq makes of a value; `None` where there is no jq.
fn jq(filter: &str, value: &Json) -> Option<Json> {
    let mut child =
        Command::new("jq").args(["-c", filter]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    child.stdin.take().expect("a pipe").write_all(value.to_string().as_bytes()).expect("jq reads");
    let output = child.wait_with_output().expect("jq ends");
    assert!(output.status.success(), "{filter}");
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

/// An object as the repository has it, then as each write of a plan leaves it. Without the size of a Deployment, which a
/// rollout leaves as it is: where the repository says another one, the tool was told already to leave it to an autoscaler.
fn states(plan: &Plan, kind: &str, namespace: &str, name: &str) -> Vec<Json> {
    let is_it = |key: &Key| (key.kind.as_str(), key.namespace.as_str(), key.name.as_str()) == (kind, namespace, name);
    let wanted = plan.world.included.iter().chain(plan.world.live.iter()).find(|object| is_it(&object.key));
    let writes = plan.stages.iter().filter(|stage| is_it(&stage.write.key));
    let writes = writes.filter_map(|stage| Some(&stage.write.content.as_ref()?.value));
    let sized = wanted.map(|object| &object.value).into_iter().chain(writes).map(|value| json(value));
    let without_size = |mut object: Json| {
        if let Some(spec) = object.get_mut("spec").and_then(Json::as_object_mut).filter(|_| kind == "Deployment") {
            spec.remove("replicas");
        }
        object
    };
    sized.map(without_size).collect()
}

/// Argo CD deletes what the expressions name from the repository's object and from the live one, and compares the rest.
#[test]
fn with_the_rules_no_state_differs_and_without_one_of_them_some_does() {
    if jq(".", &json!(1)).is_none() {
        required::left_out(Part::Jq, "there is no `jq` here").unwrap_or_else(|missing| panic!("{missing}"));
        return;
    }
    let mut judged = 0;
    for (case, preview) in planned() {
        let applications = objects(&case, "gitops", &[]);
        assert_eq!(applications.len(), preview.plans.len(), "{}", case.name);
        for (application, plan) in applications.iter().zip(&preview.plans) {
            let spec = &application["spec"];
            assert_eq!(spec["syncPolicy"]["syncOptions"], json!(["RespectIgnoreDifferences=true"]));
            for rule in spec["ignoreDifferences"].as_array().expect("rules") {
                let field = |field: &str| rule[field].as_str().expect("text");
                let states = states(plan, field("kind"), field("namespace"), field("name"));
                let all = texts(&rule["jqPathExpressions"]);
                // With all of them, then with all but one, and again for the next one.
                let without = |left_out: &str| {
                    let paths = all.iter().filter(|path| **path != left_out);
                    let deletions: Vec<String> = paths.map(|path| format!("del({path})")).collect();
                    let filter = if deletions.is_empty() { ".".to_owned() } else { deletions.join(" | ") };
                    format!("(map({filter}) | unique | length)")
                };
                let filters: Vec<String> = [""].iter().chain(&all).map(|path| without(path)).collect();
                let counts = jq(&format!("[{}]", filters.join(", ")), &json!(states)).expect("it was there");
                assert_eq!(counts[0], 1, "{}: {rule}", case.name);
                // Which of the two labels pins the old pods only the cluster knows.
                let is_known = |path: &&str| *path != ".spec.template" && !path.ends_with("[\"pod-template-hash\"]");
                for (index, path) in all.iter().enumerate().filter(|(_, path)| is_known(path)) {
                    assert_ne!(counts[index + 1], 1, "{}: `{path}` changes nothing", case.name);
                }
                assert!(
                    all.iter().all(|path| !path.contains(|letter: char| letter.is_ascii_digit()) || path.contains('"'))
                );
                judged += 1;
            }
            let traffic =
                |stage: &&foreshift_core::plan::Stage| stage.write.key.is_traffic() && stage.step != Step::Apply;
            let written: BTreeSet<&str> =
                plan.stages.iter().filter(traffic).map(|stage| stage.write.key.name.as_str()).collect();
            let ruled: BTreeSet<&str> = spec["ignoreDifferences"]
                .as_array()
                .expect("rules")
                .iter()
                .filter(|rule| rule["kind"] != "Deployment")
                .filter_map(|rule| rule["name"].as_str())
                .collect();
            assert_eq!(ruled, written, "{}", case.name);
        }
    }
    assert!(judged > 100, "{judged}");
}

#[test]
fn rules_address_items_by_name() {
    let case = one("canary/reference");
    let rules = objects(&case, "gitops", &[]).remove(0)["spec"]["ignoreDifferences"].clone();
    let paths: Vec<&str> =
        rules.as_array().expect("rules").iter().flat_map(|rule| texts(&rule["jqPathExpressions"])).collect();
    let route = ".spec.http[] | select(.name == \"http-route-reviews\") | .route[] | select(.destination.subset ==";
    assert_eq!(
        paths,
        [
            ".spec.paused",
            ".spec.template",
            ".spec.subsets[] | select(.name == \"canary\")",
            ".spec.subsets[] | select(.name == \"stable\") | .labels[\"armory-pod-template-hash\"]",
            ".spec.subsets[] | select(.name == \"stable\") | .labels[\"pod-template-hash\"]",
            &format!("{route} \"canary\")"),
            &format!("{route} \"stable\") | .weight"),
        ]
    );
    let multiplied = one("canary/other-destinations-multiplied");
    let rules = objects(&multiplied, "gitops", &[]).remove(0)["spec"]["ignoreDifferences"].clone();
    let weight = ".spec.http[].route[] | select(.destination.host == \"legacy\") | .weight";
    assert!(texts(&rules[2]["jqPathExpressions"]).contains(&weight), "{rules}");
}

#[test]
fn flux_leaves_lists_alone_as_a_whole() {
    let case = one("canary/reference");
    let flux = objects(&case, "gitops", &["-o", "flux"]).remove(0);
    assert_eq!(flux["apiVersion"], "kustomize.toolkit.fluxcd.io/v1");
    let rules = flux["spec"]["ignore"].as_array().expect("rules");
    let paths: Vec<Vec<&str>> = rules.iter().map(|rule| texts(&rule["paths"])).collect();
    assert_eq!(paths, [vec!["/spec/paused", "/spec/template"], vec!["/spec/subsets"], vec!["/spec/http"]]);
    assert_eq!(rules[2]["target"]["group"], "networking\\.istio\\.io");
}

/// The verbs of a case's roles, by namespace, group, resource and name.
type Allowed = BTreeMap<(String, String, String), Vec<(Vec<String>, Vec<String>)>>;

fn allowed(roles: &[Json]) -> Allowed {
    let mut allowed = Allowed::new();
    for role in roles.iter().filter(|role| role["kind"] == "Role" || role["kind"] == "ClusterRole") {
        let namespace = role["metadata"]["namespace"].as_str().unwrap_or_default();
        for rule in role["rules"].as_array().expect("rules") {
            let owned = |field: &str| texts(&rule[field]).into_iter().map(str::to_owned).collect::<Vec<_>>();
            let place = (namespace.to_owned(), owned("apiGroups").remove(0), owned("resources").remove(0));
            allowed.entry(place).or_default().push((owned("resourceNames"), owned("verbs")));
        }
    }
    allowed
}

/// Whether a verb is allowed on an object: as Kubernetes' authorizer decides, which sees no name in a `create`.
fn may(allowed: &Allowed, verb: &str, (namespace, group, resource): (&str, &str, &str), name: &str) -> bool {
    let place = (namespace.to_owned(), group.to_owned(), resource.to_owned());
    let name = if verb == "create" { "" } else { name };
    let fits = |names: &[String]| names.is_empty() || names.iter().any(|known| known == name);
    let rules = allowed.get(&place).into_iter().flatten();
    rules.into_iter().any(|(names, verbs)| fits(names) && verbs.iter().any(|known| known == verb))
}

#[test]
fn every_write_of_every_plan_is_allowed_and_no_more() {
    for (case, preview) in planned() {
        let printed = objects(&case, "rbac", &[]);
        let allowed = allowed(&printed);
        let text = serde_json::to_string(&printed).expect("JSON");
        assert!(!text.contains("\"*\""), "{}: everything is too much", case.name);
        for plan in &preview.plans {
            for stage in &plan.stages {
                let key = &stage.write.key;
                let resource = match key.kind.as_str() {
                    "VirtualService" => "virtualservices",
                    "DestinationRule" => "destinationrules",
                    "Deployment" => "deployments",
                    "ReplicaSet" => "replicasets",
                    "Service" => "services",
                    _ => continue,
                };
                let place = (key.namespace.as_str(), key.group.as_str(), resource);
                let verbs: &[&str] = match stage.step {
                    Step::Apply => &["get", "create", "patch"],
                    Step::CreateReplicaSet { .. } => &["create", "list", "watch", "delete"],
                    Step::DeleteReplicaSet { .. } | Step::DeleteDeployment => &["delete"],
                    Step::SetTemplate if plan.workloads.iter().any(|workload| workload.is_gone) => {
                        &["create", "get", "update"]
                    }
                    _ => &["get", "update"],
                };
                for verb in verbs {
                    assert!(may(&allowed, verb, place, &key.name), "{}: {verb} {key}", case.name);
                }
                let is_named = ["VirtualService", "DestinationRule", "Deployment"].contains(&key.kind.as_str());
                for verb in ["update", "patch", "delete"].iter().filter(|_| is_named) {
                    assert!(!may(&allowed, verb, place, "another"), "{}: {verb} of another {}", case.name, key.kind);
                }
            }
            for (resource, verb) in [("secrets", "get"), ("pods", "delete"), ("deployments", "delete")] {
                let group = if resource == "deployments" { "apps" } else { "" };
                assert!(
                    !may(&allowed, verb, (&plan.namespace, group, resource), "a"),
                    "{}: {verb} {resource}",
                    case.name
                );
            }
        }
    }
}

#[test]
fn roles_are_bound_to_whom_they_are_for() {
    let case = one("canary/reference");
    let subject = |more: &[&str]| {
        let objects = objects(&case, "rbac", more);
        objects.iter().find(|object| object["kind"] == "RoleBinding").expect("a binding")["subjects"][0].clone()
    };
    let own = json!({"kind": "ServiceAccount", "name": "foreshift-reviews-staging", "namespace": "istiodemo"});
    assert_eq!(subject(&[]), own);
    assert_eq!(subject(&["--service-account", "ci"])["name"], "ci");
    assert_eq!(
        (&subject(&["--user", "ada"])["kind"], &subject(&["--group", "sre"])["kind"]),
        (&json!("User"), &json!("Group"))
    );
    // Whoever is given it later takes it from nobody.
    let binding = |more: &[&str]| {
        let objects = objects(&case, "rbac", more);
        objects.iter().find(|object| object["kind"] == "RoleBinding").expect("a binding")["metadata"]["name"].clone()
    };
    assert_eq!(binding(&[]), "foreshift-reviews-staging");
    let names = [binding(&[]), binding(&["--user", "ada"]), binding(&["--user", "bob"]), binding(&["--group", "ada"])];
    assert!(names.iter().enumerate().all(|(at, name)| !names[..at].contains(name)), "{names:?}");
    let both = run(&case.folder, &["rbac", CONFIG, "--user", "a", "--group", "b"], "");
    assert_eq!((both.code, both.out.as_str()), (2, ""));
}

#[test]
fn a_job_holds_everything_that_a_rollout_needs() {
    let scratch = Scratch::new("job");
    let case = one("canary/every-gate");
    let read = |name: &str| std::fs::read_to_string(case.folder.join(name)).expect("the case");
    let config = read(CONFIG)
        .replace("path: manifests.yaml", "path: ../shared/all.yaml")
        .replace("https://ci.example/tests", "https://{{secrets.ci-user}}@ci.example/tests");
    scratch.write("apps/reviews/deploy.yaml", &config);
    scratch.write("apps/shared/all.yaml", &read("manifests.yaml"));
    let arguments = ["job", "apps/reviews/deploy.yaml", "--root", ".", "--image", "r.example/foreshift:1"];
    let printed = run(&scratch.path, &[&arguments[..], &["--metrics", "prometheus=http://p:9090"]].concat(), "");
    assert_eq!(printed.code, 0, "{}", printed.err);
    let objects = documents(&printed.out);
    let kinds: Vec<&str> = objects.iter().filter_map(|object| object["kind"].as_str()).collect();
    assert_eq!(kinds, ["ServiceAccount", "Role", "RoleBinding", "ConfigMap", "Job"]);
    assert!(objects.iter().all(|object| object["metadata"]["namespace"] == "shop"));
    let [account, role, binding, files, job] = objects.as_slice() else { panic!("five") };
    assert_eq!(binding["roleRef"]["name"], role["metadata"]["name"]);
    assert_eq!(binding["subjects"][0]["name"], account["metadata"]["name"]);
    let pod = &job["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    let command = texts(&container["args"]);
    assert_eq!(command[..3], ["apply", "/rollout/files/files/deploy.yaml", "--target"]);
    assert!(command.contains(&"--yes") && command.contains(&"prometheus=http://p:9090"), "{command:?}");
    assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true);
    assert_eq!((&pod["restartPolicy"], &pod["securityContext"]["runAsNonRoot"]), (&json!("Never"), &json!(true)));
    assert_eq!(pod["serviceAccountName"], account["metadata"]["name"]);
    let ended = &job["spec"]["podFailurePolicy"]["rules"][1]["onExitCodes"]["values"];
    assert_eq!(*ended, json!([1, 2, 3, 4, 5]), "a rollout that went back is not begun again");
    let variables: Vec<&str> =
        container["env"].as_array().expect("variables").iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(variables, ["FORESHIFT_SECRET_CI_USER", "FORESHIFT_METRICS_TOKEN_PROMETHEUS"]);
    // What is mounted plans as the files on disk do.
    let mounted = Scratch::new("job-mounted");
    let items = pod["volumes"][0]["configMap"]["items"].as_array().expect("items");
    assert_eq!(pod["volumes"][0]["configMap"]["name"], files["metadata"]["name"]);
    for item in items {
        let text = files["data"][item["key"].as_str().expect("a key")].as_str().expect("a text");
        mounted.write(item["path"].as_str().expect("a path"), text);
    }
    let there = command[1].strip_prefix("/rollout/").expect("in the volume").to_owned();
    let root = command.iter().position(|word| *word == "--root").expect("a root");
    assert_eq!(command[root + 1], "/rollout");
    let plan = run(&mounted.path, &["plan", &there, "--root", "."], "");
    assert_eq!(plan.code, 0, "{}", plan.err);
    assert_eq!(plan.out, run(&scratch.path, &["plan", "apps/reviews/deploy.yaml", "--root", "."], "").out);
    // Other files are another Job, and several targets are several.
    scratch.write("apps/reviews/deploy.yaml", &config.replace("weight: 60", "weight: 61"));
    let other = documents(&run(&scratch.path, &arguments, "").out);
    assert_ne!(other[4]["metadata"]["name"], job["metadata"]["name"]);
    let image = documents(&run(&scratch.path, &[&arguments[..5], &["r.example/foreshift:2"]].concat(), "").out);
    assert_ne!(image[4]["metadata"]["name"], other[4]["metadata"]["name"]);
    let several = one("canary/several-targets");
    let refused = run(&several.folder, &["job", CONFIG, "--image", "a"], "");
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("name it with `--target`"), "{}", refused.err);
}

#[test]
fn nothing_is_printed_for_a_config_with_errors() {
    let case = one("refused/config-references");
    for arguments in [vec!["rbac"], vec!["gitops"], vec!["job", "--image", "a"]] {
        let run = run(&case.folder, &[&arguments[..], &[CONFIG]].concat(), "");
        assert_eq!((run.code, run.out.as_str()), (1, ""), "{arguments:?}");
        assert!(run.err.contains("error[unknown-strategy]"), "{}", run.err);
    }
}

fn one(name: &str) -> Case {
    case::all().into_iter().find(|case| case.name == name).expect("the case")
}
