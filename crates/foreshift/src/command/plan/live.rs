//! `foreshift plan --live`: the plan that `apply` would walk, made from what runs in the cluster.

use foreshift_core::{Preview, Request};
use foreshift_executor::cluster::{Kubernetes, Lists};
use foreshift_executor::live::{self as planning, FOLDER, Planned};
use foreshift_executor::record;
use serde_json::{Map, Value as Json};

use crate::arguments::{Place, PlanArguments};
use crate::failure::{Exit, Failure};
use crate::{input, live};

/// Plans every target of a config against its cluster.
pub(crate) fn plans(request: &Request, place: &Place) -> Result<Vec<Planned>, Failure> {
    let config = live::config(request.config_text())?;
    let targets = live::targets(&config, request.target.as_deref())?;
    live::run(async {
        let mut plans = Vec::new();
        for target in targets {
            let cluster = live::cluster(place, target).await?;
            let request = Request { target: Some(target.name.value.clone()), ..request.clone() };
            let (namespace, nothing) = (&target.namespace.value, Lists::default());
            let planned = planning::plan(&cluster, &request, namespace, live::PATIENCE, nothing).await?;
            if !planned.request.files.iter().any(|file| file.path.starts_with(&format!("{FOLDER}/"))) {
                is_there(&cluster, namespace).await?;
            }
            plans.push(planned);
        }
        Ok(plans)
    })
}

/// Refuses a namespace that the cluster does not have, where nothing was found in it. Who may not know goes on.
async fn is_there(cluster: &Kubernetes, namespace: &str) -> Result<(), Failure> {
    if cluster.has_namespace(namespace).await != Ok(false) {
        return Ok(());
    }
    Err(Failure::cluster(format!("there is no namespace `{namespace}` in {}", cluster.place()))
        .help("make it first, or correct the target's `namespace` or the context"))
}

pub(super) fn run(arguments: &PlanArguments) -> Result<Exit, Failure> {
    let plans = plans(&input::request(&arguments.config, &arguments.input)?, &arguments.place)?;
    let inputs: Map<String, Json> = plans
        .iter()
        .filter_map(|planned| Some((planned.request.target.clone()?, Json::from(record::encode(&planned.request)))))
        .collect();
    let Some(first) = plans.first() else { return Err(Failure::input("the config has no target")) };
    let mut whole = Preview { plans: Vec::new(), ..first.preview.clone() };
    for planned in &plans {
        whole.plans.extend(planned.preview.plans.iter().cloned());
    }
    // The findings of each target have their places in texts of their own.
    for planned in plans.iter().skip(1) {
        crate::output::errors(&super::findings(&planned.preview))?;
    }
    super::print(arguments, &whole, Some(&Json::Object(inputs)))
}
