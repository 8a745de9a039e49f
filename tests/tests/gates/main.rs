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
    // As a file is mounted, or a shell reads it.
    let variable = |name: &str| match name {
        "FORESHIFT_SECRET_CI" => Some("s3cret\n".to_owned()),
        "FORESHIFT_METRICS_TOKEN_METRICS" => Some("t0ken\r\n".to_owned()),
        _ => None,
    };
    let providers = Providers::parse(&[format!("metrics={metrics}")], variable).expect("a provider");
    Outside { providers, secrets: Secrets::find(["ci", "none"], variable), ..Outside::default() }
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

/// A simulation answers for everybody outside, and needs nothing of theirs.
#[test]
fn a_simulation_asks_nobody() {
    let case = tests::case::all().into_iter().find(|case| case.name == "canary/every-gate").expect("the case");
    let preview = foreshift_core::preview(&case.request);
    assert_eq!(gate::needs(preview.plans.first().expect("a plan"), &Outside::simulated()), Vec::<String>::new());
    run(async {
        let server = server::Server::new(|_, _| (500, "", String::new())).await;
        let sections = format!(
            "webhooks: [{{name: tell, uriTemplate: \"{}/{{{{secrets.none}}}}\"}}]\n\
             analysis: {{queries: [{{name: errors, queryTemplate: a, upperLimit: 1}}]}}",
            server.url
        );
        let steps = "[{setWeight: {weight: 10}}, {runWebhook: {name: tell}}, {analysis: {interval: 60, units: seconds, numberOfJudgmentRuns: 1, \
                     queries: [errors]}}, {analysis: {interval: 60, units: seconds, numberOfJudgmentRuns: 1, queries: [errors], \
                     rollForwardMode: manual}}]";
        let [Wait::Webhook(call), Wait::Analysis(automatic), Wait::Analysis(manual)] = &waits(steps, &sections)[..]
        else {
            panic!("a webhook and two analyses")
        };
        let (begun, outside, facts) = (begun(Begun::now()), Outside::simulated(), facts());
        let start = Begun::now();
        let held = gate::webhook::hold(call, (&outside, &facts), "", &start, record(&begun)).await;
        assert_eq!(held, Ok(Verdict::Holds));
        let held = gate::analysis::hold(automatic, (&outside, &facts), &start, record(&begun)).await;
        assert_eq!(held, Ok(Verdict::Holds));
        let asked = gate::analysis::hold(manual, (&outside, &facts), &start, record(&begun)).await;
        assert!(matches!(asked, Ok(Verdict::Ask { forward: true, .. })), "{asked:?}");
        let whom = |progress: &Progress| match progress {
            Progress::NotAsked { whom } => whom.clone(),
            other => panic!("{other:?}"),
        };
        let told: Vec<String> = begun.borrow().1.iter().map(whom).collect();
        let metrics = "the metric provider of `errors`";
        assert_eq!(told, ["webhook `tell`", metrics, metrics]);
        assert!(server.requests().is_empty());
    });
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
            ..Outside::default()
        };
        assert_eq!(gate::needs(plan, &outside), Vec::<String>::new());
        let shown = format!("{outside:?}");
        assert!(!shown.contains("FORESHIFT_SECRET"), "a secret is not for logs: {shown}");
    });
    for given in ["a", "a=b", "a=ftp://b", "a=ftp://user:s3cret@b"] {
        let why = Providers::parse(&[given.to_owned()], |_| None).expect_err(given);
        assert!(!why.contains("s3cret"), "{why}");
    }
    let known = Providers::parse(&["a=http://user:s3cret@b/c".to_owned()], |_| Some("t0ken".to_owned()));
    let shown = format!("{known:?}");
    assert!(shown.contains("http://b/c") && !shown.contains("s3cret") && !shown.contains("t0ken"), "{shown}");
    assert!(Providers::parse(&["a=http://b".to_owned(), "a=http://c".to_owned()], |_| None).is_err());
    let facts = Facts::of(plan, &preview.application, "run-1", None);
    assert_eq!((facts.environment.as_str(), facts.namespace.as_str()), ("prod", "shop"));
    assert!(facts.replica_set.starts_with("reviews-"), "{facts:?}");
}
