//! Istio's kinds in a cluster.

use std::fs;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Api, PostParams};
use kube::runtime::wait::Condition;
use kube::runtime::wait::conditions::is_crd_established;
use kube::{Client, ResourceExt};
use serde::Deserialize;

use crate::failure::{Failure, Result};
use crate::programs;

/// Creates every kind, and waits until the API server serves it.
pub(crate) async fn install(client: &Client) -> Result<()> {
    let text = fs::read_to_string(programs::find("istio-crds")?)?;
    let definitions: Vec<CustomResourceDefinition> =
        serde_yaml::Deserializer::from_str(&text).map(Deserialize::deserialize).collect::<Result<_, _>>()?;
    let api: Api<CustomResourceDefinition> = Api::all(client.clone());
    let parameters = PostParams::default();
    try_join_all(definitions.iter().map(|definition| api.create(&parameters, definition))).await?;
    let deadline = Instant::now() + Duration::from_secs(60);
    for definition in &definitions {
        let name = definition.name_any();
        while !is_crd_established().matches_object(api.get_opt(&name).await?.as_ref()) {
            if Instant::now() > deadline {
                return Err(Failure::new(format!("`{name}` is not established")));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    Ok(())
}
