//! Nothing that is written anywhere says who inquired: a service with its log at `debug` meets good,
//! bad and broken posts, broken receivers and a store that goes away, and neither its log nor its
//! metrics nor its error answers hold a name, an address or a number.

use std::time::Duration;

use regex::{Regex, RegexBuilder};

use crate::harness::deployment::{API_KEY, Deployment, PATIENT, Plan, SCANNER_KEY, WORKSPACE};
use crate::harness::process::Service;
use crate::harness::redis::Server;
use crate::harness::socket_receiver::{SIGNING_SECRET, Script, SocketReceiver};
use crate::harness::wait::eventually;

const SOON: Duration = Duration::from_secs(20);

/// What else is nobody's business: the rest of what these persons wrote, and the secrets.
const SECRETS: &[&str] = &[
    "wilhelmine",
    "geheimnisgasse",
    "a question about fillers",
    SCANNER_KEY,
    API_KEY,
    SIGNING_SECRET,
];

/// The patterns by which `make test` searches its own output, too.
const PERSONS: &str = include_str!("../fixtures/persons.patterns");

/// Posts that go well, in all three decodings.
const GOOD: &[(&str, &str, &str)] = &[
    (
        "form",
        "application/x-www-form-urlencoded",
        "email=Wilhelmine.Quillfeather%2Bfair%40quillfeather.example&name=Wilhelmine+Quillfeather&phone=%2B49+30+23125+117&street=Geheimnisgasse+1&message=A+question+about+fillers&utm_source=zanzotter%40zanzotter.test",
    ),
    (
        "form",
        "application/json",
        r#"{"email":"rosa@zanzotter.test","first_name":"Rosa","last_name":"Zanzotter","company":"Zanzotter Fillers","phone":"+1 (202) 555-0143"}"#,
    ),
    (
        "form",
        "application/json",
        r#"{"email":"rosa@zanzotter.test","name":"Rosa Zanzotter","message":"A question about fillers"}"#,
    ),
    (
        "form",
        "application/json",
        r#"{"email":"not an address of brummelkamp","phone":"0","name":"Otto Brummelkamp","company":"Brummelkamp"}"#,
    ),
    (
        "scanner/batch",
        "text/csv",
        "badge_id,email,name,phone\nB1,ada@okonkwo-vast.example,Ada Okonkwo-Vast,+49 30 23125 118\nB2,,,\n,,,\"unterminated Fjordlund\n",
    ),
];

