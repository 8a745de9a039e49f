//! The custom resource definitions of Istio 1.30.3, as tables. Its three API versions have one schema.

mod destination_rule;
mod rules;
mod virtual_service;

use crate::shape::{Object, Shape, object, optional};
use crate::value::Value;

/// A `VirtualService`, whole.
pub static VIRTUAL_SERVICE: Object = object(&[
    optional("apiVersion", Shape::Str),
    optional("kind", Shape::Str),
    optional("metadata", Shape::Any),
    optional("spec", Shape::Object(&virtual_service::SPEC)),
    optional("status", Shape::Any),
]);

/// A `DestinationRule`, whole.
pub static DESTINATION_RULE: Object = object(&[
    optional("apiVersion", Shape::Str),
    optional("kind", Shape::Str),
    optional("metadata", Shape::Any),
    optional("spec", Shape::Object(&destination_rule::SPEC)),
    optional("status", Shape::Any),
]);

/// The kinds that have a schema here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// `VirtualService`.
    VirtualService,
    /// `DestinationRule`.
    DestinationRule,
}

impl Kind {
    /// What an object says that it is, by its `kind` and the group in its `apiVersion`; `None` for every other kind.
    pub fn of(object: &Value) -> Option<Kind> {
        let version = object.text_at(&["apiVersion"])?;
        if !version.starts_with("networking.istio.io/") {
            return None;
        }
        match object.text_at(&["kind"])? {
            "VirtualService" => Some(Kind::VirtualService),
            "DestinationRule" => Some(Kind::DestinationRule),
            _ => None,
        }
    }

    /// Its schema.
    pub fn schema(self) -> &'static Object {
        match self {
            Kind::VirtualService => &VIRTUAL_SERVICE,
            Kind::DestinationRule => &DESTINATION_RULE,
        }
    }
}

const INT32: Shape = Shape::Int(&(-2_147_483_648, 2_147_483_647));
const UINT32: Shape = Shape::Int(&(0, 4_294_967_295));
const UINT64: Shape = Shape::Int(&(0, i64::MAX));
const STRINGS: Shape = Shape::List(&Shape::Str);
const STRING_MAP: Shape = Shape::Dict(&Shape::Str);
const DURATION: Shape = Shape::Checked(&Shape::Str, rules::duration);

static PORT: Object = object(&[optional("number", UINT32)]);
