//! Which cluster a target is in, as far as a kubeconfig says it: nothing here is reached.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use tests::case::{self, CONFIG};
use tests::program::{Run, Scratch, program, run};

const KUBECONFIG: &str = r#"{"apiVersion": "v1", "kind": "Config", "current-context": "prod",
"clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:9"}}],
"users": [{"name": "u", "user": {}}],
"contexts": [{"name": "prod", "context": {"cluster": "c", "user": "u"}},
             {"name": "CONTEXT", "context": {"cluster": "c", "user": "u"}}]}"#;

/// A command in the folder of the reference, whose account is `demo`.
fn with(context: &str, arguments: &[&str]) -> Run {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let folder = Scratch::new(&format!("contexts-{}", COUNT.fetch_add(1, Ordering::Relaxed)));
    folder.write("kubeconfig", &KUBECONFIG.replace("CONTEXT", context));
    let output = Command::new(program())
        .args(arguments)
        .current_dir(case::cases().join("canary/reference"))
        .env("KUBECONFIG", folder.path.join("kubeconfig"))
        .output()
        .expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Run { code: output.status.code().expect("no signal"), out: text(output.stdout), err: text(output.stderr) }
}

#[test]
fn an_account_without_a_context_is_no_guess() {
    for arguments in [
        &["apply", CONFIG, "--yes"][..],
        &["plan", CONFIG, "--live"],
        &["status", CONFIG],
        &["abort", CONFIG],
        &["rbac", CONFIG, "--live"],
    ] {
        let run = with("staging", arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.err);
        assert!(run.err.contains("nobody says which cluster the account `demo` of target `staging` is"), "{}", run.err);
        assert!(run.err.contains("`--account-map demo=CONTEXT`") && run.err.contains("prod, staging"), "{}", run.err);
    }
}

#[test]
fn a_context_that_is_said_or_called_like_the_account_is_taken() {
    let called = with("demo", &["status", CONFIG]);
    assert_eq!(called.code, 6, "{}", called.err);
    assert!(called.err.contains("note: staging is in the context `demo`, which is called like its account"));
    for said in [["--context", "prod"], ["--account-map", "demo=prod"]] {
        let run = with("demo", &[&["status", CONFIG], &said[..]].concat());
        assert!(run.code == 6 && !run.err.contains("called like"), "{said:?}: {}", run.err);
    }
    let none = with("demo", &["status", CONFIG, "--context", "nothing"]);
    assert!(none.code == 6 && none.err.contains("nothing"), "{}", none.err);
}

#[test]
fn a_namespace_is_an_option_of_what_is_about_rollouts() {
    let elsewhere = with("demo", &["status", CONFIG, "-n", "other"]);
    assert_eq!(elsewhere.code, 2, "{}", elsewhere.err);
    assert!(elsewhere.err.contains("no target of the config that is asked for is in the namespace `other`"));
    let reference = case::cases().join("canary/reference");
    for arguments in [["plan", CONFIG, "-n", "a"], ["apply", CONFIG, "--namespace", "a"]] {
        let run = run(&reference, &arguments, "");
        assert_eq!(run.code, 2);
        assert!(run.err.contains("the config has one for each target") && !run.err.contains("-- -n"), "{}", run.err);
    }
    let alone = run(&reference, &["status", "--application", "reviews"], "");
    assert!(alone.code == 2 && alone.err.contains("--namespace"), "{}", alone.err);
}
