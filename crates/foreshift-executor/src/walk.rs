//! The walk: write by write through a plan, gate by gate, and back where it has to turn round.

mod approval;
mod back;
mod before;
mod book;
mod expected;
mod gate;
mod guard;
mod hand_over;
mod made;
mod pods;
mod release;
mod secret;
mod sides;
mod size;
mod write;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use foreshift_core::kubernetes::Key;
use foreshift_core::plan::{Back, Gate, Plan, Step};
use foreshift_core::secret::Vault;
use foreshift_core::value::Value;
use tokio::sync::watch;

pub(crate) use approval::role_sets;
pub(crate) use book::{Book, remove, secret, unsealed};
pub(crate) use hand_over::with_manifest;
pub(crate) use pods::{controller, is_ready, labels_in, service_of};
pub(crate) use release::released;

use crate::cluster::{At, Cluster, Json, Kind};
use crate::course::{Course, Leg, traffic_keys, versions};
use crate::gate::Outside;
use crate::lease::Leases;
use crate::record::{Cursor, Direction, GateAt, Phase};
use crate::report::{Event, Report};
use crate::said;
use crate::stop::{Outcome, Stop, StopKind};
use crate::view::View;
use expected::Stretch;
use guard::Interrupt;

/// How a walk is done.
#[derive(Clone)]
pub struct Options {
    /// How long every proxy is given to learn of a write.
    pub settle: Duration,
    /// How long a Lease is held without being renewed.
    pub lease: Duration,
    /// How long a request that may work later is made again.
    pub patience: Duration,
    /// Whether to end at the next approval and leave the rest to a resume.
    pub detach: bool,
    /// Where webhooks and metrics are.
    pub outside: Rc<Outside>,
    /// The target's account, for templates.
    pub account: Option<String>,
    /// Becomes true when the walk is to stop behind the write that it is at.
    pub cancelled: watch::Receiver<bool>,
}

/// A plan that is being walked.
pub(crate) struct Walk<'a, C> {
    pub(crate) cluster: &'a C,
    pub(crate) plan: &'a Plan,
    pub(crate) view: &'a View,
    /// What stands behind the masks of the plan's Secrets.
    vault: &'a Vault,
    pub(crate) book: &'a Book<'a, C>,
    pub(crate) leases: &'a Leases<'a, C>,
    pub(crate) options: &'a Options,
    pub(crate) report: Report<'a>,
    /// The run's id.
    pub(crate) run: String,
    /// What each VirtualService and DestinationRule may be at this moment.
    expected: RefCell<BTreeMap<Rc<Key>, Vec<Value>>>,
    /// Everything that the plan ever has for each of them.
    versions: BTreeMap<Rc<Key>, Vec<Value>>,
    /// Whether the new pods have been Ready once, and are to stay so.
    is_watching: Cell<bool>,
    /// Whether there is a way back for somebody who asks for it.
    may_turn: Cell<bool>,
    /// Which part of the way it is on, as far as others may not come between.
    stretch: Cell<Stretch>,
    /// Whether what is ours is taken whoever wrote there: on a way out that somebody asked for.
    is_insisting: Cell<bool>,
    /// Whether it goes by the record alone, and nobody's own files.
    is_alone: bool,
    /// Whether another process has walked it before.
    is_resumed: bool,
    /// What was told already that is worth telling once.
    told: RefCell<BTreeSet<String>>,
    /// The Secrets that approvals were answered in.
    approvals: RefCell<BTreeMap<At, Json>>,
    /// Kinds that the cluster was asked about.
    kinds: RefCell<Vec<Kind>>,
}

/// Why a way was left.
enum Turn {
    /// It has to go back, and why.
    Back { from: usize, why: String },
    /// It ended here.
    Ended(Outcome),
}

