//! Keeping the record while walking: every entry on the version that was seen, so that two walkers cannot both write.

use std::cell::RefCell;
use std::time::Duration;

use foreshift_core::kubernetes::Key;

use crate::cluster::{At, Cluster, Json, Mode, Reason};
use crate::patience::persist;
use crate::record::{Answer, Cursor, Record};
use crate::stop::{Stop, StopKind};
use crate::tree::put;
use crate::view::View;

/// The record of the rollout that is walked.
pub(crate) struct Book<'a, C> {
    cluster: &'a C,
    view: &'a View,
    place: At,
    key: Key,
    patience: Duration,
    record: RefCell<Record>,
}

impl<'a, C: Cluster> Book<'a, C> {
    pub(crate) fn new(cluster: &'a C, view: &'a View, place: At, record: Record, patience: Duration) -> Book<'a, C> {
        Book { cluster, view, key: place.key(), place, patience, record: RefCell::new(record) }
    }

    /// The record as it was last written.
    pub(crate) fn record(&self) -> Record {
        self.record.borrow().clone()
    }

    /// How far the rollout has come, as it was last written.
    pub(crate) fn cursor(&self) -> Cursor {
        self.record.borrow().cursor.clone()
    }

    /// What others wrote into the record since.
    pub(crate) fn said(&self, view: &View) -> Option<Record> {
        Record::read(&view.get(&self.key)?).ok()
    }

    /// The answer to an approval, if somebody gave one.
    pub(crate) fn answer(&self, view: &View, gate: &str) -> Option<Answer> {
        self.said(view)?.answers.remove(gate)
    }

    /// Begins the record of a new rollout in the place of an ended one, if there is one, and announces its first writes.
    pub(crate) async fn begin(&self, announced: usize) -> Result<(), Stop> {
        self.record.borrow_mut().cursor.announced = announced;
        let mut there = self.view.get(&self.key);
        loop {
            let former = there.as_ref().and_then(|object| Record::read(object).ok());
            match former {
                Some(former) if former.is_running() => return Err(former.busy()),
                Some(former) => self.record.borrow_mut().history = former.history,
                None => {}
            }
            let mut object = self.record.borrow().write(there.as_ref());
            put(&mut object, &["metadata", "name"], self.place.name.clone().into());
            put(&mut object, &["metadata", "namespace"], self.place.namespace.clone().into());
            let begun = persist(self.patience, async || match &there {
                Some(_) => self.cluster.replace(&self.place, &object, Mode::Real).await,
                None => self.cluster.create(&self.place, &object, Mode::Real).await,
            });
            match begun.await {
                Ok(object) => {
                    self.view.put(&object);
                    return Ok(());
                }
                // The answer to the first try may have been lost, or the one that was there has ended just now.
                Err(error) if matches!(error.reason, Reason::Conflict | Reason::Exists | Reason::NotFound) => {
                    there = self.fresh().await?;
                    if there.as_ref().is_some_and(|there| self.is_mine(there)) {
                        return Ok(());
                    }
                }
                Err(error) => return Err(Stop::refused("the record cannot be written", &error)),
            }
        }
    }

    /// Refuses where another rollout is in progress.
    pub(crate) fn is_free(&self) -> Result<(), Stop> {
        match self.said(self.view).filter(Record::is_running) {
            Some(running) => Err(running.busy()),
            None => Ok(()),
        }
    }

    /// Makes this process the one that walks the rollout; `false` where it has ended meanwhile.
    pub(crate) async fn take_over(&self) -> Result<bool, Stop> {
        loop {
            let Some(object) = self.fresh().await? else { return Err(lost()) };
            let Ok(said) = Record::read(&object) else { return Err(lost()) };
            let mine = self.record.borrow().run.clone();
            if said.run.id != mine.id {
                return Err(lost());
            }
            if !said.is_running() {
                *self.record.borrow_mut() = said;
                return Ok(false);
            }
            if self.replace(&object, Record { run: mine, ..said }).await? {
                return Ok(true);
            }
        }
    }

    /// Writes a change down. Whoever wrote beside it meanwhile is kept; whoever took the rollout over ends this walk.
    pub(crate) async fn write(&self, change: impl Fn(&mut Record)) -> Result<(), Stop> {
        let mut there = self.view.get(&self.key);
        loop {
            let Some(object) = there else { return Err(lost()) };
            let Ok(said) = Record::read(&object) else { return Err(lost()) };
            if said.run.walker != self.record.borrow().run.walker {
                return Err(lost());
            }
            let mut next = Record { answers: said.answers, asked: said.asked, next: said.next, ..self.record() };
            change(&mut next);
            if self.replace(&object, next).await? {
                return Ok(());
            }
            there = self.fresh().await?;
        }
    }

    /// Puts a record in the place of the one that was seen; whether that was still there.
    async fn replace(&self, seen: &Json, next: Record) -> Result<bool, Stop> {
        let written = next.write(Some(seen));
        let answer = persist(self.patience, async || self.cluster.replace(&self.place, &written, Mode::Real).await);
        match answer.await {
            Ok(object) => {
                self.view.put(&object);
                *self.record.borrow_mut() = next;
                Ok(true)
            }
            Err(error) if error.reason == Reason::Conflict => Ok(false),
            Err(error) if error.reason == Reason::NotFound => Err(lost()),
            Err(error) => Err(Stop::refused("the record cannot be written", &error)),
        }
    }

    fn is_mine(&self, object: &Json) -> bool {
        Record::read(object).is_ok_and(|record| record.run == self.record.borrow().run)
    }

    async fn fresh(&self) -> Result<Option<Json>, Stop> {
        let found = persist(self.patience, async || self.cluster.get(&self.place).await).await;
        let found = found.map_err(|error| Stop::refused("the record cannot be read", &error))?;
        if let Some(object) = &found {
            self.view.put(object);
        }
        Ok(found)
    }
}

fn lost() -> Stop {
    Stop::new(StopKind::Interrupted, "somebody else walks this rollout now, or has removed its record")
        .help("`foreshift status` says how far it is")
}
