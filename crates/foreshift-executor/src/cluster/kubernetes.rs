//! A cluster behind a kubeconfig, or the one that the program runs in.

mod access;
mod since;

use std::future::ready;
use std::rc::Rc;
use std::time::Duration;

use futures_util::stream::StreamExt as _;
use http::header::{HeaderValue, USER_AGENT};
use kube::Resource as _;
use kube::api::{DeleteParams, DynamicObject, ListParams, Patch, PatchParams, PostParams, PropagationPolicy};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::core::{ApiResource, GroupVersionKind, Request};
use kube::discovery::Scope as DiscoveredScope;
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{self, Event};
use kube::{Api, Client, Config};
use serde_json::json;

pub use self::access::{Access, contexts};
use self::access::{read, unusable};
use super::client::{self, SILENT, WATCHED};
use super::{ApiError, At, Cluster, Dependents, Json, Kind, Listed, Mode, Reason, Scope, Seen, Watch, Who};
use crate::FIELD_MANAGER;
use crate::said::said;

/// How long an answer may take. Watches have a time of their own.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Who asks, as the cluster's audit log has it.
const AGENT: &str = concat!("foreshift/", env!("CARGO_PKG_VERSION"));

/// A real cluster.
#[derive(Clone)]
pub struct Kubernetes {
    client: Client,
    config: Rc<Config>,
    /// Which one it is, for a reader.
    place: Rc<str>,
    /// After how many seconds a watch is begun again, where nothing else tells that it is dead.
    watched: Option<u32>,
}

/// Connects to a cluster; nothing is asked of it yet.
pub async fn connect(access: Access<'_>) -> Result<Kubernetes, ApiError> {
    // One without a current context says nothing, unless somebody says which context.
    let is_said = |read: &Kubeconfig| access.context.is_some() || read.current_context.is_some();
    let (mut config, place) = match read(access.kubeconfig)?.filter(is_said) {
        Some(kubeconfig) => {
            let context = access.context.map(str::to_owned).or_else(|| kubeconfig.current_context.clone());
            let options = KubeConfigOptions { context: context.clone(), ..KubeConfigOptions::default() };
            let config =
                Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(|error| unusable(&error))?;
            (config, context.map_or_else(|| "the current context".to_owned(), |context| format!("context {context}")))
        }
        None if access.context.is_some() => {
            return Err(ApiError::new(Reason::Unauthorized, "there is no kubeconfig that could have a context"));
        }
        None => {
            let here = Config::incluster().map_err(|error| {
                let message = format!("no kubeconfig says which context, and this runs in no cluster: {error}");
                ApiError::new(Reason::Unauthorized, message)
            });
            (here?, "the cluster that this runs in".to_owned())
        }
    };
    config.connect_timeout = Some(Duration::from_secs(5));
    // What limits a single request is in `answer`, and a connection that is dead is found out by `client`.
    config.read_timeout = (!client::is_asked(&config)).then_some(SILENT);
    // Whether and how long a request is made again is decided in one place, by whoever makes it.
    config.default_retry = false;
    let place = said(&format!("{place} (server {})", config.cluster_url)).into();
    Kubernetes::named(Rc::new(config), place, AGENT)
}

impl Kubernetes {
    fn named(config: Rc<Config>, place: Rc<str>, agent: &str) -> Result<Kubernetes, ApiError> {
        let mut named = Config::clone(&config);
        named.headers.extend(HeaderValue::try_from(agent).ok().map(|agent| (USER_AGENT, agent)));
        let watched = (!client::is_asked(&named)).then_some(WATCHED);
        let client = client::client(named)?;
        Ok(Kubernetes { client, config, place, watched })
    }

    /// The same cluster, which is told with each request the run that it belongs to: its audit log has it then.
    pub fn of_run(&self, run: &str) -> Result<Kubernetes, ApiError> {
        let (config, place) = (Rc::clone(&self.config), Rc::clone(&self.place));
        Kubernetes::named(config, place, &format!("{AGENT} (run {run})"))
    }

    /// Which cluster it is, for a reader: its context and the address of its server.
    pub fn place(&self) -> &str {
        &self.place
    }
}

impl Kubernetes {
    /// Whether there is a namespace of that name.
    pub async fn has_namespace(&self, name: &str) -> Result<bool, ApiError> {
        let kind = Kind {
            group: String::new(),
            version: "v1".to_owned(),
            kind: "Namespace".to_owned(),
            plural: "namespaces".to_owned(),
            is_namespaced: false,
        };
        let at = At { kind, namespace: String::new(), name: name.to_owned() };
        Ok(self.get(&at).await?.is_some())
    }

    fn request(at: &At) -> Request {
        Request::new(address(&at.kind, &at.namespace))
    }

