//! VirtualServices: their routes, and the one change that a rollout makes in them.

use super::host;
use super::number::percentage;
use crate::text::{Change, Span};
use crate::value::{Data, Path, Step, Value};

/// A section of a VirtualService that routes stand in.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Ord, PartialOrd)]
pub enum Protocol {
    /// `http[]`
    Http,
    /// `tls[]`
    Tls,
    /// `tcp[]`
    Tcp,
}

impl Protocol {
    /// Every section, in the order of Istio's API.
    pub const ALL: [Protocol; 3] = [Protocol::Http, Protocol::Tls, Protocol::Tcp];

    /// Its key under `spec`.
    pub fn key(self) -> &'static str {
        match self {
            Protocol::Http => "http",
            Protocol::Tls => "tls",
            Protocol::Tcp => "tcp",
        }
    }
}

/// One route.
#[derive(Clone, Copy, Debug)]
pub struct Route<'a> {
    /// Where it stands.
    pub protocol: Protocol,
    /// Which one of its section.
    pub index: usize,
    /// The whole of it.
    pub value: &'a Value,
}

/// Where requests of a route go.
#[derive(Clone, Copy, Debug)]
pub struct Destination<'a> {
    /// The host as written.
    pub host: &'a str,
    /// The subset, if it names one.
    pub subset: Option<&'a str>,
    /// The port, if it names one.
    pub port: Option<i64>,
    /// The weight; absent counts as 0, as Istio does, and so does what is no whole number.
    pub weight: i64,
    /// Where it stands.
    pub span: Span,
}

/// A copy of requests that goes elsewhere too.
#[derive(Clone, Copy, Debug)]
pub struct Mirror<'a> {
    /// Where they go; its weight does not count.
    pub to: Destination<'a>,
    /// The share that is copied, as written; all of it where it is absent.
    pub percentage: Option<&'a Value>,
}

/// Every route of a VirtualService: `http`, `tls`, `tcp`, each in the order of the text.
pub fn routes(object: &Value) -> impl Iterator<Item = Route<'_>> {
    let mut routes = Vec::new();
    for protocol in Protocol::ALL {
        let section = object.at(&["spec", protocol.key()]).map(Value::items).unwrap_or_default();
        routes.extend(section.iter().enumerate().map(|(index, value)| Route { protocol, index, value }));
    }
    routes.into_iter()
}

/// The route at a place.
pub fn route(object: &Value, protocol: Protocol, index: usize) -> Option<Route<'_>> {
    let value = object.at(&["spec", protocol.key()])?.items().get(index)?;
    Some(Route { protocol, index, value })
}

/// The route of a name; without a name the one at a place, if that has none either.
pub fn again<'a>(object: &'a Value, protocol: Protocol, index: usize, name: Option<&str>) -> Option<Route<'a>> {
    let is_it = |route: &Route<'_>| route.name() == name;
    let there = route(object, protocol, index).filter(is_it);
    there.or_else(|| name.and_then(|_| routes(object).filter(|route| route.protocol == protocol).find(is_it)))
}

/// The hosts that it is for, as written.
pub fn hosts(object: &Value) -> impl Iterator<Item = &str> {
    object.at(&["spec", "hosts"]).map(Value::items).unwrap_or_default().iter().filter_map(Value::as_str)
}

/// Whether it is for a resolved host; `namespace` is its own.
pub fn is_for(object: &Value, namespace: &str, host: &str) -> bool {
    hosts(object).any(|name| host::covers(&host::resolve(name, namespace), host))
}

/// Whether sidecars see its routes: it names no gateway, or `mesh` among them.
pub fn is_for_mesh(object: &Value) -> bool {
    let gateways = object.at(&["spec", "gateways"]).map(Value::items).unwrap_or_default();
    gateways.is_empty() || gateways.iter().any(|gateway| gateway.as_str() == Some("mesh"))
}

/// Whether it is a delegate: it has no hosts, and routes only what another VirtualService hands to it.
pub fn is_delegate(object: &Value) -> bool {
    hosts(object).next().is_none()
}

impl<'a> Route<'a> {
    /// Its name; only http routes have one.
    pub fn name(&self) -> Option<&'a str> {
        self.value.text_at(&["name"]).filter(|name| !name.is_empty() && self.protocol == Protocol::Http)
    }

    /// What a person calls it: its name, else where it stands.
    pub fn label(&self) -> String {
        self.name().map_or_else(|| format!("{}[{}]", self.protocol.key(), self.index), str::to_owned)
    }

    /// The same route in another text of its VirtualService: by its name, and without one by its place.
    pub fn again_in<'b>(&self, object: &'b Value) -> Option<Route<'b>> {
        again(object, self.protocol, self.index, self.name())
    }

    /// Where its requests go, in order.
    pub fn destinations(&self) -> impl Iterator<Item = Destination<'a>> + use<'a> {
        self.value.at(&["route"]).map(Value::items).unwrap_or_default().iter().map(destination)
    }

    /// Where copies of its requests go.
    pub fn mirrors(&self) -> Vec<Mirror<'a>> {
        let mut out = Vec::new();
        if let Some(to) = self.value.at(&["mirror"]) {
            let percentage =
                self.value.at(&["mirrorPercentage", "value"]).or_else(|| self.value.at(&["mirrorPercent"]));
            out.push(Mirror { to: read_destination(to, 0), percentage });
        }
        for mirror in self.value.at(&["mirrors"]).map(Value::items).unwrap_or_default() {
            let percentage = mirror.at(&["percentage", "value"]);
            out.push(Mirror { to: destination(mirror), percentage });
        }
        out
    }

    /// Whether every request that comes to it matches, so that no route behind it is reached.
    pub fn is_catch_all(&self) -> bool {
        let matches = self.value.at(&["match"]).map(Value::items).unwrap_or_default();
        matches.is_empty() || (self.protocol == Protocol::Http && matches.iter().any(matches_everything))
    }

    /// The way to its list of destinations.
    fn path(&self) -> Path {
        vec!["spec".into(), self.protocol.key().into(), self.index.into(), "route".into()]
    }
}

