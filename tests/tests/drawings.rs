//! `foreshift render`: pictures for documentation, compared with those in `tests/drawings`.
//!
//! `cargo xtask cases --update` takes over what comes out; look at it in a browser before it is committed.

use std::fs;
use std::path::PathBuf;

use tests::case::{self, CONFIG};
use tests::program::{Run, Scratch, run};

/// The cases whose pictures are kept: one route, several, several workloads or destinations, every gate, several targets.
const KEPT: [&str; 6] = [
    "canary/every-gate",
    "canary/other-destinations-50-30-20",
    "canary/reference",
    "canary/several-routes-of-one-virtual-service",
    "canary/several-targets",
    "canary/two-workloads",
];

#[test]
fn pictures_are_as_they_were_looked_at() {
    let is_update = std::env::var_os("UPDATE_EXPECT").is_some();
    let folder = case::cases().join("../drawings");
    for name in KEPT {
        for format in ["html", "svg"] {
            let drawn = picture(&render(name, &["-o", format]).out);
            let path = folder.join(format!("{}.{format}", name.rsplit('/').next().unwrap_or(name)));
            if is_update {
                fs::write(&path, &drawn).expect("it can be written");
                continue;
            }
            let kept = fs::read_to_string(&path).unwrap_or_default();
            assert!(drawn == kept, "{} differs: `cargo xtask cases --update` takes it over", path.display());
        }
    }
}

#[test]
fn one_state_is_shown_first_and_leads_to_itself_in_the_playground() {
    let html = render("canary/reference", &["--state", "5", "--page", "https://example.com/play/"]).out;
    let shown: Vec<&str> = html.split("<input").filter(|input| input.contains(" checked=")).collect();
    assert!(shown.len() == 1 && shown[0].contains("aria-label=\"State 5 of 13,"), "{} are shown", shown.len());
    assert!(html.contains("href=\"https://example.com/play/#1=") && html.contains("&amp;state=5\""));
    let svg = render("canary/reference", &["--state", "5", "-o", "svg"]).out;
    assert!(svg.contains("setWeight 90") && !svg.contains("setWeight 10:"));
    assert_eq!(render("canary/reference", &["--state", "14"]).code, 2);
}

#[test]
fn nothing_is_drawn_of_an_example_that_broke() {
    let run = render("refused/config-fields", &[]);
    assert!(run.code == 1 && run.out.is_empty() && run.err.contains("error["), "{}", run.err);
    let strict = render("warned/no-weight", &["--strict"]);
    assert!(strict.code == 1 && strict.out.is_empty() && strict.err.contains("warning["), "{}", strict.err);
}

#[test]
fn names_stay_names() {
    let folder = Scratch::new("hostile-names");
    let hostile = "</template></svg><img src=x onerror=alert(1)>&\\\"'";
    let route = "\"</script><script>x\"";
    for name in ["deploy.yaml", "deployment.yaml", "destination-rule.yaml", "virtual-service.yaml"] {
        let name = if name == CONFIG { name.to_owned() } else { format!("manifests/{name}") };
        let text = text(&name).replace("staging", &format!("\"{hostile}\""));
        folder.write(&name, &text.replace("http-route-reviews", route));
    }
    for format in ["html", "svg"] {
        let drawn = run(&folder.path, &["render", CONFIG, "-o", format], "");
        assert_eq!(drawn.code, 0, "{}", drawn.err);
        for tag in ["<img", "<script>", "</script><script"] {
            assert!(!drawn.out.contains(tag), "{format} has `{tag}`");
        }
        assert_eq!(drawn.out.matches("</template>").count(), usize::from(format == "html"));
    }
}

#[test]
fn a_fragment_is_one_block_of_html_in_markdown() {
    let html = render("canary/reference", &[]).out;
    assert!(html.lines().all(|line| !line.trim().is_empty()), "it has an empty line");
    assert!(html.lines().next().is_some_and(|line| line.starts_with("<rollout-plan") && line.ends_with('>')));
    assert!(!html.contains(" style=\"") && !html.contains(" onclick"), "a strict policy would refuse it");
}

#[test]
fn one_hash_lets_every_fragment_through() {
    let hash = run(&case::cases(), &["render", "--csp"], "").out;
    assert!(hash.starts_with("'sha256-") && hash.ends_with("='\n"), "{hash}");
    let style = |html: &str| {
        html.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>")).map(|(style, _)| style.to_owned())
    };
    let styles = KEPT.map(|name| style(&render(name, &[]).out));
    assert!(styles.iter().all(|style| style.is_some() && *style == styles[0]));
}

/// What is seen; the contract that a fragment holds too is tested elsewhere.
fn picture(drawn: &str) -> String {
    drawn.split_once("<script").map_or(drawn, |(picture, _)| picture).to_owned()
}

fn render(name: &str, more: &[&str]) -> Run {
    let case = case::read(&case::cases().join(name));
    run(&case.folder, &[&["render", CONFIG], &case.arguments()[..], more].concat(), "")
}

fn text(file: &str) -> String {
    let path: PathBuf = case::cases().join("canary/reference").join(file);
    fs::read_to_string(&path).expect("the reference")
}