impl<'a, C: Cluster> Walk<'a, C> {
    pub(crate) fn new(
        (cluster, plan, view): (&'a C, &'a Plan, &'a View),
        vault: &'a Vault,
        book: &'a Book<'a, C>,
        leases: &'a Leases<'a, C>,
        (options, is_resumed, is_alone): (&'a Options, bool, bool),
        report: Report<'a>,
    ) -> Walk<'a, C> {
        let (expected, kinds, told, approvals) = Default::default();
        let (is_watching, may_turn, is_insisting, stretch) = Default::default();
        let run = book.record().run.id;
        let versions = traffic_keys(plan).into_iter().map(|key| (Rc::clone(&key), versions(plan, &key))).collect();
        Walk {
            cluster,
            plan,
            view,
            vault,
            book,
            leases,
            options,
            report,
            run,
            expected,
            versions,
            is_watching,
            may_turn,
            stretch,
            is_insisting,
            is_alone,
            is_resumed,
            told,
            approvals,
            kinds,
        }
    }

    /// Begins the rollout, and walks it to an end.
    pub(crate) async fn begin(&self) -> Result<Outcome, Stop> {
        self.check_before().await?;
        let course = Course::new(self.plan, Direction::Forward);
        // A gate before the first write is waited for first, and is nothing that a write was announced behind.
        let announced = if course.start.is_empty() { course.announces(0) } else { 0 };
        self.book.begin(announced).await?;
        self.walk().await
    }

    /// Goes on with a rollout that somebody else, or an earlier process, has begun.
    pub(crate) async fn go_on(&self) -> Result<Outcome, Stop> {
        let cursor = self.book.cursor();
        self.check_cursor(&cursor)?;
        let state = cursor.done + cursor.announced;
        // Where there is no way back, the rest of the way is the way out, and nothing that others did may close it.
        self.is_insisting.set(cursor.direction == Direction::Forward && self.plan.back(state) == Back::Forward);
        self.walk().await
    }

    /// Walks from where the record says to an end.
    async fn walk(&self) -> Result<Outcome, Stop> {
        let Cursor { mut direction, done, announced, .. } = self.book.cursor();
        if let Some(asked) = self.asked_to_turn(direction, done + announced) {
            direction = self.turn_round(done + announced, &asked).await?;
        }
        loop {
            let course = Course::new(self.plan, direction);
            match self.way(&course, self.caught_up(&course), direction).await? {
                Turn::Ended(outcome) => return Ok(outcome),
                Turn::Back { from, why } => direction = self.turn_round(from, &why).await?,
            }
        }
    }

    /// From the first `done` writes of a way to its end.
    async fn way(&self, course: &Course<'_>, done: usize, direction: Direction) -> Result<Turn, Stop> {
        self.say(&Event::Begun {
            run: self.run.clone(),
            writes: course.legs.len(),
            done,
            direction: if direction == Direction::Forward { "forward" } else { "back" },
        });
        self.expect(course, done, done);
        let cursor = self.book.cursor();
        self.is_watching.set(direction == Direction::Forward && Self::were_ready(course, done));
        let mut first_gate = cursor.gate.filter(|_| cursor.direction == direction && cursor.done == done);
        // What was announced may be made: it is asked for again first, its gates come after it.
        if !self.is_announced(done)
            && let Some(turn) = self.wait(course, done, first_gate.take()).await?
        {
            return Ok(turn);
        }
        for (index, leg) in course.legs.iter().enumerate().skip(done) {
            if *self.options.cancelled.borrow() {
                return Err(interrupted());
            }
            if let Some(why) = self.before_leg(course, *leg).await? {
                return Ok(Turn::Back { from: course.state(index), why });
            }
            self.leg(course, index, *leg).await?;
            if let Some(turn) = self.wait(course, index + 1, None).await? {
                return Ok(turn);
            }
        }
        self.end(direction).await.map(Turn::Ended)
    }

    /// Whether the record says that the write `index` may be made.
    fn is_announced(&self, index: usize) -> bool {
        self.book.cursor().may_be_made().contains(&index)
    }

    async fn leg(&self, course: &Course<'_>, index: usize, leg: Leg<'_>) -> Result<(), Stop> {
        if !self.is_announced(index) {
            let announced = course.announces(index);
            self.book
                .write(|record| {
                    record.cursor.done = index;
                    record.cursor.announced = announced;
                    record.cursor.gate = None;
                })
                .await?;
        }
        let weight = match leg.step {
            Step::SetWeight(weight) => Some(weight.percent()),
            _ => None,
        };
        let object = leg.write.key.to_string();
        self.say(&Event::Writing { write: index + 1, step: leg.step.kind(), object, weight });
        if !leg.has_way_back {
            // From here on the new pods are all that there is: what becomes of them no way back could mend.
            self.is_watching.set(false);
            self.may_turn.set(false);
        }
        self.expect(course, index, index + 1);
        let was_there = self.carry_out(course, index, leg).await?;
        self.expect(course, index + 1, index + 1);
        self.say(&Event::Written { write: index + 1, was_there });
        Ok(())
    }

    /// Waits for every gate behind the first `done` writes.
    async fn wait(&self, course: &Course<'_>, done: usize, from: Option<GateAt>) -> Result<Option<Turn>, Stop> {
        let is_forward = self.book.cursor().direction == Direction::Forward;
        self.may_turn.set(is_forward && self.plan.back(course.state(done)) != Back::Forward);
        let first = from.as_ref().map_or(0, |gate| gate.index);
        for (index, gate) in course.gates(done).iter().enumerate().skip(first) {
            let since = from.as_ref().filter(|from| from.index == index).map(|from| from.since.clone());
            match self.hold(course, done, index, gate, since).await? {
                None => self.say(&Event::Held { gate: gate.kind() }),
                Some(Interrupt::Stop(stop)) => return Err(stop),
                Some(Interrupt::Detach(what)) => return Ok(Some(Turn::Ended(Outcome::Detached(what)))),
                Some(Interrupt::Turn(why)) => {
                    return Ok(Some(Turn::Back { from: course.state(done), why }));
                }
            }
            if matches!(gate, Gate::Ready { .. }) && course.legs.get(done).is_some_and(|next| next.has_way_back) {
                self.is_watching.set(Self::were_ready(course, done));
            }
        }
        Ok(None)
    }

    /// Whether the new pods have been waited for once `done` writes are made and their gates held.
    fn were_ready(course: &Course<'_>, done: usize) -> bool {
        let made = |leg: &Leg<'_>| matches!(leg.step, Step::CreateReplicaSet { .. });
        let last = course.legs.iter().rposition(made);
        let is_back = course.legs.get(done.saturating_sub(1)).is_some_and(|leg| leg.has_way_back);
        last.is_some_and(|last| done > last) && is_back
    }

    /// What somebody asked for, where there is a way back from the state.
    fn asked_to_turn(&self, direction: Direction, state: usize) -> Option<String> {
        let asked = self.book.record().asked?;
        let is_possible = direction == Direction::Forward && self.plan.back(state) != Back::Forward;
        is_possible.then(|| format!("{} asked for it", asked.by))
    }

    async fn turn_round(&self, from: usize, why: &str) -> Result<Direction, Stop> {
        let from = self.last_way_back(from, why).await?;
        let direction = Direction::Back { from };
        self.say(&Event::TurningRound { why: why.to_owned(), from });
        self.is_watching.set(false);
        self.book
            .write(|record| {
                record.cursor.direction = direction;
                record.cursor.done = 0;
                record.cursor.announced = 0;
                record.cursor.gate = None;
                record.cursor.why = said(why);
            })
            .await?;
        Ok(direction)
    }

    async fn end(&self, direction: Direction) -> Result<Outcome, Stop> {
        self.release().await?;
        // Before the record says that it has ended: from then on nobody would come back for them.
        if self.is_resumed {
            self.leases.tidy().await;
        }
        self.leases.give().await;
        let phase = if direction == Direction::Forward { Phase::Done } else { Phase::Aborted };
        let revisions: Vec<String> = self
            .plan
            .workloads
            .iter()
            .map(|workload| format!("{} {}", workload.deployment.name, workload.canary))
            .collect();
        self.book.write(|record| record.end(phase, revisions.clone())).await?;
        self.close_approvals().await?;
        self.book.drop_key().await?;
        Ok(self.book.record().outcome())
    }

    /// Tells something that deserves a look, once.
    fn note_once(&self, words: String) {
        if self.told.borrow_mut().insert(words.clone()) {
            self.say(&Event::Note { words });
        }
    }

    fn say(&self, event: &Event) {
        (self.report)(&self.plan.target, event);
    }
}

fn interrupted() -> Stop {
    Stop::new(StopKind::Interrupted, "interrupted; what is written stays as it is")
        .help("`foreshift resume` goes on, `foreshift abort` takes it back")
}

pub(crate) fn no_way_back(why: &str) -> Stop {
    Stop::new(StopKind::OffPlan, format!("{why}, and there is no way back any more: the new version has every request"))
        .help("mend it and `foreshift resume`")
}
