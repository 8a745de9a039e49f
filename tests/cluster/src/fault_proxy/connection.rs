//! One client's connection: each request is numbered, judged twice, and passed on in between.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::{Arc, PoisonError};
use std::task::Poll;

use futures_util::stream;
use http_body_util::{BodyExt, Empty, StreamBody};
use hyper::body::{Body as _, Bytes, Frame, Incoming};
use hyper::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, TRANSFER_ENCODING};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use kube::client::Body;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::answer::{self, Answer, AnswerBody};
use super::{Action, Moment, Request, Shared};

/// Serves connections until it is dropped, and they with it.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            connections.spawn(serve(stream, Arc::clone(&shared)));
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let reset = Arc::new(Notify::new());
    let service = {
        let reset = Arc::clone(&reset);
        service_fn(move |request| pass(request, Arc::clone(&shared), Arc::clone(&reset)))
    };
    let mut connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        _ = &mut connection => return,
        () = reset.notified() => {}
    }
    // Without a moment to linger, closing is a reset.
    let stream = connection.into_parts().io.into_inner();
    let _ = stream.set_zero_linger();
}

/// What hyper gave us, on its way to the API server and back.
async fn pass(
    request: hyper::Request<Incoming>,
    shared: Arc<Shared>,
    reset: Arc<Notify>,
) -> Result<Answer, Infallible> {
    let (mut head, body) = request.into_parts();
    let known = numbered(&shared, &head);
    // The whole request first: what the API server has not seen it cannot have begun.
    let Ok(body) = body.collect().await else { return harm(Action::Reset, &known, &reset).await };
    let action = decide(&shared, &known, Moment::Before).await;
    if action != Action::Pass {
        return harm(action, &known, &reset).await;
    }
    of_this_connection(&mut head.headers);
    let request = hyper::Request::from_parts(head, Body::from(body.to_bytes()));
    let Ok(response) = shared.api_server.send(request).await else {
        return Ok(answer::status(503, "the fault proxy reaches no API server"));
    };
    let (mut head, body) = response.into_parts();
    of_this_connection(&mut head.headers);
    let body = if known.is_watch() { ending(body, &shared) } else { whole(body).await };
    match decide(&shared, &known, Moment::After).await {
        Action::Pass => Ok(Answer::from_parts(head, body)),
        action => harm(action, &known, &reset).await,
    }
}

fn numbered(shared: &Shared, head: &hyper::http::request::Parts) -> Request {
    let mut requests = shared.requests.lock().unwrap_or_else(PoisonError::into_inner);
    let request = Request {
        number: requests.len() + 1,
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        agent: head.headers.get("user-agent").and_then(|agent| agent.to_str().ok()).unwrap_or_default().to_owned(),
    };
    requests.push(request.clone());
    request
}

async fn decide(shared: &Arc<Shared>, request: &Request, moment: Moment) -> Action {
    let (shared, request) = (Arc::clone(shared), request.clone());
    let decision = tokio::task::spawn_blocking(move || (shared.decide)(&request, moment));
    decision.await.unwrap_or_else(|panic| {
        eprintln!("the test that decides panicked, and its client hears nothing more: {panic}");
        Action::Hang
    })
}

async fn harm(action: Action, request: &Request, reset: &Notify) -> Result<Answer, Infallible> {
    match action {
        Action::Answer(code) => Ok(answer::status(code, "the test wants it so")),
        Action::EndWatch if request.is_watch() => Ok(answer::watch(None)),
        Action::ExpireWatch if request.is_watch() => Ok(answer::watch(Some(&answer::expired()))),
        Action::Reset => {
            reset.notify_one();
            std::future::pending().await
        }
        Action::Hang => std::future::pending().await,
        Action::Pass | Action::EndWatch | Action::ExpireWatch => {
            eprintln!("{action:?} cannot be done to {request:?}, which hears nothing more");
            std::future::pending().await
        }
    }
}

/// Takes out what was said for one connection only.
fn of_this_connection(headers: &mut HeaderMap) {
    for name in [CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING] {
        headers.remove(name);
    }
}

/// An answer as a whole, so that the API server is done with it before anybody decides.
async fn whole(body: Body) -> AnswerBody {
    match body.collect().await {
        Ok(body) => answer::body(body.to_bytes()),
        Err(_) => Empty::new().map_err(Into::into).boxed_unsync(),
    }
}

/// A watch that also ends when the test ends all of them.
fn ending(body: Body, shared: &Shared) -> AnswerBody {
    let mut ended = shared.ended.subscribe();
    let end = Box::pin(async move { ended.changed().await.is_ok() });
    let mut parts = Some((Box::pin(body), end));
    let frames = stream::poll_fn(move |context| {
        let Some((body, end)) = &mut parts else { return Poll::Ready(None) };
        if pin!(&mut *end).poll(context) == Poll::Ready(true) {
            parts = None;
            return Poll::Ready(None);
        }
        body.as_mut().poll_frame(context).map_err(Into::into)
    });
    let frames: StreamBody<_> = StreamBody::new(frames);
    frames.map_frame(|frame: Frame<Bytes>| frame).boxed_unsync()
}
