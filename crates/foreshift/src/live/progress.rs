//! What a walk tells, for a person or for a program.

use foreshift_core::render::words::counted;
use foreshift_executor::Event;
use foreshift_executor::gate::Progress;
use serde::Serialize;

use crate::arguments::EventFormat;
use crate::output;

/// One line for a program.
#[derive(Serialize)]
struct Line<'a> {
    target: &'a str,
    #[serde(flatten)]
    event: &'a Event,
}

/// Prints an event. Where nobody reads any more, the walk goes on all the same.
pub(crate) fn print(format: EventFormat, target: &str, event: &Event) {
    let line = match format {
        EventFormat::Json => serde_json::to_string(&Line { target, event }).ok(),
        EventFormat::Text => words(event).map(|words| format!("{target}  {words}")),
    };
    if let Some(line) = line {
        let _ = output::words(&format!("{line}\n"));
    }
}

fn words(event: &Event) -> Option<String> {
    Some(match event {
        Event::Begun { writes, done, direction, .. } => match (*direction, *done) {
            ("back", _) => format!("the way back: {}", counted(*writes, "write")),
            (_, 0) => counted(*writes, "write"),
            (_, done) => format!("goes on: {done} of {} made", counted(*writes, "write")),
        },
        Event::Writing { write, step, object, weight } => {
            let weight = weight.map(|weight| format!(" {weight}")).unwrap_or_default();
            format!("{write:>4}  {:<24}{object}", format!("{step}{weight}"))
        }
        Event::Written { was_there: true, .. } => "      it was there already".to_owned(),
        Event::Written { was_there: false, .. } | Event::Held { .. } => return None,
        Event::Waiting { words, seconds, .. } => {
            let left = seconds.map(|seconds| format!(" ({seconds} s)")).unwrap_or_default();
            format!("      waits for {words}{left}")
        }
        Event::Asked { progress, .. } => match progress {
            Progress::NotCalled { webhook, attempt, of, why } => {
                format!("      webhook {webhook} was not called, attempt {attempt} of {of}: {why}")
            }
            Progress::Called { webhook, .. } => format!("      webhook {webhook} was called"),
            Progress::NotAsked { whom } => {
                format!("      {whom} was not asked: a simulation takes the answer to be good")
            }
            Progress::Judged { run, of, measured } => {
                let measured: Vec<String> = measured
                    .iter()
                    .map(|is| {
                        format!(
                            "{} {}{}",
                            is.query,
                            is.value.as_deref().unwrap_or("–"),
                            is.fault.as_ref().map(|fault| format!(" ({fault})")).unwrap_or_default()
                        )
                    })
                    .collect();
                format!("      judgment {run} of {of}: {}", measured.join(", "))
            }
        },
        Event::Pods { object, ready, wanted } => format!("      {object}: {ready} of {wanted} pods Ready"),
        Event::TurningRound { why, from } => format!("turns round in state {from}: {why}"),
        Event::Note { words } => format!("note: {words}"),
        Event::Ended { outcome, why } => match *outcome {
            "done" => "done: the new version runs, every added line is gone".to_owned(),
            "nothing" => "nothing to roll out".to_owned(),
            "aborted" => format!("rolled back: {why}"),
            _ => format!("waits for {why}, and nobody walks it: `foreshift approve`, then `foreshift resume`"),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_write_is_no_writes() {
        let begun = |writes, done, direction| Event::Begun { run: String::new(), writes, done, direction };
        let said = |event| words(&event).unwrap_or_default();
        assert_eq!(said(begun(1, 0, "forward")), "1 write");
        assert_eq!(said(begun(12, 0, "forward")), "12 writes");
        assert_eq!(said(begun(1, 0, "back")), "the way back: 1 write");
        assert_eq!(said(begun(2, 1, "forward")), "goes on: 1 of 2 writes made");
    }
}
