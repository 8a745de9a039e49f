//! Objects: what they are called, what they say, and the text that says it.

use std::fmt;
use std::rc::Rc;

use crate::text::{Change, Document, Edited, Span, changed, edit, write};
use crate::value::Value;

/// What an object is called. Versions of one API group name the same object.
///
/// Compared by namespace and name first: what is looked up most has one group and kind, and long ones.
#[derive(Clone, Debug, Eq, PartialEq, Ord, PartialOrd)]
pub struct Key {
    /// The namespace; empty for an object without one.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// The kind.
    pub kind: String,
    /// The API group; empty for the core group.
    pub group: String,
}

impl Key {
    /// The name of an object of Istio's networking group.
    pub fn istio(kind: &str, namespace: &str, name: &str) -> Key {
        Key {
            group: "networking.istio.io".to_owned(),
            kind: kind.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }
    }

    /// Whether it is a VirtualService or a DestinationRule.
    pub fn is_traffic(&self) -> bool {
        self.is_virtual_service() || self.is_destination_rule()
    }

    /// Whether it is a VirtualService.
    pub fn is_virtual_service(&self) -> bool {
        self.group == "networking.istio.io" && self.kind == "VirtualService"
    }

    /// Whether it is a DestinationRule.
    pub fn is_destination_rule(&self) -> bool {
        self.group == "networking.istio.io" && self.kind == "DestinationRule"
    }
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.kind, self.name)
    }
}

/// An object as somebody gave it.
#[derive(Clone, Debug)]
pub struct Object {
    /// What it is called.
    pub key: Key,
    /// As written, with the version.
    pub api_version: String,
    /// What it says.
    pub value: Rc<Value>,
    /// The text that says it: the user's own, or rendered once where there is none.
    pub text: Rc<str>,
    /// The file that the text is a part of, and the part.
    layout: Option<(Rc<str>, Rc<Document>)>,
}

impl Object {
    /// An object with the text of a user: a document of a file.
    pub(crate) fn written(key: Key, api_version: String, value: Value, file: Rc<str>, document: Document) -> Object {
        let text = document.span.slice(&file).into();
        Object { key, api_version, value: Rc::new(value), text, layout: Some((file, Rc::new(document))) }
    }

    /// An object without a text, rendered in its own key order.
    pub fn rendered(key: Key, api_version: String, value: Value) -> Object {
        let text = write(&value).into();
        Object { key, api_version, value: Rc::new(value), text, layout: None }
    }

    /// The object with changes, in its text and in its value; `None` where the text cannot be edited so.
    pub fn edited(&self, changes: &[Change]) -> Option<Edited> {
        match &self.layout {
            Some((file, document)) => edit(file, document, &self.value, changes),
            None => {
                let value = changed(&self.value, changes);
                Some(Edited { text: write(&value), value })
            }
        }
    }

    /// Where its name stands; its first byte where it has none.
    pub fn span(&self) -> Span {
        self.value.at(&["metadata", "name"]).map_or(self.value.span.start_point(), |name| name.span)
    }

    /// Its pod template, of a workload.
    pub fn template(&self) -> Option<&Value> {
        self.value.at(&["spec", "template"])
    }

    /// Whether it is a ReplicaSet without pods: one of the past, kept to go back to.
    pub fn is_past(&self) -> bool {
        self.key.kind == "ReplicaSet" && self.value.at(&["spec", "replicas"]).and_then(Value::as_int) == Some(0)
    }
}
