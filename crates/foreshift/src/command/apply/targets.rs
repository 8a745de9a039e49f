//! The targets of a config, each walked once those that it depends on have succeeded.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use foreshift_core::config::Target;
use foreshift_executor::gate::{Callbacks, Outside, Providers, Secrets};
use foreshift_executor::live::Planned;
use foreshift_executor::rollout::Of;
use foreshift_executor::{Options, Outcome, Stop};
use tokio::sync::watch;

use crate::arguments::WalkArguments;
use crate::failure::{Exit, Failure};
use crate::live::signals::Signals;
use crate::output;

/// A target with everything that its walk needs.
pub(crate) struct Walker<'a, C> {
    pub(crate) target: &'a Target,
    pub(crate) cluster: &'a C,
    pub(crate) of: Of,
    pub(crate) options: Options,
    pub(crate) planned: Option<&'a Planned>,
}

/// How each target ended; `None` for those that were not begun, because one that they depend on has failed.
pub(crate) type Ends = BTreeMap<String, Option<Result<Outcome, Stop>>>;

/// Walks every target, at the same time where none depends on the other.
pub(crate) async fn all<'a, C>(
    walkers: &'a [Walker<'a, C>],
    walk: impl AsyncFn(&Walker<'a, C>) -> Result<Outcome, Stop>,
) -> Ends {
    let ends: RefCell<Ends> = RefCell::default();
    let changes = watch::Sender::new(());
    let one = async |walker: &Walker<'a, C>| {
        let mut news = changes.subscribe();
        let may_begin = loop {
            if let Some(may_begin) = readiness(walker, walkers, &ends.borrow()) {
                break may_begin;
            }
            if news.changed().await.is_err() {
                break false;
            }
        };
        let end = if may_begin { Some(walk(walker).await) } else { None };
        ends.borrow_mut().insert(walker.target.name.value.clone(), end);
        changes.send_replace(());
    };
    futures_util::future::join_all(walkers.iter().map(one)).await;
    ends.into_inner()
}

/// Walks every target at the same time, whatever depends on what.
pub(crate) async fn at_once<'a, C>(
    walkers: &'a [Walker<'a, C>],
    walk: impl AsyncFn(&Walker<'a, C>) -> Result<Outcome, Stop>,
) -> Ends {
    let one = async |walker: &Walker<'a, C>| (walker.target.name.value.clone(), Some(walk(walker).await));
    futures_util::future::join_all(walkers.iter().map(one)).await.into_iter().collect()
}

/// Whether a target may begin, or never will; `None` while what it depends on has not ended.
fn readiness<C>(walker: &Walker<'_, C>, walkers: &[Walker<'_, C>], ends: &Ends) -> Option<bool> {
    let is_walked = |name: &str| walkers.iter().any(|walker| walker.target.name.value == name);
    let wanted = walker.target.depends_on.iter().map(|name| name.value.as_str()).filter(|name| is_walked(name));
    let mut may_begin = true;
    for name in wanted {
        match ends.get(name)? {
            Some(Ok(Outcome::Done | Outcome::Nothing)) => {}
            _ => may_begin = false,
        }
    }
    Some(may_begin)
}

/// Of two exit codes the one that says more: that something failed before that it was taken back, and that before that
/// it waits.
pub(crate) fn worse(one: Exit, other: Exit) -> Exit {
    let rank = |exit: Exit| match exit {
        Exit::Done => 0,
        Exit::Interrupted => 1,
        Exit::RolledBack => 2,
        _ => 3,
    };
    if rank(other) > rank(one) { other } else { one }
}

/// The exit code for how all targets ended: the worst.
pub(crate) fn ended(ends: Ends) -> Result<Exit, Failure> {
    let mut exit = Exit::Done;
    for (target, end) in ends {
        match end {
            Some(Ok(Outcome::Done | Outcome::Nothing)) => {}
            Some(Ok(Outcome::Aborted(_))) => exit = worse(exit, Exit::RolledBack),
            Some(Ok(Outcome::Detached(_))) => exit = worse(exit, Exit::Interrupted),
            Some(Err(stop)) => {
                let failure = Failure::from(stop).at(&target);
                output::errors(&failure.to_string())?;
                exit = worse(exit, failure.exit);
            }
            None => output::errors(&format!(
                "note: {target} was not begun: a target that it depends on has not succeeded\n"
            ))?,
        }
    }
    Ok(exit)
}

/// How a target is walked; fails where an address of what is outside of the cluster cannot be used.
pub(crate) async fn options(
    arguments: &WalkArguments,
    target: &Target,
    planned: &Planned,
    cancelled: watch::Receiver<bool>,
) -> Result<Options, Failure> {
    let variable = |name: &str| std::env::var(name).ok();
    let providers = Providers::parse(&arguments.metrics, variable).map_err(Failure::usage)?;
    let secrets = planned.preview.plans.first().map(|plan| Secrets::of(plan, variable)).unwrap_or_default();
    let callbacks = match &arguments.callback_listen {
        None => None,
        Some(address) => {
            let listening = Callbacks::listen(address, arguments.callback_url.as_deref()).await;
            Some(listening.map_err(|error| Failure::usage(format!("`{address}` cannot be listened at: {error}")))?)
        }
    };
    let outside =
        Rc::new(Outside { providers, secrets, callbacks, istiods: arguments.istiod.clone(), ..Outside::default() });
    let account = target.account.as_ref().map(|account| account.value.clone());
    Ok(Options { outside, account, cancelled, ..plain_options(arguments) })
}

/// How a rollout is walked in memory: nobody outside is asked, and nothing of theirs is needed.
pub(crate) fn simulated_options(
    arguments: &WalkArguments,
    target: &Target,
    cancelled: watch::Receiver<bool>,
) -> Options {
    let account = target.account.as_ref().map(|account| account.value.clone());
    Options { outside: Rc::new(Outside::simulated()), account, cancelled, ..plain_options(arguments) }
}

/// How a rollout is walked that asks nobody outside of the cluster.
pub(crate) fn plain_options(arguments: &WalkArguments) -> Options {
    Options {
        settle: arguments.settle(),
        lease: arguments.lease,
        patience: arguments.patience,
        detach: arguments.detach,
        outside: Rc::default(),
        account: None,
        cancelled: watch::channel(false).1,
    }
}

/// Ends when somebody interrupts a second time; the first time the walks stop behind the write that they are at.
pub(crate) async fn interrupted(cancel: watch::Sender<bool>) {
    match Signals::new() {
        Ok(signals) => interrupted_by(signals, cancel).await,
        Err(_) => std::future::pending().await,
    }
}

/// The same, where somebody may have interrupted already.
pub(crate) async fn interrupted_by(mut signals: Signals, cancel: watch::Sender<bool>) {
    signals.next().await;
    let _ = output::errors("note: stops behind this write; interrupt again to stop at once\n");
    cancel.send_replace(true);
    signals.next().await;
}
