//! Custom kinds in a cluster.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Api, PostParams};
use kube::runtime::wait::Condition;
use kube::runtime::wait::conditions::is_crd_established;
use kube::{Client, ResourceExt};
use serde::Deserialize;
use serde_json::Value;

use crate::failure::{Failure, Result};

/// Creates every kind that a file defines, and waits until the API server serves it. Other objects are passed over.
pub(crate) async fn install(client: &Client, file: &Path) -> Result<()> {
    let text = fs::read_to_string(file)?;
    let objects: Vec<Value> =
        serde_yaml::Deserializer::from_str(&text).map(Deserialize::deserialize).collect::<Result<_, _>>()?;
    let definitions: Vec<CustomResourceDefinition> = objects
        .into_iter()
        .filter(|object| object["kind"] == "CustomResourceDefinition")
        .map(serde_json::from_value)
        .collect::<Result<_, _>>()?;
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
