//! The whole way out, from a commit to a socket: receivers that behave badly end as designed and
//! leave the others undisturbed.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::super::{Jobs, Limits};
use super::scene::until;
use crate::deliver::tests::sample::{Book, Counting, Stopped, commit, destination, name};
use crate::deliver::{Courier, Destination, Directory, Ways};
use crate::domain::ports::{Clock, JobView, Redrive, Resolver, Store};
use crate::domain::{DeliveryId, Verdict};
use crate::egress::{Egress, EgressSettings, Guard};
use crate::store::memory::MemoryStore;
use crate::telemetry::Telemetry;

struct Table(BTreeMap<&'static str, &'static str>);

#[async_trait]
impl Resolver for Table {
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let ip = self.0.get(host).ok_or(io::ErrorKind::NotFound)?;
        Ok(vec![SocketAddr::new(ip.parse().unwrap(), port)])
    }
}

struct Way {
    store: Arc<MemoryStore>,
    clock: Arc<Stopped>,
    book: Arc<Book>,
    jobs: Jobs,
}

/// All there is between a commit and a socket.
fn way(all: Vec<Destination>) -> Way {
    let guard = EgressSettings { allow: vec!["127.0.0.1/32:*".into()], http: false };
    let table = Table([("inner.test", "10.0.0.7")].into());
    let egress = Egress::new(Guard::compile(&guard).unwrap(), Arc::new(table)).unwrap();
    let (store, clock, book) = (Arc::new(MemoryStore::default()), Stopped::new(), Book::of(all));
    let directory: Arc<dyn Directory> = Arc::clone(&book) as _;
    let telemetry = Telemetry::new();
    let courier = Courier::new(
        Arc::clone(&store) as _,
        Ways::alone(Arc::new(egress), Arc::clone(&clock) as _),
        Arc::clone(&clock) as _,
        Arc::new(Counting::default()),
        directory,
        telemetry.clone(),
    );
    let jobs = Jobs::new(
        Arc::clone(&store) as _,
        Arc::new(courier),
        Arc::clone(&clock) as _,
        name("replica-a"),
        || vec![name("demo")],
        telemetry,
        Limits::default(),
    );
    tokio::spawn({
        let jobs = jobs.clone();
        async move { jobs.run().await }
    });
    Way { store, clock, book, jobs }
}

impl Way {
    async fn add(&self, n: u8, queue: &str) {
        let route = self.book.destination(&name("demo"), &name(queue)).unwrap().route();
        self.store.commit(&commit(n, route, None, self.clock.now())).await.unwrap();
        self.jobs.wake();
    }

    async fn job(&self, n: u8) -> JobView {
        let id = DeliveryId::from_bytes([n; 16]);
        self.store.job(&name("demo"), id).await.unwrap().unwrap()
    }

    async fn attempted(&self, n: u8, times: u32) -> JobView {
        until("attempted", async || self.job(n).await.state.count >= times).await;
        self.job(n).await
    }
}

/// A receiver: reads a head, then answers by the script.
async fn receiver<F, Fut>(script: F) -> String
where
    F: Fn(TcpStream) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut head = vec![0; 32 * 1024];
            let _ = socket.read(&mut head).await;
            tokio::spawn(script(socket));
        }
    });
    format!("http://{address}/hook")
}

async fn saying(answer: &'static str) -> String {
    receiver(move |mut socket| async move {
        let _ = socket.write_all(answer.as_bytes()).await;
        let _ = socket.shutdown().await;
    })
    .await
}

#[expect(clippy::needless_pass_by_value, reason = "it is written in place")]
fn at(own: &str, url: &str, more: Value) -> Destination {
    let mut value = json!({"url": url, "timeout_ms": 1000});
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    destination(own, value)
}

