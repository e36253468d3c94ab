//! A receiver on bare sockets, in threads of its own: it checks every signature, remembers what it
//! was told, and treats each destination as its script says, in ways that no HTTP library would.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use lead_router::deliver::sign::{Secret, Signed, verify};
use lead_router::domain::Timestamp;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

/// What every destination of the tests signs with.
pub const SIGNING_SECRET: &str = "whsec_dGVzdC1vbmx5LXNpZ25pbmctc2VjcmV0LTMyYnl0ZXM=";

/// How a destination is treated. The path's first part is the destination's name.
#[derive(Debug, Clone)]
pub enum Script {
    /// 204.
    Accept,
    /// 204, but 503 to every so-manieth request.
    Unreliable(usize),
    /// This status and header.
    Answer(u16, &'static str, String),
    /// Reads the request and says nothing, ever.
    Hang,
    /// A byte a second, from the status line on.
    DripHead,
    /// 200 at once, then a byte of body a second.
    DripBody,
    /// 200 and so many bytes, as fast as they are taken.
    Huge(u64),
    /// Takes the request and resets the connection.
    Reset,
    /// Answers, but not in HTTP.
    Babble,
}

/// One request that arrived, its signature checked.
#[derive(Debug, Clone)]
pub struct Arrived {
    pub destination: String,
    /// `webhook-id`.
    pub id: String,
    pub kind: String,
    pub body: Value,
    /// When the whole of it was there, by the receiver's own clock.
    pub at: Instant,
    /// Whether it is answered with 2xx.
    pub taken: bool,
}

impl Arrived {
    /// A text inside the body.
    pub fn text(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// Every inquiry it tells of: the one that brought it about, and those counted into it.
    pub fn inquiries(&self) -> BTreeSet<String> {
        let counted = self.body.pointer("/data/repeats/inquiries").and_then(Value::as_array);
        let counted = counted.into_iter().flatten().filter_map(Value::as_str);
        counted.chain([self.text("/data/inquiry/id")]).map(str::to_owned).collect()
    }
}

#[derive(Debug, Default)]
struct Inbox {
    scripts: BTreeMap<String, Script>,
    arrived: Vec<Arrived>,
    /// By destination, the inquiries that an accepted request told of.
    told: BTreeMap<String, BTreeSet<String>>,
    /// Requests whose signature does not hold, or that are no event.
    refused: u32,
}

/// The receiver; gone when dropped.
pub struct SocketReceiver {
    address: SocketAddr,
    inbox: Arc<Mutex<Inbox>>,
    runtime: Option<Runtime>,
}

impl SocketReceiver {
    /// Starts on a free port; destinations without a script are accepted.
    pub fn start(scripts: &[(&str, Script)]) -> Self {
        let scripts = scripts.iter().map(|(name, s)| ((*name).to_owned(), s.clone())).collect();
        let inbox = Arc::new(Mutex::new(Inbox { scripts, ..Inbox::default() }));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a listener that does not block");
        let address = listener.local_addr().expect("its address");
        let shared = Arc::clone(&inbox);
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).expect("the listener");
            while let Ok((stream, _)) = listener.accept().await {
                // A connection that breaks is the other side's business.
                tokio::spawn(talk(stream, Arc::clone(&shared)));
            }
        });
        Self { address, inbox, runtime: Some(runtime) }
    }

    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where a destination's events go.
    pub fn url(&self, destination: &str) -> String {
        format!("http://{}/{destination}", self.address)
    }

    /// From now on the destination is treated so.
    pub fn set(&self, destination: &str, script: Script) {
        self.inbox().scripts.insert(destination.to_owned(), script);
    }

    /// Everything that arrived, whatever was answered.
    pub fn arrived(&self) -> Vec<Arrived> {
        self.inbox().arrived.clone()
    }

    /// What arrived for one destination.
    pub fn of(&self, destination: &str) -> Vec<Arrived> {
        let inbox = self.inbox();
        inbox.arrived.iter().filter(|one| one.destination == destination).cloned().collect()
    }

    /// The `webhook-id`s of all events of a type.
    pub fn ids(&self, kind: &str) -> BTreeSet<String> {
        let inbox = self.inbox();
        inbox.arrived.iter().filter(|one| one.kind == kind).map(|one| one.id.clone()).collect()
    }

    /// Those of these inquiries that no accepted event told of.
    pub fn untold<'a>(&self, of: impl Iterator<Item = &'a String>) -> BTreeSet<String> {
        let inbox = self.inbox();
        let told = |id: &String| inbox.told.values().any(|told| told.contains(id));
        of.filter(|id| !told(id)).cloned().collect()
    }

    /// Those of these inquiries that one destination accepted no event about.
    pub fn untold_at<'a>(
        &self,
        destination: &str,
        of: impl Iterator<Item = &'a String>,
    ) -> BTreeSet<String> {
        let inbox = self.inbox();
        let told = inbox.told.get(destination);
        of.filter(|id| !told.is_some_and(|told| told.contains(*id))).cloned().collect()
    }

    /// How many inquiries one destination accepted events about.
    pub fn told(&self, destination: &str) -> usize {
        self.inbox().told.get(destination).map_or(0, BTreeSet::len)
    }

    /// Requests whose signature does not hold.
    pub fn refused(&self) -> u32 {
        self.inbox().refused
    }
}

