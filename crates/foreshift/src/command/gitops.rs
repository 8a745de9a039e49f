//! `foreshift gitops`: what a GitOps tool has to leave alone while a rollout runs.

use std::fmt::Write as _;

use foreshift_core::Preview;
use foreshift_core::plan::{Plan, Segment, Touched};
use serde_json::{Value as Json, json};

use super::{exit, rbac};
use crate::arguments::{GitopsArguments, GitopsTool};
use crate::failure::{Exit, Failure};
use crate::{objects, output};

const ARGOCD: &str = "Merge this into the Application that deploys the manifests.
While a difference is ignored inside of a list, a sync takes the whole list from the cluster: other changes of the same
list wait for the end of the rollout.";

const FLUX: &str = "Merge this into the Kustomization that deploys the manifests (Flux 2.9 or later).
JSON pointers know items of lists by their index only, so a list is left alone as a whole: after a change of it in the
repository, let a rollout apply it. In a HelmRelease the same rules stand under `spec.driftDetection.ignore`.";

pub(crate) fn run(arguments: &GitopsArguments) -> Result<Exit, Failure> {
    let (_, previews) = rbac::previews(&arguments.rollout)?;
    let exit = exit(&previews, false);
    if exit == Exit::Done {
        let all = previews.iter().flat_map(|preview| preview.plans.iter().map(move |plan| (preview, plan)));
        let all = all.map(|(preview, plan)| match arguments.output {
            GitopsTool::Argocd => (comment(ARGOCD, plan), argocd(preview, plan)),
            GitopsTool::Flux => (comment(FLUX, plan), flux(preview, plan)),
        });
        output::plain(&objects::yaml(&all.collect::<Vec<_>>()))?;
    }
    Ok(exit)
}

fn comment(words: &str, plan: &Plan) -> String {
    format!("What a rollout in target {} changes in between. {words}", plan.target)
}

fn argocd(preview: &Preview, plan: &Plan) -> Json {
    let rule = |touched: &Touched| {
        let paths: Vec<String> = touched.paths.iter().map(|path| jq(path)).collect();
        let key = &touched.key;
        json!({
            "group": key.group,
            "kind": key.kind,
            "namespace": key.namespace,
            "name": key.name,
            "jqPathExpressions": paths,
        })
    };
    let rules: Vec<Json> = plan.touched().iter().map(rule).collect();
    json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": preview.application},
        "spec": {
            "ignoreDifferences": rules,
            "syncPolicy": {"syncOptions": ["RespectIgnoreDifferences=true"]},
        },
    })
}

fn flux(preview: &Preview, plan: &Plan) -> Json {
    let rule = |touched: &Touched| {
        let mut paths: Vec<String> = touched.paths.iter().map(|path| pointer(path)).collect();
        paths.dedup();
        let key = &touched.key;
        // Each of them is a regular expression for the whole of a name.
        let target = json!({
            "group": exactly(&key.group),
            "kind": key.kind,
            "namespace": key.namespace,
            "name": exactly(&key.name),
        });
        json!({"paths": paths, "target": target})
    };
    let rules: Vec<Json> = plan.touched().iter().map(rule).collect();
    json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": preview.application},
        "spec": {"ignore": rules},
    })
}

/// A path as an expression of jq.
fn jq(path: &[Segment]) -> String {
    let mut out = String::new();
    for segment in path {
        // What comes behind a choice is a filter of its own, and a filter begins with a dot.
        let is_behind_a_choice = out.ends_with(')');
        if is_behind_a_choice {
            out.push_str(" | ");
        }
        let dot = if is_behind_a_choice || out.is_empty() { "." } else { "" };
        let _ = match segment {
            Segment::Field(name) if is_plain(name) => write!(out, ".{name}"),
            Segment::Field(name) => write!(out, "{dot}[{}]", quoted(name)),
            Segment::Each => write!(out, "{dot}[]"),
            Segment::Item { by, name } => write!(out, "{dot}[] | select(.{} == {})", by.join("."), quoted(name)),
        };
    }
    out
}

fn quoted(name: &str) -> Json {
    Json::from(name)
}

/// Whether jq takes a name without quotes.
fn is_plain(name: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    name.chars().all(is_letter) && !name.starts_with(|letter: char| letter.is_ascii_digit()) && !name.is_empty()
}

/// A path as a JSON pointer, up to the first list.
fn pointer(path: &[Segment]) -> String {
    let mut out = String::new();
    for segment in path {
        let Segment::Field(name) = segment else { break };
        out.push('/');
        out.push_str(&name.replace('~', "~0").replace('/', "~1"));
    }
    out
}

/// A regular expression for one name.
fn exactly(name: &str) -> String {
    name.replace('.', "\\.")
}
