//! An instant query to Prometheus' HTTP API, or to whatever else has it.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

use super::Provider;
use crate::http::{self, Asked};

/// The most letters that a number has.
const LONGEST: usize = 64;

/// Why a query returned no number.
#[derive(Debug)]
pub(super) enum Fault {
    /// The same query may return one a moment later.
    Passing(String),
    /// It will not.
    Lasting(String),
}

/// What Prometheus answers.
#[derive(Deserialize)]
struct Document {
    data: Option<Data>,
    error: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    result_type: String,
    result: serde_json::Value,
}

/// The one number that a query returns for a moment, as Prometheus writes it.
pub(super) async fn query(provider: &Provider, query: &str, at: Timestamp, limit: Duration) -> Result<String, Fault> {
    let time = format!("{}.{:03}", at.as_second(), at.subsec_millisecond());
    let mut headers = vec![("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
    headers.extend(provider.token.as_ref().map(|token| ("Authorization".to_owned(), format!("Bearer {token}"))));
    let asked = Asked {
        // Also a query that is longer than addresses may be.
        method: "POST".to_owned(),
        url: format!("{}/api/v1/query", provider.url),
        headers,
        body: http::form(&[("query", query), ("time", &time)]),
    };
    let answer = http::ask(&asked, limit).await.map_err(Fault::Passing)?;
    let document = serde_json::from_str::<Document>(&answer.body);
    if !answer.is_success() {
        let said = document.ok().and_then(|document| document.error).unwrap_or_default();
        let why = format!("the metric provider answered {}: {said}", answer.status);
        let why = why.trim_end_matches([':', ' ']).to_owned();
        return Err(if answer.is_passing() { Fault::Passing(why) } else { Fault::Lasting(why) });
    }
    let data = document.ok().and_then(|document| document.data);
    let data = data.ok_or_else(|| Fault::Lasting("the answer is not one of Prometheus".to_owned()))?;
    number(&data).map_err(Fault::Lasting)
}

/// The number in a scalar, or in a vector of one series.
fn number(data: &Data) -> Result<String, String> {
    let pair = match (data.result_type.as_str(), data.result.as_array()) {
        ("scalar", _) => &data.result,
        ("vector", Some(series)) => match series.as_slice() {
            [] => return Err("no series".to_owned()),
            [one] => one.get("value").unwrap_or(&serde_json::Value::Null),
            several => return Err(format!("{} series where one is needed: `sum` or `avg` makes one", several.len())),
        },
        (other, _) => return Err(format!("a {other} where one number is needed")),
    };
    let number = pair.get(1).and_then(serde_json::Value::as_str);
    number
        .filter(|number| number.len() <= LONGEST)
        .map(str::to_owned)
        .ok_or_else(|| "the answer holds no number".to_owned())
}

/// A number as Prometheus writes it: `NaN` and `+Inf` are among them.
pub(super) fn value(text: &str) -> Option<f64> {
    text.parse().ok()
}
