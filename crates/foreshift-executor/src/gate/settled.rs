//! Whether every proxy has acknowledged what istiod sent to it, by istiod's debug endpoint `/debug/syncz`.
//!
//! It does not say which write a proxy has acknowledged, and istiod gathers writes for a moment before it sends anything.
//! So it is asked after the settle time, which is for that moment, and instead of hoping that the rest takes no longer. A
//! proxy that gets a new cluster asks for its endpoints next: only what it has acknowledged at two looks in a row counts.

use std::time::Duration;

use serde_json::Value as Json;
use tokio::time::{Instant, sleep};

use super::outside::without_user;
use crate::http::{self, Asked};
use crate::said::said;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);

/// After so long somebody is told who is behind, and again after as long.
const LONG: Duration = Duration::from_secs(30);

/// How many of those who are behind are named.
const NAMED: usize = 3;

/// Gives every proxy time to learn of the writes before: so long, and where istiods can be asked until each proxy of each has
/// acknowledged everything. `tell` is told of what takes long.
pub(crate) async fn settle(time: Duration, istiods: &[String], tell: impl Fn(String)) {
    sleep(time).await;
    acknowledged(istiods, tell).await;
}

async fn acknowledged(istiods: &[String], tell: impl Fn(String)) {
    let mut told = Instant::now();
    let mut looks = 0;
    while looks < 2 && !istiods.is_empty() {
        let mut behind = Vec::new();
        for istiod in istiods {
            match look(istiod).await {
                Ok(proxies) => behind.extend(proxies),
                Err(why) => behind.push(format!("{} ({})", without_user(istiod), said(&why))),
            }
        }
        looks = if behind.is_empty() { looks + 1 } else { 0 };
        if !behind.is_empty() && told.elapsed() > LONG {
            told = Instant::now();
            let more = behind.len().saturating_sub(NAMED);
            behind.truncate(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            tell(format!(
                "no acknowledgement yet from {}{more}; a resume without `--istiod` waits for none",
                behind.join(", ")
            ));
        }
        sleep(PAUSE).await;
    }
}

/// The proxies that have not acknowledged everything that they were sent.
async fn look(istiod: &str) -> Result<Vec<String>, String> {
    let url = format!("{}/debug/syncz", istiod.trim_end_matches('/'));
    let asked = Asked { method: "GET".to_owned(), url, headers: Vec::new(), body: String::new() };
    let answer = http::ask(&asked, Duration::from_secs(10)).await?;
    if !answer.is_success() {
        return Err(format!("it answered {}", answer.status));
    }
    behind(&answer.body)
}

fn behind(body: &str) -> Result<Vec<String>, String> {
    let proxies: Vec<Json> = serde_json::from_str(body).map_err(|_| "its answer is not that of istiod".to_owned())?;
    let name = |proxy: &Json| proxy.get("proxy").and_then(Json::as_str).map_or_else(|| "a proxy".to_owned(), said);
    Ok(proxies.iter().filter(|proxy| !is_acknowledged(proxy)).map(name).collect())
}

/// Newer versions of istiod list every type under `resources`, older ones as `cluster_sent` and `cluster_acked`.
fn is_acknowledged(proxy: &Json) -> bool {
    let text = |value: Option<&Json>| value.and_then(Json::as_str).unwrap_or_default().to_owned();
    let Some(fields) = proxy.as_object() else { return false };
    let resources = proxy.get("resources").and_then(Json::as_object);
    let are_flat = fields.iter().filter_map(|(name, sent)| Some((name.strip_suffix("_sent")?, sent)));
    are_flat.into_iter().all(|(name, sent)| text(Some(sent)) == text(fields.get(&format!("{name}_acked"))))
        && resources.into_iter().flatten().all(|(_, status)| text(status.get("sent")) == text(status.get("acked")))
}

#[cfg(test)]
mod tests {
    use super::behind;

    #[test]
    fn whoever_has_not_acknowledged_all_is_behind() {
        let flat = r#"[{"proxy":"a","cluster_sent":"1","cluster_acked":"1"},{"proxy":"b","route_sent":"2"}]"#;
        assert_eq!(behind(flat), Ok(vec!["b".to_owned()]));
        let listed = r#"[{"proxy":"a","resources":{"EDS":{"sent":"1","acked":"1"},"CDS":{"sent":"2","acked":"1"}}},
            {"proxy":"b","resources":{"EDS":{"sent":"1","acked":"1"}}}]"#;
        assert_eq!(behind(listed), Ok(vec!["a".to_owned()]));
        assert_eq!(behind("[]"), Ok(Vec::new()));
        assert!(behind("<html>").is_err());
    }
}
