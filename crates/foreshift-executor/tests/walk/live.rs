//! Plans against a cluster: what is shown is what the API server says will change, and nothing that it filled in.

use std::time::Duration;

use foreshift_core::diagnostic::Code;
use foreshift_core::plan::Plan;
use foreshift_core::preview::{File, Request};
use foreshift_core::render::diff::{Mark, diff};
use foreshift_core::render::{self, Selection};
use foreshift_executor::cluster::{ApiError, At, Json, Kind, Lists, Memory, Reason, Trouble};
use foreshift_executor::live::{self, Planned};
use serde_json::json;

use crate::stage::{PACE, play};

const CONFIG: &str = "
version: v1
kind: kubernetes
application: reviews
targets: { test: { account: a, namespace: shop, strategy: half } }
manifests: [{ path: manifests }]
strategies: { half: { canary: { steps: [{ setWeight: { weight: 50 } }] } } }
trafficManagement:
  - istio: [{ virtualService: { name: reviews }, destinationRule: { name: reviews } }]
";

const TRAFFIC: &str = "
apiVersion: networking.istio.io/v1alpha3
kind: VirtualService
metadata: { name: reviews }
spec: { hosts: [reviews], http: [{ route: [{ destination: { host: reviews, subset: stable } }] }] }
---
apiVersion: networking.istio.io/v1alpha3
kind: DestinationRule
metadata: { name: reviews }
spec: { host: reviews, subsets: [{ name: stable, labels: { app: reviews } }] }
---
apiVersion: v1
kind: Service
metadata: { name: reviews }
spec: { selector: { app: reviews }, ports: [{ port: 80 }] }
";

const DEPLOYMENT: &str = "
# As its owner writes it.
kind: Deployment
apiVersion: apps/v1
metadata: { name: reviews }
spec:
  replicas: 3
  selector: { matchLabels: { app: reviews } }
  template:
    metadata: { labels: { app: reviews } }
    spec:
      containers:
      - name: reviews
        image: reviews:1
";

/// The same as the API server has it: with what it filled in, in its own order.
fn running(replicas: u32) -> Json {
    json!({
        "metadata": { "name": "reviews", "annotations": { "deployment.kubernetes.io/revision": "1" } },
        "spec": {
            "progressDeadlineSeconds": 600, "revisionHistoryLimit": 10, "replicas": replicas,
            "selector": { "matchLabels": { "app": "reviews" } },
            "template": {
                "metadata": { "labels": { "app": "reviews" } },
                "spec": {
                    "containers": [{ "image": "reviews:1", "imagePullPolicy": "IfNotPresent", "name": "reviews" }],
                    "dnsPolicy": "ClusterFirst", "restartPolicy": "Always",
                },
            },
        },
    })
}

/// What an API server does.
fn fill_in(at: &At, object: &mut Json) {
    if at.kind.kind == "Deployment" {
        object["spec"]["progressDeadlineSeconds"] = json!(600);
        object["spec"]["revisionHistoryLimit"] = json!(10);
        let pods = &mut object["spec"]["template"]["spec"];
        pods["containers"][0]["imagePullPolicy"] = json!("IfNotPresent");
        pods["dnsPolicy"] = json!("ClusterFirst");
        pods["restartPolicy"] = json!("Always");
    }
}

fn at(group: &str, kind: &str, name: &str) -> At {
    At::ours(group, kind, "shop", name).unwrap()
}

/// A cluster in which version 1 runs with that many pods.
async fn cluster(replicas: u32) -> Memory {
    let memory = Memory::new(PACE);
    let (istio, labels) = ("networking.istio.io", json!({ "by": "somebody" }));
    let route = json!([{ "route": [{ "destination": { "host": "reviews", "subset": "stable" } }] }]);
    let spec = json!({ "http": route, "hosts": ["reviews"] });
    memory.put(&at(istio, "VirtualService", "reviews"), json!({ "metadata": { "labels": labels }, "spec": spec }));
    let spec = json!({ "host": "reviews", "subsets": [{ "labels": { "app": "reviews" }, "name": "stable" }] });
    memory.put(&at(istio, "DestinationRule", "reviews"), json!({ "spec": spec }));
    let spec = json!({ "clusterIP": "10.0.0.7", "ports": [{ "port": 80 }], "selector": { "app": "reviews" } });
    memory.put(&at("", "Service", "reviews"), json!({ "spec": spec }));
    memory.put(&at("apps", "Deployment", "reviews"), running(replicas));
    memory.fill_in(Box::new(fill_in));
    tokio::time::sleep(Duration::from_secs(10)).await;
    memory
}

async fn planned(memory: &Memory, manifests: &[&str]) -> Planned {
    let file =
        |(index, text): (usize, &&str)| File { path: format!("manifests/{index}.yaml"), text: (*text).to_owned() };
    let mut files = vec![File { path: "deploy.yaml".to_owned(), text: CONFIG.to_owned() }];
    files.extend(manifests.iter().enumerate().map(file));
    let request =
        Request { config: "deploy.yaml".to_owned(), files, target: Some("test".to_owned()), ..Request::default() };
    live::plan(memory, &request, "shop", Duration::from_secs(1), Lists::default()).await.unwrap()
}

