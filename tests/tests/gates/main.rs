//! Gates that ask somebody else, over real HTTP: webhooks, callbacks, and analyses, one of them of a real Prometheus.

mod analysis;
mod prometheus;
mod server;
mod webhook;

use std::rc::Rc;

use foreshift_core::config::{self, CanaryStepKind, Strategy, Wait};
use foreshift_core::text::{Origin, Sources};
use foreshift_executor::gate::{Begun, Facts, Outside, Progress, Providers, Secrets, Verdict};

/// The conditions of a canary's steps, in a config with these sections.
fn waits(steps: &str, sections: &str) -> Vec<Wait> {
    let text = format!(
        "application: reviews\ncontext: {{team: shop, tone: low}}\nmanifests: [{{path: a.yaml}}]\n\
         deploymentConfig: {{timeout: {{duration: 1, unit: minutes}}}}\n\
         targets: {{prod: {{account: east, namespace: books, strategy: canary}}}}\n\
         strategies: {{canary: {{canary: {{steps: {steps}}}}}}}\n{sections}\n"
    );
    let mut sources = Sources::default();
    let id = sources.add("deploy.yaml", &text, Origin::default());
    let mut diagnostics = Vec::new();
    let config = config::parse(id, &text, &mut diagnostics).expect("a config");
    assert!(diagnostics.iter().all(|found| !found.is_error()), "{diagnostics:?}");
    let Strategy::Canary(steps) = &config.targets[0].strategy.value else { panic!("a canary") };
    let waits = steps.iter().filter_map(|step| match &step.kind {
        CanaryStepKind::Wait(wait) => Some(wait.clone()),
        _ => None,
    });
    waits.collect()
}

fn facts() -> Facts {
    Facts {
        application: "reviews".into(),
        deployment: "run-1".into(),
        environment: "prod".into(),
        account: "east".into(),
        namespace: "books".into(),
        replica_set: "reviews-cd6648".into(),
    }
}

/// What is outside, with the metric provider `metrics` and the secret `ci`.
fn outside(metrics: &str) -> Outside {
    let variable = |name: &str| match name {
        "FORESHIFT_SECRET_CI" => Some("s3cret".to_owned()),
        "FORESHIFT_METRICS_TOKEN_METRICS" => Some("t0ken".to_owned()),
        _ => None,
    };
    let providers = Providers::parse(&[format!("metrics={metrics}")], variable).expect("a provider");
    Outside { providers, secrets: Secrets::find(["ci", "none"], variable), callbacks: None }
}

/// A gate's progress, taken down as a record would.
fn record(begun: &Rc<std::cell::RefCell<(Begun, Vec<Progress>)>>) -> impl AsyncFnMut(Progress) -> Result<(), ()> {
    let begun = Rc::clone(begun);
    async move |progress| {
        let mut begun = begun.borrow_mut();
        begun.0.note(&progress);
        begun.1.push(progress);
        Ok(())
    }
}

fn begun(begun: Begun) -> Rc<std::cell::RefCell<(Begun, Vec<Progress>)>> {
    Rc::new(std::cell::RefCell::new((begun, Vec::new())))
}

/// Runs a test on one thread.
fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, test);
}

/// Why a gate failed.
fn why(verdict: Result<Verdict, ()>) -> String {
    match verdict {
        Ok(Verdict::Failed { why }) => why,
        other => panic!("{other:?}"),
    }
}