impl Drop for SocketReceiver {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

struct Request {
    destination: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

async fn talk(mut stream: TcpStream, inbox: Arc<Mutex<Inbox>>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut rest = Vec::new();
    while let Some(request) = read(&mut stream, &mut rest).await? {
        let script = note(&inbox, &request);
        answer(&mut stream, script).await?;
    }
    Ok(())
}

async fn read(stream: &mut TcpStream, rest: &mut Vec<u8>) -> std::io::Result<Option<Request>> {
    let head_end = loop {
        if let Some(at) = rest.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(rest).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&rest[..head_end]).into_owned();
    let mut lines = head.split("\r\n");
    let path = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
    let destination = path.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default();
    let headers: BTreeMap<String, String> = lines
        .clone()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize =
        headers.get("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
    while rest.len() < head_end + length {
        if stream.read_buf(rest).await? == 0 {
            return Ok(None);
        }
    }
    let body = rest[head_end..head_end + length].to_vec();
    rest.drain(..head_end + length);
    Ok(Some(Request { destination: destination.to_owned(), headers, body }))
}

/// Checks and remembers a request; gives how it is to be answered.
fn note(inbox: &Mutex<Inbox>, request: &Request) -> Script {
    let header = |name: &str| request.headers.get(name).map_or("", String::as_str);
    let timestamp = header("webhook-timestamp");
    let signed =
        Signed { id: header("webhook-id"), timestamp, signature: header("webhook-signature") };
    let secret = Secret::parse(SIGNING_SECRET).expect("the tests' secret");
    // The clock may be a movable one: the time is taken as stated, the signature is not.
    let stated = Timestamp::from_millis(timestamp.parse::<i64>().unwrap_or(0) * 1000);
    let holds = verify(&[secret], signed, &request.body, stated).is_ok();
    let body = serde_json::from_slice::<Value>(&request.body);
    let mut inbox = inbox.lock().unwrap_or_else(PoisonError::into_inner);
    let (true, Ok(body)) = (holds, body) else {
        inbox.refused += 1;
        return Script::Answer(401, "x-reason", "signature".to_owned());
    };
    let mut arrived = Arrived {
        destination: request.destination.clone(),
        id: signed.id.to_owned(),
        kind: body["type"].as_str().unwrap_or_default().to_owned(),
        body,
        at: Instant::now(),
        taken: false,
    };
    let script = match inbox.scripts.get(&request.destination) {
        Some(Script::Unreliable(every)) if (inbox.arrived.len() + 1).is_multiple_of(*every) => {
            Script::Answer(503, "x-reason", "now and then".to_owned())
        }
        None | Some(Script::Unreliable(_)) => Script::Accept,
        Some(other) => other.clone(),
    };
    // Whoever says 200 and then talks on has taken it.
    arrived.taken = matches!(script, Script::Accept | Script::Huge(_));
    if arrived.taken {
        let told = inbox.told.entry(arrived.destination.clone()).or_default();
        told.extend(arrived.inquiries());
    }
    inbox.arrived.push(arrived);
    script
}

async fn answer(stream: &mut TcpStream, script: Script) -> std::io::Result<()> {
    const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n";
    match script {
        Script::Accept | Script::Unreliable(_) => {
            stream.write_all(b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n").await
        }
        Script::Answer(status, name, value) => {
            let head = format!(
                "HTTP/1.1 {status} As Asked\r\n{name}: {value}\r\ncontent-length: 0\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).await
        }
        Script::Hang => until_closed(stream).await,
        Script::DripHead => drip(stream, OK).await,
        Script::DripBody => {
            stream.write_all(OK).await?;
            drip(stream, &[b'x'; 1000]).await
        }
        Script::Huge(bytes) => {
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {bytes}\r\n\r\n");
            stream.write_all(head.as_bytes()).await?;
            let chunk = vec![b'x'; 64 * 1024];
            for _ in 0..bytes / chunk.len() as u64 {
                stream.write_all(&chunk).await?;
            }
            Ok(())
        }
        Script::Reset => {
            stream.set_zero_linger()?;
            Err(std::io::ErrorKind::ConnectionAborted.into())
        }
        Script::Babble => {
            stream.write_all(b"\x15\x03\x01 who is there?\r\n\r\n").await?;
            Err(std::io::ErrorKind::ConnectionAborted.into())
        }
    }
}

async fn until_closed(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut ignored = [0; 1024];
    while stream.read(&mut ignored).await? > 0 {}
    Err(std::io::ErrorKind::ConnectionAborted.into())
}

async fn drip(stream: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    for byte in bytes {
        ticks.tick().await;
        stream.write_all(std::slice::from_ref(byte)).await?;
    }
    Ok(())
}
