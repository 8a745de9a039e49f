//! Leases: one writer at a time for each object that a rollout writes, and for the rollout itself.
//!
//! A Lease that was not renewed in time is anybody's. Whether it was is judged by watching it for its whole duration, so
//! that clocks which differ cannot take a Lease from somebody who holds it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use tokio::time::{Instant, sleep, sleep_until};

use crate::cluster::{ApiError, At, Cluster, Dependents, Json, Mode, Reason};
use crate::patience::persist;
use crate::tree::{number, put, text};

/// How long giving a Lease back is tried at least.
const GIVING: Duration = Duration::from_secs(5);

/// The Leases of one walk.
pub(crate) struct Leases<'a, C> {
    cluster: &'a C,
    places: Vec<At>,
    /// Each Lease as this walk wrote it last: its next write is on that version, so it need not be read again.
    held: RefCell<BTreeMap<At, Json>>,
    holder: String,
    duration: Duration,
    renewed: Cell<Instant>,
    is_given: Cell<bool>,
}

/// Why the Leases could not be had.
#[derive(Debug)]
pub(crate) enum Taken {
    /// Somebody holds one.
    By {
        /// Who.
        holder: String,
        /// Which.
        place: At,
    },
    /// The cluster did not say.
    Unknown(ApiError),
}

