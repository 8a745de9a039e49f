//! Keeping the record while walking: every entry sealed, and on the version that was seen, so that two walkers cannot both
//! write and nobody else can.

use std::cell::RefCell;
use std::time::Duration;

use foreshift_core::kubernetes::Key;

use crate::cluster::{At, Cluster, Dependents, Json, Mode, Reason};
use crate::patience::persist;
use crate::record::{self, Cursor, Record};
use crate::stop::{Stop, StopKind};
use crate::tree::{put, text};
use crate::view::View;

/// The record of the rollout that is walked.
pub(crate) struct Book<'a, C> {
    cluster: &'a C,
    view: &'a View,
    place: At,
    key: Key,
    patience: Duration,
    record: RefCell<Record>,
    seal: record::Key,
    /// The Secret of the key, where it is known.
    secret: RefCell<Option<Json>>,
}

impl<'a, C: Cluster> Book<'a, C> {
    pub(crate) fn new(
        cluster: &'a C,
        view: &'a View,
        place: At,
        (record, seal, secret): (Record, record::Key, Option<Json>),
        patience: Duration,
    ) -> Book<'a, C> {
        let (key, record, secret) = (place.key(), RefCell::new(record), RefCell::new(secret));
        Book { cluster, view, place, key, patience, record, seal, secret }
    }

    /// Where it is.
    pub(crate) fn place(&self) -> &At {
        &self.place
    }

    /// The record as it was last written.
    pub(crate) fn record(&self) -> Record {
        self.record.borrow().clone()
    }

    /// How far the rollout has come, as it was last written.
    pub(crate) fn cursor(&self) -> Cursor {
        self.record.borrow().cursor.clone()
    }

    /// A name for something of the run that nobody can guess.
    pub(crate) fn token(&self, of: &str) -> String {
        self.seal.token(of)
    }

    /// What others wrote into the record since.
    pub(crate) fn said(&self, view: &View) -> Option<Record> {
        Record::read(&view.get(&self.key)?).ok()
    }

    /// Whether somebody has removed it.
    pub(crate) fn is_gone(&self, view: &View) -> bool {
        view.get(&self.key).is_none()
    }

    /// Begins the record of a new rollout in the place of an ended one, if there is one, and announces its first writes.
    pub(crate) async fn begin(&self, announced: usize) -> Result<(), Stop> {
        self.record.borrow_mut().cursor.announced = announced;
        self.keep_key().await?;
        let mut there = self.view.get(&self.key);
        loop {
            let former = there.as_ref().and_then(|object| Record::read(object).ok());
            match former {
                Some(former) if former.is_running() => return Err(former.busy()),
                Some(former) => self.record.borrow_mut().history = former.history,
                None => {}
            }
            self.record.borrow_mut().fit();
            let mut object = self.record.borrow().write(there.as_ref());
            put(&mut object, &["metadata", "name"], self.place.name.clone().into());
            put(&mut object, &["metadata", "namespace"], self.place.namespace.clone().into());
            self.seal.seal(&mut object);
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

    /// Puts the key of the seal where a resume finds it. One that is there is left over from a run that was killed when it
    /// had ended.
    async fn keep_key(&self) -> Result<(), Stop> {
        let Some(at) = secret(&self.place) else { return Ok(()) };
        let failed = |error| Stop::refused("the key of the record's seal cannot be kept", &error);
        let mut there: Option<Json> = None;
        loop {
            let mut wanted = self.seal.secret(&at);
            let kept = match &there {
                None => persist(self.patience, async || self.cluster.create(&at, &wanted, Mode::Real).await).await,
                Some(there) if record::Key::of(there).as_ref() == Some(&self.seal) => return Ok(()),
                Some(there) => {
                    put(&mut wanted, &["metadata", "resourceVersion"], text(there, "/metadata/resourceVersion").into());
                    persist(self.patience, async || self.cluster.replace(&at, &wanted, Mode::Real).await).await
                }
            };
            match kept {
                Ok(kept) => {
                    *self.secret.borrow_mut() = Some(kept);
                    return Ok(());
                }
                Err(error) if matches!(error.reason, Reason::Conflict | Reason::Exists | Reason::NotFound) => {
                    if let Some(running) = self.said(self.view).filter(Record::is_running) {
                        return Err(running.busy());
                    }
                    let found = persist(self.patience, async || self.cluster.get(&at).await).await;
                    there = found.map_err(failed)?;
                }
                Err(error) => return Err(failed(error)),
            }
        }
    }

    /// Removes the key once nothing is to be resumed any more.
    pub(crate) async fn drop_key(&self) -> Result<(), Stop> {
        let known = self.secret.borrow_mut().take();
        let (Some(at), Some(there)) = (secret(&self.place), known) else { return Ok(()) };
        remove(self.cluster, (&at, &there), self.patience).await
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
            let Some(object) = self.fresh().await? else { return Err(removed(&self.place)) };
            let Ok(said) = Record::read(&object) else { return Err(lost()) };
            let mine = self.record();
            if said.run.id != mine.run.id {
                return Err(lost());
            }
            if !said.is_running() {
                *self.record.borrow_mut() = said;
                return Ok(false);
            }
            if !self.seal.holds(&object) || said.inputs != mine.inputs {
                return Err(unsealed(&self.place));
            }
            if self.replace(&object, Record { run: mine.run, ..said }).await? {
                return Ok(true);
            }
        }
    }

    /// Writes a change down. Whoever wrote beside it meanwhile is kept; whoever took the rollout over ends this walk.
    pub(crate) async fn write(&self, change: impl Fn(&mut Record)) -> Result<(), Stop> {
        let mut there = self.view.get(&self.key);
        loop {
            let Some(object) = there else { return Err(removed(&self.place)) };
            let Ok(said) = Record::read(&object) else { return Err(lost()) };
            if said.run.walker != self.record.borrow().run.walker {
                return Err(lost());
            }
            let mut next = Record { asked: said.asked, next: said.next, ..self.record() };
            change(&mut next);
            if self.replace(&object, next).await? {
                return Ok(());
            }
            there = self.fresh().await?;
        }
    }

    /// Puts a record in the place of the one that was seen; whether that was still there.
    async fn replace(&self, seen: &Json, mut next: Record) -> Result<bool, Stop> {
        next.fit();
        let mut written = next.write(Some(seen));
        self.seal.seal(&mut written);
        let answer = persist(self.patience, async || self.cluster.replace(&self.place, &written, Mode::Real).await);
        match answer.await {
            Ok(object) => {
                self.view.put(&object);
                *self.record.borrow_mut() = next;
                Ok(true)
            }
            Err(error) if error.reason == Reason::Conflict => Ok(false),
            Err(error) if error.reason == Reason::NotFound => Err(removed(&self.place)),
            Err(error) => Err(Stop::refused("the record cannot be written", &error)),
        }
    }

    fn is_mine(&self, object: &Json) -> bool {
        Record::read(object).is_ok_and(|record| record.run == self.record.borrow().run)
    }

    async fn fresh(&self) -> Result<Option<Json>, Stop> {
        let found = persist(self.patience, async || self.cluster.get(&self.place).await).await;
        let found = found.map_err(|error| Stop::refused("the record cannot be read", &error))?;
        match &found {
            Some(object) => self.view.put(object),
            None => self.view.remove(&self.key),
        }
        Ok(found)
    }
}

