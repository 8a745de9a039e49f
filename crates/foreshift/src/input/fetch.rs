//! Manifests at an address.

use std::time::Duration;

use foreshift_core::text::LIMIT_BYTES;
use ureq::Agent;
use ureq::http::Uri;
use ureq::http::header::LOCATION;

use crate::failure::Failure;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How many redirects are followed.
const MOST_REDIRECTS: usize = 5;

/// The text at an address. Proxies come from the environment, as with curl. A redirect is followed on the same host only:
/// the config says whom to ask, and an answer of theirs does not.
pub(super) fn fetch(url: &str) -> Result<String, Failure> {
    let agent: Agent = Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent(concat!("foreshift/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    let failed = |why: String| {
        Failure::input(format!("`{url}` cannot be fetched: {why}"))
            .help("save it beside the config and give its path, to preview without a network")
    };
    let mut address: Uri = url.parse().map_err(|error| failed(format!("it is no address: {error}")))?;
    for _ in 0..=MOST_REDIRECTS {
        let mut answer = agent.get(&address).call().map_err(|error| failed(error.to_string()))?;
        if !answer.status().is_redirection() {
            let body = answer.body_mut().with_config().limit(LIMIT_BYTES as u64).read_to_vec();
            let bytes = body.map_err(|error| failed(error.to_string()))?;
            return String::from_utf8(bytes).map_err(|error| super::not_utf8(url, error.utf8_error().valid_up_to()));
        }
        let location = answer.headers().get(LOCATION).and_then(|location| location.to_str().ok()).unwrap_or_default();
        let next = whole(&address, location).ok_or_else(|| failed("it is a redirect to no address".to_owned()))?;
        if !is_same_host(&address, &next) {
            let host = next.authority().map(ToString::to_string).unwrap_or_default();
            return Err(Failure::input(format!(
                "`{url}` cannot be fetched: it is a redirect to another host, `{host}`"
            ))
            .help("give the address that it leads to, where that host is to be trusted"));
        }
        address = next;
    }
    Err(failed(format!("it is more than {MOST_REDIRECTS} redirects away")))
}

/// The address that a `Location` means.
fn whole(base: &Uri, location: &str) -> Option<Uri> {
    if location.is_empty() {
        return None;
    }
    if location.contains("://") {
        return location.parse().ok();
    }
    let (scheme, authority) = (base.scheme_str()?, base.authority()?);
    if location.starts_with("//") {
        return format!("{scheme}:{location}").parse().ok();
    }
    let folder = base.path().rsplit_once('/').map_or("", |(folder, _)| folder);
    let path = if location.starts_with('/') { location.to_owned() } else { format!("{folder}/{location}") };
    format!("{scheme}://{authority}{path}").parse().ok()
}

/// Whether a redirect stays where it is. It may begin to be encrypted, and not stop to.
fn is_same_host(from: &Uri, to: &Uri) -> bool {
    let is_same = from.scheme_str() == to.scheme_str() && from.port_u16() == to.port_u16();
    let is_upgrade = (from.scheme_str(), to.scheme_str()) == (Some("http"), Some("https"))
        && from.port_u16().is_none_or(|port| port == 80)
        && to.port_u16().is_none_or(|port| port == 443);
    from.host().map(str::to_ascii_lowercase) == to.host().map(str::to_ascii_lowercase) && (is_same || is_upgrade)
}

#[cfg(test)]
mod tests {
    use super::{is_same_host, whole};

    #[test]
    fn a_redirect_stays_on_its_host() {
        let base = "http://a.example/folder/x.yaml".parse().expect("an address");
        let leads = |location: &str| whole(&base, location).filter(|next| is_same_host(&base, next));
        for (location, address) in [
            ("/y.yaml", "http://a.example/y.yaml"),
            ("y.yaml", "http://a.example/folder/y.yaml"),
            ("https://A.example/y.yaml", "https://A.example/y.yaml"),
        ] {
            assert_eq!(leads(location), Some(address.parse().expect("an address")), "{location}");
        }
        for location in [
            "",
            "http://b.example/",
            "//169.254.169.254/",
            "http://a.example:8080/",
            "file:///etc/passwd",
            "https://a.example@b.example/",
        ] {
            assert_eq!(leads(location), None, "{location}");
        }
    }
}
