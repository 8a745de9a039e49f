//! A rollout of one target: begun, resumed, and asked about from anywhere.

mod asked;
mod own;
mod places;
mod remains;
mod standing;

use std::time::Duration;

use foreshift_core::Request;
use foreshift_core::plan::Plan;
use foreshift_core::secret::Vault;

use crate::cluster::{ApiError, At, Cluster, Json, Lists, Scope};
use crate::gate;
use crate::lease::{Holder, Leases, Taken};
use crate::live::Planned;
use crate::patience::persist;
use crate::record::{self, Cursor, FORMAT, Record, Run};
use crate::report::{Event, Report};
use crate::stop::{Outcome, Stop, StopKind};
use crate::view::View;
use crate::walk::{self, Book, Options, Walk};

pub(crate) use asked::is_of;
pub use asked::{Waiting, answer, approve, ask_to_abort, holder, until_ended, wait_for_end, waiting};
pub use own::is_same;
pub(crate) use places::scopes;
use places::{lease, lease_places};
pub use remains::abort_from_cluster;
pub use standing::{Standing, Walked, is_sealed, left_behind, standing, state_of, walked};

/// Where a rollout's record is: of which application, in which target.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Of {
    /// The application.
    pub application: String,
    /// The target's name.
    pub target: String,
    /// The target's namespace.
    pub namespace: String,
}

/// Who begins a run, and under which name.
#[derive(Clone, Debug)]
pub struct Begin {
    /// One for all targets of a run.
    pub id: String,
    /// SHA-256 of the deployment config, whose Secrets are masked.
    pub config: String,
    /// Who.
    pub by: String,
}

impl Of {
    /// Whose record it says that it is, in the namespace where it was found.
    fn from(record: &Record, found: &Of) -> Of {
        let Run { application, target, .. } = record.run.clone();
        Of { application, target, namespace: found.namespace.clone() }
    }

    pub(crate) fn place(&self) -> Result<At, Stop> {
        record::place(&self.application, &self.target, &self.namespace)
            .ok_or_else(|| Stop::new(StopKind::Input, "a record cannot be kept for this target"))
    }
}

/// Begins a rollout and walks it to an end.
pub async fn begin<C: Cluster>(
    cluster: &C,
    planned: &Planned,
    by: &Begin,
    options: &Options,
    report: Report<'_>,
) -> Result<Outcome, Stop> {
    let plan = planned.plan()?;
    if plan.stages.is_empty() {
        report(&plan.target, &Event::Ended { outcome: "nothing", why: String::new() });
        return Ok(Outcome::Nothing);
    }
    let missing = gate::needs(plan, &options.outside);
    if !missing.is_empty() {
        return Err(Stop::new(StopKind::Input, format!("the gates of this rollout need more: {}", missing.join("; "))));
    }
    let of = planned.of(plan);
    let place = of.place()?;
    let run = Run {
        format: FORMAT,
        id: by.id.clone(),
        application: of.application.clone(),
        target: of.target.clone(),
        config: by.config.clone(),
        plan: planned.digest.clone(),
        planner: env!("CARGO_PKG_VERSION").to_owned(),
        by: by.by.clone(),
        began: jiff::Timestamp::now().to_string(),
        walker: walker(),
    };
    let record = Record {
        run,
        cursor: Cursor::default(),
        asked: None,
        next: None,
        history: Vec::new(),
        inputs: record::encode(&planned.request),
    };
    if let Some(size) = record.excess() {
        let message = format!("the record of this rollout would have {size} bytes, more than a ConfigMap may have");
        return Err(Stop::new(StopKind::Input, message).help("give the target only the manifests that belong to it"));
    }
    let seal = record::Key::new().map_err(|why| Stop::new(StopKind::Input, why))?;
    let kept = Kept { place, record, seal, secret: None };
    walk(cluster, (plan, &planned.vault), kept, Entry::New(&planned.lists), options, report).await
}

/// Goes on with a rollout from its record alone: what it moves and takes back is its own. It applies nothing of the
/// manifests and asks nobody outside of the cluster: for that see [`resume_with`].
pub async fn resume<C: Cluster>(cluster: &C, of: &Of, options: &Options, report: Report<'_>) -> Result<Outcome, Stop> {
    again(cluster, of, None, options, report).await
}

/// Goes on with a rollout for somebody who has its config and manifests: `own` has to say what the record says.
pub async fn resume_with<C: Cluster>(
    cluster: &C,
    of: &Of,
    own: &Request,
    options: &Options,
    report: Report<'_>,
) -> Result<Outcome, Stop> {
    again(cluster, of, Some(own), options, report).await
}

