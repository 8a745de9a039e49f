//! Random rollouts: configs, routes, subsets and texts that a user could have.

use foreshift_core::{File, Request};
use proptest::prelude::*;

use crate::tree::{Look, Tree, map, print, text};

/// Everything about a rollout that a test varies.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The services that are shifted.
    pub services: Vec<Service>,
    /// The steps of the strategy: a weight, or else a pause.
    pub steps: Vec<Option<u8>>,
    /// How the texts look, by turns.
    pub looks: Vec<Look>,
    /// Whether VirtualServices and DestinationRules are only in the cluster.
    pub only_live: bool,
    /// Whether the Services are given.
    pub services_given: bool,
    /// Whether all objects are items of one list.
    pub as_list: bool,
}

/// A service with its routes and subsets.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its VirtualServices, each with its routes.
    pub routes: Vec<Vec<Route>>,
    /// Subsets before the active one.
    pub subsets_before: usize,
    /// Subsets behind it.
    pub subsets_behind: usize,
    /// Whether a subset for the canary is there.
    pub canary_there: bool,
    /// How the active subset gives its labels: some, none, or no key for them.
    pub labels: u8,
    /// Whether hosts are written in full.
    pub full_hosts: [bool; 2],
    /// Whether the active subset has a policy.
    pub policy: bool,
}

/// A route.
#[derive(Clone, Debug)]
pub struct Route {
    /// Whether the rollout shifts it.
    pub planned: bool,
    /// Whether it has a name.
    pub named: bool,
    /// The weight of the active destination.
    pub weight: i64,
    /// The weights of the destinations beside it.
    pub others: Vec<i64>,
    /// How many of the others stand before it.
    pub before: usize,
    /// Whether a destination for the canary with weight 0 is there, if the subset is.
    pub canary_there: bool,
    /// Whether its requests are mirrored to some other host.
    pub mirrored: bool,
    /// Whether the active destination has headers and a port.
    pub extras: bool,
}

const NAMESPACE: &str = "shop";

/// Any scenario that can be planned.
pub fn scenarios() -> impl Strategy<Value = Scenario> {
    let service =
        (
            prop::collection::vec(prop::collection::vec(routes(), 1..4), 1..3),
            0..3_usize,
            0..2_usize,
            any::<bool>(),
            0..3_u8,
            any::<[bool; 2]>(),
            any::<bool>(),
        )
            .prop_map(|(routes, subsets_before, subsets_behind, canary_there, labels, full_hosts, policy)| {
                Service { routes, subsets_before, subsets_behind, canary_there, labels, full_hosts, policy }
            });
    (
        prop::collection::vec(service, 1..3),
        prop::collection::vec(prop::option::weighted(0.7, 0..=100_u8), 0..6),
        prop::collection::vec(looks(), 4),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(services, steps, looks, only_live, services_given, as_list)| {
            let mut scenario = Scenario { services, steps, looks, only_live, services_given, as_list };
            scenario.make_sound();
            scenario
        })
}

fn routes() -> impl Strategy<Value = Route> {
    let weight = prop_oneof![1..=100_i64, Just(100), 1..=1000_i64];
    (any::<bool>(), any::<bool>(), weight, prop::collection::vec(0..=100_i64, 0..3), 0..3_usize, any::<[bool; 3]>())
        .prop_map(|(planned, named, weight, others, before, [canary_there, mirrored, extras])| Route {
            planned,
            named,
            weight,
            before: before.min(others.len()),
            others,
            canary_there,
            mirrored,
            extras,
        })
}

fn looks() -> impl Strategy<Value = Look> {
    (any::<u64>(), any::<[bool; 6]>(), 0..4_u8).prop_map(
        |(seed, [crlf, bom, open_end, anchors, comments, indented_lists], json)| Look {
            seed,
            json: json == 0,
            crlf,
            bom,
            open_end,
            anchors,
            comments,
            indented_lists,
        },
    )
}

impl Scenario {
    /// Changes what could not be planned: every VirtualService shifts a route that it names, or has only one.
    fn make_sound(&mut self) {
        // Without a Service only labels could tell two workloads apart.
        self.services_given |= self.services.len() > 1 && self.services.iter().any(|service| service.labels != 0);
        for service in &mut self.services {
            for routes in &mut service.routes {
                if !routes.iter().any(|route| route.planned) {
                    routes.iter_mut().take(1).for_each(|route| route.planned = true);
                }
                let is_lone = routes.len() == 1;
                for route in routes.iter_mut() {
                    route.named |= route.planned && !is_lone;
                }
            }
        }
    }

