//! Labels and what selects them.

use crate::order::Table;

use crate::value::{Data, Map, Value};

/// Labels by key.
pub type Labels = Table<String, String>;

/// The labels in a mapping; values that are no text do not count, they are findings of the schema.
pub fn labels_of(value: Option<&Value>) -> Labels {
    let Some(Data::Map(map)) = value.map(|value| &value.data) else { return Labels::new() };
    entries(map).collect()
}

fn entries(map: &Map) -> impl Iterator<Item = (String, String)> {
    map.iter().filter_map(|(key, value)| Some((key.name.to_string(), value.as_str()?.to_owned())))
}

/// Whether every pair of `selector` is in `labels`; an empty selector selects everything.
pub fn selects(selector: &Labels, labels: &Labels) -> bool {
    selector.iter().all(|(key, value)| labels.get(key) == Some(value))
}

/// Whether a `LabelSelector` of the API selects labels: `matchLabels` and `matchExpressions` both; an empty one, which
/// would select everything, counts as none.
pub fn selector_selects(selector: Option<&Value>, labels: &Labels) -> bool {
    let Some(selector) = selector else { return false };
    let wanted = labels_of(selector.at(&["matchLabels"]));
    let expressions = selector.at(&["matchExpressions"]).map(Value::items).unwrap_or_default();
    let is_empty = wanted.is_empty() && expressions.is_empty();
    !is_empty && selects(&wanted, labels) && expressions.iter().all(|expression| holds(expression, labels))
}

fn holds(expression: &Value, labels: &Labels) -> bool {
    let label = expression.text_at(&["key"]).and_then(|key| labels.get(key));
    let values = expression.at(&["values"]).map(Value::items).unwrap_or_default();
    let is_listed = label.is_some_and(|label| values.iter().any(|value| value.as_str() == Some(label)));
    match expression.text_at(&["operator"]) {
        Some("In") => is_listed,
        Some("NotIn") => !is_listed,
        Some("Exists") => label.is_some(),
        Some("DoesNotExist") => label.is_none(),
        _ => false,
    }
}
