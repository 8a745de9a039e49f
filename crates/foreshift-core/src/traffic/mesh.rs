//! A mesh as its clients see it: routes, subsets, and the pods behind them.

use crate::order::{self, Table};
use std::rc::Rc;

use super::{Fault, Ratio, Recipient, RouteShares, Share};
use crate::istio::destination_rule::{self, Subset};
use crate::istio::virtual_service::{self, Destination, Protocol};
use crate::istio::{ROOT_NAMESPACE, host, is_visible};
use crate::kubernetes::{Key, Labels, selects};
use crate::value::Value;

/// The pods of one revision of one workload.
#[derive(Clone, Debug)]
pub struct Pods {
    /// What they count as.
    pub revision: Recipient,
    /// Where they are.
    pub namespace: String,
    /// Their labels.
    pub labels: Labels,
    /// How many there are, relative to the others.
    pub count: u32,
    /// Whether they are there.
    pub presence: Presence,
}

/// Whether pods are there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Presence {
    /// None is.
    Absent,
    /// Some may be: they are coming or going.
    Changing,
    /// All are Ready.
    Ready,
}

/// Which pods count as endpoints.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum View {
    /// Those that surely are.
    Sure,
    /// Those that may be.
    Possible,
}

/// A route that is followed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Ord, PartialOrd)]
pub struct RouteId(pub usize);

struct Route {
    key: Rc<Key>,
    label: Rc<str>,
    is_named: bool,
    protocol: Protocol,
    index: usize,
}

impl Route {
    fn name(&self) -> Option<&str> {
        self.is_named.then_some(&*self.label)
    }
}

/// A DestinationRule.
struct Rule {
    key: Rc<Key>,
    value: Rc<Value>,
    created: String,
}

impl Rule {
    fn age(&self) -> (&str, &str) {
        (&self.created, &self.key.name)
    }
}

/// The pods that a Service selects, by their numbers, in order. Those of other namespaces are not its.
struct Endpoints {
    namespace: Option<String>,
    selector: Labels,
    /// None where they are not known.
    ports: Vec<i64>,
    pods: Vec<usize>,
}

impl Endpoints {
    fn select(&self, pods: &Pods) -> bool {
        self.namespace.as_ref().is_none_or(|namespace| *namespace == pods.namespace)
            && selects(&self.selector, &pods.labels)
    }
}

/// Everything that decides who gets a request.
#[derive(Default)]
pub struct Mesh {
    /// VirtualServices and DestinationRules.
    objects: Table<Rc<Key>, Rc<Value>>,
    /// The rules of each namespace by their resolved hosts; the wildcards among them apart.
    exact: Table<String, Table<String, Vec<Rule>>>,
    wildcards: Vec<(String, String)>,
    /// The endpoints of each host.
    services: Table<String, Endpoints>,
    /// The pods that there are.
    pods: Vec<Pods>,
    routes: Vec<Route>,
}

impl Mesh {
    /// Puts an object in, or takes it out. Only VirtualServices and DestinationRules count.
    pub fn put(&mut self, key: &Rc<Key>, value: Option<&Rc<Value>>) {
        if !key.is_traffic() {
            return;
        }
        if key.is_destination_rule() {
            self.index_rule(key, value);
        }
        match value {
            Some(value) => self.objects.insert(Rc::clone(key), Rc::clone(value)),
            None => self.objects.remove(key),
        };
    }

    /// Puts a rule where its host is. Rules of one host merge, the oldest first.
    fn index_rule(&mut self, key: &Rc<Key>, value: Option<&Rc<Value>>) {
        let host_of = |value: &Value| host::resolve(destination_rule::host(value), &key.namespace).into_owned();
        let rules = self.exact.or_default(key.namespace.clone());
        let former = self.objects.get(key).and_then(|value| {
            let rules = rules.get_mut(&host_of(value))?;
            Some(rules.remove(rules.iter().position(|rule| rule.key == *key)?))
        });
        let Some(value) = value else { return };
        // A manifest does not say when its object was created, and does not change it.
        let created = destination_rule::created(value).map(str::to_owned).or_else(|| Some(former?.created));
        let created = created.unwrap_or_else(|| destination_rule::NOT_YET.to_owned());
        let host = host_of(value);
        if host.starts_with('*') && !rules.contains_key(&host) {
            self.wildcards.push((key.namespace.clone(), host.clone()));
        }
        let rules = rules.or_default(host);
        rules.push(Rule { key: Rc::clone(key), value: Rc::clone(value), created });
        order::sort_by(rules, |a, b| a.age().cmp(&b.age()));
    }

