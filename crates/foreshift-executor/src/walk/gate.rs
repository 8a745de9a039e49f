//! Gates: what has to hold before the next write.

use std::collections::BTreeMap;
use std::time::Duration;

use foreshift_core::plan::{Gate, Step, Workload};
use foreshift_core::render::words;
use jiff::Timestamp;
use tokio::time::sleep;

use super::approval::{Asked, asked};
use super::guard::Interrupt;
use super::{Walk, interrupted, pods};
use crate::cluster::Cluster;
use crate::course::Course;
use crate::gate::{self, Address, Begun, Facts, Progress, Verdict};
use crate::record::{Direction, GateAt, gate_name};
use crate::report::Event;
use crate::stop::{Stop, StopKind};
use crate::view::View;

/// How long pods may take to end before they are named.
const NAMED: Duration = Duration::from_secs(5);

impl<C: Cluster> Walk<'_, C> {
    /// Waits for a gate, with an eye on everything else. `None` once it holds.
    pub(super) async fn hold(
        &self,
        course: &Course<'_>,
        done: usize,
        index: usize,
        gate: &Gate,
        since: Option<String>,
    ) -> Result<Option<Interrupt>, Stop> {
        let since = match since {
            Some(since) => since,
            None => self.begin_gate(done, index, gate).await?,
        };
        let passed = elapsed(&since);
        let name = gate_name(done, index);
        let interrupt = tokio::select! {
            biased;
            interrupt = self.watch_over() => Some(interrupt),
            () = self.cancelled() => Some(Interrupt::Stop(interrupted())),
            held = self.one(course, done, &name, gate, passed) => held.err(),
        };
        Ok(interrupt)
    }

    pub(super) async fn cancelled(&self) {
        let mut cancelled = self.options.cancelled.clone();
        if cancelled.wait_for(|is_cancelled| *is_cancelled).await.is_err() {
            // There is nobody any more who could.
            std::future::pending::<()>().await;
        }
    }

    /// Writes down when a gate that takes its time began, so that a resume does not begin it again.
    async fn begin_gate(&self, done: usize, index: usize, gate: &Gate) -> Result<String, Stop> {
        let since = Timestamp::now().to_string();
        if takes_time(gate) {
            self.book
                .write(|record| {
                    record.cursor.done = done;
                    record.cursor.announced = 0;
                    record.cursor.gate = Some(GateAt { index, since: since.clone(), begun: BTreeMap::new() });
                })
                .await?;
        }
        Ok(since)
    }

    fn say_waiting(&self, done: usize, name: &str, gate: &Gate, passed: Duration) {
        let seconds = match gate {
            Gate::Duration { seconds } => Some(u64::from(*seconds).saturating_sub(passed.as_secs())),
            Gate::Settled => Some(self.options.settle.as_secs()),
            _ => None,
        };
        let approval = matches!(gate, Gate::Approval { .. }).then(|| name.to_owned());
        let words = words::gates(std::slice::from_ref(gate));
        self.say(&Event::Waiting { write: done, gate: gate.kind(), words, approval, seconds });
    }

    async fn one(
        &self,
        course: &Course<'_>,
        done: usize,
        name: &str,
        gate: &Gate,
        passed: Duration,
    ) -> Result<(), Interrupt> {
        if !matches!(gate, Gate::All(_) | Gate::Approval { .. }) {
            self.say_waiting(done, name, gate, passed);
        }
        if self.is_alone && matches!(gate, Gate::Webhook(_) | Gate::Analysis(_)) {
            let message = "a record alone asks no webhook and no metric provider";
            return Err(Interrupt::Stop(
                Stop::new(StopKind::Input, message).help("give the config: `foreshift resume deploy.yaml`"),
            ));
        }
        match gate {
            Gate::Settled => {
                self.settle().await;
                Ok(())
            }
            Gate::Duration { seconds } => {
                sleep(Duration::from_secs(u64::from(*seconds)).saturating_sub(passed)).await;
                Ok(())
            }
            Gate::Ready { timeout_seconds } => {
                let limit = Duration::from_secs(u64::from(*timeout_seconds));
                tokio::time::timeout(limit, self.ready(course, done))
                    .await
                    .map_err(|_| Interrupt::Turn("the pods were not Ready in time".to_owned()))
            }
            Gate::PodsGone => {
                self.pods_gone(course).await;
                Ok(())
            }
            Gate::Approval { requires_roles, expires_seconds } => {
                let limit =
                    expires_seconds.map(|seconds| Duration::from_secs(u64::from(seconds)).saturating_sub(passed));
                let asked = Asked { name, roles: requires_roles, words: asked(gate), limit };
                self.approval(asked, || self.say_waiting(done, name, gate, passed)).await
            }
            Gate::All(gates) => {
                let all = gates.iter().enumerate().map(|(index, gate)| {
                    let name = format!("{name}.{index}");
                    async move { Box::pin(self.one(course, done, &name, gate, passed)).await }
                });
                futures_util::future::try_join_all(all).await.map(|_| ())
            }
            Gate::Webhook(call) => {
                // Who knows it can answer for the webhook; after a resume it is the same.
                let since = self.book.cursor().gate.map(|gate| gate.since).unwrap_or_default();
                let id = self.book.token(&format!("callback {name} {since}"));
                let asked = (&*self.options.outside, &self.facts());
                let note = async |progress| self.note(name, progress).await;
                let verdict = gate::webhook::hold(call, asked, &id, &self.begun(name), note).await;
                self.judge(name, verdict).await
            }
            Gate::Analysis(analysis) => {
                let asked = (&*self.options.outside, &self.facts());
                let note = async |progress| self.note(name, progress).await;
                let verdict = gate::analysis::hold(analysis, asked, &self.begun(name), note).await;
                self.judge(name, verdict).await
            }
        }
    }

    /// Gives every proxy time to learn of the writes before.
    pub(super) async fn settle(&self) {
        let tell = |words| self.say(&Event::Note { words });
        gate::settled::settle(self.options.settle, &self.options.outside.istiods, tell).await;
    }

    /// How far a webhook or an analysis is, by the record.
    fn begun(&self, name: &str) -> Begun {
        let gate = self.book.cursor().gate;
        let since = gate.as_ref().and_then(|gate| gate.since.parse().ok());
        let mut known = gate.and_then(|mut gate| gate.begun.remove(name));
        if let Some(poll) = known.as_mut().and_then(|begun| begun.called.as_mut()?.poll.as_mut()) {
            *poll = Address::new(self.book.hidden(name).unwrap_or_default());
        }
        known.unwrap_or_else(|| Begun { since: since.unwrap_or_else(Timestamp::now), ..Begun::now() })
    }

    /// Writes down how far it is, and tells it.
    async fn note(&self, name: &str, progress: Progress) -> Result<(), Stop> {
        let mut begun = self.begun(name);
        begun.note(&progress);
        // What was filled into it may be a secret, and many may read the record.
        if let Some(poll) = begun.called.as_mut().and_then(|called| called.poll.as_mut()) {
            if *poll != Address::hidden() {
                self.book.hide(name, poll.reveal()).await?;
            }
            *poll = Address::hidden();
        }
        self.say(&Event::Asked { name: name.to_owned(), progress });
        self.book
            .write(|record| {
                if let Some(gate) = &mut record.cursor.gate {
                    gate.begun.insert(name.to_owned(), begun.clone());
                }
            })
            .await
    }

    /// What a webhook or an analysis has come to; where a person is to decide, after that.
    async fn judge(&self, name: &str, verdict: Result<Verdict, Stop>) -> Result<(), Interrupt> {
        match verdict.map_err(Interrupt::Stop)? {
            Verdict::Holds => Ok(()),
            Verdict::Failed { why } => Err(Interrupt::Turn(why)),
            Verdict::Ask { why, .. } => {
                let name = format!("{name}.ask");
                let asked = Asked { name: &name, roles: &[], words: why.clone(), limit: None };
                let words = why;
                let tell = || {
                    let approval = Some(name.clone());
                    self.say(&Event::Waiting {
                        write: 0,
                        gate: "approval",
                        words: words.clone(),
                        approval,
                        seconds: None,
                    });
                };
                self.approval(asked, tell).await
            }
        }
    }

    fn facts(&self) -> Facts {
        let application = self.book.record().run.application;
        Facts::of(self.plan, &application, &self.run, self.options.account.as_deref())
    }

    /// Every pod of every ReplicaSet and Deployment that the way has made so far.
    async fn ready(&self, course: &Course<'_>, done: usize) {
        let mut told = Vec::new();
        self.view
            .until(|view| {
                let mut counts = Vec::new();
                for leg in course.legs.iter().take(done) {
                    let key = &leg.write.key;
                    let ready = match leg.step {
                        Step::CreateReplicaSet { .. } => {
                            let index = self.plan.workloads.iter().position(|workload| workload.replica_set == *key);
                            index.map(|index| pods::of_new_revision(view, self.plan, index))
                        }
                        Step::Apply if key.group == "apps" && key.kind == "Deployment" => {
                            Some(view.get(key).map(|deployment| pods::of_deployment(&deployment)))
                        }
                        _ => None,
                    };
                    counts.extend(ready.map(|ready| (key.to_string(), ready)));
                }
                if counts != told {
                    for (object, ready) in counts.iter().filter(|count| !told.contains(count)) {
                        let (ready, wanted) = ready.map_or((0, 0), |ready| (ready.ready, ready.wanted));
                        self.say(&Event::Pods { object: object.clone(), ready, wanted });
                    }
                    told.clone_from(&counts);
                }
                counts.iter().all(|(_, ready)| ready.is_some_and(pods::Ready::is_full)).then_some(())
            })
            .await;
    }

    /// Waits for every pod that is on its way out, says which, and after the timeout what can be done about those that stay.
    async fn pods_gone(&self, course: &Course<'_>) {
        let is_forward = course.direction() == Direction::Forward;
        let leaving = |view: &View| -> Vec<String> {
            let pods = self.plan.workloads.iter().map(|workload| pods::leaving(view, self.plan, workload, is_forward));
            pods.flatten().collect()
        };
        let gone = self.view.until(|view| {
            let is_complete = |workload: &Workload| {
                view.get(&workload.deployment).is_some_and(|found| pods::of_deployment(&found).is_full())
            };
            let is_complete = !is_forward || self.plan.workloads.iter().all(is_complete);
            (leaving(view).is_empty() && is_complete).then_some(())
        });
        let mut gone = std::pin::pin!(gone);
        for (after, advice) in [
            (NAMED, ""),
            (
                self.timeout(),
                ": a pod of a lost node goes with `kubectl delete pod NAME --force`, one with a finalizer once that is taken off",
            ),
        ] {
            if tokio::time::timeout(after, &mut gone).await.is_ok() {
                return;
            }
            let names = leaving(self.view);
            let words = match names.as_slice() {
                [] => "waits until the Deployment has rolled out".to_owned(),
                names => format!("waits for the end of {}{advice}", names.join(", ")),
            };
            self.say(&Event::Note { words });
        }
        gone.await;
    }
}

/// Whether a gate waits for time or people, so that its beginning is worth a line in the record.
fn takes_time(gate: &Gate) -> bool {
    match gate {
        Gate::Ready { .. } | Gate::Settled | Gate::PodsGone => false,
        Gate::Duration { .. } | Gate::Approval { .. } | Gate::Analysis { .. } | Gate::Webhook { .. } => true,
        Gate::All(gates) => gates.iter().any(takes_time),
    }
}

fn elapsed(since: &str) -> Duration {
    let since: Option<Timestamp> = since.parse().ok();
    since.and_then(|since| Duration::try_from(Timestamp::now() - since).ok()).unwrap_or_default()
}
