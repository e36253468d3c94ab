//! Tokens: asked for once, shared, renewed in time; refusals are remembered; nothing is told twice.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};

use super::super::{TokenError, TokenRequest, Tokens};
use crate::domain::ports::{
    Clock, OutboundAnswer, OutboundError, OutboundMethod, OutboundRequest, Store, Transport, Vault,
};
use crate::domain::{Key, Name, Timestamp};
use crate::store::memory::MemoryStore;

const DEADLINE: Duration = Duration::from_secs(5);

#[derive(Default)]
struct Endpoint {
    /// Status and body, in turn; the last one stays.
    answers: Mutex<Vec<(u16, Value)>>,
    asked: Mutex<Vec<OutboundRequest>>,
    slow: AtomicUsize,
}

#[async_trait]
impl Transport for Endpoint {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundAnswer, OutboundError> {
        self.asked.lock().unwrap().push(request);
        // Long enough for others to come meanwhile.
        for _ in 0..self.slow.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
        let mut answers = self.answers.lock().unwrap();
        let (status, body) = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
        let body = bytes::Bytes::from(body.to_string());
        Ok(OutboundAnswer { status, retry_after: None, headers: Vec::new(), body })
    }
}

/// Turns every bit: enough to see that nothing is kept in the open.
struct Turned;

impl Vault for Turned {
    fn seal(&self, about: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
        Some([about, b"|", &plain.iter().map(|byte| !byte).collect::<Vec<_>>()].concat())
    }

    fn open(&self, about: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let sealed = sealed.strip_prefix(about)?.strip_prefix(b"|")?;
        Some(sealed.iter().map(|byte| !byte).collect())
    }
}

struct Standing(AtomicI64);

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

struct Scene {
    endpoint: Arc<Endpoint>,
    store: Arc<MemoryStore>,
    clock: Arc<Standing>,
}

impl Scene {
    fn new(answers: Vec<(u16, Value)>) -> Self {
        let endpoint = Arc::new(Endpoint { answers: Mutex::new(answers), ..Endpoint::default() });
        let clock = Arc::new(Standing(AtomicI64::new(1_772_366_400_000)));
        Self { endpoint, store: Arc::default(), clock }
    }

    /// One process.
    fn replica(&self) -> Arc<Tokens> {
        let store = Arc::clone(&self.store) as Arc<dyn Store>;
        let (out, clock) = (Arc::clone(&self.endpoint) as _, Arc::clone(&self.clock) as _);
        Arc::new(Tokens::new(store, Arc::new(Turned), out, clock))
    }

    fn asked(&self) -> usize {
        self.endpoint.asked.lock().unwrap().len()
    }