impl Mirror<'_> {
    /// The part of the requests that is copied, as numerator and denominator.
    pub fn part(&self) -> (u64, u64) {
        self.percentage.and_then(percentage).unwrap_or((1, 1))
    }

    /// Whether nothing is copied.
    pub fn is_off(&self) -> bool {
        match self.percentage.map(|value| &value.data) {
            Some(Data::Int(number)) => *number == 0,
            Some(Data::Float(text)) => text.bytes().all(|byte| matches!(byte, b'0' | b'.')),
            _ => false,
        }
    }
}

/// A match whose only condition is the prefix `/` or the expression `.*` (istiod stops behind it).
fn matches_everything(condition: &Value) -> bool {
    let Some(map) = condition.as_map() else { return false };
    let conditions = map.iter().filter(|(key, _)| !matches!(&*key.name, "name" | "ignoreUriCase" | "statPrefix"));
    let is_open = |uri: &Value| {
        uri.text_at(&["prefix"]) == Some("/")
            || uri.text_at(&["regex"]).is_some_and(|regex| regex == ".*" || regex == "*")
    };
    let mut count = 0;
    let all_open = conditions.inspect(|_| count += 1).all(|(key, value)| *key.name == *"uri" && is_open(value));
    all_open && count == 1
}

fn destination(value: &Value) -> Destination<'_> {
    let weight = value.at(&["weight"]).and_then(Value::as_int).unwrap_or(0);
    read_destination(value.at(&["destination"]).unwrap_or(value), weight)
}

fn read_destination(value: &Value, weight: i64) -> Destination<'_> {
    Destination {
        host: value.text_at(&["host"]).unwrap_or_default(),
        subset: value.text_at(&["subset"]).filter(|subset| !subset.is_empty()),
        port: value.at(&["port", "number"]).and_then(Value::as_int),
        weight,
        span: value.span,
    }
}

/// The weights that a rollout gives to a route.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// Which http route.
    pub http: usize,
    /// Its active destination.
    pub active: usize,
    /// The destination for the canary subset.
    pub canary: CanaryDestination,
    /// The active destination's weight.
    pub active_weight: i64,
    /// The canary destination's weight.
    pub canary_weight: i64,
    /// What the weights of all other destinations are multiplied by.
    pub factor: i64,
}

/// Where a route's canary destination comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum CanaryDestination {
    /// It is made, as the active one under another subset, directly behind it.
    Created(String),
    /// It is there already, with weight 0.
    Reused(usize),
}

/// The changes that give routes these weights. The created destination has everything that the active one has.
pub fn split(object: &Value, splits: &[Split]) -> Vec<Change> {
    let mut all = Vec::new();
    for split in splits {
        all.extend(changes(object, split).unwrap_or_default());
    }
    all
}

fn changes(object: &Value, split: &Split) -> Option<Vec<Change>> {
    let route = route(object, Protocol::Http, split.http)?;
    let list = route.path();
    let items = route.value.at(&["route"])?.items();
    let mut out = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let weight = if index == split.active {
            split.active_weight
        } else if split.canary == CanaryDestination::Reused(index) {
            split.canary_weight
        } else {
            item.at(&["weight"]).and_then(Value::as_int).unwrap_or(0) * split.factor
        };
        // An absent weight beside others means 0: it becomes a line only where it is something else.
        let before = item.get("weight").and_then(Value::as_int);
        if before != Some(weight) && !(before.is_none() && weight == 0 && index != split.active) {
            let mut map = list.clone();
            map.push(index.into());
            out.push(Change::Put {
                map,
                key: "weight".to_owned(),
                value: Value::int(weight),
                after: Some("destination"),
            });
        }
    }
    if let CanaryDestination::Created(subset) = &split.canary {
        let mut value = items.get(split.active)?.clone();
        let inner: [Step; 1] = ["destination".into()];
        if let Some(Data::Map(destination)) = value.find_mut(&inner).map(|value| &mut value.data) {
            destination.put("subset", Value::str(subset), Some("host"));
        }
        if let Data::Map(item) = &mut value.data {
            item.put("weight", Value::int(split.canary_weight), Some("destination"));
        }
        out.push(Change::Insert { seq: list, after: split.active, like: split.active, value });
    }
    Some(out)
}
