//! `foreshift job`: a Kubernetes Job that makes the rollout in the cluster, with everything that it needs.

use foreshift_core::config::{self, ManifestSource};
use foreshift_core::plan::Plan;
use foreshift_core::secret::{is_masked, mask_text};
use foreshift_core::text::SourceId;
use foreshift_core::{File, Preview, Request};
use foreshift_executor::gate::{Secrets, secrets};
use serde_json::{Map, Value as Json, json};

use super::{exit, rbac};
use crate::arguments::JobArguments;
use crate::failure::{Exit, Failure};
use crate::{objects, output, share};

/// Where the files are in the pod.
const FOLDER: &str = "/rollout";

/// The most that the files may have together: what a ConfigMap may, less its own fields.
const LIMIT_BYTES: usize = (1 << 20) - (8 << 10);

/// How often a pod that was killed, or could not reach what it needs, is replaced.
const BACKOFF_LIMIT: u32 = 20;

pub(crate) fn run(arguments: &JobArguments) -> Result<Exit, Failure> {
    let (request, previews) = rbac::previews(&arguments.rollout)?;
    let exit = exit(&previews, false);
    if exit != Exit::Done {
        return Ok(exit);
    }
    let all: Vec<_> =
        previews.iter().flat_map(|preview| preview.plans.iter().map(move |plan| (preview, plan))).collect();
    let &[(preview, plan)] = all.as_slice() else {
        return Err(Failure::usage("a Job is for one target, and the config has several")
            .help("name it with `--target`; each target gets a Job in its own cluster"));
    };
    let tree = Tree::new(&share::portable(&request)?)?;
    for Placed { given, .. } in tree.files.iter().filter(|file| file.is_secret) {
        output::errors(&format!(
            "note: `{given}` holds a Secret: what is printed has its values, in a Secret of the Job's own\n"
        ))?;
    }
    output::plain(&objects::yaml(&objects(preview, plan, (&request, &tree), arguments)))?;
    Ok(exit)
}

fn objects(
    preview: &Preview,
    plan: &Plan,
    (request, tree): (&Request, &Tree),
    arguments: &JobArguments,
) -> Vec<(String, Json)> {
    let name = objects::name(&preview.application, &plan.target);
    // By masks: a name is seen by everybody.
    let files = tree.files.iter().flat_map(|file| [file.path.as_str(), &file.masked]);
    let asked = [arguments.image.as_str()].into_iter().chain(arguments.metrics.iter().map(String::as_str));
    // A Job cannot be changed: one with other files or another image is another one.
    let job = format!("{name}-{}", objects::digest(&files.chain(asked).collect::<Vec<_>>().join("\n")));
    let place = |name: &str| json!({"name": name, "namespace": plan.namespace});
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": place(&name)});
    let mut out = vec![(String::new(), account)];
    out.extend(rbac::roles(preview, plan, &name, &rbac::service_account(&name, &plan.namespace)));
    for (kind, field, is_secret) in [("ConfigMap", "data", false), ("Secret", "stringData", true)] {
        let texts: Map<String, Json> = tree.of(is_secret).map(|(key, file)| (key, json!(file.text))).collect();
        if !texts.is_empty() {
            let object =
                json!({"apiVersion": "v1", "kind": kind, "metadata": place(&job), "immutable": true, field: texts});
            out.push((String::new(), object));
        }
    }
    out.push((
        String::new(),
        json!({
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": place(&job),
            "spec": {
                "backoffLimit": BACKOFF_LIMIT,
                // What has an answer is not asked again: errors, usage, another rollout, off plan, rolled back.
                "podFailurePolicy": {"rules": [
                    {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]},
                    {"action": "FailJob", "onExitCodes": {"operator": "In", "values": [1, 2, 3, 4, 5]}},
                ]},
                "template": {
                    "metadata": {"labels": {"sidecar.istio.io/inject": "false"}},
                    "spec": pod(plan, tree, (&name, &job), request, arguments),
                },
            },
        }),
    ));
    out
}

fn pod(plan: &Plan, tree: &Tree, (account, job): (&str, &str), request: &Request, arguments: &JobArguments) -> Json {
    let mut command = vec!["apply".to_owned(), format!("{FOLDER}/{}", tree.config), "--target".to_owned()];
    command.extend([plan.target.clone(), "--yes".to_owned(), "--resume".to_owned()]);
    // The config's manifests may be beside its folder.
    command.extend(["--root".to_owned(), FOLDER.to_owned()]);
    if names_addresses(request) {
        command.push("--fetch".to_owned());
    }
    command.extend(arguments.metrics.iter().flat_map(|metrics| ["--metrics".to_owned(), metrics.clone()]));
    let mut container = json!({
        "name": "foreshift",
        "image": arguments.image,
        "args": command,
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": false,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": true,
        },
        "volumeMounts": [{"name": "files", "mountPath": FOLDER, "readOnly": true}],
    });
    let environment: Vec<Json> = variables(plan, arguments)
        .into_iter()
        .map(|(variable, is_optional)| {
            let reference = json!({"name": account, "key": variable, "optional": is_optional});
            json!({"name": variable, "valueFrom": {"secretKeyRef": reference}})
        })
        .collect();
    if let (Some(map), false) = (container.as_object_mut(), environment.is_empty()) {
        map.insert("env".to_owned(), json!(environment));
    }
    json!({
        "serviceAccountName": account,
        // With `OnFailure` no exit code could end the Job, and a rollout that went back would begin again.
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 60,
        "securityContext": {
            "runAsNonRoot": true,
            "runAsUser": 65532,
            "runAsGroup": 65532,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": [volume(tree, job)],
    })
}

