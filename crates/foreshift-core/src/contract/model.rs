//! The shape of the contract; what each field means stands in the [module's page](super).

use serde::{Serialize, Serializer};

use super::Line;

/// A whole preview.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Document<'a> {
    /// [`super::FORMAT`].
    pub format: u8,
    /// Whose rollout it is.
    pub application: &'a str,
    /// Those that have a plan.
    pub targets: Vec<Target<'a>>,
    /// Every finding.
    pub diagnostics: Vec<Finding<'a>>,
}

/// The plan of one target.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Target<'a> {
    /// The target's name.
    pub name: &'a str,
    /// The target's namespace.
    pub namespace: &'a str,
    /// From the baseline to the end.
    pub states: Vec<State<'a>>,
    /// The way out of each state.
    pub aborts: Vec<Abort<'a>>,
    /// The Deployments that are rolled out.
    pub revisions: Vec<Revision<'a>>,
    /// What states are judged by.
    pub laws: Vec<Law>,
}

/// A law in words.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Law {
    /// Its number.
    pub law: u8,
    /// What it says.
    pub words: &'static str,
}

/// One state.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct State<'a> {
    /// Which one.
    pub index: usize,
    /// The write that leads here.
    pub step: Option<StepForm<'a>>,
    /// What has to hold before the next write.
    pub gate: Option<GateForm<'a>>,
    /// What is written; `None` in a summary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objects: Option<Vec<Object<'a>>>,
    /// Who gets what.
    pub traffic: Vec<Route<'a>>,
    /// What the step changes in the text of its object; empty where no objects are listed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line<'a>>,
    /// What is different from the object in state 0, where that is something else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since_start: Option<Vec<Line<'a>>>,
    /// The numbers of the laws that it was judged by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub laws: Vec<u8>,
}

/// A write.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepForm<'a> {
    /// Its name.
    pub kind: &'static str,
    /// What it writes.
    pub object: ObjectName<'a>,
    /// The canary's share in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<u8>,
    /// The hash of the ReplicaSet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<&'a str>,
}

/// What an object is called.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ObjectName<'a> {
    /// Its kind.
    pub kind: &'a str,
    /// Its namespace; empty for what has none.
    pub namespace: &'a str,
    /// Its name.
    pub name: &'a str,
}

/// A condition on going on. Which fields are there goes with the kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GateForm<'a> {
    /// Its name.
    pub kind: &'static str,
    /// What it waits for.
    pub words: String,
    /// Of `ready`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<u32>,
    /// Of `duration`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u32>,
    /// Of `approval`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requires_roles: Option<&'a [String]>,
    /// Of `approval`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_seconds: Option<u32>,
    /// Of `analysis`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queries: Option<Vec<&'a str>>,
    /// Of `analysis`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_seconds: Option<u32>,
    /// Of `analysis`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judgment_runs: Option<u32>,
    /// Of `webhook`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    /// Gates that have to hold at the same time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<GateForm<'a>>,
    /// Gates that follow. A list and not a chain: a reader needs no recursion, whatever a config asks for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<GateForm<'a>>,
}

/// An object in a state.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Object<'a> {
    /// Its version.
    pub api_version: &'a str,
    /// Its kind.
    pub kind: &'a str,
    /// Its namespace; empty for what has none.
    pub namespace: &'a str,
    /// Its name.
    pub name: &'a str,
    /// What it says; `None` where it is removed.
    pub text: Option<&'a str>,
    /// Whether the step wrote it, in a whole state.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub changed: bool,
}

/// Who gets what of a route.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Route<'a> {
    /// The name of the VirtualService.
    pub virtual_service: &'a str,
    /// The namespace of the VirtualService.
    pub namespace: &'a str,
    /// The route's name, else where it stands.
    pub route: &'a str,
    /// Who gets something.
    pub shares: Vec<Share<'a>>,
    /// Who gets copies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mirrors: Vec<Share<'a>>,
    /// Whether the step gave it something else, in a whole state.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub changed: bool,
}

/// A part of a route's requests. Exactly one of the first three is there.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Share<'a> {
    /// A planned revision, by its hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<&'a str>,
    /// Another host or subset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<&'a str>,
    /// Envoy's response flag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<&'static str>,
    /// How much.
    pub percent: Percent,
    /// How much, as numerator and denominator.
    pub exact: (u64, u64),
}

/// A percentage, which is a whole number in JSON where it is one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Percent {
    /// A whole number.
    Whole(u64),
    /// The double nearest to the fraction.
    Part(f64),
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Percent::Whole(percent) => serializer.serialize_u64(*percent),
            Percent::Part(percent) => serializer.serialize_f64(*percent),
        }
    }
}

/// The way out of a state.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Abort<'a> {
    /// Which state.
    pub from: usize,
    /// Where it leads.
    pub direction: Direction,
    /// State by state.
    pub states: Vec<State<'a>>,
    /// The earlier state whose whole way back follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_as: Option<usize>,
}

/// Where a way out leads.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Direction {
    /// To the baseline.
    Back,
    /// To the end.
    Forward,
}

/// The two revisions of a Deployment.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Revision<'a> {
    /// Its name.
    pub deployment: &'a str,
    /// The hash of what runs now.
    pub active: &'a str,
    /// The hash of what comes.
    pub canary: &'a str,
    /// The images that change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Image<'a>>,
}

/// What becomes of the image of a container.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Image<'a> {
    /// The container's name.
    pub container: &'a str,
    /// What it runs now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<&'a str>,
    /// What it is to run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<&'a str>,
}

/// A finding.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Finding<'a> {
    /// Which rule.
    pub code: &'static str,
    /// How bad it is.
    pub severity: &'static str,
    /// What is wrong.
    pub message: &'a str,
    /// The path of the text.
    pub file: Option<&'a str>,
    /// From 1.
    pub line: Option<u32>,
    /// From 1, in characters.
    pub column: Option<u32>,
    /// What to do about it.
    pub help: Option<&'a str>,
    /// The first UTF-16 unit of the file, in a summary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<u32>,
    /// One past the last UTF-16 unit, in a summary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<u32>,
}
