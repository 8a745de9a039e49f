//! Texts that mean much more than they say: levels, aliases and merges on top of each other.

use std::fmt::Write as _;

use super::{each, lines};

/// One level deeper in every line.
pub(super) fn indented(full: usize, line: &str) -> String {
    lines(full, |out, n| write!(out, "{:n$}{line}", ""))
}

pub(super) fn exponential() -> String {
    let mut out = "a0: &a0 [x, x]\n".to_owned();
    for n in 1..60 {
        let _ = writeln!(out, "a{n}: &a{n} [*a{before}, *a{before}]", before = n - 1);
    }
    out
}

pub(super) fn wide(count: usize) -> String {
    format!("a: &a [{}]\nb:\n{}", "x, ".repeat(count), "- *a\n".repeat(count))
}

pub(super) fn long_aliased(full: usize) -> String {
    format!("a: &a {}\nb:\n{}", "x".repeat(full / 2), "- *a\n".repeat(full / 10 - 10))
}

/// Every anchor holds the one before.
pub(super) fn chain(full: usize) -> String {
    format!("- &a0 x\n{}", lines(full - 20, |out, n| writeln!(out, "- &a{} [*a{n}]", n + 1)))
}

pub(super) fn merges_exponential() -> String {
    let mut out = "a0: &a0 {x: 1}\n".to_owned();
    for n in 1..60 {
        let _ = writeln!(out, "a{n}: &a{n} {{<<: [*a{before}, *a{before}], k{n}: *a{before}}}", before = n - 1);
    }
    out
}

pub(super) fn merges_wide(full: usize) -> String {
    format!("a: &a {{{}}}\nb:\n{}", each(full / 40, |n| format!("k{n}: 1, ")), "- {<<: *a}\n".repeat(full / 24))
}

/// Every mapping merges the one before and has a key more.
pub(super) fn merges_nested(full: usize) -> String {
    format!("- &a0 {{x: 1}}\n{}", lines(full - 20, |out, n| writeln!(out, "- &a{} {{<<: *a{n}, k{n}: 1}}", n + 1)))
}
