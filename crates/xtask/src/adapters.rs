//! The adapters for documentation, each tried with the generator that it is for, on the example in `tests/adapters`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use required::Part;

use crate::failure::Failure;
use crate::files::copy;
use crate::go;
use crate::process;
use crate::repository::Repository;
use crate::steps::Outcome;
use crate::tools;

const MKDOCS: &str = "1.6.1";
const HUGO: &str = "0.152.2";
const DOCUSAURUS: &str = "3.10.2";
const ASTRO: &str = "7.3.5";

/// What all examples link to.
const PAGE: &str = "https://example.com/playground/";

/// A generator with its example.
struct Adapter {
    name: &'static str,
    /// The folder of its pages, where the rollout of the second block is put beside them.
    pages: &'static str,
    /// The pages with the blocks, and what becomes of each.
    written: &'static [(&'static str, &'static str)],
    /// Builds the example in a folder.
    build: fn(&Repository, &Path) -> Result<Generator, Failure>,
}

/// What builds an example.
enum Generator {
    Here(Command),
    /// This machine has none, and cannot come by one.
    Missing(Part),
}

const ADAPTERS: [Adapter; 5] = [
    Adapter { name: "mdbook", pages: "src", written: &[("src/canary.md", "book/canary.html")], build: mdbook },
    Adapter { name: "mkdocs", pages: "docs", written: &[("docs/index.md", "site/index.html")], build: mkdocs },
    Adapter {
        name: "hugo",
        pages: "content",
        written: &[("content/canary.md", "public/canary/index.html")],
        build: hugo,
    },
    Adapter {
        name: "docusaurus",
        pages: "docs",
        written: &[("docs/canary.md", "build/index.html")],
        build: docusaurus,
    },
    Adapter {
        name: "astro",
        pages: "src/pages",
        written: &[
            ("src/pages/canary.md", "dist/canary/index.html"),
            ("src/pages/component.mdx", "dist/component/index.html"),
        ],
        build: astro,
    },
];

/// Builds every example; then breaks it, and sees that the build fails.
pub(crate) fn check(repository: &Repository) -> Result<Outcome, Failure> {
    process::run(&mut repository.cargo(&["build", "--quiet", "--package=foreshift"]))?;
    let mut tried = Vec::new();
    let mut skipped = Vec::new();
    for adapter in &ADAPTERS {
        let folder = prepared(repository, adapter)?;
        let mut build = match command(repository, adapter, &folder)? {
            Generator::Here(build) => build,
            Generator::Missing(part) => {
                let name = adapter.name;
                required::left_out(part, format!("{name} is not tried: it is not there")).map_err(Failure::new)?;
                skipped.push(name);
                continue;
            }
        };
        process::run(&mut build)?;
        for (_, result) in adapter.written {
            judge(&folder.join(result))?;
        }
        for (source, _) in adapter.written {
            refuses_a_broken_one(repository, adapter, &folder, &folder.join(source))?;
        }
        tried.push(adapter.name);
    }
    let missing = if skipped.is_empty() { String::new() } else { format!("; not there: {}", skipped.join(", ")) };
    Ok(Outcome::Measured(format!("{}{missing}", tried.join(", "))))
}

fn command(repository: &Repository, adapter: &Adapter, folder: &Path) -> Result<Generator, Failure> {
    let mut build = match (adapter.build)(repository, folder)? {
        Generator::Here(build) => build,
        missing @ Generator::Missing(_) => return Ok(missing),
    };
    build.current_dir(folder).env("FORESHIFT_PAGE", PAGE);
    let known =
        build.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, path)| path.map(std::ffi::OsString::from));
    let path = known.or_else(|| std::env::var_os("PATH")).unwrap_or_default();
    let folders = std::iter::once(repository.target.join("debug")).chain(std::env::split_paths(&path));
    let path = std::env::join_paths(folders).map_err(|error| Failure::new(error.to_string()))?;
    build.env("PATH", path);
    Ok(Generator::Here(build))
}

/// The example with its rollout, in a folder of its own.
fn prepared(repository: &Repository, adapter: &Adapter) -> Result<PathBuf, Failure> {
    let folder = repository.target.join("adapters").join(adapter.name);
    let _ = fs::remove_dir_all(&folder);
    copy(&repository.root.join("tests/adapters").join(adapter.name), &folder)?;
    copy(&repository.root.join("tests/cases/canary/reference"), &folder.join(adapter.pages).join("rollout"))?;
    Ok(folder)
}

fn judge(path: &Path) -> Result<(), Failure> {
    let html = fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
    for (words, count) in
        [("<rollout-plan", 2), ("shadowrootmode=\"open\"", 2), ("Open in playground", 2), ("setWeight 90", 2)]
    {
        let found = html.matches(words).count();
        if found < count || (words == "<rollout-plan" && found > count) {
            return Err(Failure::new(format!("{}: `{words}` stands there {found} times", path.display())));
        }
    }
    Ok(())
}

