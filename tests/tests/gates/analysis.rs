//! Analyses, against a server that answers as Prometheus does.

use std::rc::Rc;
use std::time::Instant;

use foreshift_core::config::{Analysis, Wait};
use foreshift_executor::gate::{Begun, Progress, Verdict, analysis};
use jiff::{SignedDuration, Timestamp};

use super::server::{Answer, Request, Server};
use super::{begun, facts, outside, record, run, waits, why};

fn analysis(fields: &str, queries: &str) -> Rc<Analysis> {
    let names = if queries.contains("latency") { "[errors, latency]" } else { "[errors]" };
    let steps = format!(
        "[{{setWeight: {{weight: 10}}}}, {{analysis: {{interval: 1, units: seconds, queries: {names}, {fields}}}}}]"
    );
    let sections = format!("analysis: {{defaultMetricProviderName: metrics, queries: [{queries}]}}");
    match waits(&steps, &sections).pop() {
        Some(Wait::Analysis(analysis)) => analysis,
        other => panic!("{other:?}"),
    }
}

const ERRORS: &str = "{name: errors, queryTemplate: 'errors{{armory.promQlStepInterval}}', upperLimit: 1}";

/// A vector with a series for each value.
fn vector(values: &[&str]) -> Answer {
    let series = values.iter().map(|value| format!("{{\"metric\":{{}},\"value\":[1.5,\"{value}\"]}}"));
    let series: Vec<String> = series.collect();
    let data = format!("{{\"resultType\":\"vector\",\"result\":[{}]}}", series.join(","));
    (200, "", format!("{{\"status\":\"success\",\"data\":{data}}}"))
}

/// The fields of a form, decoded.
fn field(request: &Request, name: &str) -> String {
    let pair = request.body.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let mut bytes = pair.expect("the field").bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        let digits = if byte == b'%' { [bytes.next(), bytes.next()] } else { [None; 2] };
        out.push(match digits {
            [Some(high), Some(low)] => u8::from_str_radix(&String::from_utf8_lossy(&[high, low]), 16).expect("hex"),
            _ => byte,
        });
    }
    String::from_utf8(out).expect("text")
}

async fn hold(analysis: &Analysis, server: &Server, start: Begun) -> (Result<Verdict, ()>, Begun, Vec<Progress>) {
    let begun = begun(start.clone());
    let verdict = analysis::hold(analysis, (&outside(&server.url), &facts()), &start, record(&begun)).await;
    let (after, progress) = begun.borrow().clone();
    (verdict, after, progress)
}

#[test]
fn each_run_asks_at_the_end_of_its_interval() {
    run(async {
        let server = Server::new(|_, _| vector(&["0.5"])).await;
        let query = "{name: errors, upperLimit: 1, queryTemplate: \"rate(e{a='{{armory.replicaSetName}}',\
                     b='{{context.team}}'}[{{armory.promQlStepInterval}}]) \
                     {{armory.startTimeEpochMillis}} {{armory.endTimeEpochMillis}} {{armory.intervalMillis}} \
                     {{armory.startTimeIso8601}}\"}";
        let analysis = analysis("numberOfJudgmentRuns: 2", query);
        let start = Begun::now();
        let clock = Instant::now();
        let (verdict, after, progress) = hold(&analysis, &server, start.clone()).await;
        assert_eq!(verdict, Ok(Verdict::Holds));
        assert!((1950..4000).contains(&clock.elapsed().as_millis()), "{:?}", clock.elapsed());
        assert_eq!(after.runs, [[Some("0.5".to_owned())], [Some("0.5".to_owned())]]);
        assert!(matches!(&progress[1], Progress::Judged { run: 2, of: 2, measured } if measured[0].fault.is_none()));
        let requests = server.requests();
        assert_eq!((requests.len(), requests[1].path.as_str()), (2, "/api/v1/query"));
        assert!(requests[1].headers.contains("authorization: bearer t0ken"));
        let (begin, end) = (start.since.as_millisecond() + 1000, start.since.as_millisecond() + 2000);
        let iso = Timestamp::from_second(begin / 1000).expect("a time");
        let expected = format!("rate(e{{a='reviews-cd6648',b='shop'}}[1s]) {begin} {end} 1000 {iso}");
        assert_eq!(field(&requests[1], "query"), expected);
        assert_eq!(field(&requests[1], "time"), format!("{}.{:03}", end / 1000, end % 1000));
    });
}