    /// Says what selects the endpoints of a resolved host, and at which ports it is reached, as far as they are known.
    pub fn serve(&mut self, host: String, selector: Labels, ports: Vec<i64>) {
        let namespace = host::namespace(&host).map(str::to_owned);
        let mut endpoints = Endpoints { namespace, selector, ports, pods: Vec::new() };
        let selected = self.pods.iter().enumerate().filter(|(_, pods)| endpoints.select(pods));
        endpoints.pods = selected.map(|(number, _)| number).collect();
        self.services.insert(host, endpoints);
    }

    /// Whether the endpoints of a resolved host are known.
    pub fn serves(&self, host: &str) -> bool {
        self.services.contains_key(host)
    }

    /// Adds pods and returns their number.
    pub fn add_pods(&mut self, pods: Pods) -> usize {
        let number = self.pods.len();
        for service in self.services.values_mut().filter(|service| service.select(&pods)) {
            service.pods.push(number);
        }
        self.pods.push(pods);
        number
    }

    /// Forgets the Services none of whose pods is known, but for those of the one namespace of which everything is: who
    /// shows a Service from elsewhere does not show what answers for it.
    pub fn forget_unknown(&mut self, known: Option<&str>) {
        let is_unknown = |service: &Endpoints| {
            service.pods.is_empty() && service.namespace.as_ref().is_some_and(|namespace| Some(&**namespace) != known)
        };
        let unknown = self.services.iter().filter(|(_, service)| is_unknown(service)).map(|(host, _)| host.clone());
        for host in unknown.collect::<Vec<_>>() {
            self.services.remove(&host);
        }
    }

    /// Says whether pods are there.
    pub fn set_presence(&mut self, pods: usize, presence: Presence) {
        if let Some(pods) = self.pods.get_mut(pods) {
            pods.presence = presence;
        }
    }

    /// The hosts that have any of these pods as endpoints.
    pub fn hosts_of(&self, pods: usize) -> Vec<String> {
        let has = |service: &Endpoints| service.pods.binary_search(&pods).is_ok();
        self.services.iter().filter(|(_, service)| has(service)).map(|(host, _)| host.clone()).collect()
    }

    /// Follows a route that a VirtualService has in one of its texts: by its name, and without one by its place.
    pub fn follow(&mut self, key: &Rc<Key>, route: &virtual_service::Route<'_>) -> RouteId {
        let (protocol, index) = (route.protocol, route.index);
        let (label, is_named) = (route.label().into(), route.name().is_some());
        self.routes.push(Route { key: Rc::clone(key), label, is_named, protocol, index });
        RouteId(self.routes.len() - 1)
    }

