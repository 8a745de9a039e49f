//! Analyses: queries judged at the end of each interval, as often as the config says.
//!
//! Run k looks at its time when k intervals have passed since the analysis began: at the last interval, or with
//! `lookbackMethod: growing` at all of them. A run that nobody made in time, because the rollout was being resumed, is
//! made up for: Prometheus is asked for the moment that it should have looked at. Where there is no number – no series,
//! several, `NaN`, no answer until the next run is due – the run has failed, and with it the analysis.

use std::time::Duration;

use foreshift_core::config::{Analysis, Lookback, Mode, Query};
use foreshift_core::judgment::{Decision, Run, decide, fault};
use jiff::{SignedDuration, Timestamp};
use tokio::time::sleep;

use super::outside::fill;
use super::prometheus::{self, Fault};
use super::{Begun, Facts, Measured, Outside, Progress, Verdict, Whether};

/// The longest that one answer of a metric provider may take.
const ANSWER: Duration = Duration::from_secs(30);

/// Waits for an analysis and judges it. `note` is told of each run before the next one begins.
///
/// # Errors
///
/// Those of `note`.
pub async fn hold<E>(
    analysis: &Analysis,
    (outside, facts): (&Outside, &Facts),
    begun: &Begun,
    mut note: impl AsyncFnMut(Progress) -> Result<(), E>,
) -> Result<Verdict, E> {
    if outside.asked == Whether::Simulated {
        let names = analysis.queries.iter().map(|query| format!("`{}`", query.name.value));
        let whom = format!("the metric provider of {}", names.collect::<Vec<_>>().join(", "));
        note(Progress::NotAsked { whom }).await?;
        return Ok(passed(analysis));
    }
    let numbers = |run: &Vec<Option<String>>| -> Run {
        run.iter().map(|text| text.as_deref().and_then(prometheus::value)).collect()
    };
    let mut runs: Vec<Run> = begun.runs.iter().map(numbers).collect();
    loop {
        match decide(analysis, &runs) {
            Decision::Open => {}
            Decision::Passed => return Ok(passed(analysis)),
            Decision::Failed(why) => return Ok(failed(analysis, why)),
        }
        let index = u32::try_from(runs.len()).unwrap_or(u32::MAX);
        let window = Window::of(analysis, begun.since, index);
        sleep(until(window.end)).await;
        let measured = measure(analysis, outside, facts, &window).await;
        let run: Vec<Option<String>> = measured.iter().map(|measured| measured.value.clone()).collect();
        // A reason that the provider gave says more than that there is no number.
        let reason = measured.iter().find(|measured| measured.value.is_none()).and_then(|measured| {
            measured
                .fault
                .as_ref()
                .map(|fault| format!("`{}` had no number in run {}: {fault}", measured.query, index + 1))
        });
        note(Progress::Judged { run: index + 1, of: analysis.judgment_runs, measured }).await?;
        runs.push(numbers(&run));
        if let Some(why) = reason {
            return Ok(failed(analysis, why));
        }
    }
}

fn passed(analysis: &Analysis) -> Verdict {
    match analysis.roll_forward {
        Mode::Automatic => Verdict::Holds,
        Mode::Manual => Verdict::Ask { forward: true, why: "every query is within its limits".to_owned() },
    }
}

fn failed(analysis: &Analysis, why: String) -> Verdict {
    match analysis.roll_back {
        Mode::Automatic => Verdict::Failed { why },
        Mode::Manual => Verdict::Ask { forward: false, why },
    }
}

/// The time that a run looks at.
struct Window {
    start: Timestamp,
    end: Timestamp,
    /// When the next run is due.
    next: Timestamp,
}

impl Window {
    fn of(analysis: &Analysis, since: Timestamp, index: u32) -> Window {
        let interval = SignedDuration::from_secs(i64::from(analysis.interval_seconds));
        let after =
            |count: u32| since.saturating_add(interval.saturating_mul(i32::try_from(count).unwrap_or(i32::MAX)));
        let after = |count: u32| after(count).unwrap_or(Timestamp::MAX);
        let start = match analysis.lookback {
            Some(Lookback::Growing) => since,
            Some(Lookback::Sliding) | None => after(index),
        };
        Window { start, end: after(index.saturating_add(1)), next: after(index.saturating_add(2)) }
    }

    /// What a query's template can say of it.
    fn variable(&self, name: &str) -> Option<String> {
        let length = self.end.duration_since(self.start);
        let millis = |time: Timestamp| time.as_millisecond().to_string();
        let whole = |time: Timestamp| time.as_second().to_string();
        // Without fractions: some metric providers read none.
        let iso = |time: Timestamp| Timestamp::from_second(time.as_second()).unwrap_or(time).to_string();
        Some(match name {
            "armory.startTimeIso8601" => iso(self.start),
            "armory.endTimeIso8601" => iso(self.end),
            "armory.startTimeEpochSeconds" => whole(self.start),
            "armory.endTimeEpochSeconds" => whole(self.end),
            "armory.startTimeEpochMillis" => millis(self.start),
            "armory.endTimeEpochMillis" => millis(self.end),
            "armory.intervalSeconds" => length.as_secs().to_string(),
            "armory.intervalMillis" => length.as_millis().to_string(),
            "armory.promQlStepInterval" => format!("{}s", length.as_secs()),
            _ => return None,
        })
    }
}

async fn measure(analysis: &Analysis, outside: &Outside, facts: &Facts, window: &Window) -> Vec<Measured> {
    let one = |query| one(analysis, query, (outside, facts), window);
    futures_util::future::join_all(analysis.queries.iter().map(|query| one(query))).await
}

async fn one(analysis: &Analysis, query: &Query, outside: (&Outside, &Facts), window: &Window) -> Measured {
    let name = query.name.value.clone();
    match number(analysis, query, outside, window).await {
        Ok(text) => match prometheus::value(&text) {
            Some(value) if !value.is_nan() => Measured { fault: fault(query, value), query: name, value: Some(text) },
            _ => Measured { query: name, value: None, fault: Some(outside.0.said(&format!("it is {text}"))) },
        },
        Err(why) => Measured { query: name, value: None, fault: Some(outside.0.said(&why)) },
    }
}

/// What a query returns, asked again where that may help until the next run is due.
async fn number(
    analysis: &Analysis,
    query: &Query,
    (outside, facts): (&Outside, &Facts),
    window: &Window,
) -> Result<String, String> {
    let provider = outside.providers.find(analysis.provider(query))?;
    let given = (facts, &analysis.context, &outside.secrets);
    let text = fill(&query.query_template, given, |name| window.variable(name))?;
    let interval = Duration::from_secs(u64::from(analysis.interval_seconds));
    // A run that is made up for has as long as any other.
    let left = until(window.next).max(interval);
    let pause = (interval / 10).clamp(Duration::from_millis(100), Duration::from_secs(15));
    let deadline = tokio::time::Instant::now() + left;
    loop {
        match prometheus::query(provider, &text, window.end, left.min(ANSWER)).await {
            Ok(number) => return Ok(number),
            Err(Fault::Lasting(why)) => return Err(why),
            Err(Fault::Passing(why)) if tokio::time::Instant::now() + pause >= deadline => return Err(why),
            Err(Fault::Passing(_)) => sleep(pause).await,
        }
    }
}

fn until(time: Timestamp) -> Duration {
    Duration::try_from(time.duration_since(Timestamp::now())).unwrap_or_default()
}
