//! HTTP with others than the cluster: one request, one answer, one connection.
//!
//! The client is the one that reaches the cluster, so no second TLS stack is built in, and dropping the future ends the
//! request. A request stands alone: they are minutes apart. Redirects are answers and are not followed.

use std::fmt::Write as _;
use std::time::Duration;

use http::Request;
use http_body_util::{BodyExt as _, Limited};
use kube::client::Body;
use kube::{Client, Config};

/// The most that is read of an answer.
const LIMIT_BYTES: usize = 1 << 20;

/// What is sent. It may hold secrets, so it is not for logs, and no error of [`ask`] quotes of it.
#[derive(Clone, Eq, PartialEq)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// All of the address.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body; empty for none.
    pub body: String,
}

/// What came back, from whoever it was.
#[derive(Clone, Eq, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The header `Location`.
    pub location: Option<String>,
    /// The body, with a sign for what is no UTF-8.
    pub body: String,
}

impl Answer {
    /// Whether the status is one of success.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the same request may succeed later: too many of them, or a fault over there.
    pub fn is_passing(&self) -> bool {
        self.status == 429 || self.status >= 500
    }
}

/// The answer to a request; why there is none, in words, after `limit` at the latest.
pub async fn ask(asked: &Asked, limit: Duration) -> Result<Answer, String> {
    tokio::time::timeout(limit, answer(asked))
        .await
        .map_err(|_| format!("no answer within {} s", limit.as_secs_f32()))?
}

async fn answer(asked: &Asked) -> Result<Answer, String> {
    let url: http::Uri = asked.url.parse().map_err(|error| format!("it is no address: {error}"))?;
    let is_whole = url.host().is_some() && matches!(url.scheme_str(), Some("http" | "https"));
    if !is_whole {
        return Err("it is no address that begins with `http://` or `https://`".to_owned());
    }
    let request = request(asked, &url)?;
    let mut parts = url.into_parts();
    parts.path_and_query = Some(http::uri::PathAndQuery::from_static("/"));
    let origin = http::Uri::from_parts(parts).map_err(|error| error.to_string())?;
    let mut config = Config::new(origin);
    // Whoever asks knows whether, and when, it may ask again.
    config.default_retry = false;
    let client = Client::try_from(config).map_err(|error| chain(&error))?;
    let answer = client.send(request).await.map_err(|error| chain(&error))?;
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, LIMIT_BYTES).collect().await.map_err(|error| chain(&*error))?;
    let location = head.headers.get(http::header::LOCATION).and_then(|value| value.to_str().ok());
    Ok(Answer {
        status: head.status.as_u16(),
        location: location.map(str::to_owned),
        body: String::from_utf8_lossy(&body.to_bytes()).into_owned(),
    })
}

fn request(asked: &Asked, url: &http::Uri) -> Result<Request<Body>, String> {
    let path = url.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let mut builder = Request::builder().method(asked.method.as_str()).uri(path);
    let is_named = |name: &str| asked.headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
    if !is_named("user-agent") {
        builder = builder.header(http::header::USER_AGENT, concat!("foreshift/", env!("CARGO_PKG_VERSION")));
    }
    for (name, value) in &asked.headers {
        builder = builder.header(name.trim(), value.trim());
    }
    builder.body(Body::from(asked.body.clone().into_bytes())).map_err(|error| format!("it cannot be asked: {error}"))
}

/// An error with its causes: the outermost one alone says little.
fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !words.contains(&text) {
            words = format!("{words}: {text}");
        }
        cause = error.source();
    }
    words
}

/// A form's body.
pub fn form(fields: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    pairs.join("&")
}

/// A text as it stands in an address or a form.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