    async fn answer<B: Into<Vec<u8>>>(
        &self,
        request: Result<http::Request<B>, kube::core::request::Error>,
    ) -> Result<Json, ApiError> {
        let request = request.map_err(|error| ApiError::new(Reason::Refused, error.to_string()))?.map(Into::into);
        match tokio::time::timeout(TIMEOUT, self.client.request(request)).await {
            Ok(answer) => answer.map_err(|error| failure(&error)),
            Err(_) => Err(ApiError::new(Reason::Passing, "the cluster does not answer")),
        }
    }
}

impl Cluster for Kubernetes {
    async fn get(&self, at: &At) -> Result<Option<Json>, ApiError> {
        match self.answer(Self::request(at).get(&at.name, &kube::api::GetParams::default())).await {
            Ok(object) => Ok(Some(object)),
            Err(error) if error.reason == Reason::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn list(&self, scope: &Scope) -> Result<Listed, ApiError> {
        let (field_selector, label_selector) = selectors(scope);
        let params = ListParams { field_selector, label_selector, ..ListParams::default() };
        let mut list = self.answer(Request::new(address(&scope.kind, &scope.namespace)).list(&params)).await?;
        let items = list.get_mut("items").and_then(Json::as_array_mut).map(std::mem::take).unwrap_or_default();
        Ok(Listed {
            objects: items.into_iter().map(|item| named(item, &scope.kind)).collect(),
            version: crate::tree::text(&list, "/metadata/resourceVersion").to_owned(),
        })
    }

    async fn create(&self, at: &At, object: &Json, mode: Mode) -> Result<Json, ApiError> {
        self.answer(Self::request(at).create(&posted(mode), bytes(object))).await
    }

    async fn replace(&self, at: &At, object: &Json, mode: Mode) -> Result<Json, ApiError> {
        self.answer(Self::request(at).replace(&at.name, &posted(mode), bytes(object))).await
    }

    async fn apply(&self, at: &At, object: &Json, mode: Mode) -> Result<Json, ApiError> {
        let mut params = PatchParams::apply(FIELD_MANAGER).force();
        params.dry_run = mode == Mode::DryRun;
        self.answer(Self::request(at).patch(&at.name, &params, &Patch::Apply(object))).await
    }

    async fn delete(
        &self,
        at: &At,
        (uid, version): (&str, Option<&str>),
        dependents: Dependents,
    ) -> Result<(), ApiError> {
        let propagation = match dependents {
            Dependents::Removed => PropagationPolicy::Background,
            Dependents::Orphaned => PropagationPolicy::Orphan,
        };
        let params = DeleteParams {
            propagation_policy: Some(propagation),
            preconditions: Some(kube::api::Preconditions {
                uid: Some(uid.to_owned()),
                resource_version: version.map(ToOwned::to_owned),
            }),
            ..DeleteParams::default()
        };
        match self.answer(Self::request(at).delete(&at.name, &params)).await {
            Ok(_) => Ok(()),
            Err(error) if error.reason == Reason::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn delete_all(&self, scope: &Scope) -> Result<(), ApiError> {
        let (field_selector, label_selector) = selectors(scope);
        let which = ListParams { field_selector, label_selector, ..ListParams::default() };
        let request = Request::new(address(&scope.kind, &scope.namespace));
        self.answer(request.delete_collection(&DeleteParams::default(), &which)).await.map(|_| ())
    }

    fn watch(&self, scope: &Scope, since: Option<Listed>) -> Watch {
        let api: Api<DynamicObject> = if scope.namespace.is_empty() {
            Api::all_with(self.client.clone(), &resource(&scope.kind))
        } else {
            Api::namespaced_with(self.client.clone(), &scope.namespace, &resource(&scope.kind))
        };
        let (field_selector, label_selector) = selectors(scope);
        let timeout = self.watched;
        let config = watcher::Config { field_selector, label_selector, timeout, ..watcher::Config::default() };
        let going_on = since.map(|since| since::from(api.clone(), scope, since, timeout));
        let kind = scope.kind.clone();
        let mut first = Vec::new();
        let told = watcher::watcher(api, config).default_backoff().filter_map(move |event| {
            let json = |object: &DynamicObject| named(serde_json::to_value(object).unwrap_or_default(), &kind);
            ready(match event {
                Ok(Event::Init) => {
                    first.clear();
                    None
                }
                Ok(Event::InitApply(object)) => {
                    first.push(json(&object));
                    None
                }
                Ok(Event::InitDone) => Some(Ok(Seen::All(std::mem::take(&mut first)))),
                Ok(Event::Apply(object)) => Some(Ok(Seen::One(json(&object)))),
                Ok(Event::Delete(object)) => Some(Ok(Seen::Gone(json(&object)))),
                Err(error) => Some(Err(interruption(&error))),
            })
        });
        match going_on {
            Some(going_on) => Box::pin(going_on.chain(told)),
            None => Box::pin(told),
        }
    }

    async fn kind(&self, api_version: &str, kind: &str) -> Result<Option<Kind>, ApiError> {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let wanted = GroupVersionKind::gvk(group, version, kind);
        match kube::discovery::pinned_kind(&self.client, &wanted).await {
            Ok((found, capabilities)) => Ok(Some(Kind {
                group: found.group,
                version: found.version,
                kind: found.kind,
                plural: found.plural,
                is_namespaced: capabilities.scope == DiscoveredScope::Namespaced,
            })),
            Err(kube::Error::Discovery(_)) => Ok(None),
            Err(error) => match failure(&error) {
                error if error.reason == Reason::NotFound => Ok(None),
                error => Err(error),
            },
        }
    }

    fn name(&self) -> String {
        self.place.to_string()
    }

    async fn who(&self) -> Result<Who, ApiError> {
        let review = json!({ "apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview" });
        let reviews = Request::new("/apis/authentication.k8s.io/v1/selfsubjectreviews");
        let answer = self.answer(reviews.create(&PostParams::default(), bytes(&review))).await?;
        let text = |value: &Json| value.as_str().map(str::to_owned);
        let groups = answer.pointer("/status/userInfo/groups").and_then(Json::as_array);
        Ok(Who {
            user: answer.pointer("/status/userInfo/username").and_then(text).unwrap_or_default(),
            groups: groups.into_iter().flatten().filter_map(text).collect(),
        })
    }
}

/// What of a scope is no part of an address: the selectors of fields and of labels.
fn selectors(scope: &Scope) -> (Option<String>, Option<String>) {
    let fields = scope.name.as_ref().map(|name| format!("metadata.name={name}"));
    (fields, Some(scope.labels.clone()).filter(|labels| !labels.is_empty()))
}

/// Where the objects of a kind are.
fn address(kind: &Kind, namespace: &str) -> String {
    let namespace = (kind.is_namespaced && !namespace.is_empty()).then_some(namespace);
    DynamicObject::url_path(&resource(kind), namespace)
}

fn resource(kind: &Kind) -> ApiResource {
    ApiResource {
        group: kind.group.clone(),
        version: kind.version.clone(),
        api_version: kind.api_version(),
        kind: kind.kind.clone(),
        plural: kind.plural.clone(),
    }
}

fn posted(mode: Mode) -> PostParams {
    PostParams { dry_run: mode == Mode::DryRun, field_manager: Some(FIELD_MANAGER.to_owned()) }
}

fn bytes(object: &Json) -> Vec<u8> {
    object.to_string().into_bytes()
}

/// An item of a list with its kind, which lists leave out, and without what nobody looks at: of objects that come in numbers
/// and are not written as they were read, that is the most.
fn named(mut object: Json, kind: &Kind) -> Json {
    let drop = |object: &mut Json, pointer: &str, fields: &[&str]| {
        let map = object.pointer_mut(pointer).and_then(Json::as_object_mut);
        if let Some(map) = map {
            map.retain(|field, _| !fields.contains(&&**field));
        }
    };
    match kind.kind.as_str() {
        "Pod" if kind.group.is_empty() => {
            drop(&mut object, "", &["spec"]);
            drop(&mut object, "/metadata", &["managedFields", "annotations"]);
            drop(&mut object, "/status", &["containerStatuses", "initContainerStatuses", "podIPs", "hostIPs"]);
        }
        "EndpointSlice" | "ReplicaSet" => drop(&mut object, "/metadata", &["managedFields"]),
        _ => {}
    }
    if let Some(map) = object.as_object_mut() {
        map.insert("apiVersion".to_owned(), kind.api_version().into());
        map.insert("kind".to_owned(), kind.kind.clone().into());
    }
    object
}

fn failure(error: &kube::Error) -> ApiError {
    let kube::Error::Api(status) = error else {
        // What did not come as an answer of the API: a connection that broke, a proxy, TLS, credentials that a program
        // did not give.
        let reason = if matches!(error, kube::Error::Auth(_)) { Reason::Unauthorized } else { Reason::Passing };
        return ApiError::new(reason, format!("the API server cannot be asked: {}", cause(error)));
    };
    let reason = match (status.code, status.reason.as_str()) {
        (401, _) => Reason::Unauthorized,
        (403, _) => Reason::Forbidden,
        (404, _) => Reason::NotFound,
        (409, "AlreadyExists") => Reason::Exists,
        (409, _) => Reason::Conflict,
        (408 | 429 | 500..=599, _) => Reason::Passing,
        _ => Reason::Refused,
    };
    let message = if status.message.is_empty() { status.reason.clone() } else { status.message.clone() };
    ApiError::new(reason, message)
}

/// What an error comes down to: the words of its innermost cause.
fn cause(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(inner) = innermost.source() {
        innermost = inner;
    }
    innermost.to_string()
}

fn interruption(error: &watcher::Error) -> ApiError {
    match error {
        watcher::Error::InitialListFailed(error)
        | watcher::Error::WatchStartFailed(error)
        | watcher::Error::WatchFailed(error) => failure(error),
        watcher::Error::WatchError(status) => ApiError::new(Reason::Passing, status.message.clone()),
        watcher::Error::NoResourceVersion => ApiError::new(Reason::Refused, error.to_string()),
    }
}
