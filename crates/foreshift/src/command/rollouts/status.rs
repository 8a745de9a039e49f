//! How a rollout stands, in words and as data, with the command that comes next and the one that ends it.

use std::fmt::Write as _;

use foreshift_core::render::words::counted;
use foreshift_executor::cluster::Kubernetes;
use foreshift_executor::record::{Direction, Record, seconds};
use foreshift_executor::rollout::{self, Of, Standing, Waiting, Walked};
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::phase;
use crate::arguments::Rollouts;
use crate::live::PATIENCE;

/// Everything that can be said of a rollout.
pub(super) struct Status {
    of: Of,
    record: Option<Record>,
    standing: Option<Standing>,
    waiting: Option<Waiting>,
    walked: Walked,
    /// Whether its record is known to be somebody else's.
    is_forged: bool,
    /// ReplicaSets of a rollout that has no record.
    left: Vec<String>,
    /// What a command needs to be about it.
    meant: String,
}

impl Status {
    pub(super) async fn of(cluster: &Kubernetes, of: Of, record: Option<Record>, rollouts: &Rollouts) -> Status {
        let running = record.as_ref().filter(|record| record.is_running());
        let walked = match running {
            Some(record) => rollout::walked(cluster, &of, record, PATIENCE).await,
            None => Walked::Unknown,
        };
        let is_forged = running.is_some() && rollout::is_sealed(cluster, &of, PATIENCE).await == Some(false);
        // What has ended leaves nothing that it has not left on purpose.
        let left = if record.is_none() { rollout::left_behind(cluster, &of, PATIENCE).await } else { Vec::new() };
        let (standing, waiting) = (running.and_then(rollout::standing), running.and_then(rollout::waiting));
        let meant = match &rollouts.config {
            Some(config) => config.clone(),
            None => format!("--application {} -n {} --target '{}'", of.application, of.namespace, of.target),
        };
        Status { of, record, standing, waiting, walked, is_forged, left, meant }
    }

    fn running(&self) -> Option<&Record> {
        self.record.as_ref().filter(|record| record.is_running())
    }

    /// The command that comes next, and the one that ends it safely from wherever it is.
    fn commands(&self) -> (Option<String>, Option<String>) {
        let command = |name: &str| Some(format!("foreshift {name} {}", self.meant));
        let from_cluster = || Some(format!("foreshift abort {} --from-cluster", self.meant));
        let Some(record) = self.running() else {
            return (None, if self.left.is_empty() { None } else { from_cluster() });
        };
        let Some(standing) = self.standing.filter(|_| !self.is_forged) else { return (None, from_cluster()) };
        if record.cursor.direction != Direction::Forward {
            return (command("abort").filter(|_| self.walked == Walked::ByNobody), command("abort"));
        }
        let out = if standing.has_way_back { command("abort") } else { command("resume") };
        let is_asked = self.waiting.as_ref().is_some_and(|waiting| {
            waiting.approvals.iter().any(|(name, _)| name.split('.').next_back() != Some("ask"))
        });
        match (&self.walked, is_asked) {
            (_, true) => (Some(format!("foreshift approve {} --state {}", self.meant, standing.state)), out),
            (Walked::ByNobody, false) => (command("resume"), out),
            (_, false) => (None, out),
        }
    }

    pub(super) fn data(&self) -> Json {
        let Some(record) = &self.record else {
            let (_, out) = self.commands();
            return json!({ "target": self.of.target, "phase": "none", "leftBehind": self.left, "wayOut": out });
        };
        let (next, out) = self.commands();
        let walked = match &self.walked {
            Walked::By(who) => json!(who),
            Walked::ByNobody => json!("nobody"),
            Walked::Unknown => Json::Null,
        };
        json!({
            "target": self.of.target,
            "run": record.run,
            "cursor": record.cursor,
            "state": self.standing.map(|standing| standing.state),
            "states": self.standing.map(|standing| standing.last),
            "percent": self.standing.map(|standing| standing.percent),
            "walkedBy": walked,
            "waitsFor": self.waiting.as_ref().map(|waiting| &waiting.words),
            "next": next,
            "wayOut": out,
        })
    }

    pub(super) fn words(&self) -> String {
        let mut out = String::new();
        let (next, way_out) = self.commands();
        let target = &self.of.target;
        match &self.record {
            None => _ = writeln!(out, "{target}: no rollout"),
            Some(record) => {
                let run = &record.run;
                let (phase, began, age) = (phase(record.cursor.phase), seconds(&run.began), age(&run.began));
                let _ = writeln!(out, "{target}: {phase}, begun by {} at {began}{age}", run.by);
            }
        }
        if let Some(record) = self.running() {
            self.say_how_far(&mut out, record);
        }
        if !self.left.is_empty() {
            let _ = writeln!(out, "  a rollout without a record has left {}", self.left.join(", "));
        }
        if self.is_forged {
            let _ = writeln!(out, "  its record is not as its walk wrote it: nobody goes on by it");
        }
        if let Some(why) = self.record.as_ref().map(|record| &record.cursor.why).filter(|why| !why.is_empty()) {
            let _ = writeln!(out, "  {why}");
        }
        if let Some(next) = next.filter(|next| Some(next) != way_out.as_ref()) {
            let _ = writeln!(out, "  next: {next}");
        }
        if let Some(way_out) = way_out {
            let _ = writeln!(out, "  ends it safely: {way_out}");
        }
        out
    }

    fn say_how_far(&self, out: &mut String, record: &Record) {
        let cursor = &record.cursor;
        let way = match (cursor.direction, self.standing) {
            (Direction::Back { from }, _) => {
                format!("on its way back from state {from}, {} made", counted(cursor.done, "write"))
            }
            (Direction::Forward, Some(Standing { state, last, percent, .. })) => {
                format!("state {state} of {last}, the new version gets {percent} %")
            }
            (Direction::Forward, None) => format!("{} made", counted(cursor.done, "write")),
        };
        let more = match cursor.announced {
            0 | 1 => String::new(),
            more => format!(", up to {more} more under way"),
        };
        let _ = writeln!(out, "  {way}{more}");
        if let Some(waiting) = &self.waiting {
            let since = cursor.gate.as_ref().map(|gate| age(&gate.since)).unwrap_or_default();
            let _ = writeln!(out, "  waits for {}{since}", waiting.words);
        }
        match &self.walked {
            Walked::By(who) => _ = writeln!(out, "  walked by {who}"),
            Walked::ByNobody => _ = writeln!(out, "  nobody walks it"),
            Walked::Unknown => {}
        }
    }
}

/// How long ago something was: ` (3 min ago)`; nothing where that is not known.
fn age(since: &str) -> String {
    let Ok(since) = since.parse::<Timestamp>() else { return String::new() };
    let seconds = Timestamp::now().duration_since(since).as_secs().max(0);
    let words = match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    };
    format!(" ({words} ago)")
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::age;

    #[test]
    fn an_age_is_told_in_the_unit_that_people_use() {
        let ago = |seconds| age(&(Timestamp::now() - SignedDuration::from_secs(seconds)).to_string());
        assert_eq!(
            [ago(5), ago(300), ago(10_000), ago(400_000)],
            [" (5 s ago)", " (5 min ago)", " (2 h ago)", " (4 days ago)"]
        );
        assert_eq!(age("yesterday"), "");
    }
}
