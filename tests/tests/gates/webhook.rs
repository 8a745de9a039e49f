//! Webhooks.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use foreshift_core::config::{Call, Wait};
use foreshift_executor::gate::{Address, Begun, Callbacks, Called, Progress, Verdict, webhook};
use jiff::{SignedDuration, Timestamp};

use super::server::{Server, send};
use super::{begun, facts, outside, record, run, waits, why};

const NOWHERE: &str = "http://127.0.0.1:9";

fn call(fields: &str) -> Rc<Call> {
    let steps = "[{setWeight: {weight: 10}}, {runWebhook: {name: tell, context: {tone: loud}}}]";
    let mut waits = waits(steps, &format!("webhooks: [{{name: tell, {fields}}}]"));
    match waits.pop() {
        Some(Wait::Webhook(call)) => call,
        other => panic!("{other:?}"),
    }
}

async fn hold(call: &Call) -> (Result<Verdict, ()>, Vec<Progress>) {
    let begun = begun(Begun::now());
    let start = begun.borrow().0.clone();
    let verdict = webhook::hold(call, (&outside(NOWHERE), &facts()), "run-1 2.0", &start, record(&begun)).await;
    let progress = begun.borrow().1.clone();
    (verdict, progress)
}

#[test]
fn a_call_says_what_its_templates_say() {
    run(async {
        let server = Server::new(|_, _| (201, "", String::new())).await;
        let call = call(&format!(
            "method: put, disableCallback: true, \
             uriTemplate: \"{}/{{{{armory.applicationName}}}}/{{{{ context.tone }}}}?a={{{{context.team}}}}\", \
             headers: [{{key: Authorization, value: \"token {{{{secrets.ci}}}}\"}}], bodyTemplate: {{inline: \
             \"{{{{armory.environmentName}}}} {{{{armory.accountName}}}} {{{{armory.namespace}}}} \
             {{{{armory.replicaSetName}}}} {{{{armory.deploymentId}}}} {{{{x\"}}",
            server.url
        ));
        assert_eq!(hold(&call).await.0, Ok(Verdict::Holds));
        let [request] = server.requests().try_into().expect("one request");
        assert_eq!((request.method.as_str(), request.path.as_str()), ("PUT", "/reviews/loud?a=shop"));
        assert!(request.headers.contains("authorization: token s3cret"), "{}", request.headers);
        assert!(request.headers.contains("user-agent: foreshift/"), "{}", request.headers);
        assert_eq!(request.body, "prod east books reviews-cd6648 run-1 {{x");
    });
}

#[test]
fn a_call_that_nobody_takes_is_made_again_as_often_as_it_may_be() {
    run(async {
        let server = Server::new(|n, _| ([503, 0, 204][n.min(2)], "", String::new())).await;
        let fields = |more: &str| format!("disableCallback: true, uriTemplate: \"{}\", {more}", server.url);
        let start = Instant::now();
        let (verdict, progress) = hold(&call(&fields("retryCount: 2"))).await;
        assert_eq!(verdict, Ok(Verdict::Holds));
        assert_eq!(server.requests().len(), 3);
        assert!(start.elapsed() >= Duration::from_secs(3), "1 s, then 2 s: {:?}", start.elapsed());
        let [Progress::NotCalled { attempt: 1, of: 3, why, .. }, Progress::NotCalled { attempt: 2, .. }] =
            &progress[..]
        else {
            panic!("{progress:?}")
        };
        assert_eq!(why, "it answered 503");
    });
}