/// Posts that are refused, and what a stranger could put where.
const BAD: &[(&str, &str, &str)] = &[
    ("form", "application/json", r#"{"email":"fjordlund@fjordlund.example", "name":"#),
    ("form", "application/json", r#"["fjordlund@fjordlund.example"]"#),
    ("form", "application/json", r#"{"wilhelmine@quillfeather.example":{"deep":["Fjordlund"]}}"#),
    ("form", "application/json", r#"{"message":"A question about fillers, Otto Brummelkamp"}"#),
    ("form", "text/xml; name=Brummelkamp", "<email>otto@brummelkamp.test</email>"),
    ("form", "multipart/form-data; boundary=Quillfeather", "--Quillfeather\r\nbroken"),
    ("form?email=otto@brummelkamp.test", "application/json", r#"{"a":1}"#),
    ("no-such-zanzotter", "application/json", r#"{"email":"rosa@zanzotter.test"}"#),
    ("form/rosa@zanzotter.test", "application/json", r#"{"email":"rosa@zanzotter.test"}"#),
];

fn patterns() -> Vec<Regex> {
    let persons = PERSONS.lines().filter(|line| !line.starts_with('#')).map(str::to_owned);
    let secrets = SECRETS.iter().map(|secret| regex::escape(secret));
    let ignoring_case =
        |pattern: String| RegexBuilder::new(&pattern).case_insensitive(true).build();
    persons.chain(secrets).map(|pattern| ignoring_case(pattern).unwrap()).collect()
}

fn says_nothing(what: &str, text: &str) {
    for (number, pattern) in patterns().iter().enumerate() {
        let line = text.lines().position(|line| pattern.is_match(line));
        // Not the line itself: this output is searched, too.
        let what = format!("{what}, line {}: pattern {}", line.unwrap_or(0) + 1, number + 1);
        assert!(line.is_none(), "{what}");
    }
}

#[test]
fn the_patterns_find_persons_however_they_are_written() {
    let finds = |text: &str| patterns().iter().any(|pattern| pattern.is_match(text));
    for text in [
        "QUILLFEATHER",
        "name=Rosa+Zanzotter",
        "Okonkwo-Vast",
        "someone@anything.example",
        "x@y.test,",
        "+49 30 23125 117",
        "0049 (0)30 / 23125-117",
        "030 23125117",
        "+493023125117",
        "+1 202 555 0143",
        "(202) 555-0143",
        "+12025550143",
        "+44 20 7946 0111",
        SCANNER_KEY,
    ] {
        assert!(finds(text), "{text}");
    }
    for text in ["test result: ok. 23125 passed", "seed 7227376712869147580", "a@b", "crm.example"]
    {
        assert!(!finds(text), "{text}");
    }
}

async fn post_all(service: &Service, posts: &[(&str, &str, &str)], answers: &mut Vec<String>) {
    for (number, (path, kind, body)) in posts.iter().enumerate() {
        let key = format!("wilhelmine-quillfeather-{path}-{number}");
        let mut headers = vec![
            ("content-type", *kind),
            ("user-agent", "Quillfeather/1.0"),
            ("referer", "https://www.machines.example/?who=rosa@zanzotter.test"),
            ("x-request-id", "rosa@zanzotter.test"),
        ];
        if path.starts_with("scanner") {
            headers.push(("x-api-key", SCANNER_KEY));
        } else {
            headers.push(("idempotency-key", key.as_str()));
        }
        let (status, text) = service.raw(path, &headers, body.as_bytes()).await;
        answers.push(format!("{status} {text}"));
    }
}

/// Somebody at the console is shown persons, asks for one, mistypes a key; what is refused is kept.
async fn look_around(service: &Service, answers: &mut Vec<String>) {
    let runtime = std::fs::read_to_string(service.runtime_file()).unwrap();
    let runtime: serde_json::Value = serde_json::from_str(&runtime).unwrap();
    let (base, key) = (runtime["url"].as_str().unwrap(), runtime["key"].as_str().unwrap());
    let redirect = reqwest::redirect::Policy::none();
    let client = reqwest::Client::builder().no_proxy().redirect(redirect).build().unwrap();
    let post = |path: &str, cookie: &str, fields: &[(&str, &str)]| {
        let kind = "application/x-www-form-urlencoded";
        let request = client.post(format!("{base}{path}")).header("content-type", kind);
        let body = serde_urlencoded::to_string(fields).unwrap();
        request.header("cookie", cookie.to_owned()).body(body).send()
    };
    let wrong = post("/console/login", "", &[("key", "rosa@zanzotter.test")]).await.unwrap();
    answers.push(wrong.text().await.unwrap());
    let entered = post("/console/login", "", &[("key", key)]).await.unwrap();
    let cookie = entered.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap();
    let get = |path: String| {
        client.get(format!("{base}{path}")).header("cookie", cookie.to_owned()).send()
    };
    let live = get(format!("/console/w/{WORKSPACE}/live")).await.unwrap().text().await.unwrap();
    assert!(live.contains("Rosa Zanzotter"), "the console shows nobody");
    let token = live.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let find = format!("/console/w/{WORKSPACE}/find");
    let asked = [("csrf", token), ("q", "rosa@zanzotter.test")];
    let found = post(&find, cookie, &asked).await.unwrap().text().await.unwrap();
    assert!(found.contains("Rosa Zanzotter"), "nobody is found");
    for path in ["leads/rosa@zanzotter.test", "worklists/Fjordlund", "bodies/inq_brummelkamp"] {
        let refused = get(format!("/console/w/{WORKSPACE}/{path}")).await.unwrap();
        answers.push(format!("{} {}", refused.status(), refused.text().await.unwrap()));
    }
    for list in ["returned", "unreadable", "filtered"] {
        get(format!("/console/w/{WORKSPACE}/worklists/{list}")).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logs_metrics_and_errors_name_nobody() {
    let receiver = SocketReceiver::start(&[
        ("busy", Script::Answer(503, "retry-after", "1".to_owned())),
        ("cut", Script::Hang),
        ("gone", Script::Answer(410, "x-reason", "rosa@zanzotter.test".to_owned())),
    ]);
    let url = |name: &str| receiver.url(&format!("{name}/rosa@zanzotter.test?who=Brummelkamp"));
    let destinations = ["good", "busy", "cut", "gone"].map(|name| (name, url(name), PATIENT));
    let plan = Plan { destinations: destinations.to_vec(), log: "debug", ..Plan::default() };
    let deployment = Deployment::write(&receiver, &plan);
    let mut redis = Server::start_durable();
    let mut service = Service::start(deployment.path(), &redis.url(), None).await;

    let mut answers = Vec::new();
    post_all(&service, GOOD, &mut answers).await;
    post_all(&service, BAD, &mut answers).await;
    // The same keys with other content.
    let swapped: Vec<_> = GOOD[..2].iter().rev().copied().collect();
    post_all(&service, &swapped, &mut answers).await;
    eventually("deliveries, good and bad", SOON, async || {
        let count = |name: &str| receiver.of(name).len();
        (count("good") >= 3 && count("busy") >= 2 && count("cut") >= 1 && count("gone") >= 1)
            .then_some(())
    })
    .await;
    // The store goes away and comes back, in the midst of everything.
    redis.kill();
    post_all(&service, &GOOD[..2], &mut answers).await;
    redis.restart();
    eventually("a store that is back", SOON, async || {
        let headers = [("content-type", "application/json")];
        let body = br#"{"email":"after@fjordlund.example","name":"Knut Fjordlund"}"#;
        (service.raw("form", &headers, body).await.0 == 202).then_some(())
    })
    .await;
    look_around(&service, &mut answers).await;
    let (status, metrics) = service.ask("/metrics").await;
    assert!(status == 200 && metrics.contains("leadrouter_requests_received_total"));
    for path in [
        format!("/v1/{WORKSPACE}/find?q=rosa@zanzotter.test&email=nobody@brummelkamp.test"),
        format!("/v1/{WORKSPACE}/inquiries/rosa@zanzotter.test"),
        format!("/v1/{WORKSPACE}/leads/Fjordlund"),
        "/v1/brummelkamp/worklists".to_owned(),
    ] {
        let (status, text) = service.ask(&path).await;
        if status >= 400 {
            answers.push(format!("{status} {text}"));
        }
    }
    // People look for somebody by name; the log does not say for whom.
    for what in ["rosa@zanzotter.test", "+49 30 23125 999", "Fjordlund-4711"] {
        let found = std::process::Command::new(env!("CARGO_BIN_EXE_lead-router"))
            .args(["find", what, "--workspace", WORKSPACE])
            .env_clear()
            .env("LEAD_ROUTER_RUNTIME_FILE", service.runtime_file())
            .output()
            .expect("the command");
        assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stderr));
    }
    assert!(service.stop().await.success());
    let log = service.log();
    assert!(log.contains("inquiry committed"), "the log is not at debug");
    assert!(log.contains("store troubled"), "nobody noticed that the store was away");
    says_nothing("the log", &log);
    says_nothing("the metrics", &metrics);
    for answer in &answers {
        says_nothing("an answer", answer);
    }
}
