//! What steps refer to: the queries of an analysis, and webhooks.

use std::rc::Rc;

use crate::order::{Keys, Table};

use super::meaning::Reader;
use super::read::{flag, is_word, items, string, text};
use super::variables::Variables;
use super::{NetworkMode, Query, Spanned, Webhook};
use crate::diagnostic::{Code, Diagnostic};
use crate::value::{Data, Value};

/// What can be referred to, by name, with the variables of its templates.
pub(super) type Callable<T> = Table<String, (Rc<T>, Variables)>;

impl Reader<'_> {
    /// Every query that could be read; no name twice.
    pub(super) fn queries(&mut self, config: &Value) -> Vec<Rc<Query>> {
        let analysis = config.at(&["analysis"]);
        let mut seen = Keys::new();
        let mut queries = Vec::new();
        for entry in analysis.map_or(&[][..], |analysis| items(analysis, "queries")) {
            let Some(name) = text(entry, "name") else {
                continue;
            };
            self.refuse_unlimited(entry, &name);
            if !self.is_repeated(Code::DuplicateQuery, &name, &mut seen) {
                let query = Rc::new(query(name, entry));
                let variables = self.variables(&[entry.at(&["queryTemplate"])]);
                self.queries.insert(query.name.value.clone(), (Rc::clone(&query), variables));
                queries.push(query);
            }
        }
        queries
    }

    fn refuse_unlimited(&mut self, entry: &Value, name: &Spanned<String>) {
        let limit = entry.at(&["upperLimit"]).or_else(|| entry.at(&["lowerLimit"]));
        if limit.is_none() {
            let message = format!("the query `{}` has no limit, so nothing fails it", name.value);
            self.diagnostics.push(
                Diagnostic::new(Code::QueryWithoutLimit, name.span, message)
                    .help("add `upperLimit`, `lowerLimit` or both"),
            );
        }
    }

    /// Every webhook that could be read; no name twice.
    pub(super) fn webhooks(&mut self, config: &Value) -> Vec<Rc<Webhook>> {
        let mut seen = Keys::new();
        let mut webhooks = Vec::new();
        for entry in items(config, "webhooks") {
            let Some(name) = text(entry, "name") else {
                continue;
            };
            if !self.is_repeated(Code::DuplicateWebhook, &name, &mut seen) {
                let webhook = Rc::new(webhook(name, entry));
                let variables = self.variables(&templates(entry));
                self.webhooks.insert(webhook.name.value.clone(), (Rc::clone(&webhook), variables));
                webhooks.push(webhook);
            }
        }
        webhooks
    }
}

fn query(name: Spanned<String>, entry: &Value) -> Query {
    Query {
        name,
        query_template: string(entry, "queryTemplate").unwrap_or_default(),
        upper_limit: entry.at(&["upperLimit"]).and_then(number),
        lower_limit: entry.at(&["lowerLimit"]).and_then(number),
        metric_provider: string(entry, "metricProviderName"),
    }
}

fn number(value: &Value) -> Option<String> {
    match &value.data {
        Data::Int(number) => Some(number.to_string()),
        Data::Float(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Where a webhook may have variables: not in the names of headers (Armory).
fn templates(entry: &Value) -> Vec<Option<&Value>> {
    let mut templates = vec![entry.at(&["uriTemplate"]), entry.at(&["bodyTemplate", "inline"])];
    templates.extend(items(entry, "headers").iter().map(|header| header.at(&["value"])));
    templates
}

fn webhook(name: Spanned<String>, entry: &Value) -> Webhook {
    let header = |header: &Value| Some((string(header, "key")?, string(header, "value")?));
    let retries = entry.at(&["retryCount"]).and_then(Value::as_int);
    let body = entry.at(&["bodyTemplate"]);
    Webhook {
        name,
        method: string(entry, "method"),
        uri_template: string(entry, "uriTemplate").unwrap_or_default(),
        network_mode: if is_word(entry, "networkMode", "remoteNetworkAgent") {
            NetworkMode::RemoteNetworkAgent
        } else {
            NetworkMode::Direct
        },
        agent_identifier: string(entry, "agentIdentifier"),
        headers: items(entry, "headers").iter().filter_map(header).collect(),
        body: body.and_then(|body| string(body, "inline")),
        retry_count: retries.and_then(|retries| u32::try_from(retries).ok()).unwrap_or_default(),
        disable_callback: flag(entry, "disableCallback").unwrap_or_default(),
    }
}
