//! Who gets which share of a route: Istio's rules, stated without a look at how plans are made.
//!
//! Sources: istiod's `applyHTTPRouteDestination`, `endpoint_builder`, `push_context.destinationRule`.

mod mesh;
mod ratio;

pub use mesh::{Arm, Mesh, Pods, Presence, RouteId, View};
pub use ratio::Ratio;

use std::rc::Rc;

use crate::kubernetes::Key;

/// Who gets what of one route. The parts add up to one; where there are none, the route is not there any more or sends
/// nothing anywhere.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteShares {
    /// The VirtualService.
    pub virtual_service: Rc<Key>,
    /// The route's name, else where it stands.
    pub route: Rc<str>,
    /// Who gets something, in the order of the destinations.
    pub shares: Vec<Share>,
    /// Who gets copies of its requests beside them, in the order of the mirrors; parts of the route's requests.
    pub mirrors: Vec<Share>,
}

/// A part of a route's requests.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// Who gets it.
    pub to: Recipient,
    /// How much of one.
    pub part: Ratio,
}

/// Who gets requests.
#[derive(Clone, Debug, Eq, PartialEq, Ord, PartialOrd)]
pub enum Recipient {
    /// The pods of one revision of a planned workload, by its hash.
    Revision(Rc<str>),
    /// Something that is not planned: another host, or another workload behind it.
    Destination(Rc<str>),
    /// Nobody: 503, for this reason.
    Error(Fault),
}

/// Why nobody gets a request, by Envoy's response flags.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Ord, PartialOrd)]
pub enum Fault {
    /// The subset has no endpoint.
    Uh,
    /// No DestinationRule defines the subset.
    Nc,
}

impl Fault {
    /// Envoy's flag.
    pub fn flag(self) -> &'static str {
        match self {
            Fault::Uh => "UH",
            Fault::Nc => "NC",
        }
    }
}

impl RouteShares {
    /// The part that goes to a revision.
    pub fn of(&self, revision: &str) -> Ratio {
        self.sum(|to| matches!(to, Recipient::Revision(hash) if **hash == *revision))
    }

    /// The part that nobody answers.
    pub fn errors(&self) -> Ratio {
        self.sum(|to| matches!(to, Recipient::Error(_)))
    }

    fn sum(&self, is_meant: impl Fn(&Recipient) -> bool) -> Ratio {
        self.shares.iter().filter(|share| is_meant(&share.to)).fold(Ratio::ZERO, |sum, share| sum.plus(share.part))
    }
}
