//! The connection to a cluster: HTTP/2 where it can be, so that every watch of every target goes over one connection.
//!
//! kube's own client speaks HTTP/1.1 only, which takes a connection with its buffers for each watch. Everything else of it –
//! credentials, certificates, headers – is kube's.

use std::time::Duration;

use hyper_rustls::{FixedServerNameResolver, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use kube::client::ConfigExt as _;
use kube::{Client, Config};
use tower::{BoxError, ServiceBuilder};
use tower_http::decompression::DecompressionLayer;

use super::{ApiError, Reason};

/// How often a connection on which nothing comes is asked whether it lives, and how long it has to say so: a watch may be
/// silent for long, and a connection that broke without a word would be too.
const ALIVE: Duration = Duration::from_secs(10);

/// After how many seconds the API server ends a watch on a connection that cannot be asked, and how long such a connection
/// may be silent: longer than any watch. One that is dead and does not say so is missed then.
pub(super) const WATCHED: u32 = 50;
pub(super) const SILENT: Duration = Duration::from_mins(1);

/// Whether connections are asked whether they live: those that are TLS from here to the API server.
pub(super) fn is_asked(config: &Config) -> bool {
    config.proxy_url.is_none() && config.cluster_url.scheme_str() == Some("https")
}

/// A client for a cluster.
pub(super) fn client(config: Config) -> Result<Client, ApiError> {
    let unusable = |error: &dyn std::error::Error| ApiError::new(Reason::Unauthorized, error.to_string());
    if !is_asked(&config) {
        // kube knows the kinds of proxies.
        return Client::try_from(config).map_err(|error| unusable(&error));
    }
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_connect_timeout(config.connect_timeout);
    let tls = config.rustls_client_config().map_err(|error| unusable(&error))?;
    let mut builder = HttpsConnectorBuilder::new().with_tls_config(tls).https_only();
    if let Some(name) = &config.tls_server_name {
        let name = name.clone().try_into().map_err(|error| unusable(&error))?;
        builder = builder.with_server_name_resolver(FixedServerNameResolver::new(name));
    }
    let http = HttpClient::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .http2_keep_alive_interval(ALIVE)
        .http2_keep_alive_timeout(ALIVE)
        .http2_keep_alive_while_idle(true)
        .build(builder.enable_all_versions().wrap_connector(connector));
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .layer(DecompressionLayer::new())
        .option_layer(config.auth_layer().map_err(|error| unusable(&error))?)
        .layer(config.extra_headers_layer().map_err(|error| unusable(&error))?)
        .map_err(BoxError::from)
        .service(http);
    Ok(Client::new(service, config.default_namespace))
}