    /// A route that is followed, as it is now.
    pub fn route(&self, id: RouteId) -> Option<virtual_service::Route<'_>> {
        self.route_in(id, self.objects.get(&self.routes.get(id.0)?.key)?)
    }

    /// A route that is followed, in a text of its VirtualService.
    pub fn route_in<'a>(&self, id: RouteId, object: &'a Value) -> Option<virtual_service::Route<'a>> {
        let route = self.routes.get(id.0)?;
        virtual_service::again(object, route.protocol, route.index, route.name())
    }

    /// Who gets what of a route that is followed, for a client in its VirtualService's namespace; `None` where the
    /// route is not there, or sends nothing anywhere.
    pub fn shares(&self, id: RouteId, view: View) -> Option<RouteShares> {
        self.shares_of(id, &self.arms(id, view)?, view)
    }

    /// The same for whoever has the arms of the route already.
    pub fn shares_of(&self, id: RouteId, arms: &[Arm], view: View) -> Option<RouteShares> {
        let route = self.routes.get(id.0)?;
        let mut shares: Vec<Share> = Vec::new();
        for arm in arms {
            match shares.iter_mut().find(|share| share.to == arm.to) {
                Some(share) => share.part = share.part.plus(arm.part),
                None => shares.push(Share { to: arm.to.clone(), part: arm.part }),
            }
        }
        let virtual_service = Rc::clone(&route.key);
        let mirrors = self.mirrors(id, view).unwrap_or_default();
        Some(RouteShares { virtual_service, route: Rc::clone(&route.label), shares, mirrors })
    }

    fn mirrors(&self, id: RouteId, view: View) -> Option<Vec<Share>> {
        let namespace = &self.routes.get(id.0)?.key.namespace;
        let mut out = Vec::new();
        for mirror in self.route(id)?.mirrors().iter().filter(|mirror| !mirror.is_off()) {
            let (numerator, denominator) = mirror.part();
            let copied = Ratio::new(numerator, denominator);
            let reached = self.reach(&mirror.to, namespace, view);
            out.extend(reached.into_iter().map(|(to, part)| Share { to, part: copied.times(part) }));
        }
        Some(out)
    }

    /// The same, destination by destination.
    pub fn arms(&self, id: RouteId, view: View) -> Option<Vec<Arm>> {
        let route = self.routes.get(id.0)?;
        let destinations: Vec<Destination<'_>> = self.route(id)?.destinations().collect();
        let is_alone = destinations.len() == 1;
        let weight = |to: &Destination<'_>| if is_alone { 1 } else { u64::try_from(to.weight).unwrap_or(0) };
        let total: u64 = destinations.iter().map(weight).sum();
        if total == 0 {
            return None;
        }
        let mut out = Vec::new();
        for (index, to) in destinations.iter().enumerate().filter(|(_, to)| weight(to) > 0) {
            let share = Ratio::new(weight(to), total);
            for (recipient, part) in self.reach(to, &route.key.namespace, view) {
                out.push(Arm { destination: index, to: recipient, part: share.times(part) });
            }
        }
        Some(out)
    }

    /// Who answers a request to a destination of an object of `namespace`.
    pub fn reach(&self, to: &Destination<'_>, namespace: &str, view: View) -> Vec<(Recipient, Ratio)> {
        let host = host::resolve(to.host, namespace);
        let subset = match to.subset {
            None => None,
            Some(subset) => match self.subset(&host, subset, namespace) {
                Found::Subset(subset) => Some(subset),
                Found::Missing => return vec![(Recipient::Error(Fault::Nc), Ratio::ONE)],
                Found::Unknown => return vec![(elsewhere(&host, to.subset), Ratio::ONE)],
            },
        };
        let Some(service) = self.services.get(&*host) else {
            return vec![(elsewhere(&host, to.subset), Ratio::ONE)];
        };
        if to.port.is_some_and(|port| !service.ports.is_empty() && !service.ports.contains(&port)) {
            return vec![(Recipient::Error(Fault::Nc), Ratio::ONE)];
        }
        let counts = |pods: &&Pods| match view {
            View::Sure => pods.presence == Presence::Ready,
            View::Possible => pods.presence != Presence::Absent,
        };
        let has = |pods: &&Pods| subset.is_none_or(|subset| subset.selects(&pods.labels));
        let there = service.pods.iter().filter_map(|number| self.pods.get(*number));
        let endpoints: Vec<&Pods> = there.filter(counts).filter(has).collect();
        let total: u64 = endpoints.iter().map(|pods| u64::from(pods.count)).sum();
        if total == 0 {
            return vec![(Recipient::Error(Fault::Uh), Ratio::ONE)];
        }
        let part = |pods: &Pods| Ratio::new(u64::from(pods.count), total);
        endpoints.into_iter().map(|pods| (pods.revision.clone(), part(pods))).collect()
    }

    /// The labels of a subset, as a client of `client` sees it: the rules of its own namespace count first, then those
    /// of the Service's, then those of the mesh. The first namespace with any rule for the host decides.
    fn subset(&self, host: &str, subset: &str, client: &str) -> Found<'_> {
        let service = host.split('.').nth(1).unwrap_or_default();
        for namespace in [client, service, ROOT_NAMESPACE] {
            let Some(rules) = self.rules(namespace, host) else { continue };
            let mut visible = rules.iter().map(|rule| &*rule.value).filter(|rule| {
                (namespace == client || is_visible(rule, namespace, client))
                    && !destination_rule::has_workload_selector(rule)
            });
            let mut any = false;
            let found = visible.find_map(|rule| {
                any = true;
                destination_rule::subset(rule, subset)
            });
            match found {
                Some(found) => return Found::Subset(found),
                None if any => return Found::Missing,
                None => {}
            }
        }
        // A host that is not ours may well have rules that nobody showed us.
        if self.services.contains_key(host) { Found::Missing } else { Found::Unknown }
    }

    /// The rules of a namespace for a host: those with the host itself, else those with the longest wildcard.
    fn rules(&self, namespace: &str, host: &str) -> Option<&Vec<Rule>> {
        let rules = self.exact.get(namespace)?;
        rules.get(host).filter(|rules| !rules.is_empty()).or_else(|| {
            let there = self.wildcards.iter().filter(|(home, _)| home == namespace).map(|(_, host)| host.as_str());
            let there: Vec<&str> = there.collect();
            let best = there.get(host::most_specific(&there, host)?)?;
            rules.get(*best)
        })
    }
}

fn elsewhere(host: &str, subset: Option<&str>) -> Recipient {
    Recipient::Destination(subset.map_or_else(|| host.into(), |subset| format!("{host}/{subset}").into()))
}

enum Found<'a> {
    Subset(Subset<'a>),
    Missing,
    Unknown,
}

/// A part of a route's requests, by the destination that it takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// The number of the destination in the route.
    pub destination: usize,
    /// Who gets it.
    pub to: Recipient,
    /// How much of one.
    pub part: Ratio,
}
