//! `cargo xtask fuzz`: texts that nobody would write, beginning with those of the cases.

mod seeds;

use crate::failure::Failure;
use crate::process;
use crate::repository::Repository;
use crate::steps::Outcome;
use crate::tools;

/// The targets in `tests/fuzz/targets`.
const TARGETS: [&str; 3] = ["config_text", "manifest_text", "plan"];

/// Each input has to end within that many seconds, in a build that is slow on purpose.
const SLOWEST: u32 = 5;

/// More than this is held by nothing but a mistake; the fuzzer's own memory is in it.
const MEGABYTES: u32 = 1024;

/// Fuzzes every target for some minutes.
pub(crate) fn run(repository: &Repository, minutes: u32) -> Result<(), Failure> {
    let runs = fuzz(repository, minutes.saturating_mul(60))?;
    eprintln!("{runs} runs together");
    Ok(())
}

/// Fuzzes every target for long enough to see that it still works.
pub(crate) fn smoke(repository: &Repository) -> Result<Outcome, Failure> {
    let runs = fuzz(repository, 20)?;
    Ok(Outcome::Measured(format!("{runs} runs")))
}

/// Returns the number of inputs that were tried.
fn fuzz(repository: &Repository, seconds: u32) -> Result<u64, Failure> {
    let folder = tools::cargo_fuzz().install()?;
    let dictionary = seeds::write(repository)?;
    let mut runs = 0;
    for target in TARGETS {
        let mut command = repository.cargo(&["fuzz", "run", target, "--fuzz-dir", "tests/fuzz"]);
        process::prefer(&mut command, std::slice::from_ref(&folder))?;
        // No sanitizer: nothing here is unsafe, and without it any stable rustc will do, at twice the speed.
        command.args(["--sanitizer", "none", "--target-dir"]);
        command.arg(repository.target.join("fuzz")).arg("--");
        command.arg(format!("-dict={}", dictionary.display()));
        command.arg(format!("-max_total_time={seconds}"));
        command.arg(format!("-timeout={SLOWEST}"));
        command.arg(format!("-rss_limit_mb={MEGABYTES}"));
        command.args(["-verbosity=0", "-print_final_stats=1"]);
        let remarks = process::remarks(&mut command).map_err(|failure| {
            failure.help(format!(
                "an input that breaks it would stand in tests/fuzz/artifacts/{target}: make a case of it"
            ))
        })?;
        for line in remarks.lines().filter(|line| line.starts_with("stat::")) {
            eprintln!("  {line}");
        }
        runs += executed(&remarks);
    }
    Ok(runs)
}

fn executed(remarks: &str) -> u64 {
    remarks
        .lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))
        .and_then(|number| number.trim().parse().ok())
        .unwrap_or(0)
}
