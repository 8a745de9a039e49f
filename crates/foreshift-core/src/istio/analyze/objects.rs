//! The objects that are looked at together.

use crate::text::Span;
use crate::value::Value;

/// Objects by kind.
#[derive(Clone, Debug, Default)]
pub struct Objects<'a> {
    list: Vec<Resource<'a>>,
}

/// One object with its name.
#[derive(Clone, Copy, Debug)]
pub struct Resource<'a> {
    /// The whole of it.
    pub value: &'a Value,
    /// The API group; empty for the core group.
    pub group: &'a str,
    /// Its kind.
    pub kind: &'a str,
    /// Its namespace, as written.
    pub namespace: Option<&'a str>,
    /// Its name.
    pub name: &'a str,
}

impl<'a> Objects<'a> {
    /// The objects of these that have a kind; others are no objects.
    pub fn new(objects: &[&'a Value]) -> Objects<'a> {
        Objects { list: objects.iter().copied().filter_map(Resource::new).collect() }
    }

    /// The same of objects whose namespace is known from elsewhere.
    pub fn placed(objects: impl IntoIterator<Item = (&'a Value, &'a str)>) -> Objects<'a> {
        let place = |(value, namespace)| Some(Resource { namespace: Some(namespace), ..Resource::new(value)? });
        Objects { list: objects.into_iter().filter_map(place).collect() }
    }

    /// Every object of a kind, in the order given.
    pub fn of(&self, group: &str, kind: &str) -> impl Iterator<Item = Resource<'a>> + use<'a> {
        self.all(&|resource| resource.group == group && resource.kind == kind)
    }

    /// Every `VirtualService`.
    pub fn virtual_services(&self) -> impl Iterator<Item = Resource<'a>> + use<'a> {
        self.of("networking.istio.io", "VirtualService")
    }

    /// Every `DestinationRule`.
    pub fn destination_rules(&self) -> impl Iterator<Item = Resource<'a>> + use<'a> {
        self.of("networking.istio.io", "DestinationRule")
    }

    /// Everything that has pods or makes some.
    pub(super) fn workloads(&self) -> impl Iterator<Item = Resource<'a>> + use<'a> {
        self.all(&|resource| {
            matches!(
                (resource.group, resource.kind),
                ("", "Pod") | ("apps", "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet")
            )
        })
    }

    /// A list: what every check does with it is compiled without the way to it.
    fn all(&self, is_meant: &dyn Fn(&Resource) -> bool) -> std::vec::IntoIter<Resource<'a>> {
        let meant: Vec<Resource> = self.list.iter().copied().filter(is_meant).collect();
        meant.into_iter()
    }
}

impl<'a> Resource<'a> {
    fn new(value: &'a Value) -> Option<Resource<'a>> {
        let version = value.text_at(&["apiVersion"])?;
        Some(Resource {
            value,
            group: version.split_once('/').map_or("", |(group, _)| group),
            kind: value.text_at(&["kind"])?,
            namespace: value.text_at(&["metadata", "namespace"]).filter(|namespace| !namespace.is_empty()),
            name: value.text_at(&["metadata", "name"]).unwrap_or_default(),
        })
    }

    /// The namespace that it is in: `default` where it does not say.
    pub fn scope(&self) -> &'a str {
        self.namespace.unwrap_or("default")
    }

    /// A list of texts in its spec.
    pub(super) fn texts(&self, key: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.list(key).iter().filter_map(Value::as_str)
    }

    /// A list in its spec.
    pub(super) fn list(&self, key: &str) -> &'a [Value] {
        self.value.at(&["spec", key]).map(Value::items).unwrap_or_default()
    }

    /// The place of its name.
    pub(super) fn span(&self) -> Span {
        self.value.at(&["metadata", "name"]).map_or(self.value.span, |name| name.span)
    }

    /// `namespace/name`.
    pub(super) fn full_name(&self) -> String {
        [self.scope(), self.name].join("/")
    }
}