#[test]
fn a_growing_look_back_begins_where_the_analysis_did() {
    run(async {
        let server = Server::new(|_, _| vector(&["0.5"])).await;
        let start = Begun { since: Timestamp::now() - SignedDuration::from_secs(60), ..Begun::now() };
        for (method, lengths) in [("growing", ["1s", "2s", "3s"]), ("sliding", ["1s"; 3])] {
            let fields = format!("numberOfJudgmentRuns: 3, lookbackMethod: {method}");
            assert_eq!(hold(&analysis(&fields, ERRORS), &server, start.clone()).await.0, Ok(Verdict::Holds));
            let requests = server.requests();
            let asked: Vec<String> =
                requests[requests.len() - 3..].iter().map(|request| field(request, "query")).collect();
            assert_eq!(asked, lengths.map(|length| format!("errors{length}")), "{method}");
        }
    });
}

#[test]
fn the_mean_decides_and_people_do_where_they_are_asked() {
    run(async {
        let start = || Begun { since: Timestamp::now() - SignedDuration::from_secs(60), ..Begun::now() };
        let server = async |values: [&'static str; 2]| Server::new(move |n, _| vector(&[values[n % 2]])).await;
        let two = |more: &str| analysis(&format!("numberOfJudgmentRuns: 2, {more}"), ERRORS);
        let (good, bad) = (server(["1.5", "0.5"]).await, server(["1.5", "1.5"]).await);
        assert_eq!(hold(&two(""), &good, start()).await.0, Ok(Verdict::Holds));
        let words = "`errors` is 1.5, above its limit of 1";
        let (verdict, _, progress) = hold(&two(""), &bad, start()).await;
        assert_eq!(why(verdict), words);
        assert!(
            matches!(&progress[0], Progress::Judged { measured, .. } if measured[0].fault.as_deref() == Some(words))
        );
        let manual = two("rollBackMode: manual, rollForwardMode: manual");
        let forward = Verdict::Ask { forward: true, why: "every query is within its limits".to_owned() };
        assert_eq!(hold(&manual, &good, start()).await.0, Ok(forward));
        assert_eq!(hold(&manual, &bad, start()).await.0, Ok(Verdict::Ask { forward: false, why: words.to_owned() }));
        let before = good.requests().len();
        assert_eq!(why(hold(&two("abortOnFailedJudgment: true"), &good, start()).await.0), words);
        assert_eq!(good.requests().len(), before + 1, "the first failed judgment is the last");
    });
}

#[test]
fn no_number_fails_and_says_why() {
    run(async {
        let answers: [(Answer, &str); 8] = [
            (vector(&[]), "no series"),
            (vector(&["NaN"]), "it is NaN"),
            (vector(&["1", "2", "3"]), "3 series where one is needed: `sum` or `avg` makes one"),
            ((200, "", "<html>".to_owned()), "the answer is not one of Prometheus"),
            ((302, "Location: /login\r\n", String::new()), "the metric provider answered 302"),
            (
                (400, "", "{\"status\":\"error\",\"error\":\"parse error\"}".to_owned()),
                "the metric provider answered 400: parse error",
            ),
            (
                (200, "", "{\"data\":{\"resultType\":\"matrix\",\"result\":[]}}".to_owned()),
                "a matrix where one number is needed",
            ),
            (
                (200, "", "{\"data\":{\"resultType\":\"scalar\",\"result\":[1,2]}}".to_owned()),
                "the answer holds no number",
            ),
        ];
        let start = Begun { since: Timestamp::now() - SignedDuration::from_secs(60), ..Begun::now() };
        let queries = format!("{ERRORS}, {{name: latency, queryTemplate: latency, lowerLimit: -1}}");
        let analysis = analysis("numberOfJudgmentRuns: 3", &queries);
        for (answer, words) in answers {
            let server =
                Server::new(
                    move |_, request| {
                        if field(request, "query") == "latency" { answer.clone() } else { vector(&["1"]) }
                    },
                )
                .await;
            let (verdict, after, _) = hold(&analysis, &server, start.clone()).await;
            assert_eq!(why(verdict), format!("`latency` had no number in run 1: {words}"));
            assert_eq!((after.runs, server.requests().len()), (vec![vec![Some("1".to_owned()), None]], 2));
        }
    });
}

/// What a provider says is cut, made safe, and rid of what only we are to know.
#[test]
fn what_a_provider_says_is_shown_with_care() {
    run(async {
        let number = format!("0.{}", "0".repeat(1000));
        let answers = [
            ((400, "", format!("{{\"error\":\"{}\"}}", "a".repeat(9000))), "a".repeat(900), 1100),
            (
                (401, "", "{\"error\":\"\\u001b[2Jt0ken of s3cret\"}".to_owned()),
                "␛[2J[hidden] of [hidden]".to_owned(),
                200,
            ),
            (vector(&[&number]), "the answer holds no number".to_owned(), 200),
            (vector(&["NaN"]), "it is NaN".to_owned(), 200),
        ];
        let query = "{name: errors, queryTemplate: '{{secrets.ci}}', upperLimit: 1}";
        let analysis = analysis("numberOfJudgmentRuns: 1", query);
        let start = Begun { since: Timestamp::now() - SignedDuration::from_secs(60), ..Begun::now() };
        for (answer, words, length) in answers {
            let server = Server::new(move |_, _| answer.clone()).await;
            let (verdict, _, progress) = hold(&analysis, &server, start.clone()).await;
            let said = why(verdict);
            assert!(said.contains(&words) && said.len() < length, "{said}");
            let told = format!("{said} {progress:?}");
            assert!(!told.contains("s3cret") && !told.contains("t0ken"), "{told}");
            assert_eq!(field(&server.requests()[0], "query"), "s3cret");
            assert!(server.requests()[0].headers.contains("authorization: bearer t0ken"));
        }
    });
}

#[test]
fn a_provider_that_is_away_is_asked_again_until_the_next_run() {
    run(async {
        let server = Server::new(|n, _| match n {
            0 => (0, "", String::new()),
            1 => (503, "", String::new()),
            2 => (429, "", String::new()),
            _ => vector(&["+Inf"]),
        })
        .await;
        let one = analysis("numberOfJudgmentRuns: 1", "{name: errors, queryTemplate: q, lowerLimit: 0}");
        assert_eq!(hold(&one, &server, Begun::now()).await.0, Ok(Verdict::Holds));
        assert_eq!(server.requests().len(), 4);
        let away = Server::new(|_, _| (503, "", String::new())).await;
        let clock = Instant::now();
        let words = why(hold(&one, &away, Begun::now()).await.0);
        assert_eq!(words, "`errors` had no number in run 1: the metric provider answered 503");
        assert!((1500..4000).contains(&clock.elapsed().as_millis()), "{:?}", clock.elapsed());
        assert!(away.requests().len() > 3, "{}", away.requests().len());
    });
}

/// Runs that were judged stay judged; those that nobody made are made up for, each for its own time.
#[test]
fn a_resume_goes_on_where_the_analysis_was() {
    run(async {
        let server = Server::new(|_, _| vector(&["0"])).await;
        let analysis = analysis("numberOfJudgmentRuns: 4", ERRORS);
        let since = Timestamp::now() - SignedDuration::from_millis(3100);
        let start = Begun { since, called: None, runs: vec![vec![Some("3.5".to_owned())]] };
        let kept = serde_json::to_string(&start).expect("a record");
        let clock = Instant::now();
        let (verdict, after, _) = hold(&analysis, &server, serde_json::from_str(&kept).expect("a record")).await;
        assert_eq!(verdict, Ok(Verdict::Holds), "the mean of 3.5, 0, 0 and 0 is within 1");
        assert!((700..2500).contains(&clock.elapsed().as_millis()), "{:?}", clock.elapsed());
        assert_eq!(after.runs.len(), 4);
        let times: Vec<String> = server.requests().iter().map(|request| field(request, "time")).collect();
        let due = [2, 3, 4].map(|run| since.as_millisecond() + run * 1000);
        assert_eq!(times, due.map(|time| format!("{}.{:03}", time / 1000, time % 1000)));
        let ended = Begun { since, called: None, runs: vec![vec![None]] };
        assert_eq!(why(hold(&analysis, &server, ended).await.0), "`errors` had no number in run 1");
    });
}

#[test]
fn a_query_that_cannot_be_asked_fails() {
    run(async {
        let server = Server::new(|_, _| vector(&["0"])).await;
        let start = Begun { since: Timestamp::now() - SignedDuration::from_secs(60), ..Begun::now() };
        let elsewhere = analysis("numberOfJudgmentRuns: 1, metricProviderName: other", ERRORS);
        let words = why(hold(&elsewhere, &server, start.clone()).await.0);
        assert!(words.ends_with("nobody says where the metric provider `other` is"), "{words}");
        let query = "{name: errors, queryTemplate: '{{secrets.none}}', upperLimit: 1, metricProviderName: metrics}";
        let secret = analysis("numberOfJudgmentRuns: 1, metricProviderName: other", query);
        let words = why(hold(&secret, &server, start).await.0);
        assert!(words.ends_with("nobody gives the variable `secrets.none`"), "{words}");
        assert!(server.requests().is_empty());
    });
}
