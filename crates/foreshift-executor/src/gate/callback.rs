//! Where webhooks call back: a web server for one kind of request.
//!
//! Each call that is waited for has an address that nobody can guess, which is what makes a callback trustworthy; a
//! bearer token, which Armory asks for, may be there and is not looked at.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::webhook::Outcome;
use crate::record::digest;
use crate::rollout::new_id;

/// The longest that a request may take.
const REQUEST: Duration = Duration::from_secs(10);

/// The most that a request may have.
const LIMIT_BYTES: usize = 64 << 10;

/// How many requests are read at once; further ones wait.
const LIMIT_REQUESTS: usize = 32;

/// A server that webhooks call back; it ends when it is dropped.
#[derive(Debug)]
pub struct Callbacks {
    uri: String,
    calls: Arc<Calls>,
    server: JoinHandle<()>,
}

/// The calls that are waited for, by the last part of their address; with the outcome, once there is one.
#[derive(Default)]
struct Calls {
    by_token: Mutex<BTreeMap<String, Option<Outcome>>>,
    changed: Notify,
}

/// A call that is waited for; dropped, it is not waited for any more.
pub(super) struct Awaited {
    uri: String,
    token: String,
    calls: Arc<Calls>,
}

/// What is called back is not for logs: whoever knows an address can answer at it.
impl std::fmt::Debug for Calls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Calls(…)")
    }
}

impl Callbacks {
    /// Listens at an address such as `0.0.0.0:8080`. Others reach it at `uri`; without one at that address itself.
    ///
    /// # Errors
    ///
    /// The address cannot be had.
    pub async fn listen(address: &str, uri: Option<&str>) -> io::Result<Callbacks> {
        let listener = TcpListener::bind(address).await?;
        let own = format!("http://{}", listener.local_addr()?);
        let calls = Arc::new(Calls::default());
        let server = tokio::spawn(serve(listener, Arc::clone(&calls)));
        Ok(Callbacks { uri: uri.unwrap_or(&own).trim_end_matches('/').to_owned(), calls, server })
    }

    /// Where others reach it.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// Takes callbacks for a call from now on. The address is as hard to guess as the secret that it is made of, and the same
    /// for the same one; without a secret, an empty text, it is a new one each time.
    pub(super) fn expect(&self, secret: &str) -> Awaited {
        let token =
            if secret.is_empty() { new_id() } else { digest(format!("foreshift callback {secret}").as_bytes()) };
        self.calls.change(|calls| calls.entry(token.clone()).or_default().take());
        Awaited { uri: format!("{}/{token}", self.uri), token, calls: Arc::clone(&self.calls) }
    }
}

impl Drop for Callbacks {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Awaited {
    /// What a template calls `armory.callbackUri`.
    pub(super) fn uri(&self) -> &str {
        &self.uri
    }

    /// The outcome, once somebody calls back.
    pub(super) async fn outcome(&self) -> Outcome {
        loop {
            let changed = self.calls.changed.notified();
            let mut changed = std::pin::pin!(changed);
            // From here on, before the look, so that no change falls between the two.
            changed.as_mut().enable();
            if let Some(outcome) = self.calls.change(|calls| calls.get(&self.token).cloned().flatten()) {
                return outcome;
            }
            changed.await;
        }
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        self.calls.change(|calls| calls.remove(&self.token));
    }
}

impl Calls {
    fn change<T>(&self, change: impl FnOnce(&mut BTreeMap<String, Option<Outcome>>) -> T) -> T {
        // A map is whole after every change of it, whoever panicked.
        change(&mut self.by_token.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The status for a request. The first outcome counts.
    fn take(&self, method: &str, path: &str, body: &[u8]) -> u16 {
        let path = path.split_once('?').map_or(path, |(path, _)| path).trim_end_matches('/');
        let path = path.strip_suffix("/callback").unwrap_or(path);
        let token = path.rsplit('/').next().unwrap_or_default();
        self.change(|calls| {
            let Some(known) = calls.get_mut(token) else { return 404 };
            if method != "POST" {
                return 405;
            }
            let Ok(outcome) = serde_json::from_slice(body) else { return 400 };
            known.get_or_insert(outcome);
            self.changed.notify_waiters();
            204
        })
    }
}

async fn serve(listener: TcpListener, calls: Arc<Calls>) {
    let mut requests = tokio::task::JoinSet::new();
    loop {
        if requests.len() >= LIMIT_REQUESTS {
            requests.join_next().await;
        }
        match listener.accept().await {
            Ok((stream, _)) => {
                let calls = Arc::clone(&calls);
                requests.spawn(async move { tokio::time::timeout(REQUEST, answer(stream, &calls)).await });
            }
            // Such as too many open files: it passes.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
        while requests.try_join_next().is_some() {}
    }
}

async fn answer(mut stream: TcpStream, calls: &Calls) -> io::Result<()> {
    let status = read(&mut stream, calls).await?;
    let words = match status {
        100 => return Ok(()),
        204 => "No Content",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        _ => "Content Too Large",
    };
    let head = format!("HTTP/1.1 {status} {words}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.shutdown().await
}

/// Reads a request; the status that it gets, or 100 where it ends too early to get one.
async fn read(stream: &mut TcpStream, calls: &Calls) -> io::Result<u16> {
    let mut bytes = Vec::new();
    let mut is_told = false;
    loop {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(&bytes) {
            Err(_) => return Ok(400),
            Ok(httparse::Status::Complete(head)) => {
                let header = |name: &str| {
                    let found = request.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
                    found.map(|header| String::from_utf8_lossy(header.value).into_owned())
                };
                // A body in chunks has no length; no client sends so short a one that way.
                let length = header("content-length").map_or(Ok(0), |length| length.trim().parse::<usize>());
                let Ok(length) = length.map(|length| length.saturating_add(head)) else { return Ok(400) };
                if length > LIMIT_BYTES {
                    return Ok(413);
                }
                if let Some(body) = bytes.get(head..length) {
                    return Ok(calls.take(request.method.unwrap_or_default(), request.path.unwrap_or_default(), body));
                }
                if !is_told && header("expect").is_some() {
                    is_told = true;
                    stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
                }
            }
            Ok(httparse::Status::Partial) if bytes.len() > LIMIT_BYTES => return Ok(413),
            Ok(httparse::Status::Partial) => {}
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(100);
        }
    }
}
