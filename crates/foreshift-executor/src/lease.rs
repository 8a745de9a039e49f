//! Leases: one writer at a time for each object that a rollout writes.
//!
//! A walk has a Lease for each of its objects. The first is its head, and the only one that it renews: the others name it,
//! and hold for as long as it does. A head that was not renewed in time is anybody's, and with it the others. Whether it was
//! is judged by watching it for its whole duration, so that clocks which differ cannot take a Lease from somebody who holds
//! it.

mod held;
mod left;
mod take;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use crate::cluster::{ApiError, At, Cluster, Dependents, Json, Kind, Mode, Reason, Scope};
use crate::patience::persist;
use crate::tree::{number, put, text};
use held::Since;

pub(crate) use take::{holder, is_head, who};

/// How long giving the Leases back is tried at least.
const GIVING: Duration = Duration::from_secs(5);

/// The pause between two tries to renew a Lease that the cluster does not answer.
const AGAIN: Duration = Duration::from_secs(1);

/// A Lease that names a head: far longer than any head, so that whoever knows nothing of heads leaves it alone.
const FOLLOWING: Duration = Duration::from_hours(24);

/// The label by which a walk finds its Leases.
pub(crate) const WALKER: &str = "foreshift.dev/walker";

/// The annotations that say whose a Lease is: `namespace/name` of the head, the object, the rollout, who, and where.
const HEAD: &str = "foreshift.dev/head";
const OBJECT: &str = "foreshift.dev/object";
const ROLLOUT: &str = "foreshift.dev/of";
const BY: &str = "foreshift.dev/by";
const HOST: &str = "foreshift.dev/host";

/// Who holds Leases.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holder {
    /// A name that no other process has.
    pub(crate) walker: String,
    /// What it walks, for a reader.
    pub(crate) rollout: String,
    /// Who started it.
    pub(crate) by: String,
}

/// An object that is held, and where its Lease is.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Place {
    pub(crate) lease: At,
    pub(crate) object: String,
}

/// The Leases of one walk.
pub(crate) struct Leases<'a, C> {
    cluster: &'a C,
    places: Vec<Place>,
    /// Each Lease as this walk wrote it last: its next write is on that version, so it need not be read again.
    held: RefCell<BTreeMap<At, Json>>,
    holder: Holder,
    duration: Duration,
    /// How long a cluster that does not answer is waited for.
    patience: Duration,
    renewed: Cell<Since>,
    renewals: watch::Sender<u64>,
    is_given: Cell<bool>,
    say: &'a dyn Fn(String),
}

/// Why the Leases could not be had.
#[derive(Debug)]
pub(crate) enum Taken {
    /// Somebody holds one: who, of what, where, since when.
    By(String),
    /// The cluster did not say.
    Unknown(ApiError),
}

