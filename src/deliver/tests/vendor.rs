//! A vendor's preset through the courier: steps, what is kept, what follows; and what does not go out.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::{
    Around, Courier, Destination, DestinationPreset, DestinationPresets, DestinationSettings, Ways,
};
use super::sample::{
    Book, Counting, SECRET, Scripted, Stopped, delivery, destination, name, now, store,
};
use crate::domain::ports::{
    Clock, JobReport, JobRunner, OutboundAnswer, OutboundError, OutboundMethod, OutboundRequest,
};
use crate::domain::*;
use crate::rules::Lists;
use crate::telemetry::Telemetry;

fn preset(text: &str) -> DestinationPreset {
    serde_saphyr::from_str(text).unwrap()
}

#[expect(clippy::needless_pass_by_value, reason = "it is written in place")]
fn compiled(preset: &DestinationPreset, more: Value) -> Result<Destination, Vec<String>> {
    let mut value = json!({"url": "https://crm.example/base/", "preset": "own"});
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let settings: DestinationSettings = serde_json::from_value(value).unwrap();
    let around = Around { preset: Some(preset), lists: &Lists::default() };
    Destination::compile_with(&name("crm"), &settings, around)
        .map_err(|all| all.into_iter().map(|p| format!("{}: {}", p.path, p.message)).collect())
}

#[expect(clippy::unnecessary_wraps, reason = "it stands beside errors in scripts")]
fn answer(status: u16, body: &Value) -> Result<OutboundAnswer, OutboundError> {
    let body = bytes::Bytes::from(body.to_string());
    Ok(OutboundAnswer { status, retry_after: None, headers: Vec::new(), body })
}

struct Scene {
    courier: Courier,
    transport: Arc<Scripted>,
    clock: Arc<Stopped>,
}

async fn scene(all: Vec<Destination>) -> Scene {
    let (transport, clock) = (Arc::new(Scripted::default()), Stopped::new());
    let courier = Courier::new(
        store().await,
        Ways::alone(Arc::clone(&transport) as _, Arc::clone(&clock) as _),
        Arc::clone(&clock) as _,
        Arc::new(Counting::default()),
        Book::of(all),
        Telemetry::new(),
    );
    Scene { courier, transport, clock }
}

impl Scene {
    async fn run(&self, state: &DeliveryState) -> JobReport {
        let job = LeasedJob {
            id: DeliveryId::from_bytes([1; 16]),
            queue: name("crm"),
            sequence: 4,
            lease_until: self.clock.now().after(Duration::from_mins(1)),
            receipt: Some(Receipt { member: Some(name("anna")), ..Receipt::of_branch(0) }),
            absorbed: 0,
            absorbed_ids: vec![],
            state: serde_json::to_vec(state).unwrap(),
            body: serde_json::to_vec(&Job::Deliver(delivery(1, "crm"))).unwrap(),
        };
        self.courier.run(&name("demo"), &job).await
    }

    fn answers(&self, all: Vec<Result<OutboundAnswer, OutboundError>>) {
        *self.transport.answers.lock().unwrap() = all;
    }

    fn sent(&self) -> Vec<OutboundRequest> {
        std::mem::take(&mut self.transport.sent.lock().unwrap())
    }
}

const TWO_STEPS: &str = r#"
title: Own
request:
  with:
    token: { secret: true, required: true, help: a token }
    owners: { table: true, help: who is who }
  auth: { bearer: "{with.token}" }
  steps:
    - name: person
      unless: "{kept.person}"
      path: /people
      query: { by: "{lead.contact.email}" }
      json:
        name: "{person.last_name}, {person.first_name}"
        score: "{lead.score}"
        employees: "{lead.company.employees|text}"
        owner: "{assignment.owner|map:owners|number}"
        nothing: { $if: "{lead.contact.title}", is: "{lead.contact.title}" }
        gone: ["{lead.contact.title}"]
        inside: { $json: { a: "{lead.contact.email|upper|cut:3}", b: true } }
        braces: "{{x}}"
        $fields: true
      keep: { person: /id }
    - name: deal
      method: PUT
      path: /deals/{kept.person}
      form: { title: "{lead.company.name} & co", none: "{lead.contact.title}" }
  answers:
    - { status: [200], body: { /error: ["E1*"] }, means: limited, code: /error }
