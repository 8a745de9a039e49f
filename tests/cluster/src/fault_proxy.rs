//! A proxy between a client and the API server that numbers requests, and lets a test do harm before or after each.

mod answer;
mod connection;

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use kube::config::{AuthInfo, KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};

use crate::failure::{Failure, Result};

/// A request that came to the proxy.
#[derive(Clone, Debug)]
pub struct Request {
    /// The first one is 1.
    pub number: usize,
    /// `GET`, `PATCH`, …
    pub method: String,
    /// Without the query.
    pub path: String,
    /// What stands behind `?`, or nothing.
    pub query: String,
    /// Who asks, by its own words.
    pub agent: String,
}

/// Where a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The API server has not seen it.
    Before,
    /// The API server has carried it out; its client has heard nothing yet.
    After,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It goes on.
    Pass,
    /// Its client gets this status, in the words of an API server: 401, 403, 409, 429, 500, 503 or 504.
    Answer(u16),
    /// Its client's connection is reset.
    Reset,
    /// Its client gets no answer and no end.
    Hang,
    /// For a watch: its client gets an empty one that has ended, as when an API server stops.
    EndWatch,
    /// For a watch: its client hears that its resourceVersion is too old.
    ExpireWatch,
}

/// Decides for each request at each moment. It may take its time, for instance to kill the client.
type Decide = dyn Fn(&Request, Moment) -> Action + Send + Sync;

/// A running proxy; it ends when it is dropped, and its connections with it.
pub struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What all connections know.
struct Shared {
    api_server: Client,
    decide: Box<Decide>,
    requests: Mutex<Vec<Request>>,
    /// Counts how often all watches were ended.
    ended: watch::Sender<usize>,
}

impl Request {
    /// Whether it asks for changes as they come.
    pub fn is_watch(&self) -> bool {
        self.query.split('&').any(|pair| pair == "watch=true" || pair == "watch=1")
    }

    /// Whether it changes something: not a read, and not a dry run.
    pub fn is_write(&self) -> bool {
        self.method != "GET" && !self.query.split('&').any(|pair| pair.starts_with("dryRun="))
    }
}

impl FaultProxy {
    /// A proxy in front of the API server that a kubeconfig names. It holds no credentials: each request has its own.
    pub async fn start(
        kubeconfig: &Path,
        decide: impl Fn(&Request, Moment) -> Action + Send + Sync + 'static,
    ) -> Result<FaultProxy> {
        let kubeconfig = Kubeconfig::read_from(kubeconfig)?;
        let mut config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
        config.auth_info = AuthInfo::default();
        config.read_timeout = None;
        config.default_retry = false;
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let (sender, receiver) = oneshot::channel();
        let decide: Box<Decide> = Box::new(decide);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        // A thread of its own: `decide` may wait, and the runtime of a test may end before the proxy does.
        let thread = thread::Builder::new().name("fault-proxy".to_owned()).spawn(move || {
            runtime.block_on(async {
                let shared = Client::try_from(config).map(|api_server| {
                    let (ended, _) = watch::channel(0);
                    Arc::new(Shared { api_server, decide, requests: Mutex::default(), ended })
                });
                let running = shared.as_ref().ok().cloned();
                let _ = sender.send(shared);
                if let (Some(shared), Ok(listener)) = (running, TcpListener::from_std(listener)) {
                    tokio::select! {
                        () = connection::accept(listener, shared) => {}
                        _ = stopped => {}
                    }
                }
            });
            runtime.shutdown_background();
        })?;
        let shared = receiver.await.map_err(|_| Failure::new("the fault proxy does not start"))??;
        Ok(FaultProxy { address, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// Writes a copy of a kubeconfig that leads through the proxy, with the same credentials.
    pub fn write_kubeconfig(&self, original: &Path, copy: &Path) -> Result<PathBuf> {
        let mut kubeconfig: serde_json::Value = serde_yaml::from_str(&fs::read_to_string(original)?)?;
        for entry in kubeconfig["clusters"].as_array_mut().into_iter().flatten() {
            entry["cluster"] = serde_json::json!({ "server": format!("http://{}", self.address) });
        }
        fs::write(copy, kubeconfig.to_string())?;
        Ok(copy.to_owned())
    }

    /// Every request until now, in order.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends every watch that runs.
    pub fn end_watches(&self) {
        self.shared.ended.send_modify(|times| *times += 1);
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