impl<'a, C: Cluster> Leases<'a, C> {
    pub(crate) fn new(
        cluster: &'a C,
        places: Vec<Place>,
        holder: Holder,
        (duration, patience): (Duration, Duration),
        say: &'a dyn Fn(String),
    ) -> Leases<'a, C> {
        let (held, renewed, is_given) = (RefCell::default(), Cell::new(Since::now()), Cell::new(false));
        let renewals = watch::Sender::new(0);
        Leases { cluster, places, held, holder, duration, patience, renewed, renewals, is_given, say }
    }

    fn head(&self) -> Option<&Place> {
        self.places.first()
    }

    /// Puts a Lease of ours in the place of what is there.
    async fn write(&self, place: &Place, there: Option<&Json>) -> Result<(), ApiError> {
        let begun = Since::now();
        let lease = self.lease(place, there);
        let written = match there {
            Some(_) => self.cluster.replace(&place.lease, &lease, Mode::Real).await?,
            None => self.cluster.create(&place.lease, &lease, Mode::Real).await?,
        };
        self.held.borrow_mut().insert(place.lease.clone(), written);
        if self.head() == Some(place) {
            // From when it was asked for: the answer may have taken its time.
            self.renewed.set(begun);
            self.renewals.send_modify(|renewals| *renewals += 1);
        }
        Ok(())
    }

    fn lease(&self, place: &Place, there: Option<&Json>) -> Json {
        let now = json!(jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string());
        let mut lease = there.cloned().unwrap_or_else(|| json!({}));
        let is_new = text(&lease, "/spec/holderIdentity") != self.holder.walker;
        let head = self.head().filter(|head| *head != place).map(|head| &head.lease);
        let duration = head.map_or(self.duration, |_| FOLLOWING);
        put(&mut lease, &["apiVersion"], json!("coordination.k8s.io/v1"));
        put(&mut lease, &["kind"], json!("Lease"));
        put(&mut lease, &["metadata", "name"], json!(place.lease.name));
        put(&mut lease, &["metadata", "namespace"], json!(place.lease.namespace));
        put(&mut lease, &["metadata", "labels", "app.kubernetes.io/managed-by"], json!("foreshift"));
        put(&mut lease, &["metadata", "labels", WALKER], json!(self.holder.walker));
        let head = head.map(|head| format!("{}/{}", head.namespace, head.name)).unwrap_or_default();
        let host = gethostname::gethostname().to_string_lossy().into_owned();
        let said = [
            (HEAD, &head),
            (OBJECT, &place.object),
            (ROLLOUT, &self.holder.rollout),
            (BY, &self.holder.by),
            (HOST, &host),
        ];
        for (annotation, said) in said {
            put(&mut lease, &["metadata", "annotations", annotation], json!(said));
        }
        put(&mut lease, &["spec", "holderIdentity"], json!(self.holder.walker));
        put(&mut lease, &["spec", "leaseDurationSeconds"], json!(duration.as_secs().max(1)));
        put(&mut lease, &["spec", "renewTime"], now.clone());
        if is_new {
            let before = number(&lease, "/spec/leaseTransitions").unwrap_or(-1);
            put(&mut lease, &["spec", "acquireTime"], now);
            put(&mut lease, &["spec", "leaseTransitions"], json!(before + 1));
        }
        lease
    }

    /// Renews the head for as long as it is polled; ends with the reason when a Lease is lost.
    pub(crate) async fn keep(&self) -> String {
        let watching = self.watch();
        tokio::select! {
            lost = self.renew_for_ever() => lost,
            lost = watching => lost,
        }
    }

    async fn renew_for_ever(&self) -> String {
        let Some(head) = self.head() else { return std::future::pending().await };
        loop {
            sleep_until(self.renewed.get().instant() + self.duration / 2).await;
            let mut silent: Option<Instant> = None;
            loop {
                let renewed = self.renew(head).await;
                if self.is_given.get() {
                    // Nobody holds them any more, and nobody is to.
                    std::future::pending::<()>().await;
                }
                match (renewed, silent) {
                    (Ok(()), None) => break,
                    (Ok(()), Some(_)) => {
                        (self.say)("the cluster answers again, and nobody has taken the Leases: it goes on".to_owned());
                        break;
                    }
                    (Err(Taken::By(holder)), _) => return holder,
                    (Err(Taken::Unknown(error)), None) => {
                        silent = Some(Instant::now());
                        (self.say)(format!(
                            "the cluster does not answer, it is waited for {:?}: {error}",
                            self.patience
                        ));
                    }
                    (Err(Taken::Unknown(error)), Some(since)) => {
                        if !self.is_held() && since.elapsed() >= self.patience {
                            return format!("the cluster did not answer for {:?}: {error}", since.elapsed());
                        }
                    }
                }
                sleep(AGAIN.min(self.duration / 3)).await;
            }
        }
    }

    async fn renew(&self, head: &Place) -> Result<(), Taken> {
        let known = self.held.borrow().get(&head.lease).cloned();
        if let Some(known) = known {
            match self.write(head, Some(&known)).await {
                Ok(()) => return Ok(()),
                // An answer was lost, or it is not ours any more.
                Err(error) if matches!(error.reason, Reason::Conflict | Reason::NotFound) => {}
                Err(error) => return Err(Taken::Unknown(error)),
            }
        }
        let there = self.cluster.get(&head.lease).await.map_err(Taken::Unknown)?;
        match &there {
            Some(lease) if text(lease, "/spec/holderIdentity") == self.holder.walker => {
                self.write(head, there.as_ref()).await.map_err(Taken::Unknown)
            }
            Some(lease) => Err(Taken::By(take::holder(lease, head))),
            None => Err(Taken::By(format!("the Lease of {} is gone", head.object))),
        }
    }

    /// Ends when another one than the head is not ours any more.
    async fn watch(&self) -> String {
        use futures_util::StreamExt as _;
        use futures_util::stream::select_all;
        let mut told = select_all(self.scopes().into_iter().map(|scope| {
            let held = self.held.borrow();
            let objects: Vec<Json> =
                held.iter().filter(|(at, _)| at.namespace == scope.namespace).map(|(_, lease)| lease.clone()).collect();
            let newest =
                objects.iter().filter_map(|lease| text(lease, "/metadata/resourceVersion").parse::<u64>().ok()).max();
            let version = newest.map(|version| version.to_string()).unwrap_or_default();
            self.cluster.watch(&scope, Some(crate::cluster::Listed { objects, version }))
        }));
        while let Some(seen) = told.next().await {
            let Ok(seen) = seen else { continue };
            if let Some(lost) = self.lost(&seen)
                && !self.is_given.get()
            {
                return lost;
            }
        }
        std::future::pending().await
    }

    /// What a watch tells of a Lease that is not ours any more.
    fn lost(&self, seen: &crate::cluster::Seen) -> Option<String> {
        use crate::cluster::Seen;
        let place = |lease: &Json| {
            let name = (text(lease, "/metadata/namespace"), text(lease, "/metadata/name"));
            self.places.iter().find(|place| (&*place.lease.namespace, &*place.lease.name) == name)
        };
        let others = |lease: &Json| {
            let is_others = text(lease, "/spec/holderIdentity") != self.holder.walker;
            place(lease).filter(|_| is_others).map(|place| take::holder(lease, place))
        };
        match seen {
            Seen::One(lease) => others(lease),
            // With the label of somebody else it is none of ours either.
            Seen::Gone(lease) => {
                place(lease).map(|place| format!("the Lease of {} is somebody else's now, or gone", place.object))
            }
            Seen::All(leases) => leases.iter().find_map(others),
        }
    }

    fn scopes(&self) -> Vec<Scope> {
        let namespaces: BTreeSet<&str> = self.places.iter().map(|place| &*place.lease.namespace).collect();
        let kind = Kind::ours("coordination.k8s.io", "Lease");
        let labels = format!("{WALKER}={}", self.holder.walker);
        let scope = |(kind, namespace)| Scope { labels: labels.clone(), ..Scope::all(kind, namespace) };
        namespaces.into_iter().filter_map(|namespace| Some(scope((kind.clone()?, namespace)))).collect()
    }

    /// Whether nobody else can have taken a Lease yet.
    pub(crate) fn is_held(&self) -> bool {
        self.renewed.get().elapsed() < self.duration
    }

    /// Waits until the Leases hold; whether they do, in a time in which the cluster may not have answered.
    pub(crate) async fn hold(&self) -> bool {
        let mut renewals = self.renewals.subscribe();
        let held = async {
            while !self.is_held() {
                if renewals.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        tokio::time::timeout(self.patience, held).await.is_ok()
    }

    /// Gives every Lease back. What cannot be given back runs out.
    pub(crate) async fn give(&self) {
        if self.is_given.replace(true) {
            return;
        }
        let limit = self.duration.max(GIVING);
        for scope in self.scopes() {
            // Whatever comes of it: each is looked at by itself where they cannot be given back together.
            if persist(limit, async || self.cluster.delete_all(&scope).await).await.is_err() {
                self.give_each(&scope.namespace, limit).await;
            }
        }
    }

    async fn give_each(&self, namespace: &str, limit: Duration) {
        for place in self.places.iter().filter(|place| place.lease.namespace == namespace) {
            let _ = persist(limit, async || self.give_one(&place.lease).await).await;
        }
    }

    /// Gives one back that is still ours. A conflict is over once it is looked at again.
    async fn give_one(&self, at: &At) -> Result<(), ApiError> {
        let Some(there) = self.cluster.get(at).await? else { return Ok(()) };
        if text(&there, "/spec/holderIdentity") != self.holder.walker {
            return Ok(());
        }
        let which = (text(&there, "/metadata/uid"), Some(text(&there, "/metadata/resourceVersion")));
        self.cluster.delete(at, which, Dependents::Removed).await.map_err(|error| match error.reason {
            Reason::Conflict => ApiError::new(Reason::Passing, error.message),
            _ => error,
        })
    }
}
