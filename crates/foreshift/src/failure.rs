//! How a command ends, and why one could not be carried out.

use std::fmt;

/// The exit codes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done, warnings included.
    Done = 0,
    /// Errors in the input.
    Errors = 1,
    /// The command line asks for something that there is not.
    Usage = 2,
    /// Another rollout is in progress.
    Busy = 3,
    /// The cluster is not on the plan.
    OffPlan = 4,
    /// The rollout was taken back.
    RolledBack = 5,
    /// The cluster refuses something or cannot be reached.
    Cluster = 6,
    /// Interrupted or detached, and can be resumed.
    Interrupted = 7,
}

/// Why a command could not be carried out. It is printed like a finding.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    message: String,
    help: Option<String>,
}

impl Failure {
    /// The input cannot be read.
    pub(crate) fn input(message: impl Into<String>) -> Failure {
        Failure { exit: Exit::Errors, message: message.into(), help: None }
    }

    /// The command line asks for something that there is not.
    pub(crate) fn usage(message: impl Into<String>) -> Failure {
        Failure { exit: Exit::Usage, message: message.into(), help: None }
    }

    /// The cluster refuses something or cannot be reached.
    pub(crate) fn cluster(message: impl Into<String>) -> Failure {
        Failure::exit(Exit::Cluster, message.into())
    }

    /// A failure with its exit code.
    pub(crate) fn exit(exit: Exit, message: String) -> Failure {
        Failure { exit, message, help: None }
    }

    /// The same with the place where it happened.
    pub(crate) fn at(self, place: &str) -> Failure {
        Failure { message: format!("{place}: {}", self.message), ..self }
    }

    /// The same with advice.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Failure {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error: {}", self.message)?;
        match &self.help {
            Some(help) => writeln!(f, "  = help: {help}"),
            None => Ok(()),
        }
    }
}
