//! Hosts: short names, wildcards, and which of several rules counts for one.

use std::borrow::Cow;
use std::net::IpAddr;

/// The host that a name means in an object of `namespace` (`ResolveShortnameToFQDN` of istiod): a name without a dot
/// is a Service of that namespace; any other is taken as it is.
pub fn resolve<'a>(host: &'a str, namespace: &str) -> Cow<'a, str> {
    if host.is_empty() || host == "*" || host.contains(['.', ':']) {
        return Cow::Borrowed(host);
    }
    Cow::Owned(format!("{host}.{namespace}.svc.cluster.local"))
}

/// Whether it looks like a Service's name with a part missing: Istio does not complete `reviews.prod`.
pub fn is_partial(host: &str) -> bool {
    let is_service = |tail: &str| matches!(tail, "svc" | "svc.cluster");
    let mut parts = host.splitn(3, '.');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(name), Some(namespace), None) => !name.starts_with('*') && !name.is_empty() && !namespace.is_empty(),
        (Some(_), Some(_), Some(tail)) => is_service(tail),
        _ => false,
    }
}

/// Whether a host, which may start with `*`, stands for `host`.
pub fn matches(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some(suffix) => host.ends_with(suffix) && host.len() >= suffix.len(),
        None => pattern == host,
    }
}

/// Whether two hosts, each of which may start with `*`, have a host in common (`Matches` of istiod's `host.Name`).
pub fn overlap(left: &str, right: &str) -> bool {
    matches(left, right) || matches(right, left)
}

/// Whether it is an IPv4 or IPv6 address, the latter perhaps with a zone.
pub fn is_address(text: &str) -> bool {
    let without_zone = match text.split_once('%') {
        Some((address, zone)) if address.contains(':') && !zone.is_empty() => address,
        _ => text,
    };
    // The parser is worth asking only for what begins like an address.
    without_zone.starts_with(|first: char| first.is_ascii_hexdigit() || first == ':')
        && without_zone.parse::<IpAddr>().is_ok()
}

/// The one of several hosts that counts for `host`: an equal one, else the longest wildcard that matches.
pub fn most_specific<'a>(hosts: impl IntoIterator<Item = &'a str>, host: &str) -> Option<&'a str> {
    hosts.into_iter().filter(|pattern| matches(pattern, host)).max_by(|left, right| {
        let rank = |pattern: &str| (!pattern.starts_with('*'), pattern.len());
        rank(left).cmp(&rank(right)).then_with(|| right.cmp(left))
    })
}
