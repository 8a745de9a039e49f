// Rollouts of a given size, as `tests/src/sized.rs` makes them for the core.

/** A request with so many Services, each with objects of its own, so many steps, and so many routes to each Service. */
export function sized(services, steps, routes = 1) {
  const weights = Array.from({ length: steps }, (_, step) => `        - setWeight: {weight: ${1 + (step % 99)}}\n`);
  const names = Array.from({ length: services }, (_, service) => `svc${service}`);
  const paths = Array.from({ length: routes }, (_, route) => `main${route || ""}`);
  const pairs = names.flatMap((name) =>
    paths.map((path) => `      - {virtualService: {name: ${name}, httpRouteName: ${path}}, destinationRule: {name: ${name}, activeSubsetName: stable}}\n`),
  );
  const config = `version: v1
kind: kubernetes
application: shop
targets:
  prod: {account: a, namespace: shop, strategy: slow}
manifests:
  - path: app.yaml
strategies:
  slow:
    canary:
      steps:
${weights.join("")}trafficManagement:
  - istio:
${pairs.join("")}`;
  return {
    config: "deploy.yaml",
    files: [
      { path: "deploy.yaml", text: config },
      { path: "app.yaml", text: names.map((name) => objects(name, paths)).join("---\n") },
    ],
  };
}

function objects(name, paths) {
  return `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: ${name}
spec:
  hosts:
    - ${name}
  http:
${paths.map((path) => route(name, path)).join("")}---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: ${name}
spec:
  host: ${name}
  subsets:
    - name: stable
      labels:
        app: ${name}
---
apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  selector:
    app: ${name}
  ports:
    - port: 80
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  replicas: 3
  selector:
    matchLabels:
      app: ${name}
  template:
    metadata:
      labels:
        app: ${name}
    spec:
      containers:
        - name: app
          image: registry.example/${name}:2
`;
}

function route(name, path) {
  return `    - name: ${path}
      match:
        - uri:
            prefix: /${path}
      route:
        - destination:
            host: ${name}
            subset: stable
`;
}
