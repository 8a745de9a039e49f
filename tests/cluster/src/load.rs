//! Constant load: workers that ask one after the other, half of them on one connection, half on a new one each time.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::failure::Result;

/// Running load; it ends when it is dropped.
pub struct Load {
    counts: Arc<Mutex<Counts>>,
    _workers: JoinSet<()>,
}

/// What was answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Good answers by revision.
    pub revisions: BTreeMap<String, u64>,
    /// Answers with 5xx by status.
    pub errors: BTreeMap<u16, u64>,
    /// Requests without an answer.
    pub unanswered: u64,
}

impl Load {
    /// Asks for a host with so many workers, each at most a hundred times a second.
    pub fn start(address: SocketAddr, host: &str, workers: usize) -> Load {
        let counts = Arc::new(Mutex::new(Counts::default()));
        let mut running = JoinSet::new();
        for number in 0..workers {
            running.spawn(work(address, host.to_owned(), number % 2 == 0, Arc::clone(&counts)));
        }
        Load { counts, _workers: running }
    }

    /// What was answered since this was asked last.
    pub fn take(&self) -> Counts {
        std::mem::take(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn work(address: SocketAddr, host: String, keeps_alive: bool, counts: Arc<Mutex<Counts>>) {
    let mut pace = tokio::time::interval(Duration::from_millis(10));
    pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut kept = None;
    loop {
        pace.tick().await;
        let answer = ask(address, &host, &mut kept).await;
        if !keeps_alive || answer.is_err() {
            kept = None;
        }
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        match answer {
            Ok((status, _)) if status >= 500 => *counts.errors.entry(status).or_default() += 1,
            Ok((_, revision)) => *counts.revisions.entry(revision).or_default() += 1,
            Err(_) => counts.unanswered += 1,
        }
    }
}

async fn ask(address: SocketAddr, host: &str, kept: &mut Option<SendRequest<Empty<Bytes>>>) -> Result<(u16, String)> {
    let mut sender = match kept.take() {
        Some(sender) => sender,
        None => {
            let stream = TcpStream::connect(address).await?;
            let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            sender
        }
    };
    sender.ready().await?;
    let request = Request::get("/").header("host", host).body(Empty::new())?;
    let response = sender.send_request(request).await?;
    let status = response.status().as_u16();
    let revision = response.headers().get("x-revision").and_then(|value| value.to_str().ok()).unwrap_or("").to_owned();
    response.into_body().collect().await?;
    *kept = Some(sender);
    Ok((status, revision))
}
