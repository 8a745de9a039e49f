//! Set-up, tests and builds of this repository: `cargo xtask`.

mod adapters;
mod bench;
mod cases;
mod cluster;
mod debian;
mod dependencies;
mod failure;
mod files;
mod fuzz;
mod go;
mod page;
mod peers;
mod process;
mod programs;
mod pypi;
mod repository;
mod setup;
mod site;
mod steps;
mod test;
mod tools;
mod wasm;

use std::process::ExitCode;

use failure::Failure;
use repository::Repository;

const USAGE: &str = "\
cargo xtask test [STEP…]         install what the tests need, then run all of them, or only these steps
cargo xtask setup                only install
cargo xtask cases [--update]     the cases; with --update, write what comes out as what is expected
cargo xtask wasm                 build web/pkg and weigh it
cargo xtask site                 build the playground for any web host into web/dist/site
cargo xtask play [DEPLOY.yaml…]  build the playground and open it, on these files or its example
cargo xtask fuzz [--minutes N]   fuzz every target for N minutes (10)
cargo xtask bench [FILTER…]      the benchmarks
cargo xtask cluster [--build]    a control plane to try things on, until Ctrl-C; with --build, only its programs
cargo xtask cluster --peers      builds what foreshift is compared with";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let repository = Repository::here();
    let done = match arguments.as_slice() {
        ["test", names @ ..] => test::run(&repository, names),
        ["setup"] => setup::run(&repository),
        ["cases"] => cases::check(&repository),
        ["cases", "--update"] => cases::update(&repository),
        ["wasm"] => wasm::run(&repository),
        ["site"] => site::run(&repository),
        ["play", rest @ ..] => site::play(&repository, rest),
        ["fuzz"] => fuzz::run(&repository, 10),
        ["fuzz", "--minutes", minutes] => fuzz_for(&repository, minutes),
        ["cluster"] => cluster::run(&repository),
        ["cluster", "--build"] => cluster::build(&repository),
        ["cluster", "--peers"] => cluster::build_peers(&repository),
        ["bench", filters @ ..] => bench::run(&repository, filters),
        [] | ["help" | "--help" | "-h"] => {
            eprintln!("{USAGE}");
            Ok(())
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\n{failure}");
            ExitCode::FAILURE
        }
    }
}

fn fuzz_for(repository: &Repository, minutes: &str) -> Result<(), Failure> {
    let minutes = minutes.parse().map_err(|_| Failure::new(format!("`{minutes}` is no number of minutes")))?;
    fuzz::run(repository, minutes)
}
