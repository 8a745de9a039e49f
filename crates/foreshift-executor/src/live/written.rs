//! An object of the cluster as a text beside its manifest: in the order of that, and without what that leaves to others.

use foreshift_core::kubernetes::{Key, in_order_of};
use foreshift_core::text::write;
use foreshift_core::value::{Data, Value};

use crate::cluster::Json;
use crate::tree;

/// The text of an object, without what the server keeps of it.
pub(super) fn written(key: &Key, own: &Json, manifest: Option<&Value>) -> String {
    let mut value = tree::value(own);
    if let Some(manifest) = manifest {
        leave_out(&mut value, key, manifest);
        value = in_order_of(&value, manifest);
    }
    write(&value)
}

/// A manifest without a namespace means the one that the object is in. A VirtualService or DestinationRule is the same in
/// every version of Istio's API, and keeps the labels and annotations that its manifest does not name.
fn leave_out(value: &mut Value, key: &Key, manifest: &Value) {
    let Data::Map(object) = &mut value.data else { return };
    if key.is_traffic()
        && let Some(version) = manifest.get("apiVersion")
    {
        object.put("apiVersion", version.clone(), None);
    }
    let Some(Value { data: Data::Map(metadata), .. }) = object.get_mut("metadata") else { return };
    if manifest.at(&["metadata", "namespace"]).is_none() {
        metadata.remove("namespace");
    }
    for part in ["labels", "annotations"].into_iter().filter(|_| key.is_traffic()) {
        let Some(of_manifest) = manifest.at(&["metadata", part]).and_then(Value::as_map) else {
            metadata.remove(part);
            continue;
        };
        let Some(Value { data: Data::Map(there), .. }) = metadata.get_mut(part) else { continue };
        let foreign = there.iter().map(|(key, _)| key.name.to_string()).filter(|name| of_manifest.get(name).is_none());
        for name in foreign.collect::<Vec<_>>() {
            there.remove(&name);
        }
    }
}