#[tokio::test]
async fn each_bad_receiver_ends_as_designed_and_the_good_one_is_undisturbed() {
    let good = saying("HTTP/1.1 204 No Content\r\n\r\n").await;
    let busy = saying("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n").await;
    let redirect = saying(
        "HTTP/1.1 307 There\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n",
    )
    .await;
    let hang = receiver(|socket| async move {
        std::future::pending::<()>().await;
        drop(socket);
    })
    .await;
    let drip = receiver(|mut socket| async move {
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").await;
        let mut pace = tokio::time::interval(Duration::from_millis(100));
        while socket.write_all(b"x").await.is_ok() {
            let _ = pace.tick().await;
        }
    })
    .await;
    let flood = receiver(|mut socket| async move {
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n").await;
        let chunk = vec![b'x'; 64 * 1024];
        while socket.write_all(&chunk).await.is_ok() {}
    })
    .await;
    let none = json!({});
    let way = way(vec![
        at("good", &good, none.clone()),
        at("busy", &busy, none.clone()),
        at("redirect", &redirect, none.clone()),
        at("hang", &hang, none.clone()),
        at("drip", &drip, none.clone()),
        at("flood", &flood, none.clone()),
        at("inner", "https://inner.test/hook", none.clone()),
        at("literal", "https://169.254.169.254/latest", none.clone()),
        at("unknown", "https://unknown.test/", none),
    ]);
    let expected = [
        ("busy", Verdict::Retriable, Some(503), Some("status"), None),
        ("redirect", Verdict::Refused, Some(307), Some("redirect"), None),
        ("hang", Verdict::Retriable, None, Some("timeout"), None),
        ("drip", Verdict::Retriable, None, Some("timeout"), None),
        ("flood", Verdict::Delivered, Some(200), None, Some("delivered")),
        ("inner", Verdict::Blocked, None, Some("blocked_address"), None),
        ("literal", Verdict::Blocked, None, Some("blocked_address"), None),
        ("unknown", Verdict::Retriable, None, Some("dns"), None),
        ("good", Verdict::Delivered, Some(204), None, Some("delivered")),
    ];
    for (n, (queue, ..)) in (1..).zip(expected) {
        way.add(n, queue).await;
    }
    for (n, (queue, verdict, http_status, error, ended)) in (1..).zip(expected) {
        let state = way.attempted(n, 1).await.state;
        let attempt = &state.attempts[0];
        assert_eq!((attempt.verdict, attempt.http_status), (verdict, http_status), "{queue}");
        assert_eq!(attempt.error.as_deref(), error, "{queue}");
        assert_eq!(state.ended.as_deref(), ended, "{queue}");
        assert!(attempt.took_ms < 3000, "{queue}: {}", attempt.took_ms);
    }
    way.jobs.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn gone_pauses_the_queue_and_resuming_it_delivers_what_waited() {
    let gone = saying("HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n").await;
    let way = way(vec![at("crm", &gone, json!({}))]);
    way.add(1, "crm").await;
    way.attempted(1, 1).await;
    let depth =
        async || way.store.depth(&name("demo"), &name("crm"), way.clock.now()).await.unwrap();
    until("paused", async || depth().await.paused == Some(("gone".into(), None))).await;
    way.add(2, "crm").await;
    assert_eq!((depth().await.ready, depth().await.leased), (2, 0));
    // Mended, and resumed by a person.
    let good = saying("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let mended = Arc::new(at("crm", &good, json!({})));
    way.book.0.lock().unwrap().insert(name("crm"), mended);
    way.store.pause(&name("demo"), &name("crm"), way.clock.now(), None).await.unwrap();
    way.jobs.wake();
    for n in [1, 2] {
        until("delivered", async || way.job(n).await.state.ended.as_deref() == Some("delivered"))
            .await;
    }
    let counts = (way.job(1).await.state.count, way.job(2).await.state.count);
    assert_eq!(counts, (2, 1), "nothing was sent while it was paused");
    way.jobs.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_failing_primary_is_followed_by_its_fallback() {
    let bad = saying("HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n").await;
    let good = saying("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let way = way(vec![
        at("crm", &bad, json!({"fallback": {"to": "inbox", "after": "1m"}})),
        at("inbox", &good, json!({})),
    ]);
    way.add(1, "crm").await;
    way.attempted(1, 1).await;
    way.clock.forward(Duration::from_secs(61));
    way.jobs.wake();
    until("handed over", async || way.job(1).await.state.ended.as_deref() == Some("handed_over"))
        .await;
    let jobs =
        way.store.jobs_of(&name("demo"), crate::deliver::tests::sample::lead_id(1)).await.unwrap();
    let (queue, id) = jobs.last().unwrap().clone();
    assert_eq!(queue, name("inbox"));
    until("the fallback has it", async || {
        let job = way.store.job(&name("demo"), id).await.unwrap().unwrap();
        job.state.ended.as_deref() == Some("delivered")
    })
    .await;
    way.jobs.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_dead_letter_replayed_has_its_whole_schedule_again() {
    let bad = saying("HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n").await;
    let way = way(vec![at("crm", &bad, json!({"retry": ["0s", "1h"]}))]);
    way.add(1, "crm").await;
    way.attempted(1, 1).await;
    way.clock.forward(Duration::from_hours(2));
    until("dead", async || way.job(1).await.state.ended.as_deref() == Some("dead")).await;
    let id = DeliveryId::from_bytes([1; 16]);
    let replayed = way.store.redrive(&name("demo"), id, way.clock.now(), Redrive::Replay).await;
    assert_eq!(replayed, Ok(true));
    way.jobs.wake();
    let state = way.attempted(1, 3).await.state;
    assert_eq!((state.count, state.before_replay, state.ended), (3, 2, None));
    way.jobs.stop(Duration::from_secs(5)).await;
}
