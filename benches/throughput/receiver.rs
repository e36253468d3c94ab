//! What stands in for CRM and nurture tool: takes every delivery at once, and remembers which event
//! came when.

use std::collections::{HashMap, HashSet};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::Outcome;
use crate::load::{header, id_in};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// What has come.
#[derive(Default)]
pub struct Inbox {
    /// All posts.
    posts: AtomicU64,
    /// Events of new leads, each counted once.
    fresh: AtomicU64,
    /// Events that came before.
    again: AtomicU64,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    events: HashSet<u128, ahash::RandomState>,
    /// Of new leads: inquiry id and when it came.
    arrivals: Vec<(u128, Instant)>,
}

/// The receiver, on a thread of its own for as long as the bench runs.
pub struct Receiver {
    pub address: SocketAddr,
    inbox: Arc<Inbox>,
}

impl Receiver {
    /// Listens on a free port.
    pub fn start() -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let inbox = Arc::new(Inbox::default());
        let theirs = Arc::clone(&inbox);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::spawn(move || {
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener)?;
                loop {
                    let (stream, _) = listener.accept().await?;
                    tokio::spawn(receive(stream, Arc::clone(&theirs)));
                }
                #[expect(unreachable_code, reason = "says what the block's errors are")]
                std::io::Result::Ok(())
            })
        });
        Ok(Self { address, inbox })
    }

    /// Forgets everything.
    pub fn reset(&self) {
        let mut seen = self.inbox.seen.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = Seen::default();
        self.inbox.posts.store(0, Ordering::Relaxed);
        self.inbox.fresh.store(0, Ordering::Relaxed);
        self.inbox.again.store(0, Ordering::Relaxed);
    }

    /// All posts since the last reset.
    pub fn posts(&self) -> u64 {
        self.inbox.posts.load(Ordering::Acquire)
    }

    /// Events that came more than once.
    pub fn again(&self) -> u64 {
        self.inbox.again.load(Ordering::Acquire)
    }

    /// Waits until that many new leads have come; gives how many posts there were by then.
    pub fn wait_for(&self, fresh: u64, most: Duration) -> Outcome<u64> {
        let began = Instant::now();
        while self.inbox.fresh.load(Ordering::Acquire) < fresh {
            if began.elapsed() > most {
                let came = self.inbox.fresh.load(Ordering::Acquire);
                return Err(
                    format!("{came} of {fresh} new leads were delivered in {most:?}").into()
                );
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(self.posts())
    }

    /// When which new lead's inquiry came.
    pub fn arrivals(&self) -> HashMap<u128, Instant> {
        let seen = self.inbox.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.arrivals.iter().copied().collect()
    }
}

async fn receive(mut stream: TcpStream, inbox: Arc<Inbox>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut held: Vec<u8> = Vec::with_capacity(8192);
    loop {
        let whole = loop {
            if let Some(whole) = whole(&held) {
                break whole;
            }
            if stream.read_buf(&mut held).await? == 0 {
                return Ok(());
            }
        };
        inbox.note(&held[..whole.body], &held[whole.body..whole.end]);
        stream.write_all(ANSWER).await?;
        held.drain(..whole.end);
    }
}

struct Whole {
    /// Where the body begins, and where it ends.
    body: usize,
    end: usize,
}

fn whole(held: &[u8]) -> Option<Whole> {
    let body = held.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&held[..body]).ok()?;
    let length: usize = header(text, "content-length")?.parse().ok()?;
    let end = body + length;
    (held.len() >= end).then_some(Whole { body, end })
}

impl Inbox {
    fn note(&self, head: &[u8], body: &[u8]) {
        let at = Instant::now();
        self.posts.fetch_add(1, Ordering::Release);
        let (Some(event), Some(inquiry)) = (id_in(head, b"evt_"), id_in(body, b"inq_")) else {
            return;
        };
        let start = &body[..body.len().min(40)];
        let is = |kind: &[u8]| start.windows(kind.len()).any(|part| part == kind);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if !seen.events.insert(event) {
            self.again.fetch_add(1, Ordering::Release);
        } else if is(b"\"lead.routed\"") || is(b"\"lead.nurtured\"") {
            seen.arrivals.push((inquiry, at));
            self.fresh.fetch_add(1, Ordering::Release);
        }
    }
}
