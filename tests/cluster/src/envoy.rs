//! Envoy as the sidecar of a client in a namespace, fed by istiod, listening on loopback.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::daemon::Daemon;
use crate::failure::Result;
use crate::istiod::{Istiod, new_file};
use crate::relay::Relay;
use crate::{ports, programs};

/// A running Envoy; dropping it kills it.
pub struct Envoy {
    _daemon: Daemon,
    _relay: Relay,
    /// Where it takes requests for every host that the mesh knows.
    pub address: SocketAddr,
}

impl Envoy {
    /// A client's sidecar that carries requests for one service port; its feed arrives later by `delay`. `None` where this
    /// machine cannot have Envoy, which is said, and tests may do without.
    pub async fn start(istiod: &Istiod, namespace: &str, port: u16, delay: Duration) -> Result<Option<Envoy>> {
        let Some(program) = programs::find_optional("envoy")? else { return Ok(None) };
        let relay = Relay::start(istiod.port, delay).await?;
        let (admin, inbound) = (ports::free()?, ports::free()?);
        let file = new_file("envoy.json")?;
        fs::write(&file, bootstrap(namespace, port, relay.address.port(), admin, inbound))?;
        let log = file.with_extension("log");
        let arguments = ["--config-path", &file.to_string_lossy(), "--use-dynamic-base-id", "--concurrency", "1"]
            .map(str::to_owned);
        let daemon = Daemon::start(&program, arguments, &[], log, file.parent())?;
        for _ in 0..600 {
            if is_live(admin).await {
                let address = (Ipv4Addr::LOCALHOST, inbound).into();
                return Ok(Some(Envoy { _daemon: daemon, _relay: relay, address }));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(daemon.failure("Envoy does not become live"))
    }
}

async fn is_live(admin: u16) -> bool {
    let asked = async {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, admin)).await?;
        stream.write_all(b"GET /ready HTTP/1.1\r\nhost: envoy\r\nconnection: close\r\n\r\n").await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok::<_, std::io::Error>(answer.contains("LIVE"))
    };
    asked.await.unwrap_or(false)
}

/// As a sidecar has it, but with a listener that needs no redirection of packets, and no certificates.
fn bootstrap(namespace: &str, port: u16, xds: u16, admin: u16, inbound: u16) -> String {
    let address = |port: u16| json!({ "socket_address": { "address": "127.0.0.1", "port_value": port } });
    let ads = json!({ "ads": {}, "resource_api_version": "V3", "initial_fetch_timeout": "0s" });
    let router = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router";
    let manager =
        "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
    let protocol = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
    json!({
        "node": {
            "id": format!("sidecar~172.16.255.253~client.{namespace}~{namespace}.svc.cluster.local"),
            "cluster": "client",
            "metadata": { "NAMESPACE": namespace, "CLUSTER_ID": "Kubernetes", "INSTANCE_IPS": "172.16.255.253" },
        },
        "admin": { "address": address(admin) },
        "dynamic_resources": {
            "ads_config": {
                "api_type": "GRPC",
                "transport_api_version": "V3",
                "grpc_services": [{ "envoy_grpc": { "cluster_name": "xds" } }],
            },
            "cds_config": ads,
        },
        "static_resources": {
            "listeners": [{
                "name": "outbound",
                "address": address(inbound),
                "filter_chains": [{ "filters": [{
                    "name": "http",
                    "typed_config": {
                        "@type": manager,
                        "stat_prefix": "outbound",
                        "rds": { "route_config_name": port.to_string(), "config_source": ads },
                        "http_filters": [{ "name": "router", "typed_config": { "@type": router } }],
                    },
                }] }],
            }],
            "clusters": [{
                "name": "xds",
                "type": "STATIC",
                "typed_extension_protocol_options": { "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                    "@type": protocol,
                    "explicit_http_config": { "http2_protocol_options": {} },
                } },
                "load_assignment": {
                    "cluster_name": "xds",
                    "endpoints": [{ "lb_endpoints": [{ "endpoint": { "address": address(xds) } }] }],
                },
            }],
        },
    })
    .to_string()
}
