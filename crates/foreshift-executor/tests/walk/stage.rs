//! What every test of the walk needs: a rollout, a cluster in memory in which an earlier version runs, and a walk of it.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use foreshift_core::kubernetes::Key;
use foreshift_core::preview;
use foreshift_core::preview::{File, Request};
use foreshift_core::secret::Vault;
use foreshift_executor::cluster::{Json, Lists, Memory, Pace};
use foreshift_executor::live::{self, Planned};
use foreshift_executor::record::Answer;
use foreshift_executor::rollout::{self, Begin, Of};
use foreshift_executor::{Event, Options, Outcome, Stop, simulate};
use tokio::sync::watch;
use tokio::task::LocalSet;

/// How long pods take to come and to go.
pub(crate) const PACE: Pace = Pace { ready: Some(Duration::from_secs(3)), gone: Duration::from_secs(2) };

/// A cluster and the rollout that is to happen in it.
pub(crate) struct Stage {
    pub(crate) memory: Memory,
    pub(crate) request: Request,
    pub(crate) of: Of,
    pub(crate) events: Rc<RefCell<Vec<Event>>>,
}

/// Runs a test in a time that passes as soon as everybody waits.
pub(crate) fn play<F: Future>(work: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    LocalSet::new().block_on(&runtime, work)
}

/// A case of the repository as a request.
pub(crate) fn case(name: &str) -> Request {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases").join(name);
    let mut files = Vec::new();
    texts(&folder, &folder, &mut files);
    Request { config: "deploy.yaml".to_owned(), files, ..Request::default() }
}

/// The names of all cases of rollouts that work.
pub(crate) fn cases() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases");
    let topics = ["canary", "peers", "text", "warned"];
    let folders = topics.iter().flat_map(|topic| std::fs::read_dir(root.join(topic)).unwrap());
    let mut names: Vec<String> = folders
        .map(|folder| folder.unwrap().path())
        .filter(|folder| folder.join("deploy.yaml").is_file())
        .map(|folder| folder.strip_prefix(&root).unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn texts(folder: &Path, case: &Path, files: &mut Vec<File>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.strip_prefix(case).unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            texts(&path, case, files);
        } else if path.extension().is_some_and(|end| end == "yaml")
            && !["case.yaml", "plan.yaml"].contains(&name.as_str())
        {
            files.push(File { path: name, text: std::fs::read_to_string(&path).unwrap() });
        }
    }
}

impl Stage {
    /// The cluster of a case, with an earlier version Ready in it.
    pub(crate) async fn of(name: &str) -> Stage {
        Stage::at_pace(name, PACE).await
    }

    pub(crate) async fn at_pace(name: &str, pace: Pace) -> Stage {
        let request = case(name);
        let shown = preview(&request);
        let plan = shown.plans.first().unwrap_or_else(|| panic!("{}", foreshift_core::render::diagnostics(&shown)));
        let memory = simulate::cluster(plan, PACE);
        let of = Of {
            application: shown.application.clone(),
            target: plan.target.clone(),
            namespace: plan.namespace.clone(),
        };
        let request = Request { target: Some(plan.target.clone()), ..request };
        tokio::time::sleep(Duration::from_secs(10)).await;
        memory.set_pace(pace);
        Stage { memory, request, of, events: Rc::default() }
    }

    /// The plan against what runs.
    pub(crate) async fn planned(&self) -> Planned {
        let patience = Duration::from_secs(1);
        live::plan(&self.memory, &self.request, &self.of.namespace, patience, Lists::default()).await.unwrap()
    }

    /// Plans and walks.
    pub(crate) async fn begin(&self) -> Result<Outcome, Stop> {
        let planned = self.planned().await;
        self.begin_with(&planned, &options()).await
    }

    pub(crate) async fn begin_with(&self, planned: &Planned, options: &Options) -> Result<Outcome, Stop> {
        let by = Begin { id: "run-1".to_owned(), config: String::new(), by: "you".to_owned() };
        rollout::begin(&self.memory, planned, &by, options, &|_, event| self.note(event)).await
    }

    pub(crate) async fn resume(&self) -> Result<Outcome, Stop> {
        let vault = Vault::of(&self.request);
        rollout::resume(&self.memory, &self.of, &vault, &options(), &|_, event| self.note(event)).await
    }

    fn note(&self, event: &Event) {
        self.events.borrow_mut().push(event.clone());
    }

    /// Says yes to every approval, a little after it is asked for.
    pub(crate) async fn approve_everything(&self) {
        self.answer_everything(true).await;
    }

    pub(crate) async fn answer_everything(&self, yes: bool) {
        let mut answered = 0;
        let cluster = self.memory.for_another();
        loop {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let asked: Vec<String> = self
                .events
                .borrow()
                .iter()
                .filter_map(|event| match event {
                    Event::Waiting { approval, .. } => approval.clone(),
                    _ => None,
                })
                .collect();
            for gate in asked.iter().skip(answered) {
                let answer = Answer { yes, by: "sre".to_owned(), groups: vec![], at: String::new() };
                // Where the walk has gone on meanwhile there is nobody to answer any more.
                let _ = rollout::answer(&cluster, &self.of, gate, &answer, Duration::from_secs(1)).await;
            }
            answered = asked.len();
        }
    }

    pub(crate) fn object(&self, kind: &str, name: &str) -> Json {
        let group = if kind == "Deployment" || kind == "ReplicaSet" { "apps" } else { "networking.istio.io" };
        let key = Key {
            group: group.to_owned(),
            kind: kind.to_owned(),
            namespace: self.of.namespace.clone(),
            name: name.to_owned(),
        };
        self.memory.peek(&key).unwrap_or_else(|| panic!("{key} is not there"))
    }

    /// What Istio reads of every VirtualService and DestinationRule.
    pub(crate) fn traffic(&self) -> Vec<Json> {
        let all = self.memory.all();
        let is_traffic = |object: &&Json| object["apiVersion"].as_str().unwrap().starts_with("networking.istio.io");
        all.iter().filter(is_traffic).map(|object| object["spec"].clone()).collect()
    }

    pub(crate) fn of_kind(&self, kind: &str) -> Vec<Json> {
        self.memory.all().into_iter().filter(|object| object["kind"] == kind).collect()
    }
}

pub(crate) fn options() -> Options {
    Options {
        settle: Duration::from_secs(2),
        lease: Duration::from_secs(15),
        patience: Duration::from_secs(10),
        detach: false,
        outside: Rc::default(),
        account: None,
        cancelled: watch::channel(false).1,
    }
}