/// The files: those of the ConfigMap, and those of the Secret beside them where there are some.
fn volume(tree: &Tree, job: &str) -> Json {
    let items = |is_secret: bool| -> Vec<Json> {
        tree.of(is_secret).map(|(key, file)| json!({"key": key, "path": file.path})).collect()
    };
    let (plain, secret) = (items(false), items(true));
    if secret.is_empty() {
        return json!({"name": "files", "configMap": {"name": job, "items": plain}});
    }
    let mut sources = Vec::new();
    if !plain.is_empty() {
        sources.push(json!({"configMap": {"name": job, "items": plain}}));
    }
    sources.push(json!({"secret": {"name": job, "items": secret}}));
    json!({"name": "files", "projected": {"sources": sources}})
}

/// The environment variables that the gates read, and whether each may be left out: keys of a Secret that the user
/// keeps under the name of the ServiceAccount.
fn variables(plan: &Plan, arguments: &JobArguments) -> Vec<(String, bool)> {
    let secrets = secrets(plan).into_iter().map(|secret| (Secrets::variable(&secret), false));
    let names = arguments.metrics.iter().filter_map(|metrics| metrics.split_once('='));
    let tokens = names.map(|(name, _)| (foreshift_executor::gate::Providers::variable(name), true));
    secrets.chain(tokens).collect()
}

/// Whether the config names manifests at addresses.
fn names_addresses(request: &Request) -> bool {
    let text = request.config_text();
    let config = config::parse(SourceId(0), text, &mut Vec::new());
    let is_address = |manifest: &config::Manifest| matches!(manifest.source, ManifestSource::Url(_));
    config.is_some_and(|config| config.manifests.iter().any(is_address))
}

/// The files of a request below one folder.
struct Tree {
    /// Where the config is.
    config: String,
    files: Vec<Placed>,
}

/// A file below that folder.
struct Placed {
    /// The path that the user knows it by.
    given: String,
    path: String,
    text: String,
    /// The text without what its Secrets hold.
    masked: String,
    /// Whether it holds a Secret.
    is_secret: bool,
}

impl Tree {
    /// Paths of a request relative to its config's folder, which may lead out of it, become paths below one folder.
    fn new(request: &Request) -> Result<Tree, Failure> {
        let is_wanted = |file: &&File| {
            let is_current = |current: &String| file.path == *current || file.path.starts_with(&format!("{current}/"));
            !file.path.contains("://") && (file.path == request.config || !request.current.iter().any(is_current))
        };
        let wanted: Vec<&File> = request.files.iter().filter(is_wanted).collect();
        let above = wanted.iter().map(|file| file.path.matches("../").count()).max().unwrap_or_default();
        // At least one folder: the root of a volume holds links of the kubelet's own.
        let folders = vec!["files"; above + 1];
        let placed = |path: &str| {
            let mut parts = folders.clone();
            for part in path.split('/') {
                if part == ".." {
                    parts.pop();
                } else {
                    parts.push(part);
                }
            }
            parts.join("/")
        };
        let files: Vec<Placed> = wanted.iter().map(|file| Placed::new(file, placed(&file.path))).collect();
        if let Some(file) = files.iter().find(|file| is_masked(&file.text)) {
            let message = format!("`{}` has a mask in the place of what a Secret holds", file.given);
            return Err(Failure::input(message).help("a link has masks only: give the deployment config itself"));
        }
        let size: usize = files.iter().map(|file| file.path.len() + file.text.len()).sum();
        if size > LIMIT_BYTES {
            return Err(Failure::input(format!(
                "the files have {size} bytes together, more than a ConfigMap may have"
            ))
            .help("give the target only the manifests that belong to it"));
        }
        Ok(Tree { config: placed(&request.config), files })
    }

    /// The files that hold a Secret or those that do not, each with its key.
    fn of(&self, is_secret: bool) -> impl Iterator<Item = (String, &Placed)> {
        let files = self.files.iter().enumerate().filter(move |(_, file)| file.is_secret == is_secret);
        files.map(|(index, file)| (key(index), file))
    }
}

impl Placed {
    fn new(file: &File, path: String) -> Placed {
        let masked = mask_text(&file.text).into_owned();
        let is_secret = masked != file.text;
        Placed { given: file.path.clone(), path, text: file.text.clone(), masked, is_secret }
    }
}

fn key(index: usize) -> String {
    format!("file-{index}")
}
