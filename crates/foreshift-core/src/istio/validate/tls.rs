//! `tls`: how connections to a destination are secured.

use super::at::At;
use super::report::Report;

pub(super) fn check(policy: &At, namespace: &str, report: &mut Report) {
    let Some(tls) = policy.get("tls") else { return };
    let is_simple = tls.text("mode") == "SIMPLE";
    let is_mutual = tls.text("mode") == "MUTUAL";
    let has = |key: &&str| !tls.text(key).is_empty();
    if tls.is_true("insecureSkipVerify") && (is_simple || is_mutual) {
        unverified(&tls, is_simple, report);
    }
    let credential = tls.text("credentialName");
    if !credential.is_empty() && (is_simple || is_mutual) {
        let files = ["clientCertificate", "privateKey", "caCertificates", "caCrl"];
        if let Some(key) = files.iter().find(|key| has(key)) {
            report.error(&tls, "has both `credentialName` and `{}`", &[key]);
        }
        config_map(&tls, credential, namespace, report);
        return;
    }
    if is_mutual {
        for key in ["clientCertificate", "privateKey"] {
            if !has(&key) {
                report.error(&tls, "has the mode `MUTUAL`, which needs `{}`", &[key]);
            }
        }
    }
}

/// Nothing may say what to verify where nothing is verified.
fn unverified(tls: &At, is_simple: bool, report: &mut Report) {
    let has_credential = is_simple && !tls.text("credentialName").is_empty();
    if has_credential || !tls.text("caCertificates").is_empty() || tls.has("subjectAltNames") {
        report.error(tls, "has `insecureSkipVerify`, and says what to verify", &[]);
    }
}

/// A credential in a config map: `configmap://name` or `configmap://namespace/name`, of the rule's own namespace.
fn config_map(tls: &At, credential: &str, namespace: &str, report: &mut Report) {
    let Some(name) = credential.strip_prefix("configmap://") else {
        return;
    };
    if name.split_once('/').is_some_and(|(other, _)| other != namespace) {
        report.error(tls, "has the `credentialName` `{}`, which is in another namespace", &[credential]);
    }
}
