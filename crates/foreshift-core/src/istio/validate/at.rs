//! A value together with the way to it, so that a rule can say where it stands.

use crate::shape::Trail;
use crate::value::Value;

/// One value of an object whose types are right already. Lives on the stack.
pub(super) struct At<'v, 't> {
    pub(super) value: &'v Value,
    trail: Trail<'t>,
}

impl<'v> At<'v, '_> {
    pub(super) fn root(value: &'v Value) -> At<'v, 'static> {
        At { value, trail: Trail::ROOT }
    }

    pub(super) fn path(&self) -> String {
        self.trail.path()
    }

    /// What stands under a key; `null` counts as absent.
    pub(super) fn get<'s>(&'s self, key: &'s str) -> Option<At<'v, 's>> {
        let value = self.value.get(key).filter(|value| !value.is_null())?;
        Some(At { value, trail: self.trail.key(key) })
    }

    /// What would stand under a key that is not there: as good as an empty mapping where this one has other keys.
    pub(super) fn absent<'s>(&'s self, key: &'s str) -> At<'v, 's> {
        At { value: self.value, trail: self.trail.key(key) }
    }

    /// One item of a list.
    pub(super) fn nth(&self, index: usize) -> Option<At<'v, '_>> {
        Some(At { value: self.value.items().get(index)?, trail: self.trail.index(index) })
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.value.get(key).is_some_and(|value| !value.is_null())
    }

    /// Whether there is a list with something in it.
    pub(super) fn has_items(&self, key: &str) -> bool {
        self.value.get(key).is_some_and(|value| !value.items().is_empty())
    }

    /// The text under a key; empty where there is none.
    pub(super) fn text(&self, key: &str) -> &'v str {
        self.value.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// The number under a key; 0 where there is none.
    pub(super) fn int(&self, key: &str) -> i64 {
        self.value.get(key).and_then(Value::as_int).unwrap_or_default()
    }

    pub(super) fn is_true(&self, key: &str) -> bool {
        self.value.get(key).and_then(Value::as_bool) == Some(true)
    }

    /// The text that this is.
    pub(super) fn str(&self) -> &'v str {
        self.value.as_str().unwrap_or_default()
    }

    /// Goes to every item of the list under a key.
    pub(super) fn each(&self, key: &str, visit: &mut dyn FnMut(&At<'v, '_>)) {
        let Some(list) = self.value.get(key) else { return };
        let trail = self.trail.key(key);
        for (index, value) in list.items().iter().enumerate() {
            visit(&At { value, trail: trail.index(index) });
        }
    }

    /// Goes to every entry of the mapping under a key.
    pub(super) fn entries(&self, key: &str, visit: &mut dyn FnMut(&'v str, &At)) {
        let Some(map) = self.value.get(key) else { return };
        let trail = self.trail.key(key);
        for (name, value) in map.entries().filter(|(_, value)| !value.is_null()) {
            visit(&name.name, &At { value, trail: trail.key(&name.name) });
        }
    }
}
