//! Rollouts of a given size, for measuring.

use std::fmt::Write;

use foreshift_core::{File, Request};

/// A request with so many pairs, each with a VirtualService, a DestinationRule, a Service and a Deployment of its own,
/// and so many steps.
pub fn request(pairs: usize, steps: usize) -> Request {
    with_routes(pairs, steps, 1)
}

/// The same with so many routes in each VirtualService, each of them a pair.
pub fn with_routes(services: usize, steps: usize, routes: usize) -> Request {
    let mut config = String::from(
        "version: v1\nkind: kubernetes\napplication: shop\ntargets:\n  prod: {account: a, namespace: shop, strategy: slow}\n\
         manifests:\n  - path: app.yaml\nstrategies:\n  slow:\n    canary:\n      steps:\n",
    );
    for step in 0..steps {
        // Never the same weight twice in a row, and never more than 99.
        let _ = writeln!(config, "        - setWeight: {{weight: {}}}", 1 + step % 99);
    }
    config.push_str("trafficManagement:\n  - istio:\n");
    let mut manifests = String::new();
    let names: Vec<String> =
        (0..routes).map(|route| if route == 0 { "main".to_owned() } else { format!("main{route}") }).collect();
    let all: String = names.iter().map(|name| ROUTE.replace("ROUTE", name)).collect();
    for service in 0..services {
        for route in &names {
            let _ = writeln!(
                config,
                "      - {{virtualService: {{name: svc{service}, httpRouteName: {route}}}, destinationRule: {{name: svc{service}, activeSubsetName: stable}}}}"
            );
        }
        manifests.push_str(&OBJECTS.replace("ROUTES", &all).replace("NAME", &format!("svc{service}")));
    }
    let file = |path: &str, text: String| File { path: path.to_owned(), text };
    Request {
        config: "deploy.yaml".to_owned(),
        files: vec![file("deploy.yaml", config), file("app.yaml", manifests)],
        ..Request::default()
    }
}

const ROUTE: &str = "    - name: ROUTE
      route:
        - destination:
            host: NAME # the service's own name
            subset: stable
";

const OBJECTS: &str = "\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: NAME
spec:
  hosts:
    - NAME
  http:
ROUTES---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: NAME
spec:
  host: NAME
  subsets:
    - name: stable
      labels:
        app: NAME
---
apiVersion: v1
kind: Service
metadata:
  name: NAME
spec:
  selector:
    app: NAME
  ports:
    - port: 80
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: NAME
spec:
  replicas: 3
  selector:
    matchLabels:
      app: NAME
  template:
    metadata:
      labels:
        app: NAME
    spec:
      containers:
        - name: main
          image: registry.example/NAME:2.0.0
---
";