/// Where the key of a record's seal is.
pub(crate) fn secret(record: &At) -> Option<At> {
    At::ours("", "Secret", &record.namespace, &record.name)
}

/// Removes an object of ours, in whatever version it is there.
pub(crate) async fn remove<C: Cluster>(cluster: &C, (at, there): (&At, &Json), patience: Duration) -> Result<(), Stop> {
    let which = (text(there, "/metadata/uid"), None);
    let gone = persist(patience, async || cluster.delete(at, which, Dependents::Removed).await).await;
    gone.map_err(|error| Stop::refused(&format!("{at} cannot be removed"), &error))
}

fn lost() -> Stop {
    Stop::new(StopKind::Interrupted, "somebody else walks this rollout now")
        .help("`foreshift status` says how far it is")
}

/// Nobody can go on with a rollout whose record is gone.
pub(crate) fn removed(place: &At) -> Stop {
    Stop::new(
        StopKind::OffPlan,
        format!("somebody has removed the record of this rollout, {place}: it cannot be gone on with"),
    )
    .help("`foreshift abort deploy.yaml --from-cluster` takes it back by what the cluster and your files say")
}

/// Nobody goes by what somebody else wrote.
pub(crate) fn unsealed(place: &At) -> Stop {
    let message =
        format!("{place} is not as the walk of this rollout wrote it: somebody else has changed it, or its key");
    Stop::new(StopKind::OffPlan, message).help(
        "`foreshift abort deploy.yaml --from-cluster` takes the rollout back by what the cluster and your files say",
    )
}
