//! The config as meant: typed values, with every reference followed.

use std::rc::Rc;

use crate::order::Keys;

use super::call::Callable;
use super::read::{entries, is_word, items, key_span, pairs, period, string, suggest, text, texts};
use super::traffic::warn_of_idle_services;
use super::variables::Lookups;
use super::{Config, IfInProgress, Query, Spanned, Traffic, Webhook};
use crate::diagnostic::{Code, Diagnostic};
use crate::text::Node;
use crate::value::Value;

/// How long pods may take to get Ready where the user says nothing (Armory).
const TIMEOUT_SECONDS: u32 = 1800;

/// What reading needs everywhere: the names that may be referred to, and where findings go.
pub(super) struct Reader<'a> {
    pub(super) diagnostics: &'a mut Vec<Diagnostic>,
    /// The config's text.
    pub(super) file: &'a str,
    pub(super) timeout_seconds: u32,
    pub(super) context: Rc<Vec<(String, String)>>,
    pub(super) default_metric_provider: Option<String>,
    pub(super) queries: Callable<Query>,
    pub(super) webhooks: Callable<Webhook>,
    /// The names of the config's context.
    pub(super) given: Keys<&'a str>,
    pub(super) lookups: Lookups,
    names: Names<'a>,
}

/// The names of everything that may be referred to, also of what could not be read.
struct Names<'a> {
    targets: Keys<&'a str>,
    strategies: Keys<&'a str>,
    queries: Keys<&'a str>,
    webhooks: Keys<&'a str>,
}

/// What a name in the config may refer to.
#[derive(Clone, Copy)]
pub(super) enum Referred {
    Target,
    Strategy,
    Query,
    Webhook,
}

/// Reads a config whose shape was checked; `root` and `file` are what it was made from.
pub(super) fn read<'a>(config: &'a Value, root: &Node, file: &'a str, diagnostics: &'a mut Vec<Diagnostic>) -> Config {
    let keys = |key| entries(config, key).map(|(key, _)| &*key.name);
    let analysis = config.at(&["analysis"]);
    let names = Names {
        targets: keys("targets").collect(),
        strategies: keys("strategies").collect(),
        queries: names(analysis, "queries"),
        webhooks: names(Some(config), "webhooks"),
    };
    let mut reader = Reader {
        diagnostics,
        file,
        timeout_seconds: TIMEOUT_SECONDS,
        context: Rc::new(pairs(config, "context")),
        default_metric_provider: analysis.and_then(|analysis| string(analysis, "defaultMetricProviderName")),
        queries: Callable::new(),
        webhooks: Callable::new(),
        given: keys("context").collect(),
        lookups: Lookups::default(),
        names,
    };
    // What steps refer to comes before the steps.
    reader.timeout_seconds = reader.timeout(config);
    let queries = reader.queries(config);
    let webhooks = reader.webhooks(config);
    let targets = reader.targets(config);
    let traffic: Vec<Traffic> = items(config, "trafficManagement").iter().map(|entry| reader.traffic(entry)).collect();
    warn_of_idle_services(&traffic, &targets, reader.diagnostics);
    let deployment = config.at(&["deploymentConfig"]);
    warn_of_removed_deployment(deployment, reader.diagnostics);
    Config {
        application: text(config, "application")
            .unwrap_or(Spanned { value: String::new(), span: config.span.start_point() }),
        description: string(config, "description"),
        context: Rc::clone(&reader.context),
        timeout_seconds: reader.timeout_seconds,
        keep_deployment_object: deployment.and_then(|deployment| deployment.at(&["keepDeploymentObject"])?.as_bool()),
        if_in_progress: if_in_progress(config),
        manifests: reader.manifests(config, root, file),
        default_metric_provider: reader.default_metric_provider,
        queries,
        webhooks,
        targets,
        traffic,
    }
}

