//! Gates that ask somebody else, over real HTTP: webhooks, callbacks, and analyses, one of them of a real Prometheus.

mod analysis;
mod prometheus;
mod server;
mod webhook;

use std::rc::Rc;

use foreshift_core::config::{self, CanaryStepKind, Strategy, Wait};
use foreshift_core::text::{Origin, Sources};
use foreshift_executor::gate::{self, Begun, Facts, Outside, Progress, Providers, Secrets, Verdict};

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
    Outside { providers, secrets: Secrets::find(["ci", "none"], variable), callbacks: None, istiods: Vec::new() }
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

/// What is missing is said before the first write, all of it.
#[test]
fn what_gates_need_is_known_from_the_plan() {
    let case = tests::case::all().into_iter().find(|case| case.name == "canary/every-gate").expect("the case");
    let mut request = case.request;
    for file in &mut request.files {
        let uri = "https://{{secrets.ci}}@ci.example/?{{armory.callbackUri}}{{secrets.other}}";
        file.text = file.text.replace("https://ci.example/tests", &format!("\"{uri}\""));
    }
    let preview = foreshift_core::preview(&request);
    let plan = preview.plans.first().expect("a plan");
    assert_eq!(
        gate::needs(plan, &Outside::default()),
        [
            "a webhook is to call back, and nobody says where",
            "nobody says where the metric provider `prometheus` is",
            "the secret `ci` is not in `FORESHIFT_SECRET_CI`",
            "the secret `other` is not in `FORESHIFT_SECRET_OTHER`",
        ]
    );
    run(async {
        let variable = |name: &str| name.starts_with("FORESHIFT_SECRET_").then(|| name.to_owned());
        let outside = Outside {
            providers: Providers::parse(&["prometheus=http://a/".to_owned()], |_| None).expect("a provider"),
            secrets: Secrets::of(plan, variable),
            callbacks: Some(gate::Callbacks::listen("127.0.0.1:0", None).await.expect("loopback")),
            istiods: Vec::new(),
        };
        assert_eq!(gate::needs(plan, &outside), Vec::<String>::new());
        let shown = format!("{outside:?}");
        assert!(!shown.contains("FORESHIFT_SECRET"), "a secret is not for logs: {shown}");
    });
    for given in ["a", "a=b", "a=ftp://b"] {
        assert!(Providers::parse(&[given.to_owned()], |_| None).is_err(), "{given}");
    }
    assert!(Providers::parse(&["a=http://b".to_owned(), "a=http://c".to_owned()], |_| None).is_err());
    let facts = Facts::of(plan, &preview.application, "run-1", None);
    assert_eq!((facts.environment.as_str(), facts.namespace.as_str()), ("prod", "shop"));
    assert!(facts.replica_set.starts_with("reviews-"), "{facts:?}");
}
