//! What annotations of a pod ask of it.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;

use crate::failure::{Failure, Result};

/// When it becomes Ready: a time such as `300ms` or `5s` after its start, or `never`.
const READY_AFTER: &str = "foreshift.test/ready-after";
/// When it stops to be Ready and answers 503: a time after it became Ready.
const FAILS_AFTER: &str = "foreshift.test/fails-after";
/// How long it goes on answering when it is deleted; at most its grace period.
const STOPS_AFTER: &str = "foreshift.test/stops-after";

/// How a pod behaves.
#[derive(Debug, PartialEq)]
pub(super) struct Behaviour {
    pub(super) ready_after: Option<Duration>,
    pub(super) fails_after: Option<Duration>,
    pub(super) stops_after: Duration,
}

impl Behaviour {
    /// By default a pod is Ready after 200 ms for ever, and answers for a second after its deletion: time to leave a mesh,
    /// as a well-behaved server gives it.
    pub(super) fn of(pod: &Pod) -> Result<Behaviour> {
        let none = BTreeMap::new();
        let annotations = pod.metadata.annotations.as_ref().unwrap_or(&none);
        let time = |name: &str| annotations.get(name).map(|text| duration(name, text)).transpose();
        let ready_after = match annotations.get(READY_AFTER).map(String::as_str) {
            Some("never") => None,
            _ => Some(time(READY_AFTER)?.unwrap_or(Duration::from_millis(200))),
        };
        let stops_after = time(STOPS_AFTER)?.unwrap_or(Duration::from_secs(1));
        Ok(Behaviour { ready_after, fails_after: time(FAILS_AFTER)?, stops_after })
    }
}

fn duration(name: &str, text: &str) -> Result<Duration> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 1),
        None => (text.strip_suffix('s').unwrap_or_default(), 1000),
    };
    let number: u64 =
        number.parse().map_err(|_| Failure::new(format!("{name}: `{text}` is no time such as `300ms` or `5s`")))?;
    Ok(Duration::from_millis(number.saturating_mul(unit)))
}

#[cfg(test)]
mod tests {
    use super::{Behaviour, Duration, FAILS_AFTER, Pod, READY_AFTER};

    #[test]
    fn annotations_are_read_and_wrong_ones_refused() {
        let with = |entries: &[(&str, &str)]| {
            let mut pod = Pod::default();
            let entries = entries.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
            pod.metadata.annotations = Some(entries.collect());
            Behaviour::of(&pod)
        };
        let default = with(&[]).expect("no annotation is needed");
        assert_eq!(default.ready_after, Some(Duration::from_millis(200)));
        assert_eq!(with(&[(READY_AFTER, "never")]).expect("a word").ready_after, None);
        let failing = with(&[(READY_AFTER, "2s"), (FAILS_AFTER, "150ms")]).expect("two times");
        assert_eq!(failing.ready_after, Some(Duration::from_secs(2)));
        assert_eq!(failing.fails_after, Some(Duration::from_millis(150)));
        assert!(with(&[(FAILS_AFTER, "soon")]).is_err());
        assert!(with(&[(FAILS_AFTER, "5")]).is_err());
    }
}