fn warn_of_removed_deployment(deployment: Option<&Value>, diagnostics: &mut Vec<Diagnostic>) {
    let keep = deployment.and_then(|deployment| deployment.at(&["keepDeploymentObject"]));
    if let Some(keep) = keep.filter(|keep| keep.as_bool() == Some(false)) {
        diagnostics.push(
            Diagnostic::new(
                Code::DeploymentRemoved,
                keep.span,
                "the Deployment is removed at the end; its ReplicaSet stays",
            )
            .help("leave the field out, and the Deployment stays"),
        );
    }
}

impl Reader<'_> {
    fn timeout(&mut self, config: &Value) -> u32 {
        let timeout = config.at(&["deploymentConfig"]).and_then(|deployment| period(deployment, "timeout"));
        let Some(timeout) = timeout else {
            return TIMEOUT_SECONDS;
        };
        if timeout.value > 0 && timeout.value < 60 {
            let message = format!("a timeout of `{}` seconds is below 1 minute", timeout.value);
            self.diagnostics.push(
                Diagnostic::new(Code::TimeoutTooShort, timeout.span, message)
                    .help("pods need time to get Ready; the default is 30 minutes"),
            );
        }
        timeout.value
    }

    /// The names of targets under `targets`, each looked up.
    pub(super) fn target_names(&mut self, entry: &Value) -> Vec<Spanned<String>> {
        let names = texts(entry, "targets");
        self.find_all(Referred::Target, &names);
        names
    }

    /// Reports every name that refers to nothing.
    pub(super) fn find_all(&mut self, referred: Referred, names: &[Spanned<String>]) {
        for name in names {
            self.find(referred, name);
        }
    }

    /// Reports a name that refers to nothing.
    pub(super) fn find(&mut self, referred: Referred, name: &Spanned<String>) {
        let (known, code, what) = match referred {
            Referred::Target => (&self.names.targets, Code::UnknownTarget, "target"),
            Referred::Strategy => (&self.names.strategies, Code::UnknownStrategy, "strategy"),
            Referred::Query => (&self.names.queries, Code::UnknownQuery, "query"),
            Referred::Webhook => (&self.names.webhooks, Code::UnknownWebhook, "webhook"),
        };
        if known.contains(name.value.as_str()) {
            return;
        }
        let message = format!("there is no {what} `{}`", name.value);
        self.diagnostics.push(Diagnostic::new(code, name.span, message).help(suggest(&name.value, known)));
    }

    /// Reports a list under `key` that is there and has no entry.
    pub(super) fn refuse_empty(&mut self, value: &Value, key: &str) {
        let list = value.at(&[key]).and_then(Value::as_seq);
        if list.is_some_and(<[Value]>::is_empty) {
            let message = format!("`{key}` is there and names nothing");
            self.diagnostics.push(
                Diagnostic::new(Code::EmptyList, key_span(value, key), message)
                    .help("name something in it, or leave it out"),
            );
        }
    }

    /// Reports a name that stands in `seen` already; says whether it did, and puts it there.
    pub(super) fn is_repeated(&mut self, code: Code, name: &Spanned<String>, seen: &mut Keys<String>) -> bool {
        if seen.insert(name.value.clone()) {
            return false;
        }
        let message = format!("the name `{}` is given twice", name.value);
        self.diagnostics.push(Diagnostic::new(code, name.span, message).help("give each a name of its own"));
        true
    }
}

fn names<'a>(value: Option<&'a Value>, key: &str) -> Keys<&'a str> {
    value
        .map(|value| items(value, key))
        .unwrap_or_default()
        .iter()
        .filter_map(|entry| entry.text_at(&["name"]))
        .collect()
}

fn if_in_progress(config: &Value) -> IfInProgress {
    let chosen = config.at(&["deploymentConfig", "ifDeploymentInProgress"]);
    if chosen.is_some_and(|chosen| is_word(chosen, "strategy", "enqueueOne")) {
        IfInProgress::EnqueueOne
    } else {
        IfInProgress::Reject
    }
}