    /// The request that a shell would make of it.
    pub fn request(&self) -> Request {
        let mut files = vec![File { path: "deploy.yaml".to_owned(), text: self.config() }];
        let mut objects = Vec::new();
        let mut deployments = Vec::new();
        for (index, service) in self.services.iter().enumerate() {
            deployments.push(deployment(index));
            if self.services_given {
                deployments.push(kubernetes_service(index));
            }
            for (number, routes) in service.routes.iter().enumerate() {
                objects.push(virtual_service(service, index, number, routes));
            }
            objects.push(destination_rule(service, index));
        }
        let look = |index: usize| self.looks[index % self.looks.len()];
        for (index, deployment) in deployments.iter().enumerate() {
            files.push(File { path: format!("app/{index}.yaml"), text: print(deployment, look(index)) });
        }
        if self.as_list {
            let list = map([("apiVersion", text("v1")), ("kind", text("List")), ("items", Tree::Seq(objects))]);
            files.push(File { path: "traffic/list.yaml".to_owned(), text: print(&list, look(0)) });
        } else {
            for (index, object) in objects.iter().enumerate() {
                files.push(File { path: format!("traffic/{index}.yaml"), text: print(object, look(index + 1)) });
            }
        }
        let current = if self.only_live { vec!["traffic".to_owned()] } else { Vec::new() };
        Request { config: "deploy.yaml".to_owned(), files, current, ..Request::default() }
    }

    fn config(&self) -> String {
        let steps = self.steps.iter().map(|step| match step {
            Some(weight) => map([("setWeight", map([("weight", Tree::Int(i64::from(*weight)))]))]),
            None => map([("pause", map([("duration", Tree::Int(5)), ("unit", text("seconds"))]))]),
        });
        let mut steps: Vec<Tree> = steps.collect();
        if steps.is_empty() {
            steps.push(map([("setWeight", map([("weight", Tree::Int(50))]))]));
        }
        let mut manifests = vec![map([("path", text("app"))])];
        if !self.only_live {
            manifests.push(map([("path", text("traffic"))]));
        }
        let target = map([("account", text("a")), ("namespace", text(NAMESPACE)), ("strategy", text("s"))]);
        let config = map([
            ("version", text("v1")),
            ("kind", text("kubernetes")),
            ("application", text("shop")),
            ("targets", map([("one", target)])),
            ("manifests", Tree::Seq(manifests)),
            ("strategies", map([("s", map([("canary", map([("steps", Tree::Seq(steps))]))]))])),
            ("trafficManagement", Tree::Seq(vec![map([("istio", Tree::Seq(self.entries()))])])),
        ]);
        print(&config, self.looks[0])
    }

    fn entries(&self) -> Vec<Tree> {
        let mut out = Vec::new();
        for (index, service) in self.services.iter().enumerate() {
            for (number, routes) in service.routes.iter().enumerate() {
                for (position, _) in routes.iter().enumerate().filter(|(_, route)| route.planned) {
                    let mut virtual_service = vec![("name".to_owned(), text(&format!("svc{index}-{number}")))];
                    if routes.len() > 1 {
                        virtual_service.push(("httpRouteName".to_owned(), text(&format!("route-{position}"))));
                    }
                    let subsets = map([
                        ("name", text(&format!("svc{index}"))),
                        ("activeSubsetName", text("stable")),
                        ("canarySubsetName", text("canary")),
                    ]);
                    out.push(map([("virtualService", Tree::Map(virtual_service)), ("destinationRule", subsets)]));
                }
            }
        }
        out
    }
}

fn host(index: usize, full: bool) -> String {
    if full { format!("svc{index}.{NAMESPACE}.svc.cluster.local") } else { format!("svc{index}") }
}

fn metadata(name: &str) -> Tree {
    map([("name", text(name))])
}

fn deployment(index: usize) -> Tree {
    let labels = || map([("app", text(&format!("svc{index}")))]);
    let containers = Tree::Seq(vec![map([("name", text("main")), ("image", text("registry.example/app:2"))])]);
    let template = map([("metadata", map([("labels", labels())])), ("spec", map([("containers", containers)]))]);
    let selector = map([("matchLabels", labels())]);
    let spec = map([("replicas", Tree::Int(3)), ("selector", selector), ("template", template)]);
    map([
        ("apiVersion", text("apps/v1")),
        ("kind", text("Deployment")),
        ("metadata", metadata(&format!("svc{index}"))),
        ("spec", spec),
    ])
}