"#;

#[tokio::test]
async fn a_retry_goes_on_behind_what_worked() {
    let with = json!({"with": {"token": "t-1", "owners": {"anna": 17}},
        "fields": {"pumps__c": "{answers.need.timeline}"}});
    let scene = scene(vec![compiled(&preset(TWO_STEPS), with).unwrap()]).await;
    scene.answers(vec![answer(201, &json!({"id": 71})), answer(503, &json!({}))]);
    let report = scene.run(&DeliveryState::default()).await;
    assert!(matches!(report.outcome, JobOutcome::Again { .. }), "{:?}", report.outcome);
    assert_eq!(report.state.kept, [("person".to_owned(), "71".to_owned())].into());
    assert_eq!(report.state.attempts[0].step.as_deref(), Some("deal"));
    let sent = scene.sent();
    let url = "https://crm.example/base/people?by=ida%40mill.example";
    assert_eq!((sent[0].url.as_str(), sent[0].method), (url, OutboundMethod::Post));
    let body: Value = serde_json::from_slice(&sent[0].body).unwrap();
    let wanted = json!({
        "name": "Zanzotter, Ida", "score": 62.5, "employees": "40", "owner": 17,
        "inside": "{\"a\":\"IDA\",\"b\":true}", "braces": "{x}", "pumps__c": "this quarter",
    });
    assert_eq!(body, wanted);
    assert_eq!(
        (sent[1].url.as_str(), sent[1].method),
        ("https://crm.example/base/deals/71", OutboundMethod::Put)
    );
    assert_eq!(&sent[1].body[..], b"title=Mill+AG+%26+co");
    let bearer = ("authorization".to_owned(), "Bearer t-1".to_owned());
    assert!(sent.iter().all(|request| request.headers.contains(&bearer)));
    assert!(
        !sent[0].headers.iter().any(|(name, _)| name.starts_with("webhook-")),
        "no secret, no signature"
    );
    scene.answers(vec![answer(200, &json!({}))]);
    let report = scene.run(&report.state).await;
    assert_eq!(report.state.ended.as_deref(), Some("delivered"));
    let sent = scene.sent();
    assert_eq!(sent.len(), 1, "the person is not made twice");
    assert!(sent[0].url.ends_with("/deals/71"));
}

#[tokio::test]
async fn what_is_said_decides_what_follows() {
    let with = json!({"with": {"token": "t-1"}});
    let one = |more: Value| {
        let mut with = with.clone();
        with.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        compiled(&preset(TWO_STEPS), with).unwrap()
    };
    let plain = scene(vec![one(json!({}))]).await;
    // An error under 200 that is a limit: the queue is left alone although nobody said for how long.
    plain.answers(vec![answer(200, &json!({"error": "E1-slow"}))]);
    let report = plain.run(&DeliveryState::default()).await;
    let pause = report.pause.unwrap();
    assert_eq!(
        (pause.reason.as_str(), pause.until),
        ("retry_after", Some(now().after(Duration::from_secs(30))))
    );
    assert_eq!(report.state.attempts[0].said.as_deref(), Some("E1-slow"));
    // A token that is not good: a quarter of an hour, by itself.
    plain.answers(vec![answer(401, &json!({}))]);
    let report = plain.run(&DeliveryState::default()).await;
    let pause = report.pause.unwrap();
    assert_eq!(
        (pause.reason.as_str(), pause.until),
        ("credentials", Some(now().after(Duration::from_mins(15))))
    );
    assert_eq!(report.outcome, JobOutcome::Again { due: now() });
    // Data that will never be taken: at once.
    plain.answers(vec![answer(422, &json!({}))]);
    let report = plain.run(&DeliveryState::default()).await;
    assert_eq!((report.outcome, report.pause), (JobOutcome::Dead, None));
    // With a fallback each of them is somebody else's, at once.
    let fallback = json!({"fallback": {"to": "inbox", "after": "15m"}});
    let both = scene(vec![one(fallback), destination("inbox", json!({}))]).await;
    for status in [401, 422] {
        both.answers(vec![answer(status, &json!({}))]);
        let report = both.run(&DeliveryState::default()).await;
        assert!(matches!(report.outcome, JobOutcome::HandedOver { .. }), "{status}");
        assert_eq!(report.pause, None);
    }
}

