//! Answers in the words of an API server.

use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

pub(super) type AnswerBody = UnsyncBoxBody<Bytes, Box<dyn std::error::Error + Send + Sync>>;
pub(super) type Answer = Response<AnswerBody>;

/// A failure with this code.
pub(super) fn status(code: u16, message: &str) -> Answer {
    let mut response = json_answer(&status_object(code, message));
    *response.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if code == 429 {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// A watch with at most one event, which has ended.
pub(super) fn watch(error: Option<&Value>) -> Answer {
    match error {
        Some(status) => json_answer(&json!({ "type": "ERROR", "object": status })),
        None => {
            let mut response = json_answer(&Value::Null);
            *response.body_mut() = body(Bytes::new());
            response
        }
    }
}

/// What a watch says whose resourceVersion is too old.
pub(super) fn expired() -> Value {
    status_object(410, "too old resource version")
}

pub(super) fn body(bytes: Bytes) -> AnswerBody {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}

fn json_answer(value: &Value) -> Answer {
    let mut response = Response::new(body(format!("{value}\n").into()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn status_object(code: u16, message: &str) -> Value {
    let reason = match code {
        401 => "Unauthorized",
        403 => "Forbidden",
        409 => "Conflict",
        410 => "Expired",
        429 => "TooManyRequests",
        500 => "InternalError",
        503 => "ServiceUnavailable",
        504 => "Timeout",
        _ => "",
    };
    let details = if code == 429 { json!({ "retryAfterSeconds": 1 }) } else { json!({}) };
    json!({
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "details": details,
        "code": code,
    })
}
