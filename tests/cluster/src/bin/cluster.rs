//! A cluster to try things on: prints the path of its kubeconfig, and stays until Ctrl-C.

use std::process::ExitCode;

use test_cluster::Cluster;

#[tokio::main]
async fn main() -> ExitCode {
    let cluster = match Cluster::start().await {
        Ok(cluster) => cluster,
        Err(failure) => {
            eprintln!("error: {failure}");
            return ExitCode::FAILURE;
        }
    };
    println!("{}", cluster.kubeconfig().display());
    eprintln!("export KUBECONFIG={}\nCtrl-C ends it", cluster.kubeconfig().display());
    let _ = tokio::signal::ctrl_c().await;
    drop(cluster);
    ExitCode::SUCCESS
}
