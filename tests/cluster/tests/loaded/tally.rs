//! How many requests each version has answered, against what a state promises.

use std::time::Duration;

use test_cluster::{Counts, Failure, Load, Result};

/// How many requests a state is judged by at least.
const REQUESTS: u64 = 10_000;

/// Within so many standard deviations 99.9 % of honest measurements are.
const DEVIATIONS: f64 = 3.291;

pub(super) struct Tally {
    /// The revision of those pods that are not the rollout's.
    old: String,
    /// The revision that has come last.
    newest: Option<String>,
}

impl Tally {
    /// Waits for the first answers, which are from the old version.
    pub(super) async fn begin(load: &Load) -> Result<Tally> {
        for _ in 0..200 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let counts = load.take();
            if let (Some(old), true, true) =
                (counts.revisions.keys().next(), counts.errors.is_empty(), counts.unanswered == 0)
            {
                return Ok(Tally { old: old.clone(), newest: None });
            }
        }
        Err(Failure::new("Envoy does not answer"))
    }

    /// What came last is the old version from now on.
    pub(super) fn has_a_new_baseline(&mut self) {
        if let Some(newest) = self.newest.take() {
            self.old = newest;
        }
    }

    /// Since it was asked last nothing has failed, and nothing has reached a new pod where none was to have requests.
    pub(super) fn passes(&mut self, load: &Load, has_new: bool) -> Result<()> {
        let counts = load.take();
        self.see(&counts)?;
        if !has_new && self.to_new(&counts) > 0 {
            return Err(Failure::new(format!("a new pod was reached before the first weight: {counts:?}")));
        }
        Ok(())
    }

    /// Counts the answers of a state. One that is out of its bound is measured once more: of a thousand honest ones one is.
    pub(super) async fn measure(&mut self, load: &Load, state: &str, percent: u32) -> Result<()> {
        let mut words = String::new();
        for _ in 0..2 {
            let mut counts = Counts::default();
            while counts.revisions.values().sum::<u64>() < REQUESTS {
                tokio::time::sleep(Duration::from_millis(50)).await;
                let more = load.take();
                self.see(&more)?;
                for (revision, number) in more.revisions {
                    *counts.revisions.entry(revision).or_default() += number;
                }
            }
            let (all, new) = (counts.revisions.values().sum::<u64>(), self.to_new(&counts));
            let share = f64::from(percent) / 100.0;
            let (all, new) = (f64::from(u32::try_from(all)?), f64::from(u32::try_from(new)?));
            let bound = DEVIATIONS * (all * share * (1.0 - share)).sqrt();
            words = format!(
                "{state:<16} {percent:>3} %: {all} requests, {new} to new pods, {:.2} %, within {:.2} %",
                100.0 * new / all,
                100.0 * bound / all
            );
            println!("{words}");
            if (new - all * share).abs() <= bound {
                return Ok(());
            }
        }
        Err(Failure::new(words))
    }

    fn see(&mut self, counts: &Counts) -> Result<()> {
        if let Some(newest) = counts.revisions.keys().find(|revision| **revision != self.old) {
            self.newest = Some(newest.clone());
        }
        if counts.errors.is_empty() && counts.unanswered == 0 {
            return Ok(());
        }
        Err(Failure::new(format!("requests have failed: {counts:?}")))
    }

    fn to_new(&self, counts: &Counts) -> u64 {
        counts.revisions.iter().filter(|(revision, _)| **revision != self.old).map(|(_, number)| number).sum()
    }
}