#[test]
fn a_call_that_is_refused_or_reaches_nobody_fails() {
    run(async {
        let server = Server::new(|_, _| (404, "", String::new())).await;
        let refused = call(&format!("disableCallback: true, retryCount: 5, uriTemplate: \"{}\"", server.url));
        assert_eq!(why(hold(&refused).await.0), "webhook `tell`: it answered 404");
        assert_eq!(server.requests().len(), 1, "what was refused is not asked again");
        let nobody = why(hold(&call(&format!("uriTemplate: \"{NOWHERE}\""))).await.0);
        assert!(nobody.to_lowercase().contains("connection refused"), "{nobody}");
        let secret = why(hold(&call("uriTemplate: \"http://a/{{secrets.none}}\"")).await.0);
        assert!(secret.contains("nobody gives the variable `secrets.none`"), "{secret}");
        let odd = why(hold(&call("uriTemplate: \"ftp://a/b\"")).await.0);
        assert!(odd.contains("no address that begins with `http://`"), "{odd}");
    });
}

#[test]
fn an_answer_may_be_the_outcome() {
    run(async {
        let body = |n| ["{\"success\": true}", "{\"success\": false, \"mdMessage\": \"too slow\"}", "{}"][n];
        let server = Server::new(move |n, _| (200, "", body(n).to_owned())).await;
        let call = call(&format!("uriTemplate: \"{}\"", server.url));
        assert_eq!(hold(&call).await.0, Ok(Verdict::Holds));
        assert_eq!(why(hold(&call).await.0), "webhook `tell` did not succeed: too slow");
        let unknown = why(hold(&call).await.0);
        assert!(unknown.contains("neither says `success` nor is told where to call back"), "{unknown}");
    });
}

#[test]
fn the_outcome_may_be_elsewhere() {
    run(async {
        let server = Server::new(|n, request| match n {
            0 => (202, "Location: /jobs/7\r\n", String::new()),
            1 => (404, "", String::new()),
            2 => (200, "", "{\"state\": \"running\"}".to_owned()),
            _ => (200, "", format!("{{\"success\": {}}}", request.path == "/jobs/7")),
        })
        .await;
        let headers = "headers: [{key: Authorization, value: \"Bearer {{secrets.ci}}\"}, {key: X-Other, value: a}]";
        let call = call(&format!("uriTemplate: \"{}/start\", {headers}", server.url));
        let (verdict, progress) = hold(&call).await;
        assert_eq!(verdict, Ok(Verdict::Holds));
        let poll = format!("{}/jobs/7", server.url);
        let called = Called { poll: Some(Address::new(poll)) };
        assert_eq!(progress, [Progress::Called { webhook: "tell".into(), called }]);
        let polls = server.requests().split_off(1);
        assert!(polls.iter().all(|poll| poll.method == "GET" && poll.path == "/jobs/7" && poll.body.is_empty()));
        assert!(polls.iter().all(|poll| poll.headers.contains("bearer s3cret") && !poll.headers.contains("x-other")));
    });
}

#[test]
fn the_outcome_may_be_called_back() {
    run(async {
        let server = Server::new(|_, request| {
            let url = format!("{}/callback", request.body);
            tokio::task::spawn_local(async move {
                tokio::time::sleep(Duration::from_millis(50)).await;
                let guessed = url.replace(|letter: char| letter.is_ascii_hexdigit() && letter > '9', "0");
                assert_eq!(send("POST", &guessed, "{\"success\": true}").await, 404);
                assert_eq!(send("GET", &url, "").await, 405);
                assert_eq!(send("POST", &url, "{\"success\": \"yes\"}").await, 400);
                assert_eq!(send("POST", &url, &" ".repeat(70_000)).await, 413);
                assert_eq!(send("POST", &url, "{\"success\": false, \"mdMessage\": \"no\"}").await, 204);
            });
            (200, "", String::new())
        })
        .await;
        let mut outside = outside(NOWHERE);
        outside.callbacks = Some(Callbacks::listen("127.0.0.1:0", None).await.expect("loopback"));
        let body = "bodyTemplate: {inline: \"{{armory.callbackUri}}\"}";
        let call = call(&format!("uriTemplate: \"{}\", {body}", server.url));
        let (start, begun) = (Begun::now(), begun(Begun::now()));
        let verdict = webhook::hold(&call, (&outside, &facts()), "run-1 2.0", &start, record(&begun)).await;
        assert_eq!(why(verdict), "webhook `tell` did not succeed: no");
        // Nobody waits for that call any more.
        let uri = format!("{}/callback", server.requests()[0].body);
        assert_eq!(send("POST", &uri, "{\"success\": true}").await, 404);
    });
}

