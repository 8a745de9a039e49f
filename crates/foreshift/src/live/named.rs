//! The rollouts that a command is about: those of a config's targets, or those that a cluster has of an application.

use foreshift_core::config::Target;
use foreshift_executor::cluster::{Access, Kubernetes, connect};
use foreshift_executor::record::{self, Record};
use foreshift_executor::rollout::Of;
use foreshift_executor::search;

use super::PATIENCE;
use crate::arguments::Rollouts;
use crate::failure::Failure;
use crate::input;

/// A rollout that may be there, and where.
pub(crate) struct Named {
    pub(crate) cluster: Kubernetes,
    pub(crate) of: Of,
    /// What the config says of its target; without a config the record does.
    target: Option<Target>,
}

impl Named {
    /// The target, as the config has it that is given, or that the rollout was begun with.
    pub(crate) fn target(&self, record: &Record) -> Result<Target, Failure> {
        if let Some(target) = &self.target {
            return Ok(target.clone());
        }
        let request = record::decode(&record.inputs).map_err(Failure::input)?;
        let config = super::config(request.config_text())?;
        let found = config.targets.into_iter().find(|target| target.name.value == self.of.target);
        found.ok_or_else(|| Failure::input(format!("the record has no target `{}`", self.of.target)))
    }
}

/// The application that a command is about, and each rollout of it that is asked for.
pub(crate) async fn named(rollouts: &Rollouts) -> Result<(String, Vec<Named>), Failure> {
    match (&rollouts.application, &rollouts.namespace) {
        (Some(application), Some(namespace)) => {
            Ok((application.clone(), of_application(rollouts, application, namespace).await?))
        }
        _ => of_config(rollouts).await,
    }
}

async fn of_config(rollouts: &Rollouts) -> Result<(String, Vec<Named>), Failure> {
    let path = rollouts.config.as_deref().unwrap_or_default();
    let config = super::config(&input::config_text(path, rollouts.root.as_deref())?)?;
    let mut found = Vec::new();
    for target in super::targets(&config, rollouts.target.as_deref())? {
        if rollouts.namespace.as_ref().is_none_or(|namespace| target.namespace.value == *namespace) {
            let cluster = super::cluster(&rollouts.place, target).await?;
            found.push(Named { cluster, of: super::of(&config, target), target: Some(target.clone()) });
        }
    }
    match (&rollouts.namespace, found.is_empty()) {
        (Some(namespace), true) => {
            Err(Failure::usage(format!("no target of the config that is asked for is in the namespace `{namespace}`")))
        }
        _ => Ok((config.application.value.clone(), found)),
    }
}

async fn of_application(rollouts: &Rollouts, application: &str, namespace: &str) -> Result<Vec<Named>, Failure> {
    let place = &rollouts.place;
    let access = Access { kubeconfig: place.kubeconfig.as_deref(), context: place.context.as_deref() };
    let cluster = connect(access).await.map_err(|error| super::unreachable(&error))?;
    let all = match &rollouts.target {
        Some(target) => {
            let of =
                Of { application: application.to_owned(), target: target.clone(), namespace: namespace.to_owned() };
            vec![of]
        }
        None => search::rollouts(&cluster, application, namespace, PATIENCE).await?,
    };
    if all.is_empty() {
        return Err(Failure::input(format!("there is no rollout of {application} in the namespace {namespace}"))
            .help(format!("that is in {}", cluster.place())));
    }
    Ok(all.into_iter().map(|of| Named { cluster: cluster.clone(), of, target: None }).collect())
}
