//! Annotations that the webhook does not let through.

use super::at::At;
use super::report::Report;

/// Annotations with what is wrong with them, in the order in which the webhook looks.
const REFUSED: &[(&str, &str)] = &[
    ("istio.io/dry-run", "is an annotation that only an `AuthorizationPolicy` may have"),
    ("internal.istio.io/webhook-always-reject", "is an annotation that makes Istio refuse the object"),
    ("internal.istio.io/parent-namespace", "is an annotation that only Istio itself may set"),
    ("internal.istio.io/parents", "is an annotation that only Istio itself may set"),
];

/// Whether the webhook stops here.
pub(super) fn refused(object: &At, report: &mut Report) -> bool {
    let Some(metadata) = object.get("metadata") else {
        return false;
    };
    let Some(annotations) = metadata.get("annotations") else {
        return false;
    };
    for (name, wrong) in REFUSED {
        if let Some(found) = annotations.get(name) {
            report.error(&found, wrong, &[]);
            return true;
        }
    }
    false
}
