//! Host names: which service a name means, and what a wildcard covers.
//!
//! Istio's resolver looks at a name alone: one with a dot is taken as it stands, whatever it is.

use std::borrow::Cow;
use std::net::IpAddr;

/// The domain of the services of a cluster, Istio's default.
pub const CLUSTER_SUFFIX: &str = ".svc.cluster.local";

/// The full name that a host means in an object of this namespace, as istiod resolves it: a short name is one of the
/// cluster's services in that namespace; `*`, addresses and every name with a dot stay as they are.
pub fn resolve<'a>(host: &'a str, namespace: &str) -> Cow<'a, str> {
    if host.is_empty() || host == "*" || host.contains('.') || is_address(host) {
        return Cow::Borrowed(host);
    }
    let mut full = String::with_capacity(host.len() + namespace.len() + CLUSTER_SUFFIX.len() + 1);
    full.push_str(host);
    if !namespace.is_empty() {
        full.push('.');
        full.push_str(namespace);
    }
    full.push_str(CLUSTER_SUFFIX);
    Cow::Owned(full)
}

/// The namespace of the Service that a resolved host names; `None` where it names none of the cluster's.
pub fn namespace(host: &str) -> Option<&str> {
    Some(host.strip_suffix(CLUSTER_SUFFIX)?.split_once('.')?.1)
}

/// Whether a host looks like a service's name that stops half-way: `reviews.shop`, `reviews.shop.svc`. Istio does not
/// complete it, so as a destination it has no cluster and as a host it matches no service. The name of a
/// `ServiceEntry` may look alike (`example.com`); whoever knows those asks for them first.
pub fn is_partial(host: &str) -> bool {
    if host.starts_with('*') || is_address(host) {
        return false;
    }
    let mut labels = host.split('.');
    let is_named = labels.next().is_some_and(|name| !name.is_empty())
        && labels.next().is_some_and(|namespace| !namespace.is_empty());
    is_named
        && ["svc", "cluster"].into_iter().all(|expected| labels.next().is_none_or(|label| label == expected))
        && labels.next().is_none()
}

/// Whether two names overlap: they are equal, or one of them is a wildcard that covers the other.
pub fn matches(left: &str, right: &str) -> bool {
    covers(left, right) || covers(right, left)
}

/// Whether every host that `host` stands for is one of `pattern`. A wildcard is a leading `*`, which stands for at
/// least nothing: `*.shop.com` does not cover `shop.com`.
pub fn covers(pattern: &str, host: &str) -> bool {
    match (pattern.strip_prefix('*'), host.strip_prefix('*')) {
        (Some(suffix), Some(rest)) => rest.ends_with(suffix),
        (Some(suffix), None) => host.ends_with(suffix),
        (None, _) => pattern == host,
    }
}

/// The index of the one host that counts for `target`, as istiod picks a `DestinationRule`: an equal name before any
/// wildcard, the longest wildcard before shorter ones, and the first by the alphabet among equally long ones.
pub fn most_specific<S: AsRef<str>>(hosts: &[S], target: &str) -> Option<usize> {
    let names = || hosts.iter().map(AsRef::as_ref).enumerate();
    if let Some((index, _)) = names().find(|(_, host)| *host == target) {
        return Some(index);
    }
    names()
        .filter(|(_, host)| covers(host, target))
        .min_by_key(|(_, host)| (usize::MAX - host.len(), *host))
        .map(|(index, _)| index)
}

/// Whether it is an IPv4 or IPv6 address.
pub fn is_address(text: &str) -> bool {
    let without_zone = match text.split_once('%') {
        Some((address, zone)) if address.contains(':') && !zone.is_empty() => address,
        _ => text,
    };
    // The parser is worth asking only for what begins like an address.
    without_zone.starts_with(|first: char| first.is_ascii_hexdigit() || first == ':')
        && without_zone.parse::<IpAddr>().is_ok()
}
