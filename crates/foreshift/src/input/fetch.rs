//! Manifests at an address.

use std::time::Duration;

use foreshift_core::text::LIMIT_BYTES;
use ureq::Agent;

use crate::failure::Failure;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The text at an address. Proxies come from the environment, as with curl.
pub(super) fn fetch(url: &str) -> Result<String, Failure> {
    let agent: Agent = Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .user_agent(concat!("foreshift/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    let failed = |error: ureq::Error| {
        Failure::input(format!("`{url}` cannot be fetched: {error}"))
            .help("save it beside the config and give its path, to preview without a network")
    };
    let mut answer = agent.get(url).call().map_err(failed)?;
    let bytes = answer.body_mut().with_config().limit(LIMIT_BYTES as u64).read_to_vec().map_err(failed)?;
    String::from_utf8(bytes).map_err(|error| super::not_utf8(url, error.utf8_error().valid_up_to()))
}
