//! Writes a log of a namespace until Ctrl-C: `recorder KUBECONFIG NAMESPACE FILE`.

use std::path::Path;
use std::process::ExitCode;

use test_cluster::{Failure, Recorder, Result};

#[tokio::main]
async fn main() -> ExitCode {
    match record().await {
        Ok(events) => {
            eprintln!("{events} events");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// How many events there were.
async fn record() -> Result<usize> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kubeconfig, namespace, file] = arguments.as_slice() else {
        return Err(Failure::new("usage: recorder KUBECONFIG NAMESPACE FILE"));
    };
    let recorder = Recorder::start(Path::new(kubeconfig), namespace, Path::new(file)).await?;
    let _ = tokio::signal::ctrl_c().await;
    Ok(recorder.finish().await?.len())
}
