//! What can be asked for about objects that a rollout needs beside it: permissions, a Job, rules for GitOps.

use clap::{Args, ValueEnum};

use super::{Input, Place};

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  foreshift rbac deploy.yaml | kubectl apply -f -
  foreshift rbac deploy.yaml --live --group oidc:deployers")]
pub(crate) struct RbacArguments {
    #[command(flatten)]
    pub(crate) rollout: Described,

    /// Who gets it: a ServiceAccount of the target's namespace
    #[arg(long, value_name = "NAME", group = "subject")]
    pub(crate) service_account: Option<String>,

    /// Who gets it: a user
    #[arg(long, value_name = "NAME", group = "subject")]
    pub(crate) user: Option<String>,

    /// Who gets it: a group
    #[arg(long, value_name = "NAME", group = "subject")]
    pub(crate) group: Option<String>,
}

#[derive(Args, Debug)]
#[command(
    after_help = "The Job runs in the target's namespace and goes on where it was when it is stopped: a killed pod is
replaced. A rollout that has ended, rolled back or refused is not begun again.

Examples:
  foreshift job deploy.yaml --image registry.example.com/foreshift:0.1 | kubectl apply -f -
  foreshift job deploy.yaml --target prod --image … --metrics prometheus=http://prometheus.monitoring:9090"
)]
pub(crate) struct JobArguments {
    #[command(flatten)]
    pub(crate) rollout: Described,

    /// An image whose entry point is foreshift
    #[arg(long, value_name = "IMAGE")]
    pub(crate) image: String,

    /// Where a metric provider of the config is, as seen from the Job
    #[arg(long, value_name = "NAME=URL")]
    pub(crate) metrics: Vec<String>,
}

#[derive(Args, Debug)]
#[command(after_help = "Merge what is printed into the object that deploys the manifests.

Examples:
  foreshift gitops deploy.yaml
  foreshift gitops deploy.yaml -o flux")]
pub(crate) struct GitopsArguments {
    #[command(flatten)]
    pub(crate) rollout: Described,

    /// For which tool
    #[arg(short, long, value_enum, value_name = "TOOL", default_value_t = GitopsTool::Argocd)]
    pub(crate) output: GitopsTool,
}

/// The rollout that it is about, and where the objects are that its manifests do not hold.
#[derive(Args, Debug)]
pub(crate) struct Described {
    /// The deployment config, a playground link, or `-` for standard input; manifest paths are relative to its folder
    #[arg(value_name = "DEPLOY.yaml")]
    pub(crate) config: String,

    #[command(flatten)]
    pub(crate) input: Input,

    /// Look at what runs in the cluster, as `apply` does
    #[arg(long, conflicts_with = "current")]
    pub(crate) live: bool,

    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum GitopsTool {
    /// `ignoreDifferences` of an Argo CD Application
    Argocd,
    /// `ignore` of a Flux Kustomization, from Flux 2.9 on
    Flux,
}
