//! The safe canary, one write a stage, and the way back that grows with it.

use crate::order::{Keys, Table};
use std::rc::Rc;

use super::apply::{self, TrafficOrder};
use super::model::{Back, Content, Gate, Stage, Step, Undo, Write};
use super::strategy::Leg;
use super::writes::{self, Deploying, ReplicaSetStage, Revision};
use super::{Laws, Occasion, Pair, Workload, World};
use crate::diagnostic::Diagnostic;
use crate::kubernetes::Key;
use crate::weight::Weight;

/// What a canary in one target is made from.
pub(super) struct Canary<'a> {
    pub(super) world: &'a World,
    pub(super) pairs: &'a [Pair],
    pub(super) workloads: &'a [Workload],
    pub(super) legs: &'a [Leg],
    pub(super) timeout_seconds: u32,
    pub(super) order: TrafficOrder,
    /// Whether the Deployments are there after the rollout too.
    pub(super) keeps_deployments: bool,
}

/// The stages of a rollout, without the traffic that they lead to.
pub(super) struct Course {
    pub(super) occasion: Occasion,
    pub(super) start_gates: Vec<Gate>,
    pub(super) stages: Vec<Stage>,
    pub(super) undos: Vec<Undo>,
}

impl Canary<'_> {
    /// Every write in the order that keeps each state safe.
    pub(super) fn course(&self) -> Result<Course, Diagnostic> {
        let mut course = Writer::new(self.world);
        self.apply_manifests(&mut course);
        if !self.workloads.is_empty() {
            self.pause(&mut course)?;
            self.start_canary(&mut course)?;
            self.shift(&mut course)?;
            course.pass_the_point_of_no_return();
            self.finish(&mut course)?;
        }
        for object in apply::after(self.world, self.workloads) {
            course.write(Step::Apply, writes::given(object));
            course.gate(Gate::Ready { timeout_seconds: self.timeout_seconds });
        }
        Ok(Course {
            occasion: Occasion::Change,
            start_gates: course.start_gates,
            stages: course.stages,
            undos: course.undos,
        })
    }

    fn apply_manifests(&self, course: &mut Writer) {
        for object in apply::before(self.world, self.order) {
            let write = writes::given(object);
            if !object.key.is_traffic() {
                course.write(Step::Apply, write);
                continue;
            }
            if self.world.is_missing(&object.key) {
                // It stays after an abort, as everything does that the manifests bring.
                course.write(Step::Apply, write);
                course.gate(Gate::Settled);
                continue;
            }
            let undo = if object.key.is_virtual_service() {
                Step::RestoreVirtualService
            } else {
                Step::RestoreDestinationRule
            };
            course.write_with_undo(Step::Apply, write, undo, Some(Gate::Settled));
            course.gate(Gate::Settled);
        }
    }

    /// Holds the Deployments still before their pods are all that the active subsets select: a `kubectl rollout restart`
    /// would take these away. One that is gone has a ReplicaSet that nobody rolls.
    fn pause(&self, course: &mut Writer) -> Result<(), Diagnostic> {
        let runs = |workload: &&Workload| !workload.is_gone && !self.world.is_missing(&workload.deployment);
        for workload in self.workloads.iter().filter(runs) {
            let (write, before) = (writes::paused(workload)?, writes::given(workload.start()));
            course.write_over(before, Step::PauseDeployment, write, Step::ResumeDeployment);
        }
        Ok(())
    }

    /// Pins the active subsets before any new pod can be Ready, else they would select it too.
    fn start_canary(&self, course: &mut Writer) -> Result<(), Diagnostic> {
        for (index, (key, pairs)) in self.rules().into_iter().enumerate() {
            let write = writes::pinned(&key, &pairs, self.workloads, self.world, Revision::Old)?;
            // Undone last of its kind: whoever still has the pin is not to meet a Deployment that rolls.
            let gate = (index == 0).then_some(Gate::Settled);
            course.write_with_undo(Step::Pin, write, Step::RestoreDestinationRule, gate);
        }
        course.gate(Gate::Settled);
        for (index, workload) in self.workloads.iter().enumerate() {
            let revision = Rc::clone(&workload.canary);
            let write = writes::replica_set(workload, ReplicaSetStage::Alone);
            let step = Step::CreateReplicaSet { revision: Rc::clone(&revision) };
            // Undone last of its kind, the first one waits for all.
            let gate = (index == 0).then_some(Gate::PodsGone);
            course.write_with_undo(step, write, Step::DeleteReplicaSet { revision }, gate);
        }
        course.gate(Gate::Ready { timeout_seconds: self.timeout_seconds });
        course.gate(Gate::Settled);
        Ok(())
    }

    fn shift(&self, course: &mut Writer) -> Result<(), Diagnostic> {
        let services = self.services();
        for leg in self.legs {
            if let Some(weight) = leg.weight {
                for (index, (key, pairs)) in services.iter().enumerate() {
                    let write = writes::weighted(key, pairs, self.world, weight)?;
                    let gate = (index == 0).then_some(Gate::Settled);
                    course.shift(weight, write, gate);
                }
            }
            course.gates(&leg.gates);
        }
        Ok(())
    }

    fn finish(&self, course: &mut Writer) -> Result<(), Diagnostic> {
        for (key, pairs) in self.rules() {
            course.write(Step::Repin, writes::pinned(&key, &pairs, self.workloads, self.world, Revision::New)?);
        }
        course.gate(Gate::Settled);
        for (key, _) in self.services() {
            course.restore(Step::RestoreVirtualService, &key, self.world);
        }
        course.gate(Gate::Settled);
        for workload in self.workloads {
            course.write(Step::Annotate, writes::replica_set(workload, ReplicaSetStage::Annotated));
            course.write(Step::SetTemplate, writes::deployment(workload, Deploying::Paused)?);
            course.write(Step::Adopt, writes::replica_set(workload, ReplicaSetStage::Adopted));
            course.write(Step::ResumeDeployment, writes::deployment(workload, Deploying::Resumed)?);
        }
        course.gate(Gate::PodsGone);
        for (key, _) in self.rules() {
            course.restore(Step::RestoreDestinationRule, &key, self.world);
        }
        if !self.keeps_deployments {
            for workload in self.workloads {
                course.write(Step::DeleteDeployment, writes::no_deployment(workload));
            }
        }
        Ok(())
    }

    /// The VirtualServices, each once with its pairs, in the order of the config.
    fn services(&self) -> Vec<(Rc<Key>, Vec<&Pair>)> {
        grouped(self.pairs, |pair| &pair.virtual_service)
    }

    /// The DestinationRules, each once with its pairs, in the order of the config.
    fn rules(&self) -> Vec<(Rc<Key>, Vec<&Pair>)> {
        grouped(self.pairs, |pair| &pair.destination_rule)
    }
}

