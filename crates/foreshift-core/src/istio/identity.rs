//! What tells the items of Istio's lists apart, wherever they stand in the list.

use crate::value::{Step, Value};

/// The name of an item of the list at `path`: of a route, a destination of a route, a subset. `None` for other lists,
/// whose items are known by nothing but their place.
///
/// Names are for finding an item again in another version of its object. Two items may share one.
pub fn identity(path: &[Step], item: &Value) -> Option<String> {
    let keys: Vec<&str> = path
        .iter()
        .filter_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Index(_) => None,
        })
        .collect();
    match keys.as_slice() {
        ["spec", "http"] => Some(item.text_at(&["name"]).unwrap_or_default().to_owned()),
        ["spec", "http", "route"] => {
            let host = item.text_at(&["destination", "host"])?;
            let subset = item.text_at(&["destination", "subset"]).unwrap_or_default();
            let port = item.at(&["destination", "port", "number"]).and_then(Value::as_int);
            Some(port.map_or_else(|| format!("{host}/{subset}"), |port| format!("{host}:{port}/{subset}")))
        }
        ["spec", "subsets"] => Some(item.text_at(&["name"])?.to_owned()),
        _ => None,
    }
}
