//! What holds for every plan, checked on every state by what Istio would do with it.
//!
//! Nothing here knows how plans are made: the writes are carried out one after the other on a mesh, and each state
//! is judged by who gets which share. A way back undoes the newest write first: no object gets a
//! text that it did not have on the way there, and what a route leads to depends on its own objects alone, so what is
//! judged on the way there holds on the way back. That each undo leads to the state before is checked too.

mod leak;
mod pins;
mod setting;
mod untouched;
mod words;

use crate::order::{self, Table};
use std::rc::Rc;

use self::pins::Pins;
use self::setting::{Setting, is_own};
pub use self::words::WORDS;
use crate::diagnostic::{Code, Diagnostic};
use crate::istio::validate::refused;
use crate::kubernetes::Key;
use crate::plan::{Back, Gate, Laws, Pair, Plan, Stage, Step};
use crate::text::Span;
use crate::traffic::{Arm, Presence, Ratio, Recipient, RouteId, RouteShares, View};
use crate::weight::Weight;

/// Fills in who gets what in every state, and returns a finding for everything that breaks a law.
pub fn judge(plan: &mut Plan) -> Vec<Diagnostic> {
    let mut judge = Judge::new(plan);
    plan.start.traffic = judge.start(plan);
    plan.start.laws.add(&[0]);
    if judge.found.iter().any(Diagnostic::is_error) {
        // What follows from a broken baseline says nothing about the plan.
        return judge.found;
    }
    let mut stages = std::mem::take(&mut plan.stages);
    let mut undos = std::mem::take(&mut plan.undos);
    let mut last_back = Back::Nothing;
    for (index, stage) in stages.iter_mut().enumerate() {
        judge.state = index + 1;
        let undo = match stage.back {
            Back::Undo(undo) if stage.back != last_back => undos.get_mut(undo),
            _ => None,
        };
        let undone = undo.map(|undo| (undo, judge.before(stage)));
        judge.stage(plan, stage);
        if let Some((undo, before)) = undone {
            undo.traffic = before.traffic;
            undo.traffic.extend(
                stage.traffic.iter().filter(|route| is_new(route, &undo.traffic)).map(gone).collect::<Vec<_>>(),
            );
            stage.laws.add(&[7]);
            if undo.write.content.as_ref().map(|content| &content.text) != before.text.as_ref() {
                judge.breaks(7, "its way back does not lead to the state before");
            }
        }
        last_back = stage.back;
    }
    if let Some(last) = stages.last_mut() {
        last.laws.add(&[7]);
    }
    plan.stages = stages;
    plan.undos = undos;
    judge.end(plan, End::Wanted);
    judge.found
}

/// Walks to state `from` and all the way back, and returns a finding for every state on the way back that breaks a law.
///
/// [`judge`] has no need of it, because every route on a way back is as it was on the way there; it is how tests know.
pub fn judge_way_back(plan: &Plan, from: usize) -> Vec<Diagnostic> {
    let Some(undos) = plan.way_back(from) else { return Vec::new() };
    let mut judge = Judge::new(plan);
    judge.start(plan);
    for stage in plan.stages.iter().take(from) {
        judge.stage(plan, &mut stage.clone());
    }
    judge.found.clear();
    for undo in undos {
        judge.state += 1;
        let (step, write, gates) = (undo.step.clone(), undo.write.clone(), undo.gates.clone());
        let (traffic, laws) = (Vec::new(), Laws::default());
        judge.stage(plan, &mut Stage { step, write, gates, traffic, laws, back: Back::Nothing });
    }
    judge.end(plan, End::Start);
    judge.found.retain(|found| found.code == Code::UnsafeState);
    judge.found
}

/// How the planned objects look at the end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    /// As the user gave them.
    Wanted,
    /// As they were before.
    Start,
}

/// The same route where it is not there.
fn gone(route: &RouteShares) -> RouteShares {
    RouteShares { shares: Vec::new(), mirrors: Vec::new(), ..route.clone() }
}

