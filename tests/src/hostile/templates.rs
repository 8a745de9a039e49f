//! Templates that are hostile: each step that uses one has a context of its own.

use super::{each, with_steps};

/// Deployment configs with many variables, many steps, or both.
pub(super) fn configs(full: usize, count: &dyn Fn(usize) -> usize) -> Vec<(&'static str, String)> {
    let webhook = |template: &str| format!("webhooks:\n  - name: w\n    uriTemplate: {template}\n");
    let calls = |many: usize| with_steps(&each(many, |_| "        - runWebhook: {name: w}\n".to_owned()));
    vec![
        (
            "config with a variable that nobody gives in every step",
            format!("{}{}", calls(count(60_000)), webhook("\"{{context.a}}\"")),
        ),
        (
            "config with many variables and many steps",
            format!(
                "{}{}",
                calls(count(30_000)),
                webhook(&format!("'{}'", each(count(60_000), |n| format!("{{{{context.v{n}}}}}"))))
            ),
        ),
        (
            "config with many variables behind escapes",
            format!(
                "{}{}",
                calls(1),
                webhook(&format!("\"{}\"", each(count(60_000), |n| format!("\\x7b{{context.v{n}}}}}"))))
            ),
        ),
        (
            "config with large contexts of one webhook",
            format!(
                "{}{}",
                with_steps(&each(count(1000), |n| format!(
                    "        - runWebhook: {{name: w, context: {{{}}}}}\n",
                    each(50, |k| format!("c{n}x{k}: a, "))
                ))),
                webhook(&format!("'{}'", each(count(20_000), |n| format!("{{{{context.c0x{n}}}}}"))))
            ),
        ),
        (
            "config with braces",
            format!("{}{}", calls(1), webhook(&format!("'{}{{{{context.a}}}}'", "{".repeat(full / 2)))),
        ),
        (
            "config with half of a variable again and again",
            format!("{}{}", calls(1), webhook(&format!("'{}{{{{context.a}}}}'", "{{context.".repeat(full / 20)))),
        ),
        (
            "config with a variable in spaces",
            format!(
                "{}{}",
                calls(1),
                webhook(&format!("'{}{{{{context.a}}}}'", format!("{{{{{}", " ".repeat(full / 4)).repeat(2)))
            ),
        ),
    ]
}
