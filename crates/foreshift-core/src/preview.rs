//! The whole way: a request with every text in it, and what comes of it.

mod load;

pub use load::beside;

use std::rc::Rc;

use crate::config::{self, Config, Target};
use crate::diagnostic::{self, Code, Diagnostic};
use crate::plan::{Hashes, Inputs, Occasion, Plan, World, keeping_size};
use crate::secret::{self, Masked};
use crate::text::{Origin, Sources, Span, in_backticks};
use load::Loader;

/// Everything that a preview is made from. The core reads no file: the shells fill it.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The path of the deployment config among the files.
    pub config: String,
    /// Every text. Paths are as the user knows them; manifests are looked up relative to the config's folder.
    pub files: Vec<File>,
    /// What runs now: paths of files, or of folders that stand for every file below them.
    pub current: Vec<String>,
    /// Only this target.
    pub target: Option<String>,
    /// Hashes that are known.
    pub hashes: Hashes,
    /// Whether that is all that there is: then an object that it does not hold has to be made.
    pub knows_all: bool,
    /// What is planned for.
    pub occasion: Occasion,
}

impl Request {
    /// The deployment config; `None` where no file has its path.
    pub fn config_file(&self) -> Option<&File> {
        self.files.iter().find(|file| file.path == self.config)
    }

    /// The text of the deployment config; empty where there is none.
    pub fn config_text(&self) -> &str {
        self.config_file().map_or("", |file| &file.text)
    }
}

/// A text with its path.
#[derive(Clone, Debug)]
pub struct File {
    /// Parts divided by `/`.
    pub path: String,
    /// The whole text.
    pub text: String,
}

/// What comes of a request.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Whose rollout it is; empty where the config does not say.
    pub application: String,
    /// A plan for each target that can have one, in the order of the config.
    pub plans: Vec<Plan>,
    /// Every finding, by place.
    pub diagnostics: Vec<Diagnostic>,
    /// Every text, so that places can be shown.
    pub sources: Sources,
}

impl Preview {
    /// Whether a finding is an error.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// How many bytes the texts of all states can have together. A page has to plan that with every key, and a link from
/// anybody can ask for it.
const LIMIT_BYTES: usize = 16 << 20;

/// The folder of what becomes of objects by applying the manifests, where `knows_all` says that a cluster was asked. No path
/// of a user begins so.
pub const APPLIED: &str = "cluster:applied";

/// Plans every target of a deployment config. What Secrets hold is masked in all that comes of it.
pub fn preview(request: &Request) -> Preview {
    masked(&secret::mask(request))
}

/// Plans every target of a deployment config that is masked already.
pub fn masked(masked: &Masked<'_>) -> Preview {
    let mut sources = Sources::default();
    sources.keep_lines(masked.lines());
    let request = &*masked.request;
    let mut diagnostics = Vec::new();
    let preview = |application: String, plans, mut diagnostics: Vec<Diagnostic>, sources: Sources| {
        for found in &mut diagnostics {
            found.span = sources.get(found.span.source).and_then(|source| source.origin.whole).unwrap_or(found.span);
        }
        diagnostic::tidy(&mut diagnostics);
        Preview { application, plans, diagnostics, sources }
    };
    let Some(file) = request.config_file() else {
        let message = format!("there is no text for the deployment config `{}`", request.config);
        diagnostics.push(Diagnostic::new(Code::FileNotFound, Span::NONE, message));
        return preview(String::new(), Vec::new(), diagnostics, sources);
    };
    let id = sources.add(&file.path, &file.text, Origin::default());
    if let Some(found) = masked.findings(&file.text, id) {
        diagnostics.extend(found);
        return preview(String::new(), Vec::new(), diagnostics, sources);
    }
    let Some(config) = config::parse(id, &file.text, &mut diagnostics) else {
        return preview(String::new(), Vec::new(), diagnostics, sources);
    };
    let application = config.application.value.clone();
    let plans = plans(masked, &config, &mut sources, &mut diagnostics);
    preview(application, plans, diagnostics, sources)
}

fn plans(masked: &Masked, config: &Config, sources: &mut Sources, diagnostics: &mut Vec<Diagnostic>) -> Vec<Plan> {
    let request = &*masked.request;
    let targets: Vec<&Target> = match &request.target {
        None => config.targets.iter().collect(),
        Some(name) => config.targets.iter().filter(|target| target.name.value == *name).collect(),
    };
    if let (Some(name), []) = (&request.target, targets.as_slice()) {
        let there = in_backticks(config.targets.iter().map(|target| target.name.value.as_str()));
        let message = format!("the config has no target `{name}`");
        diagnostics.push(Diagnostic::new(Code::UnknownTarget, Span::NONE, message).help(format!("there is {there}")));
    }
    let mut loader = Loader::new(masked, sources, diagnostics);
    let worlds: Vec<_> = targets
        .iter()
        .map(|target| (Rc::new(completed(loader.world(config, target), config, target)), *target))
        .collect();
    refuse_shared_objects(&worlds, diagnostics);
    // With a fault in the texts themselves nothing that follows from it would be worth reading.
    if diagnostics.iter().any(stops_every_target) {
        return Vec::new();
    }
    let mut plans: Vec<Plan> = Vec::new();
    let mut room = LIMIT_BYTES;
    for (world, target) in &worlds {
        let inputs = Inputs { config, target, world, hashes: &request.hashes, occasion: request.occasion, room };
        plans.extend(crate::plan::plan(inputs, diagnostics).inspect(|plan| room = room.saturating_sub(plan.bytes())));
    }
    plans
}

/// What is known of a target, with what follows from it.
fn completed(world: World, config: &Config, target: &Target) -> World {
    let world = world.in_own_words();
    World { keeps_size: keeping_size(config, target, &world), ..world }
}

/// Whether there is no plan for any target with it. A blueGreen stops only the targets that use it.
fn stops_every_target(found: &Diagnostic) -> bool {
    found.is_error() && found.code != Code::BlueGreenNotPlanned
}

/// Two targets of one namespace in one account that hold the same object would undo each other's work. Each is told of the
/// first one before it that holds it, so that many targets are not told of each other.
fn refuse_shared_objects(worlds: &[(Rc<World>, &Target)], diagnostics: &mut Vec<Diagnostic>) {
    let account = |target: &Target| target.account.as_ref().map(|account| account.value.clone());
    for (index, (world, target)) in worlds.iter().enumerate() {
        let before = worlds.iter().take(index);
        let same_place: Vec<_> =
            before.filter(|(other, of)| other.namespace == world.namespace && account(of) == account(target)).collect();
        let mut told = Vec::new();
        for object in world.included.iter() {
            let owner = same_place.iter().find(|(other, _)| other.included.get(&object.key).is_some());
            let Some((_, of)) = owner.filter(|(_, of)| !told.contains(&of.name.span)) else { continue };
            told.push(of.name.span);
            let message = format!(
                "targets `{}` and `{}` are one namespace of one account, and both own {}",
                of.name.value, target.name.value, object.key
            );
            diagnostics.push(
                Diagnostic::new(Code::SharedObject, target.name.span, message)
                    .help("give the manifest to one of them with `targets`, or correct account or namespace"),
            );
        }
    }
}
