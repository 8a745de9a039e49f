//! A web server on loopback whose answers a test gives.

use std::cell::RefCell;
use std::rc::Rc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    /// In lower case, a line each.
    pub headers: String,
    pub body: String,
}

/// What is answered: a status, further header lines, a body. Status 0 hangs up without an answer.
pub type Answer = (u16, &'static str, String);

/// A server; it ends when it is dropped.
pub struct Server {
    pub url: String,
    requests: Rc<RefCell<Vec<Request>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    /// Answers the n-th request, from 0, with what `answer` says. Needs a `LocalSet`.
    pub async fn new(answer: impl FnMut(usize, &Request) -> Answer + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Rc::new(RefCell::new(Vec::new()));
        let (seen, answer) = (Rc::clone(&requests), Rc::new(RefCell::new(answer)));
        let task = tokio::task::spawn_local(async move {
            loop {
                let (stream, _) = listener.accept().await.expect("loopback");
                let (seen, answer) = (Rc::clone(&seen), Rc::clone(&answer));
                tokio::task::spawn_local(async move { one(stream, &seen, &answer).await });
            }
        });
        Server { url, requests, task }
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.borrow().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn one(
    mut stream: TcpStream,
    seen: &RefCell<Vec<Request>>,
    answer: &RefCell<impl FnMut(usize, &Request) -> Answer>,
) {
    let Some(request) = read(&mut stream).await else { return };
    let number = seen.borrow().len();
    seen.borrow_mut().push(request.clone());
    let (status, headers, body) = answer.borrow_mut()(number, &request);
    if status == 0 {
        return;
    }
    let length = body.len();
    let text = format!("HTTP/1.1 {status} x\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    let _ = stream.write_all(text.as_bytes()).await;
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let (line, headers) = head.split_once("\r\n").unwrap_or((head, ""));
            let headers = headers.to_ascii_lowercase();
            let length = headers.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length = length.map_or(0, |length| length.trim().parse().expect("a length"));
            if body.len() >= length {
                let mut words = line.split(' ').map(str::to_owned);
                let (method, path) = (words.next()?, words.next()?);
                return Some(Request { method, path, headers, body: body.to_owned() });
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

/// Sends a request and returns the status of its answer.
pub async fn send(method: &str, url: &str, body: &str) -> u16 {
    let rest = url.strip_prefix("http://").expect("no TLS on loopback");
    let (host, path) = rest.split_once('/').expect("a path");
    let mut stream = TcpStream::connect(host).await.expect("somebody listens");
    let length = body.len();
    let text = format!("{method} /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n{body}");
    stream.write_all(text.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
}
