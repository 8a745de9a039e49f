//! Webhooks: a call, and how it is known whether what was called succeeded.
//!
//! With `disableCallback` an answer of success (2xx) is the end. Else the outcome is `{"success": true}` or
//! `{"success": false}`, Armory's words, with a `mdMessage` for people: in the answer itself; or sent to
//! `{{armory.callbackUri}}/callback`, where the template names that; or at the address in the answer's header
//! `Location`, which is asked until it says so.
//!
//! A call that no answer came to, or one of a fault over there (429, 5xx), is made again as often as `retryCount` says;
//! so a webhook may be called more than once. `networkMode` makes no difference: the call comes from where this runs.

use std::time::Duration;

use foreshift_core::config::Call;
use foreshift_core::template::{self, Piece};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio::time::sleep;

use super::needs::templates;
use super::outside::fill;
use super::{Address, Begun, Called, Facts, Outside, Progress, Verdict, Whether};
use crate::http::{self, Answer, Asked};

/// The longest that an answer may take.
const ANSWER: Duration = Duration::from_secs(30);

/// The pause before a call is made again, doubled each time.
const PAUSE: Duration = Duration::from_secs(1);

/// The longest pause between two calls, and the pause between two looks at an outcome.
const PAUSE_LONG: Duration = Duration::from_secs(10);

/// What is said of an outcome.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(super) struct Outcome {
    success: bool,
    #[serde(default)]
    md_message: Option<String>,
}

/// Calls a webhook and waits for its outcome. `id` is a secret that is unlike that of any other gate and the same after a
/// resume: who knows it can answer for the webhook, so it is not made of what others may read. Without one – an empty
/// text – the address to call back is a new one with each call, and a resume cannot wait for it. `note` is told of a call
/// before its outcome is waited for.
///
/// # Errors
///
/// Those of `note`.
pub async fn hold<E>(
    call: &Call,
    (outside, facts): (&Outside, &Facts),
    id: &str,
    begun: &Begun,
    mut note: impl AsyncFnMut(Progress) -> Result<(), E>,
) -> Result<Verdict, E> {
    if outside.asked == Whether::Simulated {
        note(Progress::NotAsked { whom: format!("webhook `{}`", call.webhook.name.value) }).await?;
        return Ok(Verdict::Holds);
    }
    let limit = SignedDuration::from_secs(i64::from(call.timeout_seconds));
    let end = begun.since.saturating_add(limit).unwrap_or(Timestamp::MAX);
    let left = Duration::try_from(end.duration_since(Timestamp::now())).unwrap_or_default();
    let outcome = tokio::time::timeout(left, outcome(call, (outside, facts), id, begun, note)).await;
    outcome.unwrap_or_else(|_| {
        let why = format!("webhook `{}` said nothing within {} s", call.webhook.name.value, call.timeout_seconds);
        Ok(Verdict::Failed { why })
    })
}

async fn outcome<E>(
    call: &Call,
    (outside, facts): (&Outside, &Facts),
    id: &str,
    begun: &Begun,
    mut note: impl AsyncFnMut(Progress) -> Result<(), E>,
) -> Result<Verdict, E> {
    let name = &call.webhook.name.value;
    let failed = |why: String| Ok(Verdict::Failed { why: format!("webhook `{name}`: {why}") });
    // Before the call: what is called may answer at once.
    let awaited = outside.callbacks.as_ref().filter(|_| calls_back(call)).map(|callbacks| callbacks.expect(id));
    let called = match &begun.called {
        Some(called) => called.clone(),
        None => {
            let uri = awaited.as_ref().map(|awaited| awaited.uri().to_owned());
            let asked = match asked(call, outside, facts, uri.as_deref()) {
                Ok(asked) => asked,
                Err(why) => return failed(why),
            };
            let answer = match made(call, &asked, outside, &mut note).await? {
                Ok(answer) => answer,
                Err(why) => return failed(why),
            };
            if call.webhook.disable_callback {
                return Ok(Verdict::Holds);
            }
            if let Ok(outcome) = serde_json::from_str::<Outcome>(&answer.body) {
                return Ok(outcome.verdict(name, outside));
            }
            let poll = answer.location.as_ref().filter(|_| awaited.is_none());
            let called = Called { poll: poll.map(|location| Address::new(whole(&asked.url, location))) };
            if awaited.is_none() && called.poll.is_none() {
                return failed(format!(
                    "it answered {}, and neither says `success` nor is told where to call back: \
                     use `{{{{armory.callbackUri}}}}`, or `disableCallback: true`",
                    answer.status
                ));
            }
            note(Progress::Called { webhook: name.clone(), called: called.clone() }).await?;
            called
        }
    };
    match (called.poll, awaited) {
        (Some(address), _) => Ok(polled(call, outside, facts, address.reveal()).await.verdict(name, outside)),
        (None, Some(awaited)) => Ok(awaited.outcome().await.verdict(name, outside)),
        (None, None) => failed("it was called to call back, and nobody listens any more".to_owned()),
    }
}