async fn again<C: Cluster>(
    cluster: &C,
    of: &Of,
    own: Option<&Request>,
    options: &Options,
    report: Report<'_>,
) -> Result<Outcome, Stop> {
    let place = of.place()?;
    let found = persist(options.patience, async || cluster.get(&place).await).await;
    let found = found.map_err(|error| unreadable(&error))?;
    let record = found.as_ref().map(|object| read(&place, object)).transpose()?.filter(Record::is_running);
    let (Some(object), Some(mut record)) = (found, record) else {
        let message = format!("no rollout of {} is in progress in {}", of.application, of.target);
        return Err(Stop::new(StopKind::Input, message).help("`foreshift history` lists those that have ended"));
    };
    let (seal, secret) = key(cluster, &place, options.patience).await?;
    if !seal.holds(&object) || Of::from(&record, of) != *of {
        return Err(walk::unsealed(&place));
    }
    let request = record::decode(&record.inputs)
        .map_err(|why| Stop::new(StopKind::OffPlan, format!("the record cannot be read: {why}")))?;
    let vault = own.map(Vault::of).unwrap_or_default();
    if let Some(own) = own {
        own::check(own, &request)?;
    }
    let planned = Planned::again(&request);
    if planned.digest != record.run.plan {
        let message = format!(
            "this version of foreshift ({}) plans this rollout differently from the one that began it ({})",
            env!("CARGO_PKG_VERSION"),
            record.run.planner
        );
        return Err(Stop::new(StopKind::OffPlan, message).help("resume it with that version"));
    }
    record.run.walker = walker();
    let entry = if own.is_some() { Entry::Again } else { Entry::Alone };
    let kept = Kept { place, record, seal, secret: Some(secret) };
    walk(cluster, (planned.plan()?, &vault), kept, entry, options, report).await
}

/// The key of a record's seal.
async fn key<C: Cluster>(cluster: &C, place: &At, patience: Duration) -> Result<(record::Key, Json), Stop> {
    let at = walk::secret(place).ok_or_else(|| walk::unsealed(place))?;
    let found = persist(patience, async || cluster.get(&at).await).await;
    let found = found.map_err(|error| Stop::refused("the key of the record's seal cannot be read", &error))?;
    found.and_then(|secret| Some((record::Key::of(&secret)?, secret))).ok_or_else(|| walk::unsealed(place))
}

/// The record of a rollout, running or ended.
pub async fn find<C: Cluster>(cluster: &C, of: &Of, patience: Duration) -> Result<Option<Record>, Stop> {
    let place = of.place()?;
    let found = persist(patience, async || cluster.get(&place).await).await;
    found.map_err(|error| unreadable(&error))?.map(|object| read(&place, &object)).transpose()
}

/// The same, with what a walk that begins now need not list again.
pub async fn look<C: Cluster>(cluster: &C, of: &Of, patience: Duration) -> Result<(Option<Record>, Lists), Stop> {
    let place = of.place()?;
    let scope = Scope::one(&place);
    let listed = persist(patience, async || cluster.list(&scope).await).await.map_err(|error| unreadable(&error))?;
    let record = listed.objects.first().map(|object| read(&place, object)).transpose()?;
    let mut lists = Lists::default();
    lists.put(scope, listed);
    Ok((record, lists))
}

fn read(place: &At, object: &Json) -> Result<Record, Stop> {
    Record::read(object).map_err(|why| Stop::new(StopKind::OffPlan, format!("{place} is no record: {why}")))
}

fn unreadable(error: &ApiError) -> Stop {
    Stop::refused("the record cannot be read", error)
}

/// A name for a run that nobody can guess: who knows it could answer for its webhooks.
pub fn new_id() -> String {
    let mut bytes = [0_u8; 16];
    // Without randomness of the system there is still the one that hash tables are seeded with.
    if getrandom::fill(&mut bytes).is_err() {
        return format!("{}{}", walker(), walker());
    }
    record::hexadecimal(&bytes)
}

/// Whether a walk begins a rollout or goes on with one.
#[derive(Clone, Copy)]
enum Entry<'a> {
    /// With what was listed when it was planned.
    New(&'a Lists),
    /// With the config and the manifests.
    Again,
    /// By the record alone.
    Alone,
}

