//! What would be sent is shown as it would be, without secrets and without the person; and nothing is sent.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::super::{Around, Destination, DestinationPresets, DestinationSettings, Previews, Ways};
use super::sample::{Book, Scripted, Stopped, delivery, destination, name, store};
use crate::domain::ports::{JobView, Preview, Previewed, RequestShown};
use crate::domain::*;
use crate::rules::Lists;

/// What a sample lead says of the person.
const PERSONAL: [&str; 6] =
    ["zanzotter", "mill.example", "mill ag", "23125", "quote", "this quarter"];

async fn previewed(of: Destination, view: &JobView) -> (Previewed, usize) {
    let (transport, clock) = (Arc::new(Scripted::default()), Stopped::new());
    let ways = Ways::alone(Arc::clone(&transport) as _, Arc::clone(&clock) as _);
    let previews = Previews::new(store().await, ways, clock, Book::of(vec![of]));
    let shown = previews.preview(&name("demo"), view).await.unwrap();
    let sent = transport.sent.lock().unwrap().len();
    (shown, sent)
}

fn dead(n: u8) -> JobView {
    JobView {
        id: DeliveryId::from_bytes([n; 16]),
        sequence: 4,
        receipt: Some(Receipt { member: Some(name("anna")), ..Receipt::of_branch(0) }),
        absorbed: 0,
        due: Timestamp::EPOCH,
        state: DeliveryState { ended: Some("dead".to_owned()), ..DeliveryState::default() },
        body: Some(Job::Deliver(delivery(n, "crm"))),
    }
}

fn request(shown: Previewed) -> RequestShown {
    match shown {
        Previewed::Request(request) => *request,
        Previewed::Nothing(why) => panic!("nothing: {why}"),
    }
}

#[tokio::test]
async fn our_own_form_is_shown_without_signature_keys_and_person() {
    let headers = json!({"headers": {"authorization": "Bearer t-secret"}});
    let (shown, sent) = previewed(destination("crm", headers), &dead(1)).await;
    assert_eq!(sent, 0);
    let request = request(shown);
    assert_eq!((request.method, request.requests, request.step.as_ref()), ("POST", 1, None));
    assert!(!request.to.contains("/hook"), "{}", request.to);
    let headers: BTreeMap<_, _> = request.headers.into_iter().collect();
    assert_eq!(headers["authorization"], "…");
    assert_eq!(headers["webhook-id"], EventId::from_bytes([1; 16]).to_string());
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body["data"]["lead"]["contact"]["email"], "•••");
    assert_eq!(body["data"]["lead"]["contact"]["country"], "DE");
    assert_eq!(body["data"]["brief"]["asked"], "••• · •••");
    assert_eq!(
        (&body["data"]["sequence"], &body["data"]["assignment"]["owner"]),
        (&json!(4), &json!("anna"))
    );
    let text = String::from_utf8(request.body).unwrap().to_lowercase();
    for personal in PERSONAL {
        assert!(!text.contains(personal), "{personal}: {text}");
    }
}

#[tokio::test]
async fn no_shipped_preset_shows_a_secret_or_the_person() {
    let presets = DestinationPresets::shipped().unwrap();
    let (mut seen, mut steps) = (0, 0);
    for (called, preset) in presets.iter() {
        let Some(wanted) = &preset.request else { continue };
        let with: serde_json::Map<String, Value> = wanted
            .with
            .iter()
            .filter(|(_, one)| !one.table)
            .map(|(key, _)| (key.clone(), format!("secret-of-{key}").into()))
            .collect();
        let settings =
            json!({"preset": called, "url": "https://crm.example/secret-path", "with": with});
        let settings: DestinationSettings = serde_json::from_value(settings).unwrap();
        let around = Around { preset: Some(preset), lists: &Lists::default() };
        let compiled = Destination::compile_with(&name("crm"), &settings, around);
        let compiled = compiled.unwrap_or_else(|problems| panic!("{called}: {problems:?}"));
        let (shown, sent) = previewed(compiled, &dead(1)).await;
        assert_eq!(sent, 0, "{called}");
        let request = request(shown);
        steps = steps.max(request.requests);
        let mut all = format!("{} {:?} ", request.to, request.headers);
        all.push_str(&String::from_utf8(request.body).unwrap());
        let all = all.to_lowercase();
        for (key, one) in wanted.with.iter().filter(|(_, one)| one.secret) {
            assert!(!all.contains(&format!("secret-of-{key}")), "{called}: {} in {all}", one.help);
        }
        for personal in PERSONAL {
            assert!(!all.contains(personal), "{called}: {personal} in {all}");
        }
        assert!(!all.contains("secret-path"), "{called}");
        seen += 1;
    }
    assert!(seen > 15 && steps > 1, "{seen} presets, {steps} steps");
}

#[tokio::test]
async fn where_nothing_would_be_sent_it_is_said_why() {
    let gone = destination("other", json!({}));
    let (shown, _) = previewed(gone, &dead(1)).await;
    assert_eq!(shown, Previewed::Nothing("not_configured".to_owned()));
    let (shown, _) = previewed(destination("crm", json!({})), &dead(200)).await;
    assert_eq!(shown, Previewed::Nothing("erased".to_owned()));
    let ended = JobView { body: None, ..dead(1) };
    let (shown, _) = previewed(destination("crm", json!({})), &ended).await;
    assert_eq!(shown, Previewed::Nothing("ended".to_owned()));
}
