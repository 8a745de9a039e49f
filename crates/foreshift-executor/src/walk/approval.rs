//! Approvals while walking: a Secret is opened for the answer, and watched until one is in it.

use std::time::Duration;

use foreshift_core::plan::{Gate, Plan};
use foreshift_core::render::words;
use futures_util::StreamExt as _;

use super::guard::Interrupt;
use super::{Walk, book};
use crate::approval::{self, Open};
use crate::cluster::{At, Cluster, Json, Listed, Mode, Reason, Scope, Seen};
use crate::patience::persist;
use crate::record::Answer;
use crate::rollout::is_of;
use crate::stop::Stop;
use crate::tree::text;

/// An approval as a gate asks for it.
pub(super) struct Asked<'a> {
    /// The gate's name.
    pub(super) name: &'a str,
    /// The groups that may give it; none where anybody may.
    pub(super) roles: &'a [String],
    /// What is asked, for a reader.
    pub(super) words: String,
    /// After how long the answer is no.
    pub(super) limit: Option<Duration>,
}

impl<C: Cluster> Walk<'_, C> {
    /// Waits for an answer; `tell` is called once somebody can give one.
    pub(super) async fn approval(&self, asked: Asked<'_>, tell: impl Fn()) -> Result<(), Interrupt> {
        let Asked { name, roles, words, limit } = asked;
        let since = self.book.cursor().gate.map(|gate| gate.since).unwrap_or_default();
        let open = Open { run: self.run.clone(), gate: name.to_owned(), since };
        let Some(at) = approval::place(self.book.place(), roles) else { return Ok(()) };
        let secret = self.open(&at, &open).await.map_err(Interrupt::Stop)?;
        tell();
        let given = approval::answer_of(&secret, &open).filter(|answer| is_of(answer, roles));
        let answer = match given {
            Some(answer) => answer,
            None if self.options.detach => return Err(Interrupt::Detach(words)),
            None => {
                let answered = self.answered(&at, &open, roles, secret);
                match limit {
                    None => answered.await?,
                    Some(limit) => tokio::time::timeout(limit, answered)
                        .await
                        .map_err(|_| Interrupt::Turn("nobody approved in time".to_owned()))??,
                }
            }
        };
        if answer.yes { Ok(()) } else { Err(Interrupt::Turn(format!("{} said no", answer.by))) }
    }

    /// The Secret, open for the answer of a gate: it may be already, from before a resume.
    async fn open(&self, at: &At, open: &Open) -> Result<Json, Stop> {
        let failed = |error| Stop::refused("the approval cannot be waited for", &error);
        let mut there = self.approvals.borrow().get(at).cloned();
        loop {
            if let Some(there) = there.as_ref().filter(|there| approval::open_of(there).as_ref() == Some(open)) {
                self.approvals.borrow_mut().insert(at.clone(), there.clone());
                return Ok(there.clone());
            }
            let opened = approval::opened(at, open, there.as_ref());
            let written = persist(self.options.patience, async || match &there {
                Some(_) => self.cluster.replace(at, &opened, Mode::Real).await,
                None => self.cluster.create(at, &opened, Mode::Real).await,
            });
            match written.await {
                Ok(written) => {
                    self.approvals.borrow_mut().insert(at.clone(), written.clone());
                    return Ok(written);
                }
                Err(error) if matches!(error.reason, Reason::Conflict | Reason::Exists | Reason::NotFound) => {
                    let found = persist(self.options.patience, async || self.cluster.get(at).await).await;
                    there = found.map_err(failed)?;
                }
                Err(error) => return Err(failed(error)),
            }
        }
    }

    async fn answered(&self, at: &At, open: &Open, roles: &[String], mut secret: Json) -> Result<Answer, Interrupt> {
        let scope = Scope::one(at);
        loop {
            let version = text(&secret, "/metadata/resourceVersion").to_owned();
            let mut told = self.cluster.watch(&scope, Some(Listed { objects: vec![secret.clone()], version }));
            while let Some(seen) = told.next().await {
                let found = match seen {
                    Ok(Seen::One(object)) => Some(object),
                    Ok(Seen::All(objects)) => objects.into_iter().next(),
                    Ok(Seen::Gone(_)) => None,
                    Err(error) if error.is_passing() => continue,
                    Err(error) => {
                        return Err(Interrupt::Stop(Stop::refused("answers cannot be watched", &error)));
                    }
                };
                let Some(found) = found.filter(|found| approval::open_of(found).as_ref() == Some(open)) else { break };
                if let Some(answer) = approval::answer_of(&found, open).filter(|answer| is_of(answer, roles)) {
                    self.approvals.borrow_mut().insert(at.clone(), found);
                    return Ok(answer);
                }
            }
            // Somebody has removed it, or written over it: it is opened again.
            self.approvals.borrow_mut().remove(at);
            secret = self.open(at, open).await.map_err(Interrupt::Stop)?;
        }
    }

    /// Removes the Secrets of answers: nothing is waited for any more.
    pub(super) async fn close_approvals(&self) -> Result<(), Stop> {
        for roles in role_sets(self.plan) {
            let Some(at) = approval::place(self.book.place(), &roles) else { continue };
            let known = self.approvals.borrow_mut().remove(&at);
            let there = match known {
                Some(known) => Some(known),
                // Another process may have opened it before this one went on.
                None if self.is_resumed => {
                    let found = persist(self.options.patience, async || self.cluster.get(&at).await).await;
                    found.map_err(|error| Stop::refused(&format!("{at} cannot be read"), &error))?
                }
                None => None,
            };
            if let Some(there) = there {
                book::remove(self.cluster, (&at, &there), self.options.patience).await?;
            }
        }
        Ok(())
    }
}

/// The sets of roles that a plan's approvals ask for, each once.
pub(crate) fn role_sets(plan: &Plan) -> Vec<Vec<String>> {
    let mut sets: Vec<Vec<String>> = Vec::new();
    let gates = plan.start.gates.iter().chain(plan.stages.iter().flat_map(|stage| &stage.gates));
    gates.for_each(|gate| collect(gate, &mut sets));
    sets
}

fn collect(gate: &Gate, sets: &mut Vec<Vec<String>>) {
    let mut add = |roles: &[String]| {
        let mut roles = roles.to_vec();
        roles.sort();
        if !sets.contains(&roles) {
            sets.push(roles);
        }
    };
    match gate {
        Gate::Approval { requires_roles, .. } => add(requires_roles),
        // What it has found may be for a person to decide.
        Gate::Analysis(_) => add(&[]),
        Gate::All(gates) => gates.iter().for_each(|gate| collect(gate, sets)),
        Gate::Ready { .. } | Gate::Settled | Gate::PodsGone | Gate::Duration { .. } | Gate::Webhook(_) => {}
    }
}

/// What an approval asks, for a reader.
pub(super) fn asked(gate: &Gate) -> String {
    words::gates(std::slice::from_ref(gate))
}