fn is_new(route: &RouteShares, known: &[RouteShares]) -> bool {
    let name = |route: &RouteShares| (Rc::clone(&route.virtual_service), Rc::clone(&route.route));
    !route.shares.is_empty() && known.iter().all(|known| name(known) != name(route))
}

/// What a write is about to change.
struct Before {
    text: Option<Rc<str>>,
    traffic: Vec<RouteShares>,
}

/// What is known of a route.
#[derive(Default)]
struct Known {
    /// The part that nobody answered at first.
    first_errors: Ratio,
    /// Who gets what, as the plan has it; `None` where the route is not there.
    now: Option<RouteShares>,
    /// Who gets what in this state, until it is taken for the plan.
    fresh: Option<RouteShares>,
    /// Of a planned route the pair, and the part that its active destination got at first: from the first write on that is
    /// no manifest.
    planned: Option<(usize, Ratio)>,
}

/// What is known of an object.
#[derive(Default)]
struct Now {
    /// Its text; `None` where it is not there.
    text: Option<Rc<str>>,
    /// Of a VirtualService, the weight that it was given last.
    weight: Option<Weight>,
}

struct Judge {
    setting: Setting,
    /// By the numbers of the routes.
    routes: Vec<Known>,
    is_begun: bool,
    objects: Table<Rc<Key>, Now>,
    pins: Pins,
    state: usize,
    /// What led to the state.
    write: Option<(&'static str, Rc<Key>)>,
    found: Vec<Diagnostic>,
}

impl Judge {
    fn new(plan: &Plan) -> Judge {
        let mut objects: Table<Rc<Key>, Now> = Table::new();
        for object in &plan.start.objects {
            objects.or_default(Rc::new(object.key.clone())).text = Some(Rc::clone(&object.text));
        }
        let setting = Setting::new(plan);
        let mut routes = Vec::new();
        routes.resize_with(setting.followed().len(), Known::default);
        let pins = Pins::default();
        Judge { setting, routes, is_begun: false, objects, pins, state: 0, write: None, found: Vec::new() }
    }

    /// Law 0: the baseline is judged first. What is wrong on a planned route is an error of the input.
    fn start(&mut self, plan: &Plan) -> Vec<RouteShares> {
        let mut out = Vec::new();
        for route in self.setting.routes() {
            let Some(shares) = self.setting.mesh.shares(route, View::Sure) else { continue };
            let errors = shares.errors();
            let pair = self.setting.pair_of(route);
            if !errors.is_zero() {
                let place = self.setting.place(route, plan);
                self.found.push(broken_baseline(&shares, pair.and_then(|pair| plan.pairs.get(pair)), place));
            }
            out.push(shares.clone());
            if let Some(known) = self.routes.get_mut(route.0) {
                known.first_errors = errors;
                known.now = Some(shares);
            }
        }
        out
    }

    /// What each planned route gives to whom once the manifests are applied.
    fn plan_begins(&mut self, plan: &Plan) {
        self.is_begun = true;
        for (index, pair) in plan.pairs.iter().enumerate() {
            let route = self.setting.route_of(index);
            let Some((route, known)) = route.and_then(|route| Some((route, self.routes.get_mut(route.0)?))) else {
                self.breaks(0, "a planned route is not there");
                continue;
            };
            let first = self.setting.mesh.arms(route, View::Sure).unwrap_or_default();
            known.planned = Some((index, part(&first, |arm| arm.destination == pair.active)));
        }
    }

    fn before(&self, stage: &Stage) -> Before {
        let affected = self.setting.affected_by(&stage.step, &stage.write);
        let traffic = affected.iter().filter_map(|route| self.routes.get(route.0)?.now.clone()).collect();
        Before { text: self.objects.get(&stage.write.key).and_then(|object| object.text.clone()), traffic }
    }

