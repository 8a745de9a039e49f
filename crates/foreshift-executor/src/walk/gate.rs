//! Gates: what has to hold before the next write.

use std::collections::BTreeMap;
use std::time::Duration;

use foreshift_core::plan::{Gate, Step};
use foreshift_core::render::words;
use jiff::Timestamp;
use tokio::time::sleep;

use super::guard::Interrupt;
use super::{Walk, interrupted, pods};
use crate::cluster::Cluster;
use crate::course::Course;
use crate::gate::{self, Begun, Facts, Progress, Verdict};
use crate::record::{Answer, Direction, GateAt, gate_name};
use crate::report::Event;
use crate::stop::Stop;
use crate::view::View;

/// Why a gate does not hold, and will not.
type Failed = String;

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

    async fn cancelled(&self) {
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
        if !matches!(gate, Gate::All(_)) {
            self.say_waiting(done, name, gate, passed);
        }
        match gate {
            Gate::Settled => {
                sleep(self.options.settle).await;
                let tell = |words| self.say(&Event::Note { words });
                gate::settled::acknowledged(&self.options.outside.istiods, tell).await;
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
                if self.options.detach && !self.is_answered(name, requires_roles) {
                    return Err(Interrupt::Detach(words::gates(std::slice::from_ref(gate))));
                }
                let limit =
                    expires_seconds.map(|seconds| Duration::from_secs(u64::from(seconds)).saturating_sub(passed));
                self.approval(name, requires_roles, limit).await.map_err(Interrupt::Turn)
            }
            Gate::All(gates) => {
                let all = gates.iter().enumerate().map(|(index, gate)| {
                    let name = format!("{name}.{index}");
                    async move { Box::pin(self.one(course, done, &name, gate, passed)).await }
                });
                futures_util::future::try_join_all(all).await.map(|_| ())
            }
            Gate::Webhook(call) => {
                // Who knows the name can answer for the webhook, so the run's secret name is a part of it.
                let id = format!("{}-{name}", self.run);
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

    /// How far a webhook or an analysis is, by the record.
    fn begun(&self, name: &str) -> Begun {
        let gate = self.book.cursor().gate;
        let since = gate.as_ref().and_then(|gate| gate.since.parse().ok());
        let known = gate.and_then(|mut gate| gate.begun.remove(name));
        known.unwrap_or_else(|| Begun { since: since.unwrap_or_else(Timestamp::now), ..Begun::now() })
    }

    /// Writes down how far it is, and tells it.
    async fn note(&self, name: &str, progress: Progress) -> Result<(), Stop> {
        let mut begun = self.begun(name);
        begun.note(&progress);
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
                if self.options.detach && !self.is_answered(&name, &[]) {
                    return Err(Interrupt::Detach(why));
                }
                self.say(&Event::Waiting {
                    write: 0,
                    gate: "approval",
                    words: why,
                    approval: Some(name.clone()),
                    seconds: None,
                });
                self.approval(&name, &[], None).await.map_err(Interrupt::Turn)
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

    async fn pods_gone(&self, course: &Course<'_>) {
        let is_forward = course.direction() == Direction::Forward;
        self.view
            .until(|view| {
                let is_gone = self.plan.workloads.iter().all(|workload| pods::leaving(view, workload, is_forward) == 0);
                let is_complete = |workload: &foreshift_core::plan::Workload| {
                    view.get(&workload.deployment).is_some_and(|found| pods::of_deployment(&found).is_full())
                };
                let is_complete = !is_forward || self.plan.workloads.iter().all(is_complete);
                (is_gone && is_complete).then_some(())
            })
            .await;
    }

    async fn approval(&self, name: &str, roles: &[String], limit: Option<Duration>) -> Result<(), Failed> {
        let answer = self.view.until(|view| self.answer(view, name, roles));
        let answer = match limit {
            None => answer.await,
            Some(limit) => {
                tokio::time::timeout(limit, answer).await.map_err(|_| "nobody approved in time".to_owned())?
            }
        };
        if answer.yes { Ok(()) } else { Err(format!("{} said no", answer.by)) }
    }

    /// The answer of somebody who may give it.
    fn answer(&self, view: &View, name: &str, roles: &[String]) -> Option<Answer> {
        let is_allowed = |answer: &Answer| roles.is_empty() || roles.iter().any(|role| answer.groups.contains(role));
        self.book.answer(view, name).filter(is_allowed)
    }

    fn is_answered(&self, name: &str, roles: &[String]) -> bool {
        self.answer(self.view, name, roles).is_some()
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
