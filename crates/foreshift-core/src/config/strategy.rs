//! Strategies: a canary's steps and their weights, a blueGreen's conditions.

use super::meaning::Reader;
use super::read::{items, key_span, period, text, texts};
use super::table;
use super::wait::wait;
use super::written::{OneOf, one_of};
use super::{BlueGreen, CanaryStep, CanaryStepKind, GateStep, Spanned, Strategy};
use crate::diagnostic::{Code, Diagnostic};
use crate::text::Span;
use crate::value::Value;

/// How long a Service is exposed where the user says nothing (Armory).
const TTL_SECONDS: u32 = 300;

/// The strategy of an entry of `strategies`.
pub(super) fn strategy(value: &Value, reader: &mut Reader) -> Option<Strategy> {
    let codes = OneOf {
        what: "a strategy",
        none: Code::StrategyNoKind,
        several: Code::StrategyTwoKinds,
        split: "make two strategies of it",
        others: &[],
    };
    let (kind, inner) = one_of(value, table::STRATEGIES, codes, reader.diagnostics)?;
    if kind == "blueGreen" {
        return Some(Strategy::BlueGreen(blue_green(inner, reader)));
    }
    let mut steps = Vec::new();
    for step in items(inner, "steps") {
        let kind = kind_of(step, table::STEPS, reader);
        steps.extend(kind.map(|kind| CanaryStep { span: step.span, kind }));
    }
    warn_of_way_back(&steps, reader.diagnostics);
    Some(Strategy::Canary(steps))
}

fn blue_green(value: &Value, reader: &mut Reader) -> BlueGreen {
    let mut conditions = |key| gates(value, key, table::CONDITIONS, reader);
    BlueGreen {
        redirect_traffic_after: conditions("redirectTrafficAfter"),
        shut_down_old_version_after: conditions("shutDownOldVersionAfter"),
        active_service: text(value, "activeService"),
        preview_service: text(value, "previewService"),
    }
}

/// The conditions under a key, each of one of these kinds.
pub(super) fn gates(value: &Value, key: &str, kinds: &'static [&'static str], reader: &mut Reader) -> Vec<GateStep> {
    let mut gates = Vec::new();
    for step in items(value, key) {
        if let Some(CanaryStepKind::Wait(wait)) = kind_of(step, kinds, reader) {
            gates.push(GateStep { span: step.span, wait });
        }
    }
    gates
}

fn kind_of(step: &Value, kinds: &'static [&'static str], reader: &mut Reader) -> Option<CanaryStepKind> {
    let codes = OneOf {
        what: "a step",
        none: Code::StepNoKind,
        several: Code::StepTwoKinds,
        split: "put a `-` in front of each, so that they are steps of their own",
        others: &[],
    };
    let (kind, value) = one_of(step, kinds, codes, reader.diagnostics)?;
    match kind {
        "setWeight" => weight(value).map(CanaryStepKind::SetWeight),
        "exposeServices" => Some(expose(step, value, reader)),
        _ => wait(kind, value, reader).map(CanaryStepKind::Wait),
    }
}

fn weight(value: &Value) -> Option<Spanned<u8>> {
    let weight = value.at(&["weight"])?;
    let share = u8::try_from(weight.as_int()?).ok()?;
    (share <= 100).then_some(Spanned { value: share, span: weight.span })
}

fn expose(step: &Value, value: &Value, reader: &mut Reader) -> CanaryStepKind {
    reader.diagnostics.push(
        Diagnostic::new(
            Code::ExposeServicesIgnored,
            key_span(step, "exposeServices"),
            "`exposeServices` is read, and no public address is made",
        )
        .help("remove the step, or give testers another way in"),
    );
    reader.refuse_empty(value, "services");
    let ttl = period(value, "ttl");
    let is_odd = |ttl: &&Spanned<u32>| ttl.value > 0 && !(60..=86_400).contains(&ttl.value);
    if let Some(ttl) = ttl.as_ref().filter(is_odd) {
        let message = format!("a ttl of `{}` seconds is too short or too long", ttl.value);
        reader.diagnostics.push(
            Diagnostic::new(Code::TtlOutOfRange, ttl.span, message)
                .help("make it between 1 minute and 24 hours; the default is 5 minutes"),
        );
    }
    CanaryStepKind::ExposeServices {
        services: texts(value, "services").into_iter().map(|service| service.value).collect(),
        ttl_seconds: ttl.map_or(TTL_SECONDS, |ttl| ttl.value),
    }
}

/// A weight below the one before sends users back to the version that they just left.
fn warn_of_way_back(steps: &[CanaryStep], diagnostics: &mut Vec<Diagnostic>) {
    let weights = steps.iter().filter_map(|step| match &step.kind {
        CanaryStepKind::SetWeight(weight) => Some((weight.value, weight.span)),
        _ => None,
    });
    let mut before = None;
    for (weight, span) in weights {
        let higher = before.filter(|before| weight < *before);
        diagnostics.extend(higher.map(|before| goes_down(weight, before, span)));
        before = Some(weight);
    }
}

fn goes_down(weight: u8, before: u8, span: Span) -> Diagnostic {
    let message = format!("the weight goes down from {before} to `{weight}`");
    Diagnostic::new(Code::WeightGoesDown, span, message).help("let the weights go up; an abort is the way back")
}