#[tokio::test]
async fn what_is_not_wanted_ends_so_and_what_is_missing_is_invalid() {
    let elsewhere = json!({"when": {"field": "contact.country", "is": "FR"}});
    let here = json!({"when": {"field": "contact.country", "is": "DE"}});
    let unwanted = scene(vec![destination("crm", elsewhere)]).await;
    let report = unwanted.run(&DeliveryState::default()).await;
    assert_eq!(report.state.ended.as_deref(), Some("not_wanted"));
    assert!(matches!(report.outcome, JobOutcome::Done { .. }) && unwanted.sent().is_empty());
    let wanted = scene(vec![destination("crm", here)]).await;
    assert_eq!(
        wanted.run(&DeliveryState::default()).await.state.ended.as_deref(),
        Some("delivered")
    );
    let needs =
        "title: N\nrequest:\n  needs: [\"{lead.contact.title}\"]\n  steps: [{name: a, json: {}}]\n";
    let without = scene(vec![compiled(&preset(needs), json!({})).unwrap()]).await;
    let report = without.run(&DeliveryState::default()).await;
    assert_eq!(report.outcome, JobOutcome::Dead);
    assert_eq!(report.state.attempts[0].said.as_deref(), Some("nothing_to_find_it_by"));
    let path = "title: N\nrequest:\n  steps: [{name: a, path: \"/x/{lead.contact.title}\"}]\n";
    let empty = scene(vec![compiled(&preset(path), json!({})).unwrap()]).await;
    let report = empty.run(&DeliveryState::default()).await;
    assert_eq!(report.state.attempts[0].said.as_deref(), Some("a_place_is_empty"));
    assert!(without.sent().is_empty() && empty.sent().is_empty());
}

#[tokio::test]
async fn only_what_may_go_out_goes_out() {
    let body = async |more: Value| -> Value {
        let scene = scene(vec![destination("crm", more)]).await;
        scene.run(&DeliveryState::default()).await;
        serde_json::from_slice(&scene.sent()[0].body).unwrap()
    };
    // The sample consented to e-mail, to nothing else.
    let held = body(json!({"with_consent": ["phone", "email"]})).await;
    let text = held.to_string();
    assert!(
        !text.contains("4930231250")
            && held["data"]["lead"]["contact"]["email"] == "ida@mill.example",
        "{text}"
    );
    assert_ne!(
        held["data"]["brief"]["next_step"].as_str().unwrap().find("Call the person"),
        Some(0)
    );
    let less = body(json!({"leave_out": ["lead.contact.email", "inquiry.attribution"]})).await;
    assert!(less["data"]["lead"]["contact"].get("email").is_none());
    assert!(less["data"]["inquiry"].get("attribution").is_none());
    assert_eq!(less["data"]["lead"]["contact"]["phone"], "+493023125017");
    let only = body(json!({"only": ["lead.contact.email", "assignment"]})).await;
    let keys: Vec<_> = only["data"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["workspace", "sequence", "cycle", "lead", "inquiry", "assignment"]);
    assert_eq!(only["data"]["lead"]["contact"], json!({"email": "ida@mill.example"}));
    assert_eq!(only["data"]["assignment"]["owner"], "anna");
}

#[test]
fn mistakes_are_said_all_at_once_and_hold_no_token() {
    let problems = compiled(
        &preset(TWO_STEPS),
        json!({"with": {"tokn": "t-1"}, "fields": {"a": "{kept.deal}"}}),
    )
    .unwrap_err();
    assert_eq!(
        problems,
        [
            "with.tokn: the preset does not ask for this",
            "with: the preset needs `with.token`: a token",
            "fields.a: no step keeps `deal`",
        ]
    );
    let wrong = r#"
title: Wrong
request:
  headers: { content-length: "5", x: "{nowhere}" }
  steps:
    - { name: a, path: "/{lead.id", json: { x: "{lead.id|twice}" } }
    - { name: b, json: {}, form: {}, keep: { id: id } }
  answers: [{ status: [teapot], means: gone }]
"#;
    let problems = compiled(&preset(wrong), json!({})).unwrap_err().join("\n");
    for word in
        ["content-length", "nowhere", "a brace stands alone", "`twice`", "not both", "teapot"]
    {
        assert!(problems.contains(word), "{word}: {problems}");
    }
    let ours = json!({"url": "https://crm.example/", "secrets": [SECRET], "with": {"token": "t-1"}, "only": ["led.id"]});
    let settings: DestinationSettings = serde_json::from_value(ours).unwrap();
    let problems = Destination::compile(&name("crm"), &settings).unwrap_err();
    assert_eq!(problems.iter().map(|p| p.path.as_str()).collect::<Vec<_>>(), ["with", "only[0]"]);
    assert!(!format!("{settings:?}{problems:?}").contains("t-1"));
}