fn refuses_a_broken_one(
    repository: &Repository,
    adapter: &Adapter,
    folder: &Path,
    source: &Path,
) -> Result<(), Failure> {
    let write = |page: &str| fs::write(source, page).map_err(|error| Failure::file(source, &error));
    let page = fs::read_to_string(source).map_err(|error| Failure::file(source, &error))?;
    write(&page.replacen("weight: 90", "weight: 900", 1))?;
    let Generator::Here(mut build) = command(repository, adapter, folder)? else { return Ok(()) };
    if process::succeeds(&mut build) {
        return Err(Failure::new(format!("{} builds an example that is broken", adapter.name)));
    }
    write(&page)
}

fn mdbook(_: &Repository, _: &Path) -> Result<Generator, Failure> {
    let mut command = Command::new(tools::mdbook().install()?.join("mdbook"));
    command.arg("build");
    Ok(Generator::Here(command))
}

fn mkdocs(repository: &Repository, _: &Path) -> Result<Generator, Failure> {
    let root = tools::cache()?.join(format!("mkdocs-{MKDOCS}"));
    let program = root.join("bin/mkdocs");
    if !program.is_file() {
        let Some(python) = ["python3", "python"].into_iter().find(|name| has(name, "--version")) else {
            return Ok(Generator::Missing(Part::MkDocs));
        };
        process::run(Command::new(python).args(["-m", "venv"]).arg(&root))?;
        process::run(Command::new(root.join("bin/pip")).args(["install", "--quiet", &format!("mkdocs=={MKDOCS}")]))?;
    }
    let mut command = Command::new(program);
    command.args(["build", "--quiet"]).env("PYTHONPATH", repository.root.join("web/adapters/mkdocs"));
    Ok(Generator::Here(command))
}

/// Hugo runs no programs: the blocks are drawn before it.
fn hugo(repository: &Repository, folder: &Path) -> Result<Generator, Failure> {
    let root = tools::cache()?.join(format!("hugo-{HUGO}"));
    let own = root.join("hugo");
    let program = if own.is_file() || !has("hugo", "version") { own.clone() } else { PathBuf::from("hugo") };
    if program == own && !own.is_file() {
        if !go::is_there() {
            return Ok(Generator::Missing(Part::Hugo));
        }
        let mut install = go::command(&["install", &format!("github.com/gohugoio/hugo@v{HUGO}")]);
        install.env("GOBIN", &root);
        process::run(install.env("GOFLAGS", "-p=2"))?;
    }
    copy(&repository.root.join("web/adapters/hugo"), &folder.join("layouts/_default/_markup"))?;
    let mut command = Command::new("sh");
    command.args(["-ec", "foreshift blocks content --out assets/foreshift; exec \"$0\" --quiet"]).arg(program);
    Ok(Generator::Here(command))
}

fn docusaurus(repository: &Repository, folder: &Path) -> Result<Generator, Failure> {
    let modules = npm_packages(repository, folder, &format!("docusaurus-{DOCUSAURUS}"))?;
    let mut command = Command::new("node");
    command.arg(modules.join("@docusaurus/core/bin/docusaurus.mjs")).arg("build");
    command.env("DISABLE_VERSION_CHECK", "1").env("NODE_ENV", "production");
    // Its cache is in the shared packages, and knows another checkout's modules by the same names.
    command.env("DOCUSAURUS_NO_PERSISTENT_CACHE", "true");
    Ok(Generator::Here(command))
}

/// It wants a newer Node than many machines have, so one is among its packages.
fn astro(repository: &Repository, folder: &Path) -> Result<Generator, Failure> {
    let modules = npm_packages(repository, folder, &format!("astro-{ASTRO}"))?;
    let mut command = Command::new(modules.join("node/bin/node"));
    command.arg(modules.join("astro/bin/astro.mjs")).arg("build");
    command.env("ASTRO_TELEMETRY_DISABLED", "1");
    Ok(Generator::Here(command))
}

/// The packages of a site: they stand in the cache, linked into its folder; that of foreshift is the one that was just built.
fn npm_packages(repository: &Repository, folder: &Path, generator: &str) -> Result<PathBuf, Failure> {
    let root = tools::cache()?.join(generator);
    let packages = root.join("node_modules");
    // npm writes it last.
    if !packages.join(".package-lock.json").is_file() {
        fs::create_dir_all(&root).map_err(|error| Failure::file(&root, &error))?;
        let (from, to) = (folder.join("package.json"), root.join("package.json"));
        fs::copy(&from, &to).map_err(|error| Failure::file(&from, &error))?;
        let mut install = Command::new(crate::setup::NPM);
        install.args(["install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]);
        process::run(install.current_dir(&root))?;
    }
    let modules = folder.join("node_modules");
    if !modules.exists() {
        link(&packages, &modules)?;
    }
    let built = repository.root.join("web/dist/package");
    if !built.join("package.json").is_file() {
        return Err(Failure::new("the npm package is not built").help("`cargo xtask site` builds it"));
    }
    let _ = fs::remove_dir_all(modules.join("foreshift"));
    copy(&built, &modules.join("foreshift"))?;
    Ok(modules)
}

fn has(program: &str, question: &str) -> bool {
    process::succeeds(Command::new(program).arg(question))
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> Result<(), Failure> {
    std::os::unix::fs::symlink(from, to).map_err(|error| Failure::file(to, &error))
}

#[cfg(not(unix))]
fn link(from: &Path, to: &Path) -> Result<(), Failure> {
    copy(from, to)
}
