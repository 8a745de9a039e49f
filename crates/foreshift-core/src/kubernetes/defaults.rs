//! What the API server fills into a pod template where nobody wrote anything (`pkg/apis/core/v1/defaults.go`).

use crate::value::{Data, Value};

/// Fields with the value that they get; `None` where it depends on others or on the cluster.
const FILLED_IN: &[(&str, Option<&str>)] = &[
    ("apiVersion", Some("v1")),
    ("creationTimestamp", None),
    ("defaultMode", Some("420")),
    ("dnsPolicy", Some("ClusterFirst")),
    ("failureThreshold", Some("3")),
    ("imagePullPolicy", None),
    // Nobody wrote it into a manifest: it restarts pods, and says nothing of the version.
    ("kubectl.kubernetes.io/restartedAt", None),
    ("periodSeconds", Some("10")),
    ("protocol", Some("TCP")),
    ("restartPolicy", Some("Always")),
    ("schedulerName", Some("default-scheduler")),
    ("scheme", Some("HTTP")),
    ("serviceAccount", None),
    ("successThreshold", Some("1")),
    ("terminationGracePeriodSeconds", Some("30")),
    ("terminationMessagePath", Some("/dev/termination-log")),
    ("terminationMessagePolicy", Some("File")),
    ("timeoutSeconds", Some("1")),
];

/// Whether a field of a pod template that nobody wrote may stand there all the same.
pub fn is_filled_in(field: &str, value: &Value) -> bool {
    let known = FILLED_IN.iter().find(|(known, _)| *known == field);
    match (&value.data, known) {
        (Data::Null, _) => true,
        (Data::Map(map), _) => map.iter().all(|(key, value)| is_filled_in(&key.name, value)),
        (Data::Seq(items), _) => items.is_empty(),
        (_, Some((_, None))) => true,
        (Data::Str(text), Some((_, Some(default)))) => **text == **default,
        (Data::Int(number), Some((_, Some(default)))) => number.to_string() == *default,
        _ => false,
    }
}