#[test]
fn every_shipped_preset_compiles_and_says_what_it_needs() {
    for (name, preset) in DestinationPresets::shipped().unwrap().iter() {
        let Some(request) = &preset.request else { continue };
        let fetched = |key: &str| key == "token" && request.oauth.is_some();
        let needed = request.with.iter().filter(|(key, with)| with.required || fetched(key));
        let with: serde_json::Map<_, _> =
            needed.map(|(key, _)| (key.clone(), "12345".into())).collect();
        let made = compiled(preset, json!({"with": with}));
        assert!(made.is_ok(), "{name}: {:?}", made.err());
        assert!(!preset.summary.is_empty() && !preset.setup.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_destination_that_only_fails_is_left_alone_and_tried_again_by_itself() {
    let more = json!({"pause_after_failures": 5, "retry": vec!["1s"; 30]});
    let scene = scene(vec![destination("crm", more)]).await;
    let mut pauses = Vec::new();
    let mut run = async |answers: Vec<Result<OutboundAnswer, OutboundError>>| {
        for answer in answers {
            scene.answers(vec![answer]);
            let report = scene.run(&DeliveryState::default()).await;
            let pause = report
                .pause
                .map(|p| (p.reason.to_string(), p.until.unwrap().since(now()).as_secs()));
            pauses.push(pause);
        }
        std::mem::take(&mut pauses)
    };
    let down = |count: usize| vec![Err(OutboundError::Connect); count];
    let failing = |secs| Some(("failing".to_owned(), secs));
    assert_eq!(run(down(5)).await, [None, None, None, None, failing(30)]);
    // It goes on by itself; each further failure is enough, for longer and longer.
    assert_eq!(
        run(down(5)).await,
        [failing(60), failing(120), failing(240), failing(300), failing(300)]
    );
    // A refusal is an answer.
    assert_eq!(run(vec![answer(404, &json!({}))]).await, [None]);
    assert_eq!(run(down(4)).await, [None, None, None, None]);
    assert_eq!(run(vec![answer(200, &json!({}))]).await, [None]);
    assert_eq!(run(vec![answer(500, &json!({})); 4]).await, [None, None, None, None]);
}

#[tokio::test]
async fn old_secrets_sign_until_their_time_and_no_longer() {
    const NEW: &str = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
    let until = now().after(Duration::from_mins(1)).to_string();
    let more = json!({"secrets": [NEW], "retiring": [{"secret": SECRET, "until": until}]});
    let scene = scene(vec![destination("crm", more)]).await;
    let schemes = async || {
        scene.run(&DeliveryState::default()).await;
        let sent = scene.sent().remove(0);
        let signature =
            sent.headers.into_iter().find(|(name, _)| name == "webhook-signature").unwrap().1;
        signature
            .split(' ')
            .map(|part| part.split(',').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(schemes().await, ["v1a", "v1"]);
    scene.clock.forward(Duration::from_secs(59));
    assert_eq!(schemes().await, ["v1a", "v1"]);
    scene.clock.forward(Duration::from_secs(1));
    assert_eq!(schemes().await, ["v1a"]);
    let wrong = json!({"url": "https://crm.example/", "secrets": ["whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="],
        "retiring": [{"secret": "x", "until": "soon"}]});
    let settings: DestinationSettings = serde_json::from_value(wrong).unwrap();
    let problems = Destination::compile(&name("crm"), &settings).unwrap_err();
    let paths: Vec<_> = problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["secrets[0]", "retiring[0].until", "retiring[0].secret"]);
}
