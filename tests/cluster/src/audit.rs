//! What the API server has been asked for, and by whom: its audit log.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::failure::Result;

const POLICY: &str = "audit-policy.yaml";
const LOG: &str = "audit.log";

/// The audit log of a cluster.
pub struct Audit {
    log: PathBuf,
}

/// A place in it.
#[derive(Clone, Copy)]
pub struct Mark(usize);

/// How often each kind of request was made: `update leases`, `patch deployments (dry run)`.
pub type Requests = BTreeMap<String, usize>;

/// Writes the policy into a cluster's folder; returns what an API server has to be told.
pub(crate) fn arguments(folder: &Path) -> Result<Vec<String>> {
    // A watch is logged when it begins, and every other request when it has been answered. JSON is YAML.
    let policy = json!({
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "rules": [{ "level": "Metadata" }],
    });
    fs::write(folder.join(POLICY), policy.to_string())?;
    Ok(vec![
        format!("--audit-policy-file={}", folder.join(POLICY).display()),
        format!("--audit-log-path={}", folder.join(LOG).display()),
    ])
}

impl Audit {
    pub(crate) fn of(folder: &Path) -> Audit {
        Audit { log: folder.join(LOG) }
    }

    /// Where the log ends now.
    pub fn mark(&self) -> Result<Mark> {
        Ok(Mark(fs::read(&self.log)?.len()))
    }

    /// What a user has asked for since then.
    pub fn since(&self, mark: Mark, user: &str) -> Result<Requests> {
        let log = fs::read(&self.log)?;
        let mut requests = Requests::new();
        for line in log.get(mark.0..).unwrap_or_default().split(|byte| *byte == b'\n') {
            // The last line may still be on its way.
            let Ok(event) = serde_json::from_slice::<Value>(line) else { continue };
            if event["user"]["username"] == user && is_counted(&event) {
                *requests.entry(kind(&event)).or_default() += 1;
            }
        }
        Ok(requests)
    }
}

/// A watch has two events, of which the second comes when it ends.
fn is_counted(event: &Value) -> bool {
    let stage = if event["verb"] == "watch" { "ResponseStarted" } else { "ResponseComplete" };
    event["stage"] == stage
}

/// The verb and the resource, or the address of what is no resource.
fn kind(event: &Value) -> String {
    let text = |value: &'_ Value| value.as_str().unwrap_or_default().to_owned();
    let (verb, about, address) = (text(&event["verb"]), &event["objectRef"], text(&event["requestURI"]));
    let (address, query) = address.split_once('?').unwrap_or((&address, ""));
    let what = match (about["resource"].as_str(), about["subresource"].as_str()) {
        (Some(resource), Some(part)) => format!("{resource}/{part}"),
        (Some(resource), None) => resource.to_owned(),
        (None, _) => address.to_owned(),
    };
    let trial = if query.split('&').any(|pair| pair.starts_with("dryRun=")) { " (dry run)" } else { "" };
    format!("{verb} {what}{trial}")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::{Value, json};

    use super::{Audit, LOG, Requests};

    fn event(user: &str, verb: &str, stage: &str, address: &str, resource: &Value) -> String {
        let user = json!({ "username": user });
        let event = json!({ "user": user, "verb": verb, "stage": stage, "requestURI": address, "objectRef": resource });
        format!("{event}\n")
    }

    #[test]
    fn only_what_a_user_has_asked_for_since_the_mark_is_counted_and_a_watch_once() {
        let folder = std::env::temp_dir().join(format!("foreshift-audit-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let (log, audit) = (folder.join(LOG), Audit::of(&folder));
        let pods = json!({ "resource": "pods" });
        let lease = json!({ "resource": "leases", "name": "a" });
        let status = json!({ "resource": "rollouts", "subresource": "status" });
        let (begun, done) = ("ResponseStarted", "ResponseComplete");
        fs::write(&log, event("a", "list", done, "/api/v1/pods", &pods)).expect("a log");
        let mark = audit.mark().expect("a log");
        let lines = [
            event("a", "watch", begun, "/api/v1/pods?watch=1", &pods),
            event("a", "watch", done, "/api/v1/pods?watch=1", &pods),
            event("b", "list", done, "/api/v1/pods", &pods),
            event("a", "update", done, "/leases/a?fieldManager=a&dryRun=All", &lease),
            event("a", "update", done, "/leases/a?fieldManager=a", &lease),
            event("a", "patch", done, "/rollouts/a/status", &status),
            event("a", "get", done, "/apis?timeout=32s", &Value::Null),
            "{\"user\": {\"username\": \"a\"}, \"ver".to_owned(),
        ];
        fs::write(&log, fs::read_to_string(&log).expect("a log") + &lines.concat()).expect("a log");
        let found = audit.since(mark, "a").expect("a log");
        fs::remove_dir_all(&folder).expect("a folder");
        let kinds = ["get /apis", "patch rollouts/status", "update leases", "update leases (dry run)", "watch pods"];
        assert_eq!(found, kinds.map(|kind| (kind.to_owned(), 1)).into_iter().collect::<Requests>());
    }
}
