//! Conditions on going on: pauses, approvals, analyses, webhooks.

use std::rc::Rc;

use super::meaning::{Reader, Referred};
use super::read::{flag, is_word, key_span, pairs, period, seconds, string, text, texts};
use super::written::missing;
use super::{Analysis, Call, Context, Lookback, Mode, Wait};
use crate::diagnostic::{Code, Diagnostic};
use crate::template::{SUPPLIED_TO_QUERIES, SUPPLIED_TO_WEBHOOKS};
use crate::value::Value;

/// The condition of a step whose only key is `kind`.
pub(super) fn wait(kind: &str, value: &Value, reader: &mut Reader) -> Option<Wait> {
    value.as_map()?;
    match kind {
        "pause" => pause(value, reader.diagnostics),
        "analysis" => analysis(value, reader),
        _ => webhook(value, reader),
    }
}

fn pause(value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Wait> {
    let number = value.at(&["duration"]);
    let is_timed = number.or_else(|| value.at(&["unit"])).is_some();
    let is_approved = flag(value, "untilApproved") == Some(true);
    match (is_timed, is_approved) {
        (true, true) => {
            let message = "this pause ends after a time and also when somebody approves";
            let place = key_span(value, "untilApproved");
            diagnostics.push(
                Diagnostic::new(Code::PauseTwoEnds, place, message)
                    .help("leave one out; `approvalExpiration` limits the wait for an approval"),
            );
            None
        }
        (true, false) => timed(value, diagnostics),
        (false, true) => Some(Wait::Approval {
            requires_roles: texts(value, "requiresRoles").into_iter().map(|role| role.value).collect(),
            expires_seconds: period(value, "approvalExpiration").map(|period| period.value),
        }),
        (false, false) => {
            let until = value.at(&["untilApproved"]);
            // Another type than a boolean was reported as such.
            if until.is_none_or(|until| until.as_bool().is_some()) {
                let place = value.span.start_point();
                diagnostics.push(
                    Diagnostic::new(Code::PauseNoEnd, place, "nothing ends this pause")
                        .help("add `duration` and `unit`, or `untilApproved: true`"),
                );
            }
            None
        }
    }
}

fn timed(value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Wait> {
    for name in ["requiresRoles", "approvalExpiration"] {
        if value.at(&[name]).is_some() {
            let message = format!("`{name}` means nothing to a pause with a duration");
            diagnostics.push(
                Diagnostic::new(Code::ApprovalUnused, key_span(value, name), message)
                    .help("remove it, or write `untilApproved: true` in place of the duration"),
            );
        }
    }
    for name in ["duration", "unit"] {
        if value.at(&[name]).is_none() {
            diagnostics.push(missing(value.span, "pause", name));
        }
    }
    let seconds = seconds(value, "duration", "unit")?;
    Some(Wait::Duration { seconds })
}

fn analysis(value: &Value, reader: &mut Reader) -> Option<Wait> {
    let names = texts(value, "queries");
    reader.refuse_empty(value, "queries");
    reader.find_all(Referred::Query, &names);
    let context = context(value, reader);
    let mut queries = Vec::new();
    for name in &names {
        if let Some((query, variables)) = reader.queries.get(&name.value).cloned() {
            reader.refuse_unknown(&variables, &context, SUPPLIED_TO_QUERIES);
            queries.push(query);
        }
    }
    let runs = value.at(&["numberOfJudgmentRuns"])?.as_int()?;
    Some(Wait::Analysis(Rc::new(Analysis {
        metric_provider: string(value, "metricProviderName"),
        default_metric_provider: reader.default_metric_provider.clone(),
        context,
        interval_seconds: seconds(value, "interval", "units")?,
        judgment_runs: u32::try_from(runs).ok()?,
        roll_back: mode(value, "rollBackMode"),
        roll_forward: mode(value, "rollForwardMode"),
        lookback: lookback(value),
        abort_on_failed_judgment: flag(value, "abortOnFailedJudgment").unwrap_or_default(),
        queries,
    })))
}

/// The variables of a step.
fn context(value: &Value, reader: &Reader) -> Context {
    Context { own: pairs(value, "context"), config: Rc::clone(&reader.context) }
}

fn mode(value: &Value, key: &str) -> Mode {
    if is_word(value, key, "manual") { Mode::Manual } else { Mode::Automatic }
}

fn lookback(value: &Value) -> Option<Lookback> {
    let is = |word| is_word(value, "lookbackMethod", word);
    if is("growing") {
        return Some(Lookback::Growing);
    }
    is("sliding").then_some(Lookback::Sliding)
}

fn webhook(value: &Value, reader: &mut Reader) -> Option<Wait> {
    let name = text(value, "name")?;
    reader.find(Referred::Webhook, &name);
    let context = context(value, reader);
    let (webhook, variables) = reader.webhooks.get(&name.value).cloned()?;
    reader.refuse_unknown(&variables, &context, SUPPLIED_TO_WEBHOOKS);
    Some(Wait::Webhook(Rc::new(Call { webhook, context, timeout_seconds: reader.timeout_seconds })))
}