/// The lines that all writes of an object together change, with their marks.
fn lines(plan: &Plan, kind: &str) -> Vec<String> {
    let is_it = |object: &&foreshift_core::kubernetes::Object| object.key.kind == kind;
    let Some(start) = plan.start.objects.iter().find(is_it).map(|object| &*object.text) else { return Vec::new() };
    let last = plan.stages.iter().rfind(|stage| stage.write.key.kind == kind);
    let end = last.map_or(start, |stage| &*stage.write.content.as_ref().unwrap().text);
    let all = diff(start, end);
    let changed = all.iter().filter(|change| change.mark != Mark::Kept);
    changed
        .map(|change| {
            format!("{}{}", if change.mark == Mark::Added { "+ " } else { "- " }, change.text.trim().replace('"', ""))
        })
        .collect()
}

fn codes(planned: &Planned) -> Vec<Code> {
    planned.preview.diagnostics.iter().map(|found| found.code).collect()
}

#[test]
fn what_the_manifests_say_already_is_no_stage() {
    play(async {
        let memory = cluster(3).await;
        let planned = planned(&memory, &[TRAFFIC, DEPLOYMENT]).await;
        assert_eq!(codes(&planned), [Code::UnchangedTemplate]);
        let kinds: Vec<_> = planned.plan().unwrap().stages.iter().map(|stage| stage.write.key.to_string()).collect();
        assert!(kinds.is_empty(), "{kinds:?}");
    });
}

#[test]
fn a_new_image_is_the_only_line_of_the_deployment() {
    play(async {
        let memory = cluster(3).await;
        let new = DEPLOYMENT.replace("reviews:1", "reviews:2");
        let planned = planned(&memory, &[TRAFFIC, &new]).await;
        let plan = planned.plan().unwrap();
        let hash = format!("+ armory-pod-template-hash: {}", plan.workloads[0].canary);
        assert_eq!(lines(plan, "Deployment"), [hash.as_str(), "- image: reviews:1", "+ image: reviews:2"]);
        assert!(lines(plan, "VirtualService").is_empty() && lines(plan, "DestinationRule").is_empty());
        let head = render::text(&planned.preview, Selection::State(0));
        assert!(head.contains("\n    image: reviews:1 → reviews:2\n"), "{head}");
    });
}

#[test]
fn the_size_that_runs_stays_whatever_is_rolled_out() {
    play(async {
        for (image, stages) in [("reviews:1", 0), ("reviews:2", 1)] {
            let memory = cluster(8).await;
            let new = DEPLOYMENT.replace("reviews:1", image);
            let planned = planned(&memory, &[TRAFFIC, &new]).await;
            let plan = planned.plan().unwrap();
            assert_eq!(plan.stages.is_empty(), stages == 0, "{image}");
            assert!(!lines(plan, "Deployment").iter().any(|line| line.contains("replicas")), "{image}");
            let all = render::text(&planned.preview, Selection::All);
            assert!(!all.contains("replicas: 3"), "{all}");
        }
    });
}

#[test]
fn what_an_autoscaler_sizes_keeps_its_size_and_what_none_sizes_does_not() {
    play(async {
        let kind = Kind {
            plural: "statefulsets".to_owned(),
            kind: "StatefulSet".to_owned(),
            ..at("apps", "Deployment", "x").kind
        };
        let store = At { kind, namespace: "shop".to_owned(), name: "store".to_owned() };
        let spec = json!({ "scaleTargetRef": { "apiVersion": "apps/v1", "kind": "StatefulSet", "name": "store" } });
        let manifest = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: { name: store, labels: { new: 'yes' } }\nspec: { replicas: 3 }\n";
        for (is_scaled, size) in [(true, 6), (false, 3)] {
            let memory = cluster(3).await;
            memory.put(&store, json!({ "spec": { "replicas": 6, "serviceName": "store" } }));
            if is_scaled {
                memory.put(&at("autoscaling", "HorizontalPodAutoscaler", "store"), json!({ "spec": spec }));
            }
            let planned = planned(&memory, &[TRAFFIC, DEPLOYMENT, manifest]).await;
            let plan = planned.plan().unwrap();
            let [stage] = plan.stages.as_slice() else { panic!("{:?}", codes(&planned)) };
            let content = stage.write.content.as_ref().unwrap();
            assert_eq!(
                content.value.at(&["spec", "replicas"]).and_then(foreshift_core::value::Value::as_int),
                Some(size)
            );
            let replicas = ["- replicas: 6", "+ replicas: 3"];
            let shown = lines(plan, "StatefulSet");
            assert_eq!(shown.iter().any(|line| replicas.contains(&line.as_str())), !is_scaled, "{shown:?}");
            assert!(shown.contains(&"+ new: yes".to_owned()), "{shown:?}");
        }
    });
}

#[test]
fn who_may_not_try_is_told_by_the_fields_of_the_manifests_and_told_so() {
    play(async {
        let memory = cluster(3).await;
        memory.trouble(Box::new(|_, name| {
            let forbidden = || Trouble::Refused(ApiError::new(Reason::Forbidden, "no"));
            ["apply", "replace"].contains(&name).then(forbidden)
        }));
        let same = planned(&memory, &[TRAFFIC, DEPLOYMENT]).await;
        assert!(same.plan().unwrap().stages.is_empty());
        assert_eq!(codes(&same).iter().filter(|code| **code == Code::NotTried).count(), 2, "Deployment and Service");
        let new = DEPLOYMENT.replace("reviews:1", "reviews:2");
        let changed = planned(&memory, &[TRAFFIC, &new]).await;
        let shown = lines(changed.plan().unwrap(), "Deployment");
        assert_eq!(shown.len(), 3, "{shown:?}");
    });
}
