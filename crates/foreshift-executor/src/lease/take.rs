//! Taking Leases: all of them, or none.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, sleep};

use super::{BY, HEAD, HOST, Leases, Place, ROLLOUT, Taken};
use crate::cluster::{At, Cluster, Json, Reason};
use crate::said;
use crate::tree::{number, text};

/// How often a Lease that somebody holds is looked at.
const LOOK: Duration = Duration::from_secs(3);

impl<C: Cluster> Leases<'_, C> {
    /// Takes every Lease, or none: the head by itself, then the others at the same time while the head is renewed. One that
    /// somebody holds is watched until its head is renewed or has run out.
    pub(crate) async fn take(&self) -> Result<(), Taken> {
        let Some((head, others)) = self.places.split_first() else { return Ok(()) };
        self.take_one(head).await?;
        let taking = join_all(others.iter().map(|place| self.take_one(place)));
        let taken = tokio::select! {
            taken = taking => taken.into_iter().collect(),
            lost = self.renew_for_ever() => Err(Taken::By(lost)),
        };
        if taken.is_err() {
            self.give().await;
        }
        taken
    }

    async fn take_one(&self, place: &Place) -> Result<(), Taken> {
        // Mostly there is none, and then making one is all that has to be asked for.
        let mut there: Option<Json> = None;
        let mut watched: Option<Watched> = None;
        loop {
            let holder = there.as_ref().map(|lease| text(lease, "/spec/holderIdentity")).unwrap_or_default();
            let is_free = holder.is_empty() || holder == self.holder.walker;
            if is_free || self.has_run_out(there.as_ref(), place, &mut watched).await? {
                match self.write(place, there.as_ref()).await {
                    Ok(()) => return Ok(()),
                    Err(error) if matches!(error.reason, Reason::Conflict | Reason::Exists) => {}
                    // Whoever held it has given it back.
                    Err(error) if error.reason == Reason::NotFound && there.is_some() => {}
                    Err(error) => return Err(Taken::Unknown(error)),
                }
            } else {
                sleep(LOOK.min(self.duration / 3)).await;
            }
            there = self.cluster.get(&place.lease).await.map_err(Taken::Unknown)?;
        }
    }

    /// Whether a Lease that somebody holds is anybody's by now; an error where somebody lives.
    async fn has_run_out(
        &self,
        there: Option<&Json>,
        place: &Place,
        watched: &mut Option<Watched>,
    ) -> Result<bool, Taken> {
        let Some(there) = there else { return Ok(true) };
        let holder = text(there, "/spec/holderIdentity");
        let head = match head(there) {
            None => Some(there.clone()),
            Some(at) => self.cluster.get(&at).await.map_err(Taken::Unknown)?,
        };
        // Without its head it holds no longer.
        let Some(head) = head.filter(|head| text(head, "/spec/holderIdentity") == holder) else { return Ok(true) };
        let version = text(&head, "/metadata/resourceVersion").to_owned();
        let duration = number(&head, "/spec/leaseDurationSeconds").and_then(|seconds| u64::try_from(seconds).ok());
        let duration = duration.map_or(self.duration, Duration::from_secs);
        match watched {
            Some(known) if known.holder == holder => {
                if known.version != version {
                    // It was renewed while we watched: somebody lives.
                    return Err(Taken::By(self::holder(there, place)));
                }
                Ok(known.since.elapsed() >= duration)
            }
            _ => {
                (self.say)(format!(
                    "{}; it runs out in {duration:?} where nobody renews it",
                    self::holder(there, place)
                ));
                *watched = Some(Watched { holder: holder.to_owned(), version, since: Instant::now() });
                Ok(false)
            }
        }
    }
}

/// Since when the Lease of whom has not changed.
struct Watched {
    holder: String,
    version: String,
    since: Instant,
}

/// Where the head of a Lease is; `None` where it is its own.
pub(super) fn head(lease: &Json) -> Option<At> {
    let (namespace, name) = annotation(lease, HEAD).split_once('/')?;
    At::ours("coordination.k8s.io", "Lease", namespace, name)
}

pub(super) fn annotation<'a>(lease: &'a Json, name: &str) -> &'a str {
    let annotations = lease.pointer("/metadata/annotations");
    annotations.and_then(|annotations| annotations.get(name)?.as_str()).unwrap_or_default()
}

/// Whether a Lease is one that is renewed.
pub(crate) fn is_head(lease: &Json) -> bool {
    head(lease).is_none()
}

/// Who holds a Lease, and where, for a reader.
pub(crate) fn who(lease: &Json) -> String {
    said(&format!("{} on {}", annotation(lease, BY), annotation(lease, HOST)))
}

/// Who holds a Lease, of what, where, and since when, for a reader.
pub(crate) fn holder(lease: &Json, place: &Place) -> String {
    let or = |text: &str, other: &str| if text.is_empty() { other.to_owned() } else { text.to_owned() };
    let who = or(annotation(lease, BY), text(lease, "/spec/holderIdentity"));
    let since = text(lease, "/spec/acquireTime").split('.').next().unwrap_or_default();
    let mut words = format!("{} is held by {}", place.object, or(&who, "nobody"));
    for (before, what) in [(" on ", annotation(lease, HOST)), (" for ", annotation(lease, ROLLOUT)), (" since ", since)]
    {
        if !what.is_empty() {
            words.push_str(before);
            words.push_str(what);
        }
    }
    said(&words)
}