impl Outcome {
    fn verdict(self, name: &str, outside: &Outside) -> Verdict {
        if self.success {
            return Verdict::Holds;
        }
        let said = self.md_message.map(|said| outside.said(&said)).filter(|said| !said.is_empty());
        let said = said.map(|said| format!(": {said}"));
        Verdict::Failed { why: format!("webhook `{name}` did not succeed{}", said.unwrap_or_default()) }
    }
}

/// Whether a template of the webhook says where to call back, and somebody waits for it.
fn calls_back(call: &Call) -> bool {
    let is_uri = |piece| matches!(piece, Piece::Variable("armory.callbackUri", _));
    !call.webhook.disable_callback && templates(call).any(|text| template::pieces(text).any(is_uri))
}

/// The request of a call.
fn asked(call: &Call, outside: &Outside, facts: &Facts, callback: Option<&str>) -> Result<Asked, String> {
    let webhook = &call.webhook;
    let filled = |text: &str| {
        fill(text, (facts, &call.context, &outside.secrets), |name| {
            (name == "armory.callbackUri").then_some(callback)?.map(str::to_owned)
        })
    };
    let headers = webhook.headers.iter().map(|(name, value)| Ok((name.clone(), filled(value)?)));
    Ok(Asked {
        method: webhook.method.as_deref().unwrap_or("POST").to_ascii_uppercase(),
        url: filled(webhook.uri_template.trim())?,
        headers: headers.collect::<Result<_, String>>()?,
        body: webhook.body.as_deref().map(filled).transpose()?.unwrap_or_default(),
    })
}

/// The answer of success to a call, made as often as it may be; else why there is none.
async fn made<E>(
    call: &Call,
    asked: &Asked,
    outside: &Outside,
    note: &mut impl AsyncFnMut(Progress) -> Result<(), E>,
) -> Result<Result<Answer, String>, E> {
    let of = call.webhook.retry_count.saturating_add(1);
    let mut pause = PAUSE;
    let mut attempt = 1;
    loop {
        let (why, may_pass) = match http::ask(asked, ANSWER).await {
            Ok(answer) if answer.is_success() => return Ok(Ok(answer)),
            Ok(answer) => (format!("it answered {}", answer.status), answer.is_passing()),
            // As it stands in the config: filled there may be a secret in it.
            Err(why) => (format!("`{}`: {}", call.webhook.uri_template.trim(), outside.said(&why)), true),
        };
        let webhook = call.webhook.name.value.clone();
        note(Progress::NotCalled { webhook, attempt, of, why: why.clone() }).await?;
        if !may_pass || attempt == of {
            return Ok(Err(why));
        }
        sleep(pause).await;
        pause = (pause * 2).min(PAUSE_LONG);
        attempt += 1;
    }
}

/// What the address of an outcome says, once it says something.
async fn polled(call: &Call, outside: &Outside, facts: &Facts, address: &str) -> Outcome {
    // Who may call may ask: the same `Authorization`, and to the same host only.
    let first = asked(call, outside, facts, Some("")).ok();
    let is_same = first.as_ref().is_some_and(|first| origin(&first.url) == origin(address));
    let is_kept = |name: &str| is_same && name.eq_ignore_ascii_case("authorization");
    let headers = first.into_iter().flat_map(|first| first.headers).filter(|(name, _)| is_kept(name)).collect();
    let asked = Asked { method: "GET".to_owned(), url: address.to_owned(), headers, body: String::new() };
    let mut pause = PAUSE;
    loop {
        let answer = http::ask(&asked, ANSWER).await;
        if let Ok(answer) = answer.as_ref()
            && answer.is_success()
            && let Ok(outcome) = serde_json::from_str(&answer.body)
        {
            return outcome;
        }
        sleep(pause).await;
        pause = (pause * 2).min(PAUSE_LONG);
    }
}

/// The address that a `Location` means.
fn whole(base: &str, location: &str) -> String {
    if location.contains("://") {
        return location.to_owned();
    }
    format!("{}/{}", origin(base).unwrap_or_default(), location.trim_start_matches('/'))
}

/// An address up to its path.
fn origin(address: &str) -> Option<String> {
    let address: ::http::Uri = address.parse().ok()?;
    Some(format!("{}://{}", address.scheme_str()?, address.authority()?))
}