#[test]
fn a_resume_waits_for_the_call_that_was_made() {
    run(async {
        let server = Server::new(|_, _| (200, "", String::new())).await;
        let mut outside = outside(NOWHERE);
        let callbacks = Callbacks::listen("127.0.0.1:0", None).await.expect("loopback");
        let address = callbacks.uri().strip_prefix("http://").expect("loopback").to_owned();
        outside.callbacks = Some(callbacks);
        let body = "bodyTemplate: {inline: \"{{armory.callbackUri}}\"}";
        let call = call(&format!("uriTemplate: \"{}\", {body}", server.url));
        let begun = begun(Begun::now());
        let start = begun.borrow().0.clone();
        let facts = facts();
        let held = webhook::hold(&call, (&outside, &facts), "run-1 2.0", &start, record(&begun));
        assert!(tokio::time::timeout(Duration::from_millis(500), held).await.is_err(), "nobody called back yet");
        // The process ends, and another one takes its address.
        outside.callbacks = None;
        tokio::time::sleep(Duration::from_millis(50)).await;
        let uri = format!("http://{address}");
        outside.callbacks = Some(Callbacks::listen(&address, Some(&uri)).await.expect("the same address"));
        let start = begun.borrow().0.clone();
        assert_eq!(start.called, Some(Called::default()));
        let callback = format!("{}/callback", server.requests()[0].body);
        tokio::task::spawn_local(async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            assert_eq!(send("POST", &callback, "{\"success\": true}").await, 204);
        });
        let verdict = webhook::hold(&call, (&outside, &facts), "run-1 2.0", &start, record(&begun)).await;
        assert_eq!(verdict, Ok(Verdict::Holds));
        assert_eq!(server.requests().len(), 1, "it is not called a second time");
    });
}

/// A secret is in an address, a header and what is answered, and in nothing that is told or kept.
#[test]
fn what_only_we_are_to_know_is_told_to_nobody() {
    run(async {
        let server = Server::new(|n, request| match n {
            0 => (500, "", String::new()),
            1 => (200, "", format!("{{\"success\": false, \"mdMessage\": \"no\\u001b[2J {}\"}}", request.path)),
            _ => (202, "Location: /s3cret\r\n", String::new()),
        })
        .await;
        let fields = |uri: &str| {
            format!("retryCount: 1, uriTemplate: \"{uri}\", headers: [{{key: X-A, value: \"{{{{secrets.ci}}}}\"}}]")
        };
        let path = "{{secrets.ci}}";
        let (verdict, mut told) = hold(&call(&fields(&format!("{}/{path}", server.url)))).await;
        let said = why(verdict);
        assert_eq!(said, "webhook `tell` did not succeed: no␛[2J /[hidden]");
        let mut all = vec![said];
        for uri in ["{{secrets.ci}}://a", "http://{{secrets.ci}}{b", "http://127.0.0.1:9/{{secrets.ci}}"] {
            let call = call(&fields(uri).replace("retryCount: 1", "retryCount: 0"));
            let (verdict, more) = hold(&call).await;
            let said = why(verdict);
            assert!(said.starts_with(&format!("webhook `tell`: `{uri}`: ")), "{said}");
            all.push(said);
            told.extend(more);
        }
        let call = call(&fields(&format!("{}/a", server.url)));
        let (outside, facts, start) = (outside(NOWHERE), facts(), Begun::now());
        let begun = begun(Begun::now());
        let held = webhook::hold(&call, (&outside, &facts), "", &start, record(&begun));
        assert!(tokio::time::timeout(Duration::from_millis(500), held).await.is_err(), "it is polled");
        told.extend(begun.borrow().1.clone());
        assert!(matches!(told.last(), Some(Progress::Called { called: Called { poll: Some(_) }, .. })), "{told:?}");
        all.extend(
            told.iter().map(|progress| format!("{progress:?} {}", serde_json::to_string(progress).expect("JSON"))),
        );
        all.push(format!("{:?} {outside:?}", begun.borrow()));
        assert!(all.iter().all(|text| !text.contains("s3cret")), "{all:#?}");
    });
}

