//! The client against receivers that behave badly.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::super::{Egress, EgressSettings, Guard, SystemResolver, install_crypto};
use crate::domain::ports::{OutboundError, OutboundMethod, OutboundRequest, Resolver, Transport};

struct Table {
    names: BTreeMap<&'static str, Vec<SocketAddr>>,
    asked: AtomicUsize,
}

#[async_trait]
impl Resolver for Table {
    async fn resolve(&self, host: &str, _port: u16) -> io::Result<Vec<SocketAddr>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.names.get(host).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

fn egress(allow: &[String], names: &[(&'static str, &[&str])]) -> (Egress, Arc<Table>) {
    let guard = Guard::compile(&EgressSettings { allow: allow.to_vec(), http: true }).unwrap();
    let names = names
        .iter()
        .map(|(name, ips)| {
            (*name, ips.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect())
        })
        .collect();
    let table = Arc::new(Table { names, asked: AtomicUsize::new(0) });
    let resolver: Arc<dyn Resolver> = Arc::clone(&table) as _;
    (Egress::new(guard, resolver).unwrap(), table)
}

fn request(url: impl Into<String>, deadline_ms: u64) -> OutboundRequest {
    OutboundRequest {
        method: OutboundMethod::Post,
        url: url.into(),
        headers: vec![("webhook-id".into(), "evt_1".into())],
        body: bytes::Bytes::from_static(b"{}"),
        deadline: Duration::from_millis(deadline_ms),
        wants_headers: false,
        answer_max: OutboundRequest::ANSWER_BYTES,
    }
}

/// A receiver that answers each connection by `script`; the socket is given after the head was read.
async fn receiver<F, Fut>(script: F) -> SocketAddr
where
    F: Fn(TcpStream) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut head = [0; 4096];
            let _ = socket.read(&mut head).await;
            tokio::spawn(script(socket));
        }
    });
    address
}

