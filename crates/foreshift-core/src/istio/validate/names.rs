//! Names: DNS labels, domains, labels of pods, gateways, subnets.

use super::at::At;
use super::report::Report;
use crate::istio::host;
use crate::text::{last, number};

/// A DNS-1123 label as Istio checks it: up to 63 letters of either case, digits and dashes.
pub fn is_label(text: &str) -> bool {
    text.len() <= 63 && is_label_of_any_length(text)
}

fn is_label_of_any_length(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    !text.is_empty() && !text.starts_with('-') && !text.ends_with('-') && text.bytes().all(inner)
}

/// A first label: `*`, or a label with `*` or `*-` before it.
fn is_wildcard_label(text: &str) -> bool {
    if text.len() > 63 {
        return false;
    }
    match text.strip_prefix('*') {
        None => is_label(text),
        Some("") => true,
        Some(rest) => is_label_of_any_length(rest.strip_prefix('-').unwrap_or(rest)),
    }
}

/// What is wrong with a name, with the word that shows it.
pub(super) type Wrong<'a> = (&'static str, &'a str);

/// A domain whose first label may be a wildcard.
pub(super) fn wildcard_domain(domain: &str) -> Result<(), Wrong<'_>> {
    length(domain)?;
    let (first, rest) = split_first(domain);
    if !is_wildcard_label(first) {
        return Err(("has `{}`, which is no label of a domain name", first));
    }
    rest.map_or(Ok(()), labels)
}

/// The same for what a gateway serves, where with SNI `outbound_.80_._.reviews.shop.svc` is a name too.
pub(super) fn gateway_domain(domain: &str, has_sni: bool) -> Result<(), Wrong<'_>> {
    length(domain)?;
    if !has_sni || split_first(domain).0 != "outbound_" {
        return wildcard_domain(domain);
    }
    let port = domain.as_bytes().get("outbound_.".len());
    if port.is_some_and(|digit| (b'0'..=b'8').contains(digit)) {
        Ok(())
    } else {
        Err(("has `{}`, which is no label of a domain name", "outbound_"))
    }
}

/// A domain without wildcards.
pub(super) fn domain(domain: &str) -> Result<(), Wrong<'_>> {
    length(domain)?;
    labels(domain)
}

fn split_first(domain: &str) -> (&str, Option<&str>) {
    match domain.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (domain, None),
    }
}

fn length(domain: &str) -> Result<(), Wrong<'_>> {
    if domain.is_empty() {
        Err(("is empty", ""))
    } else if domain.len() > 255 {
        Err(("is a domain name of more than 255 characters", ""))
    } else {
        Ok(())
    }
}

fn labels(domain: &str) -> Result<(), Wrong<'_>> {
    let top = domain.get(last(domain, b'.').map_or(0, |dot| dot + 1)..).unwrap_or_default();
    if !top.is_empty() && top.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(("has the top level domain `{}`, which is all digits", top));
    }
    // What is left of a name with a dot at its end; such a name is absolute.
    if domain.is_empty() {
        return Ok(());
    }
    let relative = domain.strip_suffix('.').unwrap_or(domain);
    match relative.split('.').find(|label| !is_label(label)) {
        Some(label) => Err(("has `{}`, which is no label of a domain name", label)),
        None => Ok(()),
    }
}

/// The labels of pods under a key.
pub(super) fn pod_labels(at: &At, key: &str, report: &mut Report) {
    at.entries(key, &mut |name, value| {
        if !is_label_key(name) {
            report.error(value, "has `{}`, which is no key of a label", &[name]);
        }
        let text = value.str();
        if !text.is_empty() && !is_qualified(text) {
            report.error(value, "is `{}`, which is no value of a label", &[text]);
        }
    });
}

fn is_label_key(key: &str) -> bool {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    let is_prefix = |prefix: &str| prefix.len() <= 253 && prefix.split('.').all(is_label_of_any_length);
    prefix.is_none_or(is_prefix) && name.len() <= 63 && is_qualified(name)
}

fn is_qualified(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let is_edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    is_edge(name.bytes().next()) && is_edge(name.bytes().last()) && name.bytes().all(inner)
}

/// The names of gateways under `gateways`. Istio stops at the first without a namespace, so names behind it are
/// not looked at.
pub(super) fn gateways(at: &At, report: &mut Report) {
    let mut is_done = false;
    at.each("gateways", &mut |found| {
        if is_done {
            return;
        }
        let name = found.str();
        if let Some((namespace, gateway)) = name.split_once('/') {
            qualified_gateway(found, namespace, gateway, report);
        } else {
            is_done = true;
            plain_gateway(found, name, report);
        }
    });
}

fn qualified_gateway(found: &At, namespace: &str, gateway: &str, report: &mut Report) {
    if !is_label(namespace) {
        report.error(found, "has `{}`, which is no namespace", &[namespace]);
    }
    if !is_label(gateway) {
        report.error(found, "has `{}`, which is no name of a gateway", &[gateway]);
    }
}

fn plain_gateway(found: &At, name: &str, report: &mut Report) {
    if let Some((gateway, rest)) = name.split_once('.') {
        let namespace = rest.split('.').next().unwrap_or_default();
        report.warn(found, "names a gateway in the old way; write `{}/{}`", &[namespace, gateway]);
    }
    if let Err((wrong, word)) = domain(name) {
        report.error(found, wrong, &[word]);
    }
}

/// Addresses and subnets under a key.
pub(super) fn subnets(at: &At, key: &str, report: &mut Report) {
    at.each(key, &mut |found| {
        let text = found.str();
        if !is_subnet(text) {
            report.error(found, "is `{}`, which is no address and no CIDR block", &[text]);
        }
    });
}

fn is_subnet(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else {
        return host::is_address(text);
    };
    let most = if address.contains(':') { 128 } else { 32 };
    let is_size = bits.bytes().all(|byte| byte.is_ascii_digit())
        && (bits == "0" || !bits.starts_with('0'))
        && number(bits).is_some_and(|bits| bits <= most);
    is_size && !address.contains('%') && host::is_address(address)
}

/// A port that is given.
pub(super) fn port(at: &At, report: &mut Report) {
    let number = at.value.as_int().unwrap_or_default();
    if !(1..=65_535).contains(&number) {
        report.error(at, "is `{}`, which is no port from 1 to 65535", &[&number.to_string()]);
    }
}