/// The record of a rollout, and what it is sealed with.
struct Kept {
    place: At,
    record: Record,
    seal: record::Key,
    /// The Secret of the key, where there is one already.
    secret: Option<Json>,
}

async fn walk<C: Cluster>(
    cluster: &C,
    (plan, vault): (&Plan, &Vault),
    kept: Kept,
    entry: Entry<'_>,
    options: &Options,
    report: Report<'_>,
) -> Result<Outcome, Stop> {
    let Kept { place, record, seal, secret } = kept;
    let scopes = scopes(plan, &place);
    let view = View::new(scopes.len());
    let run = record.run.clone();
    let book = Book::new(cluster, &view, place.clone(), (record, seal, secret), options.patience);
    let say = |words| report(&plan.target, &Event::Note { words });
    let working = async {
        let listed = tokio::time::timeout(options.patience, view.listed()).await;
        listed.map_err(|_| unheard(&view.unlisted(&scopes), options.patience))?;
        if let Entry::New(_) = entry {
            book.is_free()?;
        }
        let places = lease_places(plan, &view, &place);
        let by = match entry {
            Entry::New(_) => run.by.clone(),
            Entry::Again | Entry::Alone => cluster.who().await.map(|who| who.user).unwrap_or_default(),
        };
        let rollout = format!("{} in {}", run.application, run.target);
        let holder = Holder { walker: run.walker.clone(), rollout, by };
        let leases = Leases::new(cluster, places, holder, (options.lease, options.patience), &say);
        leases.take().await.map_err(taken)?;
        let walking = async {
            let (is_resumed, is_alone) = (!matches!(entry, Entry::New(_)), matches!(entry, Entry::Alone));
            let walk =
                Walk::new((cluster, plan, &view), vault, &book, &leases, (options, is_resumed, is_alone), report);
            match entry {
                Entry::New(_) => walk.begin().await,
                Entry::Again | Entry::Alone if book.take_over().await? => walk.go_on().await,
                Entry::Again | Entry::Alone => Ok(book.record().outcome()),
            }
        };
        let outcome = tokio::select! {
            outcome = walking => outcome,
            lost = leases.keep() => {
                Err(Stop::new(StopKind::Interrupted, lost).help("`foreshift status` says who walks it now; where nobody does, `foreshift resume` goes on"))
            }
        };
        leases.give().await;
        outcome
    };
    let listed = match entry {
        Entry::New(lists) => Some(lists),
        Entry::Again | Entry::Alone => None,
    };
    let outcome = tokio::select! {
        outcome = working => outcome,
        error = view.follow(cluster, &scopes, listed) => Err(Stop::refused("the cluster cannot be followed", &error)),
    };
    if let Ok(outcome) = &outcome {
        let (outcome, why) = match outcome {
            Outcome::Done => ("done", String::new()),
            Outcome::Nothing => ("nothing", String::new()),
            Outcome::Aborted(why) => ("aborted", why.clone()),
            Outcome::Detached(what) => ("detached", what.clone()),
        };
        report(&plan.target, &Event::Ended { outcome, why });
    }
    outcome
}

fn unheard(kinds: &[&str], patience: Duration) -> Stop {
    let message = format!("the cluster does not let {} be watched: no answer for {patience:?}", kinds.join(", "));
    Stop::new(StopKind::Cluster, message).help("`--patience` waits longer")
}

fn taken(taken: Taken) -> Stop {
    match taken {
        Taken::By(holder) => Stop::new(StopKind::Busy, format!("another rollout is in progress: {holder}"))
            .help("one rollout at a time for each object; it gives its Leases back when it ends"),
        Taken::Unknown(error) => Stop::refused("the Leases cannot be had", &error),
    }
}

/// A name that no other process has.
fn walker() -> String {
    use std::hash::{BuildHasher as _, RandomState};
    let random = RandomState::new().hash_one(std::process::id());
    format!("{random:016x}")
}

impl Planned {
    /// The plan of its one target; a stop with every error where there is none.
    pub fn plan(&self) -> Result<&Plan, Stop> {
        match self.preview.plans.first() {
            Some(plan) if !self.preview.has_errors() => Ok(plan),
            _ => Err(Stop::new(StopKind::Input, foreshift_core::render::diagnostics(&self.preview))),
        }
    }

    /// Whose record it gets.
    pub fn of(&self, plan: &Plan) -> Of {
        Of {
            application: self.preview.application.clone(),
            target: plan.target.clone(),
            namespace: plan.namespace.clone(),
        }
    }
}
