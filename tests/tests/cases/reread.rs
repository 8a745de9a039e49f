//! A second opinion: serde_yaml reads in every text what was planned, where it and kubectl read alike.

use foreshift_core::plan::Plan;
use foreshift_core::value::{Data, Value};
use serde::Deserialize;

/// Adds a fault for every text that another reader takes for something else.
pub fn check(plan: &Plan, faults: &mut Vec<String>) {
    let ways = plan.undos.iter().map(|undo| &undo.write);
    for write in plan.stages.iter().map(|stage| &stage.write).chain(ways) {
        let Some(content) = &write.content else { continue };
        match read(&content.text) {
            Err(error) => faults.push(format!("{}: {error}\n{}", write.key, content.text)),
            Ok(found) if is_same(&found, &content.value) => {}
            Ok(found) => faults.push(format!("{} means something else: {found:?}\n{}", write.key, content.text)),
        }
    }
}

fn read(text: &str) -> Result<serde_yaml::Value, serde_yaml::Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut found = serde_yaml::Value::Null;
    for document in serde_yaml::Deserializer::from_str(text) {
        let value = serde_yaml::Value::deserialize(document)?;
        if !value.is_null() {
            found = value;
        }
    }
    found.apply_merge()?;
    Ok(found)
}

fn is_same(found: &serde_yaml::Value, planned: &Value) -> bool {
    use serde_yaml::Value as Found;
    match (found, &planned.data) {
        (Found::Null, Data::Null) => true,
        (Found::Bool(left), Data::Bool(right)) => left == right,
        // YAML 1.1's other words for truth.
        (Found::String(left), Data::Bool(_)) => {
            ["y", "yes", "on", "n", "no", "off"].contains(&left.to_lowercase().as_str())
        }
        (Found::Number(left), Data::Int(right)) => left.as_i64() == Some(*right),
        // YAML 1.1's other ways to write a number.
        (Found::String(left), Data::Int(_)) => left.contains('_') || left.starts_with('0') || left.contains(':'),
        (Found::Number(left), Data::Float(right)) => left.as_f64() == right.parse().ok(),
        (Found::String(left), Data::Str(right)) => *left == **right,
        (Found::Sequence(left), Data::Seq(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| is_same(left, right))
        }
        (Found::Mapping(left), Data::Map(right)) => {
            left.len() == right.iter().count()
                && right.iter().all(|(key, value)| entry(left, &key.name).is_some_and(|left| is_same(left, value)))
        }
        (Found::Tagged(tagged), _) => is_same(&tagged.value, planned),
        _ => false,
    }
}

/// The entry of a key, which kubectl may have read as another word for truth.
fn entry<'a>(map: &'a serde_yaml::Mapping, key: &str) -> Option<&'a serde_yaml::Value> {
    let words: &[&str] = match key {
        "true" => &["y", "yes", "on"],
        "false" => &["n", "no", "off"],
        _ => &[],
    };
    map.get(key).or_else(|| words.iter().find_map(|word| map.get(*word)))
}
