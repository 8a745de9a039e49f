//! The deployment config: which rule speaks, and where.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use foreshift_core::config::{
    self, CanaryStepKind, Config, IfInProgress, Lookback, ManifestSource, Mode, NetworkMode, Strategy, Wait,
};
use foreshift_core::diagnostic::{Code, Diagnostic, Severity, tidy};
use foreshift_core::text::{Origin, Position, Sources};
use proptest::prelude::{ProptestConfig, any, prop, proptest};

#[path = "config/rows.rs"]
mod rows;

fn parse(text: &str) -> (Option<Config>, Vec<Diagnostic>, Sources) {
    let mut sources = Sources::default();
    let id = sources.add("deploy.yaml", text, Origin::default());
    let mut diagnostics = Vec::new();
    let config = config::parse(id, text, &mut diagnostics);
    tidy(&mut diagnostics);
    (config, diagnostics, sources)
}

/// The findings as `code line:column`, one a line.
fn findings(text: &str) -> String {
    let (_, diagnostics, sources) = parse(text);
    let mut list = String::new();
    for found in &diagnostics {
        let (_, Position { line, column }) = found.place(&sources).expect("a place in the config");
        writeln!(list, "{} {line}:{column}", found.code.name()).expect("text");
    }
    list
}

#[test]
fn every_row_gives_its_findings() {
    let mut wrong = String::new();
    for row in rows::rows() {
        let expected: String = row.expected.iter().map(|line| format!("{line}\n")).collect();
        let found = findings(&row.text);
        if found != expected {
            write!(wrong, "\n{}\nexpected:\n{expected}found:\n{found}", row.text).expect("text");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_rule_of_the_config_has_a_row() {
    let rows = rows::rows();
    let met: BTreeSet<&str> =
        rows.iter().flat_map(|row| row.expected).filter_map(|line| line.split(' ').next()).collect();
    let first = Code::ConfigEmpty as usize;
    let last = Code::ExposeServicesIgnored as usize;
    let missed: Vec<&str> = Code::ALL
        .iter()
        .filter(|code| (first..=last).contains(&(**code as usize)))
        .map(|code| code.name())
        .filter(|name| !met.contains(name))
        .collect();
    assert_eq!(missed, Vec::<&str>::new());
}

#[test]
fn every_finding_reads_like_the_house() {
    for row in rows::rows() {
        for found in parse(&row.text).1 {
            let message = &found.message;
            assert!(!message.ends_with('.'), "{message}");
            assert!(
                !message.starts_with(|c: char| c.is_uppercase() && c.is_ascii()) || message.starts_with("YAML"),
                "{message}"
            );
            assert!(message.matches('`').count() % 2 == 0, "{message}");
            assert!(!found.help.is_some_and(|help| help.is_empty() || help.ends_with('.')), "{message}");
        }
    }
}

#[test]
fn a_row_without_an_error_gives_a_whole_config() {
    for row in rows::rows() {
        let (config, diagnostics, _) = parse(&row.text);
        if !diagnostics.iter().any(Diagnostic::is_error) {
            let config = config.expect("a config");
            assert!(!config.targets.is_empty() && !config.manifests.is_empty(), "{}", row.text);
        }
    }
}

#[test]
fn every_field_arrives() {
    let (config, diagnostics, _) = parse(rows::FULL);
    let errors: Vec<&str> =
        diagnostics.iter().filter(|found| found.severity != Severity::Warning).map(|found| found.code.name()).collect();
    assert_eq!(errors, ["blue-green-not-planned", "smi-archived"]);
    let config = config.expect("a config");
    assert_eq!(config.application.value, "reviews");
    assert_eq!(config.description.as_deref(), Some("stars and texts"));
    assert_eq!(*config.context, [("team".to_owned(), "books".to_owned())]);
    assert_eq!(config.timeout_seconds, 5400);
    assert_eq!(config.keep_deployment_object, Some(true));
    assert_eq!(config.if_in_progress, IfInProgress::EnqueueOne);
    assert_eq!(config.default_metric_provider.as_deref(), Some("prometheus"));
    let names: Vec<&str> = config.targets.iter().map(|target| target.name.value.as_str()).collect();
    assert_eq!(names, ["dev (east)", "prod"]);
    let [dev, prod] = config.targets.as_slice() else { panic!("two targets") };
    assert_eq!(dev.account.as_ref().map(|account| account.value.as_str()), Some("dev-cluster"));
    assert_eq!(dev.namespace.value, "shop-dev");
    assert_eq!(prod.depends_on.iter().map(|name| name.value.as_str()).collect::<Vec<_>>(), ["dev (east)"]);
    assert!(matches!(&dev.before[0].wait, Wait::Duration { seconds: 7200 }));
    let Wait::Webhook(call) = &dev.after[0].wait else { panic!("a webhook") };
    assert_eq!((call.webhook.name.value.as_str(), call.timeout_seconds), ("tell", 5400));
    assert_eq!(call.context.own[0].1, "loud");
    assert_eq!(call.context.get("team"), Some("books"));
    let Strategy::Canary(steps) = &dev.strategy.value else { panic!("a canary") };
    assert!(matches!(&steps[0].kind, CanaryStepKind::SetWeight(weight) if weight.value == 10));
    let CanaryStepKind::Wait(Wait::Approval { requires_roles, expires_seconds }) = &steps[1].kind else {
        panic!("an approval")
    };
    assert_eq!((requires_roles.as_slice(), *expires_seconds), (["boss".to_owned()].as_slice(), Some(60)));
    let CanaryStepKind::Wait(Wait::Analysis(analysis)) = &steps[2].kind else { panic!("an analysis") };
    assert_eq!((analysis.roll_back, analysis.roll_forward), (Mode::Manual, Mode::Automatic));
    assert_eq!((analysis.interval_seconds, analysis.judgment_runs), (7, 3));
    assert_eq!(analysis.lookback, Some(Lookback::Sliding));
    assert!(analysis.abort_on_failed_judgment);
    assert_eq!(analysis.metric_provider.as_deref(), Some("other"));
    assert_eq!(analysis.queries[0].name.value, "cpu");
    let CanaryStepKind::ExposeServices { services, ttl_seconds } = &steps[3].kind else { panic!("exposed Services") };
    assert_eq!((services.as_slice(), *ttl_seconds), (["reviews".to_owned()].as_slice(), 300));
    let Strategy::BlueGreen(blue_green) = &prod.strategy.value else { panic!("a blueGreen") };
    assert_eq!(blue_green.active_service.as_ref().map(|name| name.value.as_str()), Some("reviews"));
    assert_eq!(blue_green.preview_service.as_ref().map(|name| name.value.as_str()), Some("reviews-next"));
    assert_eq!((blue_green.redirect_traffic_after.len(), blue_green.shut_down_old_version_after.len()), (1, 1));
    assert!(matches!(&config.manifests[0].source, ManifestSource::Path(path) if path.value == "reviews.yaml"));
    assert!(matches!(&config.manifests[1].source, ManifestSource::Url(url) if url.value.starts_with("https:")));
    assert!(config.manifests[0].covers("prod") && !config.manifests[1].covers("prod"));
    let query = &config.queries[0];
    assert_eq!((query.upper_limit.as_deref(), query.lower_limit.as_deref()), (Some("99.5"), Some("0")));
    assert_eq!(query.metric_provider.as_deref(), Some("prometheus"));
    let webhook = &config.webhooks[0];
    assert_eq!((webhook.method.as_deref(), webhook.network_mode), (Some("POST"), NetworkMode::RemoteNetworkAgent));
    assert_eq!((webhook.agent_identifier.as_deref(), webhook.body.as_deref()), (Some("agent"), Some("{}")));
    assert_eq!((webhook.headers.len(), webhook.retry_count, webhook.disable_callback), (1, 5, true));
    let traffic = &config.traffic[0];
    let pair = &traffic.istio[0];
    assert_eq!(pair.virtual_service.value, "reviews");
    let named = [&pair.http_route, &pair.destination_rule, &pair.active_subset, &pair.canary_subset]
        .map(|name| name.as_ref().map(|name| name.value.as_str()));
    assert_eq!(named, [Some("main"), Some("reviews-rule"), Some("stable"), Some("canary")]);
    assert!(traffic.istio[1].destination_rule.is_none());
    assert_eq!(traffic.kubernetes[0].active_service.value, "reviews");
    assert_eq!(traffic.smi[0].root_service.value, "reviews");
}

/// Positions in a literal block are positions in the config; other styles have none of their own.
#[test]
fn inline_manifests_know_their_place() {
    let text = format!("{}{}", rows::INLINE, rows::without(&["manifests"]));
    let (config, diagnostics, _) = parse(&text);
    assert_eq!(diagnostics, []);
    let mut places = Vec::new();
    for manifest in config.expect("a config").manifests {
        let ManifestSource::Inline { text: inner, origin } = manifest.source else { panic!("inline") };
        let Some(origin) = origin else {
            places.push(None);
            continue;
        };
        let mut sources = Sources::default();
        let id = sources.add("deploy.yaml", &inner.value, origin);
        let source = sources.get(id).expect("the source");
        let offset = inner.value.find("name").expect("a name");
        let Position { line, column } = source.position(u32::try_from(offset).expect("small"));
        let written = text.lines().nth(line as usize - 1).expect("the line");
        assert!(written[column as usize - 1..].starts_with("name"), "{written} {line}:{column}");
        places.push(Some((line, column)));
    }
    assert_eq!(places, [Some((5, 9)), Some((11, 7)), Some((13, 7)), None, None]);
}

#[test]
fn a_large_config_ends_soon() {
    let mut targets = String::from("application: a\nmanifests: [{path: a}]\nstrategies: {s: {canary: {steps: [");
    targets.push_str(&"{setWeight: {weight: 1}},".repeat(20_000));
    targets.push_str("]}}}\ntargets:\n");
    for index in 0..5_000 {
        writeln!(
            targets,
            "  t{index}: {{namespace: a, strategy: s, constraints: {{dependsOn: [t{}]}}}}",
            (index + 1) % 5_000
        )
        .expect("text");
    }
    let (_, diagnostics, _) = parse(&targets);
    let codes: BTreeSet<Code> = diagnostics.iter().map(|found| found.code).collect();
    assert_eq!(codes.into_iter().collect::<Vec<_>>(), [Code::InputTooLarge, Code::DependsOnCycle]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever is cut out of a config, doubled in it or put into it: there is an answer, and every finding has a place.
    #[test]
    fn no_config_is_too_odd(
        row in any::<prop::sample::Index>(),
        from in any::<prop::sample::Index>(),
        length in 0usize..40,
        put in prop::sample::select(vec!["", ":", "- ", "{", "]", "null", "-1", "'", "\t", "&a ", "*a", "<<: *a", "\n", "é", "0x10", "[]", "{}"]),
    ) {
        let texts = rows::texts();
        let chars: Vec<char> = row.get(&texts).chars().collect();
        let from = from.index(chars.len() + 1);
        let rest = (from + length).min(chars.len());
        let text: String = chars[..from].iter().copied().chain(put.chars()).chain(chars[rest..].iter().copied()).collect();
        let (config, diagnostics, sources) = parse(&text);
        assert!(config.is_some() || diagnostics.iter().any(Diagnostic::is_error), "{text}");
        for found in diagnostics {
            assert!(found.place(&sources).is_some(), "{text}\n{found:?}");
        }
    }
}
