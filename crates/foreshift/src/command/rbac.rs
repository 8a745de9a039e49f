//! `foreshift rbac`: the least that a rollout has to be allowed.

use std::collections::BTreeMap;

use foreshift_core::plan::Plan;
use foreshift_core::{Preview, Request, preview};
use foreshift_executor::permissions::{Permission, approvals, permissions};
use serde_json::{Value as Json, json};

use super::{exit, plan};
use crate::arguments::{Described, RbacArguments};
use crate::failure::{Exit, Failure};
use crate::{input, objects, output};

pub(crate) fn run(arguments: &RbacArguments) -> Result<Exit, Failure> {
    let (_, previews) = previews(&arguments.rollout)?;
    let exit = exit(&previews, false);
    if exit == Exit::Done {
        let all = previews.iter().flat_map(|preview| preview.plans.iter().map(move |plan| (preview, plan)));
        let all = all.flat_map(|(preview, plan)| {
            let name = objects::name(&preview.application, &plan.target);
            let subject = subject(arguments, &name, &plan.namespace);
            let mut all = roles(preview, plan, &name, &subject);
            all.extend(approvers(preview, plan, &name));
            all
        });
        output::plain(&objects::yaml(&all.collect::<Vec<_>>()))?;
    }
    Ok(exit)
}

/// A rollout as its files say it, and what is planned for it: by them alone, or with what runs. The findings are printed.
pub(super) fn previews(rollout: &Described) -> Result<(Request, Vec<Preview>), Failure> {
    let request = input::request(&rollout.config, &rollout.input)?;
    let previews = if rollout.live {
        plan::live::plans(&request, &rollout.place)?.into_iter().map(|planned| planned.preview).collect()
    } else {
        vec![preview(&request)]
    };
    for preview in &previews {
        output::errors(&plan::findings(preview))?;
    }
    Ok((request, previews))
}

fn subject(arguments: &RbacArguments, name: &str, namespace: &str) -> Json {
    let other = |kind: &str, name: &str| json!({"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name});
    match (&arguments.user, &arguments.group) {
        (Some(user), _) => other("User", user),
        (None, Some(group)) => other("Group", group),
        (None, None) => service_account(arguments.service_account.as_deref().unwrap_or(name), namespace),
    }
}

/// A ServiceAccount as a subject.
pub(super) fn service_account(name: &str, namespace: &str) -> Json {
    json!({"kind": "ServiceAccount", "name": name, "namespace": namespace})
}

/// The roles that a plan needs, each with its binding: one in each namespace, and one for what has none.
pub(super) fn roles(preview: &Preview, plan: &Plan, name: &str, subject: &Json) -> Vec<(String, Json)> {
    let mut by_namespace: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    for permission in permissions(plan, &preview.application) {
        by_namespace.entry(permission.namespace.clone()).or_default().push(rule(&permission));
    }
    // Anybody but the rollout's own ServiceAccount gets a binding of their own: who is given a role later takes it from
    // nobody.
    let is_own = *subject == service_account(name, &plan.namespace);
    let mut out = Vec::new();
    for (namespace, rules) in by_namespace {
        let (role, binding) =
            if namespace.is_empty() { ("ClusterRole", "ClusterRoleBinding") } else { ("Role", "RoleBinding") };
        // A role of the whole cluster is not to meet another one of a namespace's rollout.
        let name =
            if namespace.is_empty() { format!("{name}-{}", objects::digest(&plan.namespace)) } else { name.to_owned() };
        let metadata = |name: &str| {
            if namespace.is_empty() { json!({"name": name}) } else { json!({"name": name, "namespace": namespace}) }
        };
        let version = "rbac.authorization.k8s.io/v1";
        let bound = if is_own { name.clone() } else { format!("{name}-{}", objects::digest(&subject.to_string())) };
        let comment = format!("What a rollout of {} in target {} has to be allowed.", preview.application, plan.target);
        out.push((comment, json!({"apiVersion": version, "kind": role, "metadata": metadata(&name), "rules": rules})));
        let reference = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": role, "name": name});
        out.push((
            String::new(),
            json!({"apiVersion": version, "kind": binding, "metadata": metadata(&bound), "roleRef": reference, "subjects": [subject]}),
        ));
    }
    out
}

/// The Roles of those who answer approvals: bound to the groups that a gate asks for, else for whoever the user binds to it.
fn approvers(preview: &Preview, plan: &Plan, name: &str) -> Vec<(String, Json)> {
    let mut out = Vec::new();
    for approvers in approvals(plan, &preview.application) {
        let suffix = if approvers.roles.is_empty() {
            String::new()
        } else {
            format!("-{}", objects::digest(&approvers.roles.join("\n")))
        };
        let role = format!("{name}-approve{suffix}");
        let metadata = json!({"name": role, "namespace": plan.namespace});
        let who = if approvers.roles.is_empty() {
            "Bind it to whoever may answer its approvals.".to_owned()
        } else {
            format!("For its approvals by {}.", approvers.roles.join(", "))
        };
        let comment = format!("Answers a rollout of {} in target {}. {who}", preview.application, plan.target);
        let rules: Vec<Json> = approvers.permissions().iter().map(rule).collect();
        let version = "rbac.authorization.k8s.io/v1";
        out.push((comment, json!({"apiVersion": version, "kind": "Role", "metadata": metadata, "rules": rules})));
        if approvers.roles.is_empty() {
            continue;
        }
        let group = |name: &String| json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": name});
        let subjects: Vec<Json> = approvers.roles.iter().map(group).collect();
        let reference = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role});
        out.push((
            String::new(),
            json!({"apiVersion": version, "kind": "RoleBinding", "metadata": metadata, "roleRef": reference, "subjects": subjects}),
        ));
    }
    out
}

fn rule(permission: &Permission) -> Json {
    let mut rule = json!({
        "apiGroups": [permission.group],
        "resources": [permission.resource],
        "verbs": permission.verbs,
    });
    if let (Some(map), false) = (rule.as_object_mut(), permission.names.is_empty()) {
        map.insert("resourceNames".to_owned(), json!(permission.names));
    }
    rule
}
