//! Signing secrets are replaced while deliveries flow from two processes, by the API and by the command; the receiver
//! changes over each time both sign with the new one, and from then on knows no other. It drops nothing.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;

use super::replicas::{Pair, SOON, signed_with};
use crate::harness::deployment::{API_KEY, WORKSPACE};
use crate::harness::process::client;
use crate::harness::receiver::Came;
use crate::harness::socket_receiver::SIGNING_SECRET;
use crate::harness::wait::eventually;

/// So many in a row with the new secret: both have it.
const ENOUGH: usize = 24;
const EVERY: Duration = Duration::from_millis(25);

/// People who inquire until they are told to stop, by turns at both.
struct Flow {
    stop: Arc<AtomicBool>,
    posting: tokio::task::JoinHandle<usize>,
}

impl Flow {
    fn start(pair: &Pair) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, client) = (Arc::clone(&stop), client(SOON));
        let public: Vec<_> = pair.services.iter().map(|service| service.public).collect();
        let posting = tokio::spawn(async move {
            let (mut ticks, mut count) = (tokio::time::interval(EVERY), 0);
            while !stopped.load(Ordering::Acquire) {
                ticks.tick().await;
                let to = public[count % public.len()];
                let url = format!("http://{to}/v1/{WORKSPACE}/inquiries/form");
                let body = format!("email=visitor{count}%40fjordlund.example");
                let kind = "application/x-www-form-urlencoded";
                let request = client.post(url).bearer_auth(API_KEY).header("content-type", kind);
                let answer = request.body(body).send().await.unwrap();
                assert!(answer.status().is_success(), "{answer:?}");
                count += 1;
            }
            count
        });
        Self { stop, posting }
    }

    /// Ends it; how many there were.
    async fn end(self) -> usize {
        self.stop.store(true, Ordering::Release);
        self.posting.await.unwrap()
    }
}

/// A receiver that knew one secret up to a request, then another one.
#[derive(Default)]
struct Known(Vec<(usize, String)>);

impl Known {
    /// Waits until everything is signed with the new secret, then knows it alone.
    async fn change_over(&mut self, pair: &Pair, new: &str) {
        let all = eventually("requests with the new secret", SOON, async || {
            let came = pair.receiver.came("crm");
            let newest: Vec<&Came> = came.iter().rev().take(ENOUGH).collect();
            let all = newest.iter().all(|came| signed_with(came, new, pair.at));
            (all && newest.len() == ENOUGH).then_some(came.len())
        })
        .await;
        self.0.push((all, new.to_owned()));
    }

    /// Whether the receiver of that time took it.
    fn takes(&self, number: usize, came: &Came, pair: &Pair) -> bool {
        let known = self.0.iter().rev().find(|(from, _)| *from <= number);
        signed_with(came, known.map_or(SIGNING_SECRET, |(_, secret)| secret), pair.at)
    }
}

async fn by_api(pair: &Pair) -> String {
    let path = format!("/v1/{WORKSPACE}/destinations/crm/rotate");
    let (status, text) = pair.services[0].act(&path).await;
    let body: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(status, 200, "{status}");
    body["secret"].as_str().unwrap().to_owned()
}

fn by_command(pair: &Pair) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_lead-router"))
        .args(["destinations", "rotate", "crm", "--config"])
        .arg(pair.files.0.path())
        .env_remove("LEAD_ROUTER_CONFIG")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", output.status);
    let said = String::from_utf8(output.stdout).unwrap();
    let secret = said.split_whitespace().find(|word| word.starts_with("whsec_"));
    secret.expect("the new secret").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn rotation_under_load_drops_nothing_by_api_and_by_command() {
    let pair = Pair::start("").await;
    let flow = Flow::start(&pair);
    let mut known = Known::default();
    known.change_over(&pair, SIGNING_SECRET).await;
    let first = by_api(&pair).await;
    known.change_over(&pair, &first).await;
    let second = by_command(&pair);
    known.change_over(&pair, &second).await;
    let third = by_api(&pair).await;
    known.change_over(&pair, &third).await;
    let posted = flow.end().await;
    let came = eventually("every one of them", SOON, async || {
        let came = pair.receiver.came("crm");
        (came.len() >= posted).then_some(came)
    })
    .await;
    let dropped: Vec<usize> =
        (0..came.len()).filter(|at| !known.takes(*at, &came[*at], &pair)).collect();
    let changes: Vec<usize> = known.0.iter().map(|(from, _)| *from).collect();
    assert!(dropped.is_empty(), "dropped: {dropped:?}; changed over at {changes:?}");
    assert_eq!(came.len(), posted, "and each came once");
    assert!(came.iter().rev().take(ENOUGH).all(|came| signed_with(came, &second, pair.at)));
}