    fn stage(&mut self, plan: &Plan, stage: &mut Stage) {
        if stage.step != Step::Apply && !self.is_begun {
            self.plan_begins(plan);
        }
        let affected = self.setting.affected_by(&stage.step, &stage.write);
        self.setting.write(&stage.step, &stage.write);
        self.write = Some((stage.step.kind(), Rc::clone(&stage.write.key)));
        let object = self.objects.or_default(Rc::clone(&stage.write.key));
        object.text = stage.write.content.as_ref().map(|content| Rc::clone(&content.text));
        match stage.step {
            Step::SetWeight(weight) => object.weight = Some(weight),
            // On the way back nothing may reach a new pod any more; on the way there no old one, as before.
            Step::RestoreVirtualService if stage.back != Back::Forward => object.weight = None,
            _ => {}
        }
        self.check_object(plan, stage);
        if self.pins.breaks(plan, stage) {
            self.breaks(3, "a subset is pinned to pods that a rollout of their Deployment would take away");
        }
        self.check_routes(plan, &affected, &mut stage.laws);
        let mut affected = affected;
        for gate in &stage.gates {
            let more = match gate {
                Gate::Ready { .. } => self.setting.settle_pods(Presence::Ready),
                Gate::PodsGone => self.setting.settle_pods(Presence::Absent),
                _ => Vec::new(),
            };
            if !more.is_empty() {
                self.check_routes(plan, &more, &mut stage.laws);
                affected.extend(more);
            }
            if matches!((&stage.step, gate), (Step::CreateReplicaSet { .. }, Gate::Ready { .. })) {
                self.found.extend(leak::leaks(plan, &self.setting, self.state));
            }
        }
        if stage.step == Step::Repin {
            self.found.extend(leak::followers(plan, &self.setting, &stage.write.key, self.state));
        }
        order::sort_and_dedup(&mut affected);
        for route in affected {
            let Some(known) = self.routes.get_mut(route.0) else { continue };
            let before = std::mem::replace(&mut known.now, known.fresh.take());
            if known.now != before {
                stage.traffic.extend(known.now.clone().or_else(|| before.as_ref().map(gone)));
            }
        }
    }

    /// Laws 6 and 8: nothing is touched but what is owned, and Istio takes it.
    fn check_object(&mut self, plan: &Plan, stage: &mut Stage) {
        let Some(content) = stage.write.content.as_ref().filter(|_| stage.write.key.is_traffic()) else { return };
        stage.laws.add(&[8]);
        if let Some(refused) = refused(&content.value) {
            self.breaks(8, &format!("Istio refuses {}: {} ({})", stage.write.key, refused.message, refused.path));
        }
        let owned = matches!(stage.step, Step::SetWeight(_) | Step::Pin | Step::Repin);
        if owned {
            stage.laws.add(&[6]);
        }
        if owned && !self.setting.is_untouched(plan, &stage.write.key, &content.value) {
            self.breaks(6, &format!("more of {} changes than the rollout owns", stage.write.key));
        }
    }

    /// Laws 3, 4 and 5 for routes whose requests may have taken another way. It leaves who gets what in `fresh`.
    fn check_routes(&mut self, plan: &Plan, routes: &[RouteId], laws: &mut Laws) {
        let mut planned_faults = Vec::new();
        for route in routes {
            let sure = self.setting.mesh.arms(*route, View::Sure);
            let shares = sure.as_deref().and_then(|sure| self.setting.mesh.shares_of(*route, sure, View::Sure));
            if let Some((sure, shares)) = sure.zip(shares.as_ref()) {
                laws.add(&[3]);
                let known = self.routes.get(route.0);
                if let Some(planned) = known.and_then(|known| known.planned) {
                    planned_faults.extend(self.check_planned(plan, *route, planned, &sure, laws));
                }
                if known.is_some_and(|known| shares.errors().exceeds(known.first_errors)) {
                    let RouteShares { virtual_service, route, .. } = shares;
                    self.breaks(3, &format!("requests of route `{route}` of {virtual_service} get 503"));
                }
            }
            if let Some(known) = self.routes.get_mut(route.0) {
                known.fresh = shares;
            }
        }
        for (law, fault) in planned_faults {
            self.breaks(law, fault);
        }
    }

