//! The schema's findings in words.

use super::report::fill;
use super::{Finding, Layer};
use crate::diagnostic::Severity;
use crate::istio::schema::Kind;
use crate::shape::{Fault, Shape, Violation, check_stored};
use crate::value::Value;

/// What the API server refuses the object for.
pub(super) fn check(object: &Value, kind: Kind) -> Vec<Finding> {
    check_stored(object, Shape::Object(kind.schema())).into_iter().map(finding).collect()
}

fn finding(violation: Violation) -> Finding {
    Finding {
        layer: Layer::Schema,
        severity: Severity::Error,
        span: violation.span,
        path: violation.path,
        message: message(&violation.fault),
    }
}

fn message(fault: &Fault) -> String {
    match fault {
        Fault::Unknown(_, None) => "is no field that Istio 1.30 knows".to_owned(),
        Fault::Unknown(_, Some(near)) => fill("is no field that Istio 1.30 knows; perhaps `{}` was meant", &[near]),
        Fault::Missing(name) => fill("has no `{}`", &[name]),
        Fault::Type { expected, found } => fill("has to be {}, and is {}", &[expected, found]),
        Fault::Range(number, (low, high)) => {
            fill("is `{}`, which is not between {} and {}", &[&number.to_string(), &low.to_string(), &high.to_string()])
        }
        Fault::Word(word, words) => fill("is `{}`, which is none of {}", &[word, &words.join(", ")]),
        Fault::Together(names) => fill("has more than one of {}", &[&names.join(", ")]),
        Fault::Rule(clause) => (*clause).to_owned(),
    }
}