    fn pass(&self, secs: i64) {
        self.clock.0.fetch_add(secs * 1000, Ordering::SeqCst);
    }
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn request(secret: &str) -> TokenRequest {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    TokenRequest {
        url: "https://login.example/token".to_owned(),
        pairs: vec![pair("grant_type", "client_credentials"), pair("client_secret", secret)],
        basic: None,
        by_query: false,
        refresh_token: None,
        lives: Duration::from_hours(1),
    }
}

async fn token(
    tokens: &Tokens,
    request: &TokenRequest,
    refused: Option<&str>,
) -> Result<String, TokenError> {
    tokens.token(&name("acme"), &name("crm"), request, refused, DEADLINE).await
}

fn given(text: &str) -> (u16, Value) {
    (200, json!({"access_token": text, "expires_in": 3600}))
}

#[tokio::test]
async fn many_at_once_in_two_processes_ask_once() {
    let scene = Scene::new(vec![given("t-1"), given("t-2")]);
    scene.endpoint.slow.store(500, Ordering::SeqCst);
    let replicas = [scene.replica(), scene.replica()];
    let all = (0..40).map(|n| {
        let tokens = Arc::clone(&replicas[n % 2]);
        tokio::spawn(async move { token(&tokens, &request("s"), None).await.unwrap() })
    });
    for got in futures_util::future::join_all(all).await {
        assert_eq!(got.unwrap(), "t-1");
    }
    assert_eq!(scene.asked(), 1);
    // A process that comes later finds it.
    assert_eq!(token(&scene.replica(), &request("s"), None).await.unwrap(), "t-1");
    // Renewed five minutes before its end, by one.
    scene.pass(3299);
    assert_eq!(token(&replicas[0], &request("s"), None).await.unwrap(), "t-1");
    scene.pass(1);
    assert_eq!(token(&replicas[0], &request("s"), None).await.unwrap(), "t-2");
    assert_eq!(token(&replicas[1], &request("s"), None).await.unwrap(), "t-2");
    assert_eq!(scene.asked(), 2);
    let kept = scene.store.read(&name("acme"), &[Key::Sealed("token/crm".into())]).await.unwrap();
    let body = kept[0].as_ref().unwrap().body.clone();
    assert!(!String::from_utf8_lossy(&body).contains("t-2"), "sealed");
}

#[tokio::test]
async fn a_token_that_is_not_taken_is_renewed_once_for_all() {
    let scene = Scene::new(vec![given("t-1"), given("t-2"), given("t-3")]);
    let replicas = [scene.replica(), scene.replica()];
    for replica in &replicas {
        assert_eq!(token(replica, &request("s"), None).await.unwrap(), "t-1");
    }
    for replica in &replicas {
        assert_eq!(token(replica, &request("s"), Some("t-1")).await.unwrap(), "t-2");
    }
    assert_eq!(scene.asked(), 2);
    assert_eq!(token(&replicas[1], &request("s"), Some("t-2")).await.unwrap(), "t-3");
}

#[tokio::test]
async fn a_refusal_counts_for_all_until_it_is_tried_again_and_other_secrets_at_once() {
    let refused = (400, json!({"error": "invalid_client", "error_description": "secret s-1"}));
    let scene = Scene::new(vec![refused, given("t-1")]);
    let replicas = [scene.replica(), scene.replica()];
    for replica in &replicas {
        let error = token(replica, &request("s-1"), None).await.unwrap_err();
        let code = Some("invalid_client".to_owned());
        assert_eq!(error, TokenError::Refused { status: Some(400), code });
        assert!(!error.to_string().contains("s-1"));
    }
    assert_eq!(scene.asked(), 1);
    // Another secret is another request.
    assert_eq!(token(&replicas[0], &request("s-2"), None).await.unwrap(), "t-1");
    scene.pass(31);
    assert_eq!(token(&replicas[1], &request("s-1"), None).await.unwrap(), "t-1");
}

#[tokio::test]
async fn refresh_tokens_that_change_are_kept() {
    let first = json!({"access_token": "t-1", "refresh_token": "r-2", "expires_in": "60"});
    let scene = Scene::new(vec![(200, first), (200, json!({"access_token": "t-2"}))]);
    let mut request = request("s");
    request.refresh_token = Some("r-1".to_owned());
    let tokens = scene.replica();
    assert_eq!(token(&tokens, &request, None).await.unwrap(), "t-1");
    scene.pass(60);
    assert_eq!(token(&tokens, &request, None).await.unwrap(), "t-2");
    scene.pass(3600);
    assert_eq!(token(&tokens, &request, None).await.unwrap(), "t-2");
    let asked = scene.endpoint.asked.lock().unwrap();
    let with = |number: usize| String::from_utf8(asked[number].body.to_vec()).unwrap();
    assert!(with(0).ends_with("refresh_token=r-1"));
    assert!(with(1).ends_with("refresh_token=r-2"));
    assert!(with(2).ends_with("refresh_token=r-2"), "no new one was given");
}

#[tokio::test]
async fn answers_that_give_no_token_are_told_apart() {
    let outcome = async |answer: (u16, Value)| {
        let scene = Scene::new(vec![answer]);
        token(&scene.replica(), &request("s"), None).await.unwrap_err()
    };
    assert_eq!(outcome((429, json!({}))).await, TokenError::Limited { status: 429 });
    assert_eq!(outcome((503, json!({}))).await, TokenError::Odd { status: 503 });
    assert_eq!(outcome((200, json!({"token": "x"}))).await, TokenError::Odd { status: 200 });
    let refused = |status, code: Option<&str>| TokenError::Refused {
        status: Some(status),
        code: code.map(str::to_owned),
    };
    let under_200 = outcome((200, json!({"error": "invalid_code"}))).await;
    assert_eq!(under_200, refused(200, Some("invalid_code")));
    assert_eq!(outcome((401, json!({}))).await, refused(401, None));
    // A code that is a text is no code.
    assert_eq!(outcome((400, json!({"error": "secret s is wrong"}))).await, refused(400, None));
    assert_eq!(
        outcome((200, json!({"access_token": "a\nb"}))).await,
        TokenError::Odd { status: 200 }
    );
}

#[test]
fn the_ways_of_asking() {
    let mut asked = request("s");
    asked.basic = Some(("id".to_owned(), "word".to_owned()));
    let made = asked.outbound(None, DEADLINE);
    assert_eq!(
        (made.method, made.url.as_str()),
        (OutboundMethod::Post, "https://login.example/token")
    );
    assert!(made.headers.contains(&("authorization".to_owned(), "Basic aWQ6d29yZA==".to_owned())));
    asked.by_query = true;
    let made = asked.outbound(None, DEADLINE);
    assert_eq!(
        (made.method, made.url.as_str()),
        (
            OutboundMethod::Get,
            "https://login.example/token?grant_type=client_credentials&client_secret=s"
        )
    );
    assert!(!format!("{asked:?}").contains("word"));
}
