//! The server of one pod: it answers every request with the revision that the pod is of.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::failure::{Failure, Result};

/// Labels that tell a revision, the telling one first.
const REVISIONS: [&str; 2] = ["armory-pod-template-hash", "pod-template-hash"];

/// Listens on every port of the pod's containers until it is stopped or dropped.
pub(super) struct Server {
    listeners: JoinSet<()>,
    stops: Vec<oneshot::Sender<()>>,
    fails: Arc<AtomicBool>,
}

/// What a pod says of itself in the headers `x-revision` and `x-pod`.
struct Identity {
    revision: String,
    pod: String,
}

impl Server {
    pub(super) async fn start(pod: &Pod, address: Ipv4Addr) -> Result<Server> {
        let revision = REVISIONS.iter().find_map(|label| pod.labels().get(*label)).cloned().unwrap_or_default();
        let identity = Arc::new(Identity { revision, pod: pod.name_any() });
        let mut server = Server { listeners: JoinSet::new(), stops: Vec::new(), fails: Arc::default() };
        let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
        for port in containers.flat_map(|container| container.ports.iter().flatten()) {
            let port = u16::try_from(port.container_port)?;
            let listener = TcpListener::bind((address, port))
                .await
                .map_err(|error| Failure::new(format!("no server on {address}:{port}: {error}")))?;
            let (stop, stopped) = oneshot::channel();
            server.stops.push(stop);
            server.listeners.spawn(listen(listener, Arc::clone(&identity), Arc::clone(&server.fails), stopped));
        }
        Ok(server)
    }

    /// Answers 503 from now on.
    pub(super) fn fail(&self) {
        self.fails.store(true, Ordering::Relaxed);
    }

    /// Takes no new connection, answers the requests that it has, and ends.
    pub(super) async fn stop(mut self) {
        self.stops.clear();
        while self.listeners.join_next().await.is_some() {}
    }
}

async fn listen(
    listener: TcpListener,
    identity: Arc<Identity>,
    fails: Arc<AtomicBool>,
    mut stopped: oneshot::Receiver<()>,
) {
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(_) => continue,
            },
            _ = &mut stopped => break,
            Some(_) = connections.join_next() => continue,
        };
        let (identity, fails) = (Arc::clone(&identity), Arc::clone(&fails));
        let service = service_fn(move |request| {
            let answer = answer(&request, &identity, fails.load(Ordering::Relaxed));
            async move { Ok::<_, Infallible>(answer) }
        });
        let connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
        // Joined with the listener: dropping one ends both.
        connections.spawn(graceful.watch(connection));
    }
    drop(listener);
    graceful.shutdown().await;
}

fn answer(_: &Request<Incoming>, identity: &Identity, fails: bool) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(format!("{}\n", identity.revision)));
    if fails {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    for (name, value) in [("x-revision", &identity.revision), ("x-pod", &identity.pod)] {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
