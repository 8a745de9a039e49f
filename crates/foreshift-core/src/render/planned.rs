//! The routes that a plan shifts, and how much of each the new version has.

use std::rc::Rc;

use crate::kubernetes::Key;
use crate::plan::Plan;
use crate::traffic::{Ratio, RouteShares};

/// A planned route, and who is new there.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Where the route stands.
    pub virtual_service: Rc<Key>,
    /// Its name, else where it stands.
    pub route: Rc<str>,
    /// The hash of the new version.
    pub canary: Rc<str>,
}

/// Every route that a plan shifts, in its order.
pub fn planned(plan: &Plan) -> Vec<Planned> {
    let pairs = plan.pairs.iter().filter_map(|pair| {
        let canary = Rc::clone(&plan.workloads.get(pair.workload)?.canary);
        Some(Planned { virtual_service: Rc::clone(&pair.virtual_service), route: Rc::clone(&pair.route), canary })
    });
    pairs.collect()
}

impl Planned {
    /// What tells it from the others: the route, or its VirtualService, or both.
    pub fn name(&self, all: &[Planned]) -> String {
        let is_near = |other: &&Planned| other.virtual_service == self.virtual_service;
        match all.iter().filter(is_near).count() {
            count if count == all.len() => self.route.to_string(),
            1 => self.virtual_service.name.clone(),
            _ => format!("{} {}", self.virtual_service.name, self.route),
        }
    }

    /// The new version's share of the route; `None` where it sends nothing anywhere.
    pub fn share(&self, routes: &[&RouteShares]) -> Option<Ratio> {
        let is_this =
            |route: &&&RouteShares| route.virtual_service == self.virtual_service && route.route == self.route;
        routes.iter().find(is_this).map(|route| route.of(&self.canary))
    }
}
