//! What gates take from whoever carries a rollout out: addresses, tokens, secrets, and what this rollout is.

use std::collections::BTreeMap;

use foreshift_core::config::Context;
use foreshift_core::plan::Plan;
use foreshift_core::template;

use super::Callbacks;
use crate::http::escaped;
use crate::said::said;

/// What stands where a secret was.
const HIDDEN: &str = "[hidden]";

/// Everything that is outside of the cluster.
#[derive(Debug, Default)]
pub struct Outside {
    /// Whether anybody is asked at all.
    pub asked: Whether,
    /// Where metrics are.
    pub providers: Providers,
    /// What templates name as `secrets.…`.
    pub secrets: Secrets,
    /// Where webhooks call back.
    pub callbacks: Option<Callbacks>,
    /// The debug addresses of istiods whose proxies are waited for.
    pub istiods: Vec<String>,
}

/// Whether those outside are asked.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Whether {
    /// They are.
    #[default]
    Asked,
    /// A simulation answers for them: nothing is called, no address and no secret is needed.
    Simulated,
}

/// A metric provider: something with Prometheus' API.
#[derive(Clone, Eq, PartialEq)]
pub struct Provider {
    /// Its address, without `/api/v1/query`.
    pub url: String,
    /// A bearer token.
    pub token: Option<String>,
}

/// Metric providers by their names in the config.
#[derive(Clone, Debug, Default)]
pub struct Providers {
    by_name: BTreeMap<String, Provider>,
}

/// Secrets by their names in templates.
#[derive(Clone, Default)]
pub struct Secrets {
    by_name: BTreeMap<String, String>,
}

/// What templates can say about a rollout.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Facts {
    /// The application.
    pub application: String,
    /// The run's id.
    pub deployment: String,
    /// The target's name, Armory's environment.
    pub environment: String,
    /// The target's account.
    pub account: String,
    /// The target's namespace.
    pub namespace: String,
    /// The new ReplicaSet of the target's first workload; empty where nothing runs yet.
    pub replica_set: String,
}

impl Outside {
    /// Nothing and nobody: a simulation answers for whoever would be asked.
    pub fn simulated() -> Outside {
        Outside { asked: Whether::Simulated, ..Outside::default() }
    }

    /// What somebody said, as it may be shown and kept: without what only we are to know.
    pub(super) fn said(&self, text: &str) -> String {
        let tokens = self.providers.by_name.values().filter_map(|provider| provider.token.as_ref());
        let mut hidden: Vec<&String> = self.secrets.by_name.values().chain(tokens).collect();
        // Of two of which one is in the other the longer one, else what it has more would stay.
        hidden.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        let mut out = text.to_owned();
        for secret in hidden.into_iter().filter(|secret| !secret.is_empty()) {
            out = out.replace(secret, HIDDEN).replace(&escaped(secret), HIDDEN);
        }
        said(&out)
    }
}

impl Providers {
    /// Providers given as `NAME=URL`, each with the token that `variable` knows under `FORESHIFT_METRICS_TOKEN_NAME`.
    pub fn parse(given: &[String], variable: impl Fn(&str) -> Option<String>) -> Result<Providers, String> {
        let mut by_name = BTreeMap::new();
        for given in given {
            let (name, url) = given.split_once('=').ok_or("a metric provider is given as `NAME=URL`")?;
            if !url.starts_with("http://") && !url.starts_with("https://") {
                return Err(format!("the address of `{name}` does not begin with `http://` or `https://`"));
            }
            let token = variable(&Providers::variable(name)).map(|token| without_end(&token));
            let url = url.trim_end_matches('/').to_owned();
            if by_name.insert(name.to_owned(), Provider { url, token }).is_some() {
                return Err(format!("the metric provider `{name}` is given twice"));
            }
        }
        Ok(Providers { by_name })
    }

    /// The environment variable that a provider's token comes from.
    pub fn variable(name: &str) -> String {
        format!("FORESHIFT_METRICS_TOKEN_{}", shouted(name))
    }

    /// The provider of that name; without a name the only one that there is.
    pub fn find(&self, name: Option<&str>) -> Result<&Provider, String> {
        match name {
            Some(name) => {
                self.by_name.get(name).ok_or_else(|| format!("nobody says where the metric provider `{name}` is"))
            }
            None if self.by_name.len() == 1 => self.by_name.values().next().ok_or_else(String::new),
            None => Err("the config names no metric provider, and there is not just one".to_owned()),
        }
    }
}

impl Secrets {
    /// The secrets of these names that `variable` knows under `FORESHIFT_SECRET_NAME`.
    pub fn find<'a>(names: impl IntoIterator<Item = &'a str>, variable: impl Fn(&str) -> Option<String>) -> Secrets {
        let known = |name: &str| Some((name.to_owned(), without_end(&variable(&Secrets::variable(name))?)));
        Secrets { by_name: names.into_iter().filter_map(known).collect() }
    }

    /// The environment variable that a secret comes from.
    pub fn variable(name: &str) -> String {
        format!("FORESHIFT_SECRET_{}", shouted(name))
    }

    /// What a secret says.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.by_name.get(name).map(String::as_str)
    }
}

impl Facts {
    /// What can be said about the rollout of a plan.
    pub fn of(plan: &Plan, application: &str, run: &str, account: Option<&str>) -> Facts {
        let replica_set = plan.workloads.first().map(|workload| workload.replica_set.name.clone());
        Facts {
            application: application.to_owned(),
            deployment: run.to_owned(),
            environment: plan.target.clone(),
            account: account.unwrap_or_default().to_owned(),
            namespace: plan.namespace.clone(),
            replica_set: replica_set.unwrap_or_default(),
        }
    }

    /// What a variable says that every template knows.
    fn get(&self, name: &str) -> Option<&str> {
        Some(match name {
            "armory.applicationName" => &self.application,
            "armory.deploymentId" => &self.deployment,
            "armory.environmentName" => &self.environment,
            "armory.replicaSetName" => &self.replica_set,
            "armory.accountName" => &self.account,
            "armory.namespace" => &self.namespace,
            _ => return None,
        })
    }
}

/// A template filled; `more` knows what is special to its use.
pub(super) fn fill(
    text: &str,
    (facts, context, secrets): (&Facts, &Context, &Secrets),
    more: impl Fn(&str) -> Option<String>,
) -> Result<String, String> {
    let value = |name: &str| {
        let own = name.strip_prefix(template::CONTEXT).and_then(|name| context.get(name));
        let secret = || name.strip_prefix(template::SECRETS).and_then(|name| secrets.get(name));
        own.or_else(secret).or_else(|| facts.get(name)).map(str::to_owned).or_else(|| more(name))
    };
    template::fill(text, value).map_err(|name| format!("nobody gives the variable `{name}`"))
}

/// A value as it was meant: a file that is mounted, or read by a shell, often ends with a line break.
fn without_end(value: &str) -> String {
    value.trim_end_matches(['\r', '\n']).to_owned()
}

/// A name as environment variables have it.
fn shouted(name: &str) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' };
    name.chars().map(letter).collect()
}

/// An address without the name and the password that may stand in it.
pub(super) fn without_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

/// Tokens are not for logs.
impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let token = self.token.as_ref().map(|_| "…");
        f.debug_struct("Provider").field("url", &without_user(&self.url)).field("token", &token).finish()
    }
}

/// Secrets are not for logs.
impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.by_name.keys()).finish()
    }
}
