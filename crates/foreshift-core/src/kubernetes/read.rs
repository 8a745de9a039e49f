//! Texts to objects: several documents a file, and the items of a `List`.

use std::rc::Rc;

use super::{Key, Object, is_cluster_scoped};
use crate::diagnostic::{Code, Diagnostic};
use crate::text::{Document, Kind, Node, Origin, SourceId, Sources, behind_item, find, parse, resolve};
use crate::value::Value;

/// Every object of a source, in the order of the text. An absent namespace is left empty.
pub fn objects(sources: &mut Sources, id: SourceId, diagnostics: &mut Vec<Diagnostic>) -> Vec<Object> {
    let Some(text) = sources.get(id).map(|source| Rc::clone(&source.text)) else { return Vec::new() };
    let documents = match parse(id, &text) {
        Ok(documents) => documents,
        Err(found) => {
            diagnostics.push(found);
            return Vec::new();
        }
    };
    let mut out = Vec::new();
    for document in documents {
        let value = resolve(&document.root, diagnostics);
        // kubectl passes over a document that says `null`, as over one with comments alone.
        if value.is_null() {
            continue;
        }
        if is_list(&value) {
            items(sources, id, &text, &document, &value, &mut out, diagnostics);
        } else if let Some((key, api_version)) = identify(&value, diagnostics) {
            out.push(Object::written(key, api_version, value, Rc::clone(&text), document));
        }
    }
    out
}

/// What `kubectl get -o yaml` prints for several objects.
fn is_list(value: &Value) -> bool {
    value.text_at(&["kind"]).is_some_and(|kind| kind.ends_with("List")) && value.get("items").is_some()
}

fn items(
    sources: &mut Sources,
    id: SourceId,
    text: &str,
    list: &Document,
    value: &Value,
    out: &mut Vec<Object>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let values = value.get("items").map(Value::items).unwrap_or_default();
    let nodes = match list.root.get("items").map(|node| &node.kind) {
        Some(Kind::Seq { items, .. }) => items.as_slice(),
        _ => &[],
    };
    for (index, value) in values.iter().enumerate() {
        let Some((key, api_version)) = identify(value, diagnostics) else { continue };
        let written = nodes.get(index).and_then(|node| alone(sources, id, text, node, value));
        out.push(match written {
            Some((file, document, value)) => Object::written(key, api_version, value, file, document),
            None => Object::rendered(key, api_version, value.clone()),
        });
    }
}

/// An item of a list as a text of its own, moved to the left margin; `None` where it does not mean the same alone.
fn alone(
    sources: &mut Sources,
    id: SourceId,
    text: &str,
    node: &Node,
    value: &Value,
) -> Option<(Rc<str>, Document, Value)> {
    let (slice, indent) = behind_item(text, node)?;
    let mut moved = String::with_capacity(slice.len());
    for (index, line) in slice.split_inclusive('\n').enumerate() {
        let blank = line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        moved.push_str(line.get(if index == 0 { 0 } else { blank.min(indent) }..)?);
    }
    if !moved.ends_with('\n') {
        moved.push_str(if find(&moved, "\r\n").is_some() { "\r\n" } else { "\n" });
    }
    let source = sources.get(id)?;
    let start = source.position(node.span.start);
    let columns = u32::try_from(indent).ok()? + source.origin.columns;
    let origin = Origin { lines: start.line - 1, columns, whole: source.origin.whole };
    let path = Rc::clone(&source.path);
    let mut documents = parse(SourceId(u32::MAX - 1), &moved).ok()?;
    let [document] = documents.as_mut_slice() else { return None };
    if resolve(&document.root, &mut Vec::new()) != *value {
        return None;
    }
    // Read again under its own id, so that findings inside of it have the place that the user knows.
    let id = sources.add(&path, &moved, origin);
    let document = parse(id, &moved).ok()?.into_iter().next()?;
    let value = resolve(&document.root, &mut Vec::new());
    Some((moved.into(), document, value))
}

/// What an object is called.
fn identify(value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<(Key, String)> {
    let mut missing = |what: &str| {
        let span = value.span.start_point();
        let found =
            Diagnostic::new(Code::NotAnObject, span, format!("this is no Kubernetes object: it has no `{what}`"));
        diagnostics.push(found.help("every document needs `apiVersion`, `kind` and `metadata.name`, as text"));
    };
    let Some(api_version) = value.text_at(&["apiVersion"]) else {
        missing("apiVersion");
        return None;
    };
    let Some(kind) = value.text_at(&["kind"]) else {
        missing("kind");
        return None;
    };
    let Some(name) = value.text_at(&["metadata", "name"]) else {
        missing("metadata.name");
        return None;
    };
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let namespace =
        if is_cluster_scoped(kind) { "" } else { value.text_at(&["metadata", "namespace"]).unwrap_or_default() };
    let key =
        Key { group: group.to_owned(), kind: kind.to_owned(), namespace: namespace.to_owned(), name: name.to_owned() };
    Some((key, api_version.to_owned()))
}