/// The stages of a first deployment: everything is applied, no request is shifted.
pub(super) fn first_deployment(world: &World, timeout_seconds: u32) -> Course {
    let mut course = Writer::new(world);
    for object in apply::first(world) {
        course.write(Step::Apply, writes::given(object));
        if super::service::is_deployment(&object.key) {
            course.gate(Gate::Ready { timeout_seconds });
        }
    }
    Course { occasion: Occasion::First, start_gates: course.start_gates, stages: course.stages, undos: course.undos }
}

fn grouped(pairs: &[Pair], key: impl Fn(&Pair) -> &Rc<Key>) -> Vec<(Rc<Key>, Vec<&Pair>)> {
    let mut places = Table::new();
    let mut out: Vec<(Rc<Key>, Vec<&Pair>)> = Vec::new();
    for pair in pairs {
        let place = *places.or_insert_with(key(pair), || out.len());
        match out.get_mut(place) {
            Some((_, group)) => group.push(pair),
            None => out.push((Rc::clone(key(pair)), vec![pair])),
        }
    }
    out
}

/// Stages as they are added, with the objects as they are after the last one.
struct Writer {
    start_gates: Vec<Gate>,
    stages: Vec<Stage>,
    undos: Vec<Undo>,
    now: Table<Rc<Key>, Content>,
    back: Back,
    /// VirtualServices whose weights can be taken back already.
    shifted: Keys<Rc<Key>>,
}

impl Writer {
    fn new(world: &World) -> Writer {
        let start = world.all_start().filter(|object| object.key.is_traffic());
        let content = |object: &crate::kubernetes::Object| Content {
            value: Rc::clone(&object.value),
            text: Rc::clone(&object.text),
        };
        Writer {
            start_gates: Vec::new(),
            stages: Vec::new(),
            undos: Vec::new(),
            now: start.map(|object| (Rc::new(object.key.clone()), content(object))).collect(),
            back: Back::Nothing,
            shifted: Keys::new(),
        }
    }

    fn write(&mut self, step: Step, write: Write) {
        if let Some(content) = &write.content {
            self.now.insert(Rc::clone(&write.key), content.clone());
        }
        let (gates, traffic, laws) = (Vec::new(), Vec::new(), Laws::default());
        self.stages.push(Stage { step, write, gates, traffic, laws, back: self.back });
    }

    /// Writes, and remembers how the object was: ways back undo the newest write first, so no object gets a text
    /// on the way back that it did not have on the way there.
    fn write_with_undo(&mut self, step: Step, write: Write, undo: Step, gate: Option<Gate>) {
        let before = self.now.get(&write.key).cloned();
        let next = match self.back {
            Back::Undo(undo) => Some(undo),
            Back::Nothing | Back::Forward => None,
        };
        let back = Write { content: before, ..write.clone() };
        self.back = Back::Undo(self.undos.len());
        self.undos.push(Undo { step: undo, write: back, gates: gate.into_iter().collect(), traffic: Vec::new(), next });
        self.write(step, write);
    }

    /// The same for an object that no write before was about.
    fn write_over(&mut self, before: Write, step: Step, write: Write, undo: Step) {
        if let Some(content) = before.content {
            self.now.insert(before.key, content);
        }
        self.write_with_undo(step, write, undo, None);
    }

    /// Gives weights; a write that changes nothing is none.
    fn shift(&mut self, weight: Weight, write: Write, gate: Option<Gate>) {
        let text = write.content.as_ref().map(|content| &content.text);
        if self.now.get(&write.key).map(|content| &content.text) == text {
            return;
        }
        if self.shifted.insert(Rc::clone(&write.key)) {
            self.write_with_undo(Step::SetWeight(weight), write, Step::RestoreVirtualService, gate);
        } else {
            self.write(Step::SetWeight(weight), write);
        }
    }

    fn restore(&mut self, step: Step, key: &Rc<Key>, world: &World) {
        if let Some(object) = world.wanted(key) {
            self.write(step, writes::given(object));
        }
    }

    /// Holds the next write back; before the first write, the start.
    fn gate(&mut self, gate: Gate) {
        match self.stages.last_mut() {
            Some(stage) => stage.gates.push(gate),
            None => self.start_gates.push(gate),
        }
    }

    fn gates(&mut self, gates: &[Gate]) {
        for gate in gates {
            self.gate(gate.clone());
        }
    }

    fn pass_the_point_of_no_return(&mut self) {
        self.back = Back::Forward;
    }
}