#[tokio::test]
async fn an_answer_comes_back_with_status_retry_after_and_body() {
    let at = receiver(|mut s| async move {
        let _ = s
            .write_all(b"HTTP/1.1 503 Busy\r\nretry-after: 7\r\ncontent-length: 2\r\n\r\nhi")
            .await;
    })
    .await;
    let (egress, _) = egress(&[format!("127.0.0.1/32:{}", at.port())], &[]);
    let answer = egress.send(request(format!("http://{at}/"), 5000)).await.unwrap();
    assert_eq!(
        (answer.status, answer.retry_after.as_deref(), &answer.body[..]),
        (503, Some("7"), &b"hi"[..])
    );
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let at = receiver(|mut s| async move {
        let _ = s
            .write_all(b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/latest\r\ncontent-length: 0\r\n\r\n")
            .await;
    })
    .await;
    let (egress, _) = egress(&[format!("127.0.0.1/32:{}", at.port())], &[]);
    assert_eq!(egress.send(request(format!("http://{at}/"), 5000)).await.unwrap().status, 302);
}

#[tokio::test]
async fn an_endless_body_is_cut_at_the_cap_and_its_status_stands() {
    let at = receiver(|mut s| async move {
        let _ = s.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n").await;
        let chunk = vec![b'x'; 64 * 1024];
        while s.write_all(&chunk).await.is_ok() {}
    })
    .await;
    let (egress, _) = egress(&[format!("127.0.0.1/32:{}", at.port())], &[]);
    let answer = egress.send(request(format!("http://{at}/"), 5000)).await.unwrap();
    assert_eq!((answer.status, answer.body.len()), (200, OutboundRequest::ANSWER_BYTES));
}

#[tokio::test]
async fn hanging_and_dripping_receivers_end_at_the_one_deadline() {
    let hang = receiver(|s| async move {
        std::future::pending::<()>().await;
        drop(s);
    })
    .await;
    let drip = receiver(|mut s| async move {
        let _ = s.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").await;
        let mut pace = tokio::time::interval(Duration::from_millis(50));
        while s.write_all(b"x").await.is_ok() {
            let _ = pace.tick().await;
        }
    })
    .await;
    for at in [hang, drip] {
        let (egress, _) = egress(&[format!("127.0.0.1/32:{}", at.port())], &[]);
        let began = Instant::now();
        let error = egress.send(request(format!("http://{at}/"), 400)).await.unwrap_err();
        assert_eq!(error, OutboundError::Timeout);
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    }
}

#[tokio::test]
async fn names_that_lead_to_private_addresses_are_blocked_whatever_else_they_lead_to() {
    let (egress, table) = egress(
        &[],
        &[
            ("private.test", &["10.0.0.1"]),
            ("mixed.test", &["8.8.8.8", "169.254.169.254"]),
            ("mapped.test", &["::ffff:127.0.0.1"]),
            ("empty.test", &[]),
        ],
    );
    for name in ["private.test", "mixed.test", "mapped.test"] {
        let error = egress.send(request(format!("https://{name}/"), 5000)).await.unwrap_err();
        assert_eq!(error, OutboundError::Blocked, "{name}");
    }
    assert_eq!(table.asked.load(Ordering::Relaxed), 3);
    for name in ["empty.test", "unknown.test"] {
        let error = egress.send(request(format!("https://{name}/"), 5000)).await.unwrap_err();
        assert_eq!(error, OutboundError::Dns, "{name}");
    }
    let error = egress.send(request("https://0x7f.1/", 5000)).await.unwrap_err();
    assert_eq!(error, OutboundError::Blocked, "literals never reach a resolver");
    assert_eq!(table.asked.load(Ordering::Relaxed), 5);
}

#[tokio::test]
async fn an_allowed_name_is_connected_where_the_resolver_said_and_on_that_port_only() {
    let at = receiver(|mut s| async move {
        let _ = s.write_all(b"HTTP/1.1 204 OK\r\n\r\n").await;
    })
    .await;
    let (egress, _) =
        egress(&[format!("127.0.0.0/8:{}", at.port())], &[("crm.test", &["127.0.0.1"])]);
    let url = format!("http://crm.test:{}/", at.port());
    assert_eq!(egress.send(request(url, 5000)).await.unwrap().status, 204);
    let error = egress.send(request("http://crm.test:1/", 5000)).await.unwrap_err();
    assert_eq!(error, OutboundError::Blocked);
}

#[tokio::test]
async fn refused_cut_and_garbled_connections_are_told_apart() {
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let cut = receiver(|s| async move { drop(s) }).await;
    let garbled = receiver(|mut s| async move {
        let _ = s.write_all(b"HTTP/1.1 400 this is not TLS\r\n\r\n").await;
    })
    .await;
    let allow: Vec<_> =
        [closed, cut, garbled].iter().map(|a| format!("127.0.0.1/32:{}", a.port())).collect();
    let (egress, _) = egress(&allow, &[]);
    let sent = async |url: String| egress.send(request(url, 5000)).await.unwrap_err();
    assert_eq!(sent(format!("http://{closed}/")).await, OutboundError::Connect);
    assert_eq!(sent(format!("http://{cut}/")).await, OutboundError::Cut);
    assert_eq!(sent(format!("https://{garbled}/")).await, OutboundError::Tls);
    assert_eq!(sent("not a url".into()).await, OutboundError::BadRequest);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_header_that_would_break_out_is_never_sent(
        before in "[ -~]{0,10}", after in "[ -~]{0,10}",
        control in prop_oneof![Just('\u{7f}'), (0..0x20_u8).prop_filter("a tab may be", |b| *b != 9).prop_map(char::from)],
    ) {
        let broken = format!("{before}{control}{after}");
        for (name, value) in [("x-added", broken.as_str()), (broken.as_str(), "v"), ("x added", "v"), ("", "v")] {
            let (egress, table) = egress(&[], &[("crm.test", &["8.8.8.8"])]);
            let headers = vec![(name.to_owned(), value.to_owned())];
            let request = OutboundRequest { headers, ..request("https://crm.test/", 5000) };
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            prop_assert_eq!(runtime.block_on(egress.send(request)), Err(OutboundError::BadRequest));
            prop_assert_eq!(table.asked.load(Ordering::Relaxed), 0, "somebody was looked up");
        }
    }
}

#[tokio::test]
async fn the_system_resolver_knows_localhost() {
    let found = SystemResolver.resolve("localhost", 80).await.unwrap();
    assert!(found.iter().all(|a| a.ip().is_loopback()) && !found.is_empty());
}

/// Speaks TLS under a certificate that nobody vouches for, once.
fn self_signed_receiver() -> SocketAddr {
    use std::io::Read as _;
    install_crypto();
    let own = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        let session = rustls::ServerConnection::new(Arc::new(config)).unwrap();
        let mut stream = rustls::StreamOwned::new(session, socket);
        let _ = stream.read(&mut [0; 1024]);
    });
    address
}

#[tokio::test]
async fn a_certificate_nobody_vouches_for_is_refused() {
    let at = self_signed_receiver();
    let (egress, _) = egress(&[format!("127.0.0.1/32:{}", at.port())], &[]);
    let error = egress.send(request(format!("https://{at}/"), 5000)).await.unwrap_err();
    assert_eq!(error, OutboundError::Tls);
}
