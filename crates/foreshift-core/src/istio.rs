//! Istio's side: the shape of its objects, what its API accepts, what a host means, what `istioctl analyze` would say.
//!
//! Paths like `/spec/http` stand here and nowhere else.

pub mod analyze;
pub mod destination_rule;
mod duration;
pub mod host;
mod identity;
mod number;
pub mod remains;
pub mod schema;
pub mod validate;
pub mod virtual_service;

pub use identity::identity;

use crate::value::Value;

/// The namespace that Istio itself runs in unless it is told otherwise: objects in it count for the whole mesh.
pub const ROOT_NAMESPACE: &str = "istio-system";

/// Whether an object of `namespace` is visible in `client`, by its `exportTo`; an empty one means everywhere.
pub fn is_visible(object: &Value, namespace: &str, client: &str) -> bool {
    let export_to = object.at(&["spec", "exportTo"]).map(Value::items).unwrap_or_default();
    export_to.is_empty()
        || export_to.iter().filter_map(Value::as_str).any(|entry| match entry {
            "*" => true,
            "." => namespace == client,
            other => other == client,
        })
}

/// The namespaces that see an object: `None` for all, else their names.
pub fn visible_in(object: &Value, namespace: &str) -> Option<Vec<String>> {
    let export_to = object.at(&["spec", "exportTo"]).map(Value::items).unwrap_or_default();
    let names: Vec<&str> = export_to.iter().filter_map(Value::as_str).collect();
    if names.is_empty() || names.contains(&"*") {
        return None;
    }
    Some(names.into_iter().map(|name| if name == "." { namespace } else { name }.to_owned()).collect())
}