    /// The law that a planned route breaks, if one.
    fn check_planned(
        &self,
        plan: &Plan,
        route: RouteId,
        (pair, former): (usize, Ratio),
        sure: &[Arm],
        laws: &mut Laws,
    ) -> Option<(usize, &'static str)> {
        let pair = plan.pairs.get(pair)?;
        let workload = plan.workloads.get(pair.workload)?;
        // Asked for only where law 4 is: in the most states it is not.
        let possible = || self.setting.mesh.arms(route, View::Possible).unwrap_or_default();
        let own: Vec<bool> = self.setting.mesh.route(route)?.destinations().map(|to| is_own(&to, pair)).collect();
        let part = |arms: &[Arm], revision: &str| {
            part(arms, |arm| {
                matches!(&arm.to, Recipient::Revision(hash) if **hash == *revision)
                    && own.get(arm.destination) == Some(&true)
            })
        };
        let weight = self.objects.get(&pair.virtual_service).and_then(|object| object.weight);
        let is_before_weights = weight.is_none_or(|weight| weight == Weight::NONE);
        if is_before_weights || weight == Some(Weight::ALL) {
            laws.add(&[4]);
        }
        if is_before_weights && !part(&possible(), &workload.canary).is_zero() {
            return Some((4, "a request can reach a new pod before the first weight"));
        }
        let weight = weight?;
        laws.add(&[5]);
        if weight == Weight::ALL && !part(&possible(), &workload.active).is_zero() {
            return Some((4, "a request can reach an old pod after the last weight"));
        }
        let percent = u64::from(weight.percent());
        let is_exact = part(sure, &workload.canary) == former.times(Ratio::new(percent, 100))
            && part(sure, &workload.active) == former.times(Ratio::new(100 - percent, 100));
        (!is_exact).then_some((5, "the new pods do not get exactly their share"))
    }

    /// Law 7: the last state is the text that the user gave.
    fn end(&mut self, plan: &Plan, end: End) {
        for key in plan.pairs.iter().flat_map(|pair| [&pair.virtual_service, &pair.destination_rule]) {
            let object = if end == End::Wanted { plan.world.wanted(key) } else { plan.world.start(key) };
            let wanted = object.map(|object| &object.text);
            if self.objects.get(key).and_then(|object| object.text.as_ref()) != wanted {
                self.breaks(7, &format!("{key} does not end as the user wrote it"));
            }
        }
    }

    fn breaks(&mut self, law: usize, fault: &str) {
        let (by, place) = match &self.write {
            Some((step, key)) => (format!(", after `{step}` of {key},"), self.setting.place_of(key)),
            None => (String::new(), Span::NONE),
        };
        let message = format!("state {}{by} breaks law {law}: {fault}", self.state);
        self.found.push(Diagnostic::new(Code::UnsafeState, place, message).help(
            "this plan is not handed out; the objects of the manifests may not fit what runs, else please report it",
        ));
    }
}

/// The part of a route's requests that some arms take.
fn part(arms: &[Arm], is_meant: impl Fn(&Arm) -> bool) -> Ratio {
    arms.iter().filter(|arm| is_meant(arm)).fold(Ratio::ZERO, |sum, arm| sum.plus(arm.part))
}

fn broken_baseline(shares: &RouteShares, pair: Option<&Pair>, place: Span) -> Diagnostic {
    let flags: Vec<&str> = shares
        .shares
        .iter()
        .filter_map(|share| match share.to {
            Recipient::Error(fault) => Some(fault.flag()),
            _ => None,
        })
        .collect();
    let reason = if flags.contains(&"NC") {
        "nobody defines a subset or port that it names"
    } else {
        "a destination has no pods"
    };
    let message = format!(
        "requests of route `{}` of {} get 503 before anything is done: {reason}",
        shares.route, shares.virtual_service
    );
    match pair {
        Some(pair) => Diagnostic::new(Code::BaselineBroken, pair.span, message)
            .help("mend it first: a rollout starts from a route that works"),
        None => Diagnostic::new(Code::BaselineBroken, place, message).warn(),
    }
}