impl<'a, C: Cluster> Leases<'a, C> {
    pub(crate) fn new(cluster: &'a C, places: Vec<At>, holder: String, duration: Duration) -> Leases<'a, C> {
        let (held, renewed, is_given) = (RefCell::default(), Cell::new(Instant::now()), Cell::new(false));
        Leases { cluster, places, held, holder, duration, renewed, is_given }
    }

    /// Takes every Lease, or none: the first by itself, then the others at the same time. One that somebody holds is
    /// watched until it is renewed or has run out.
    pub(crate) async fn take(&self) -> Result<(), Taken> {
        let Some((first, others)) = self.places.split_first() else { return Ok(()) };
        self.take_one(first).await?;
        let taken = join_all(others.iter().map(|place| self.take_one(place))).await;
        if let Some(fault) = taken.into_iter().find_map(Result::err) {
            self.give().await;
            return Err(fault);
        }
        self.renewed.set(Instant::now());
        Ok(())
    }

    async fn take_one(&self, place: &At) -> Result<(), Taken> {
        let mut watched: Option<(String, Instant)> = None;
        // Mostly there is none, and then making one is all that has to be asked for.
        let mut there: Option<Json> = None;
        loop {
            let holder = there.as_ref().map(|lease| text(lease, "/spec/holderIdentity").to_owned()).unwrap_or_default();
            let version = there.as_ref().map(|lease| text(lease, "/metadata/resourceVersion").to_owned());
            let is_stale = watched.as_ref().is_some_and(|(seen, since)| {
                version.as_ref() == Some(seen) && since.elapsed() >= self.duration_of(there.as_ref())
            });
            if holder.is_empty() || holder == self.holder || is_stale {
                match self.write(place, there.as_ref()).await {
                    Ok(()) => return Ok(()),
                    Err(error) if matches!(error.reason, Reason::Conflict | Reason::Exists) => {}
                    // Whoever held it has given it back.
                    Err(error) if error.reason == Reason::NotFound && there.is_some() => {}
                    Err(error) => return Err(Taken::Unknown(error)),
                }
            } else {
                let version = version.unwrap_or_default();
                match &watched {
                    // It was renewed while we watched: somebody lives.
                    Some((seen, _)) if *seen != version => return Err(Taken::By { holder, place: place.clone() }),
                    Some(_) => {}
                    None => watched = Some((version, Instant::now())),
                }
                sleep(self.duration_of(there.as_ref()) / 3).await;
            }
            there = self.cluster.get(place).await.map_err(Taken::Unknown)?;
        }
    }

    fn duration_of(&self, lease: Option<&Json>) -> Duration {
        let seconds = lease.and_then(|lease| number(lease, "/spec/leaseDurationSeconds"));
        seconds.and_then(|seconds| u64::try_from(seconds).ok()).map_or(self.duration, Duration::from_secs)
    }

    async fn write(&self, place: &At, there: Option<&Json>) -> Result<(), ApiError> {
        let now = json!(jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string());
        let mut lease = there.cloned().unwrap_or_else(|| json!({}));
        let is_new = text(&lease, "/spec/holderIdentity") != self.holder;
        put(&mut lease, &["apiVersion"], json!("coordination.k8s.io/v1"));
        put(&mut lease, &["kind"], json!("Lease"));
        put(&mut lease, &["metadata", "name"], json!(place.name));
        put(&mut lease, &["metadata", "namespace"], json!(place.namespace));
        put(&mut lease, &["spec", "holderIdentity"], json!(self.holder));
        put(&mut lease, &["spec", "leaseDurationSeconds"], json!(self.duration.as_secs().max(1)));
        put(&mut lease, &["spec", "renewTime"], now.clone());
        if is_new {
            let before = number(&lease, "/spec/leaseTransitions").unwrap_or(-1);
            put(&mut lease, &["spec", "acquireTime"], now);
            put(&mut lease, &["spec", "leaseTransitions"], json!(before + 1));
        }
        let written = match there {
            Some(_) => self.cluster.replace(place, &lease, Mode::Real).await?,
            None => self.cluster.create(place, &lease, Mode::Real).await?,
        };
        self.held.borrow_mut().insert(place.clone(), written);
        Ok(())
    }

    /// Renews every Lease for as long as it is polled; ends with the reason when one is lost.
    pub(crate) async fn keep(&self) -> String {
        let mut next = self.renewed.get();
        loop {
            next += self.duration / 3;
            sleep_until(next).await;
            next = Instant::now();
            let renewed = self.renew().await;
            if self.is_given.get() {
                // Nobody holds them any more, and nobody is to.
                std::future::pending::<()>().await;
            }
            match renewed {
                Ok(()) => self.renewed.set(next),
                Err(Taken::By { holder, place }) => return format!("{place} is held by {holder} now"),
                Err(Taken::Unknown(error)) if !self.is_held() => {
                    return format!("the Leases could not be renewed in time: {error}");
                }
                Err(Taken::Unknown(_)) => {}
            }
        }
    }

    async fn renew(&self) -> Result<(), Taken> {
        for place in self.places.iter().take_while(|_| !self.is_given.get()) {
            let known = self.held.borrow().get(place).cloned();
            if let Some(known) = known {
                match self.write(place, Some(&known)).await {
                    Ok(()) => continue,
                    // An answer was lost, or it is not ours any more.
                    Err(error) if matches!(error.reason, Reason::Conflict | Reason::NotFound) => {}
                    Err(error) => return Err(Taken::Unknown(error)),
                }
            }
            let there = self.cluster.get(place).await.map_err(Taken::Unknown)?;
            let holder = there.as_ref().map(|lease| text(lease, "/spec/holderIdentity").to_owned()).unwrap_or_default();
            if holder != self.holder {
                return Err(Taken::By {
                    holder: if holder.is_empty() { "nobody".to_owned() } else { holder },
                    place: place.clone(),
                });
            }
            self.write(place, there.as_ref()).await.map_err(Taken::Unknown)?;
        }
        Ok(())
    }

    /// Whether nobody else can have taken a Lease yet.
    pub(crate) fn is_held(&self) -> bool {
        self.renewed.get().elapsed() < self.duration
    }

    /// Gives every Lease back. What cannot be given back runs out.
    pub(crate) async fn give(&self) {
        if self.is_given.replace(true) {
            return;
        }
        for place in &self.places {
            self.give_one(place).await;
        }
    }

    async fn give_one(&self, place: &At) {
        // Not for ever: what cannot be given back runs out.
        let _ = persist(self.duration.max(GIVING), async || self.remove(place).await.map_err(once_more)).await;
    }

    async fn remove(&self, place: &At) -> Result<(), ApiError> {
        let known = self.held.borrow_mut().remove(place);
        let there = match known {
            Some(known) => Some(known),
            None => self.cluster.get(place).await?,
        };
        match there {
            Some(lease) if text(&lease, "/spec/holderIdentity") == self.holder => {
                let version = text(&lease, "/metadata/resourceVersion");
                self.cluster.delete(place, (text(&lease, "/metadata/uid"), Some(version)), Dependents::Removed).await
            }
            _ => Ok(()),
        }
    }
}

/// A conflict is over once the object is looked at again.
fn once_more(error: ApiError) -> ApiError {
    match error.reason {
        Reason::Conflict => ApiError::new(Reason::Passing, error.message),
        _ => error,
    }
}