/// Where nobody gives a secret, each call has an address of its own.
#[test]
fn an_address_to_call_back_cannot_be_guessed() {
    run(async {
        let server = Server::new(|_, _| (200, "", String::new())).await;
        let mut outside = outside(NOWHERE);
        outside.callbacks = Some(Callbacks::listen("127.0.0.1:0", None).await.expect("loopback"));
        let body = "bodyTemplate: {inline: \"{{armory.callbackUri}}\"}";
        let call = call(&format!("uriTemplate: \"{}\", {body}", server.url));
        let (facts, start) = (facts(), Begun::now());
        for secret in ["", "", "one", "one", "other"] {
            let held = webhook::hold(&call, (&outside, &facts), secret, &start, async |_| Ok::<(), ()>(()));
            assert!(tokio::time::timeout(Duration::from_millis(200), held).await.is_err());
        }
        let addresses: Vec<String> = server.requests().into_iter().map(|request| request.body).collect();
        let [first, second, one, again, other] = &addresses[..] else { panic!("{addresses:?}") };
        assert!(first != second && one == again && one != other, "{addresses:?}");
        let token = |address: &str| address.rsplit('/').next().map(str::to_owned).expect("a token");
        assert!(addresses.iter().all(|address| token(address).len() >= 32), "{addresses:?}");
        assert!(!addresses.iter().any(|address| address.contains("one")), "{addresses:?}");
    });
}

#[test]
fn silence_fails_when_the_time_is_over() {
    run(async {
        let server = Server::new(|_, _| (202, "Location: /later\r\n", String::new())).await;
        let call = call(&format!("uriTemplate: \"{}\"", server.url));
        let since = Timestamp::now() - SignedDuration::from_secs(59);
        let start = Begun { since, ..Begun::now() };
        let clock = Instant::now();
        let verdict = webhook::hold(&call, (&outside(NOWHERE), &facts()), "a", &start, async |_| Ok(())).await;
        assert_eq!(why(verdict), "webhook `tell` said nothing within 60 s");
        assert!(clock.elapsed() < Duration::from_secs(5));
    });
}

/// A write of the record that fails ends the gate, and dropping the gate ends its request.
#[test]
fn a_gate_ends_with_its_record_or_when_it_is_dropped() {
    run(async {
        let server = Server::new(|_, _| (202, "Location: /later\r\n", String::new())).await;
        let call = call(&format!("uriTemplate: \"{}\"", server.url));
        let outside = outside(NOWHERE);
        let lost = webhook::hold(&call, (&outside, &facts()), "a", &Begun::now(), async |_| Err("lost")).await;
        assert_eq!(lost, Err("lost"));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback");
        let address = listener.local_addr().expect("an address");
        let hung_up = Rc::new(Cell::new(false));
        let seen = Rc::clone(&hung_up);
        let server = tokio::task::spawn_local(async move {
            use tokio::io::AsyncReadExt as _;
            let (mut stream, _) = listener.accept().await.expect("a call");
            let mut bytes = Vec::new();
            let _ = stream.read_to_end(&mut bytes).await;
            assert!(bytes.starts_with(b"POST / "), "{bytes:?}");
            seen.set(true);
        });
        let call = self::call(&format!("uriTemplate: \"http://{address}\""));
        let (facts, start) = (facts(), Begun::now());
        let held = webhook::hold(&call, (&outside, &facts), "a", &start, async |_| Ok::<(), ()>(()));
        assert!(tokio::time::timeout(Duration::from_secs(2), held).await.is_err());
        tokio::time::timeout(Duration::from_secs(2), server).await.expect("the connection ends").expect("no panic");
        assert!(hung_up.get());
    });
}