fn kubernetes_service(index: usize) -> Tree {
    let name = format!("svc{index}");
    let ports = Tree::Seq(vec![map([("port", Tree::Int(80))])]);
    let spec = map([("selector", map([("app", text(&name))])), ("ports", ports)]);
    map([("apiVersion", text("v1")), ("kind", text("Service")), ("metadata", metadata(&name)), ("spec", spec)])
}

fn destination_rule(service: &Service, index: usize) -> Tree {
    let app = || map([("app", text(&format!("svc{index}")))]);
    let other = |name: String| map([("name", text(&name)), ("labels", map([("app", text(&format!("old{index}")))]))]);
    let mut subsets: Vec<Tree> = (0..service.subsets_before).map(|number| other(format!("before{number}"))).collect();
    let mut active = vec![("name".to_owned(), text("stable"))];
    match service.labels {
        0 => active.push(("labels".to_owned(), app())),
        1 => active.push(("labels".to_owned(), map([]))),
        _ => {}
    }
    if service.policy {
        let balancer = map([("simple", text("LEAST_REQUEST"))]);
        active.push(("trafficPolicy".to_owned(), map([("loadBalancer", balancer)])));
    }
    subsets.push(Tree::Map(active));
    if service.canary_there {
        subsets.push(map([("name", text("canary")), ("labels", app())]));
    }
    subsets.extend((0..service.subsets_behind).map(|number| other(format!("behind{number}"))));
    let spec = map([("host", text(&host(index, service.full_hosts[0]))), ("subsets", Tree::Seq(subsets))]);
    map([
        ("apiVersion", text("networking.istio.io/v1")),
        ("kind", text("DestinationRule")),
        ("metadata", metadata(&format!("svc{index}"))),
        ("spec", spec),
    ])
}

fn virtual_service(service: &Service, index: usize, number: usize, routes: &[Route]) -> Tree {
    let last = routes.len() - 1;
    let http = routes.iter().enumerate().map(|(position, route)| {
        let mut entries = Vec::new();
        if route.named {
            entries.push(("name".to_owned(), text(&format!("route-{position}"))));
        }
        if position < last {
            let header = map([("x-route", map([("exact", text(&position.to_string()))]))]);
            entries.push(("match".to_owned(), Tree::Seq(vec![map([("headers", header)])])));
        }
        if route.mirrored {
            entries.push(("mirror".to_owned(), map([("host", text("elsewhere.example.com"))])));
        }
        entries.push(("route".to_owned(), Tree::Seq(destinations(service, index, route))));
        entries.push(("timeout".to_owned(), text("5s")));
        Tree::Map(entries)
    });
    // Each has a host of its own: two for one host would not merge.
    let hosts = Tree::Seq(vec![if number == 0 {
        text(&host(index, false))
    } else {
        text(&format!("{number}.svc{index}.example.com"))
    }]);
    let spec = map([("hosts", hosts), ("http", Tree::Seq(http.collect()))]);
    map([
        ("apiVersion", text("networking.istio.io/v1beta1")),
        ("kind", text("VirtualService")),
        ("metadata", metadata(&format!("svc{index}-{number}"))),
        ("spec", spec),
    ])
}

fn destinations(service: &Service, index: usize, route: &Route) -> Vec<Tree> {
    let to = |subset: &str| map([("host", text(&host(index, service.full_hosts[1]))), ("subset", text(subset))]);
    let other = |weight: &i64| {
        let destination = map([("host", text("elsewhere.example.com"))]);
        map([("destination", destination), ("weight", Tree::Int(*weight))])
    };
    let mut items: Vec<Tree> = route.others.iter().take(route.before).map(other).collect();
    let has_canary = service.canary_there && route.canary_there;
    let mut active = vec![("destination".to_owned(), to("stable"))];
    if route.extras {
        let set = map([("request", map([("set", map([("x-version", text("on"))]))]))]);
        active.push(("headers".to_owned(), set));
    }
    if !route.others.is_empty() || has_canary || route.weight % 2 == 0 {
        active.push(("weight".to_owned(), Tree::Int(route.weight)));
    }
    items.push(Tree::Map(active));
    items.extend(route.others.iter().skip(route.before).map(other));
    if has_canary {
        items.push(map([("destination", to("canary")), ("weight", Tree::Int(0))]));
    }
    items
}
