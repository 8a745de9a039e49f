//! What the gates of a plan need from outside, said before the first write.

use std::collections::BTreeSet;

use foreshift_core::config::Call;
use foreshift_core::plan::{Gate, Plan};
use foreshift_core::template::{self, Piece};

use super::{Outside, Secrets, Whether};

/// What is missing for the gates of a plan, a line each; nothing where they can be carried out, as in a simulation.
pub fn needs(plan: &Plan, outside: &Outside) -> Vec<String> {
    if outside.asked == Whether::Simulated {
        return Vec::new();
    }
    let mut missing = BTreeSet::new();
    for gate in plan.start.gates.iter().chain(plan.stages.iter().flat_map(|stage| &stage.gates)) {
        of_gate(gate, outside, &mut missing);
    }
    missing.into_iter().collect()
}

/// The names of the secrets that the templates of a plan use.
pub fn secrets(plan: &Plan) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut add = |name: &str| {
        if let Some(secret) = name.strip_prefix(template::SECRETS) {
            names.insert(secret.to_owned());
        }
    };
    for gate in plan.start.gates.iter().chain(plan.stages.iter().flat_map(|stage| &stage.gates)) {
        each_variable(gate, &mut add);
    }
    names
}

impl Secrets {
    /// The secrets of a plan's templates that `variable` knows.
    pub fn of(plan: &Plan, variable: impl Fn(&str) -> Option<String>) -> Secrets {
        let names = secrets(plan);
        Secrets::find(names.iter().map(String::as_str), variable)
    }
}

fn of_gate(gate: &Gate, outside: &Outside, missing: &mut BTreeSet<String>) {
    match gate {
        Gate::All(gates) => gates.iter().for_each(|gate| of_gate(gate, outside, missing)),
        Gate::Analysis(analysis) => {
            for query in &analysis.queries {
                missing.extend(outside.providers.find(analysis.provider(query)).err());
            }
        }
        _ => {}
    }
    each_variable(gate, &mut |name| {
        let secret = name.strip_prefix(template::SECRETS);
        if let Some(secret) = secret.filter(|secret| outside.secrets.get(secret).is_none()) {
            missing.insert(format!("the secret `{secret}` is not in `{}`", Secrets::variable(secret)));
        }
        if name == "armory.callbackUri" && outside.callbacks.is_none() {
            missing.insert("a webhook is to call back, and nobody says where".to_owned());
        }
        if name.starts_with("armory.preview.") {
            missing.insert(format!("`{name}` is the address of a Service that nobody exposes"));
        }
    });
}

/// Every variable in the templates of a gate.
fn each_variable(gate: &Gate, each: &mut dyn FnMut(&str)) {
    let mut each_in = |text: &str| {
        for piece in template::pieces(text) {
            if let Piece::Variable(name, _) = piece {
                each(name);
            }
        }
    };
    match gate {
        Gate::Analysis(analysis) => analysis.queries.iter().for_each(|query| each_in(&query.query_template)),
        Gate::Webhook(call) => templates(call).for_each(each_in),
        Gate::All(gates) => gates.iter().for_each(|gate| each_variable(gate, each)),
        Gate::Ready { .. } | Gate::Settled | Gate::PodsGone | Gate::Duration { .. } | Gate::Approval { .. } => {}
    }
}

/// Every template of a webhook.
pub(super) fn templates(call: &Call) -> impl Iterator<Item = &str> {
    let headers = call.webhook.headers.iter().map(|(_, value)| value.as_str());
    let texts = [Some(call.webhook.uri_template.as_str()), call.webhook.body.as_deref()];
    texts.into_iter().flatten().chain(headers)
}
