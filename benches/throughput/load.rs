//! The load: hand-written HTTP/1.1 over 64 kept connections, on one thread. Closed loop (each
//! connection sends its next inquiry when the last one was answered) or open loop (inquiries are due
//! at a fixed rate whatever became of the others, and their time counts from when they were due).

use std::net::SocketAddr;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::Outcome;
use crate::inquiry::Inquiry;

/// Kept connections.
pub const CONNECTIONS: usize = 64;
/// More of them, to see what the machine's idle part is worth.
pub const CONNECTIONS_MORE: usize = 256;
const PATH: &str = concat!("/v1/bench/inquiries/", "form");

/// What came of a load, readable while it runs.
#[derive(Default)]
pub struct Tally {
    /// Answered 202.
    pub accepted: AtomicU64,
    /// Of those, the first of their person.
    pub fresh: AtomicU64,
    /// Answered otherwise.
    pub refused: AtomicU64,
    /// Whether times are noted.
    pub measuring: AtomicBool,
    stop: AtomicBool,
    micros: Mutex<Vec<u64>>,
    /// Inquiry id and when it was due, for finding its delivery.
    due: Mutex<Vec<(u128, Instant)>>,
    number: AtomicU64,
}

impl Tally {
    /// The times of answers, in microseconds.
    pub fn times(&self) -> Outcome<Histogram<u64>> {
        let mut times = Histogram::new(3)?;
        for &micros in self.micros.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            times.record(micros.max(1))?;
        }
        Ok(times)
    }

    /// Which inquiry was due when.
    pub fn due(&self) -> Vec<(u128, Instant)> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, answer: &Answer, fresh: bool, since: Instant, keeps_ids: bool) {
        if answer.status != 202 {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.accepted.fetch_add(1, Ordering::Relaxed);
        if fresh {
            self.fresh.fetch_add(1, Ordering::Relaxed);
        }
        if self.measuring.load(Ordering::Relaxed) {
            let micros = u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX);
            self.micros.lock().unwrap_or_else(PoisonError::into_inner).push(micros);
            if keeps_ids && let (true, Some(id)) = (fresh, answer.inquiry) {
                self.due.lock().unwrap_or_else(PoisonError::into_inner).push((id, since));
            }
        }
    }
}

/// How the inquiries of a load are made: by number.
pub type Making = fn(u64) -> Inquiry;

/// A load that runs until it is stopped.
pub struct Load {
    pub tally: Arc<Tally>,
    thread: Option<JoinHandle<Outcome<()>>>,
}

impl Load {
    /// Closed loop over so many connections, of the inquiries of these numbers; ends by itself after the last of them.
    pub fn closed(address: SocketAddr, making: Making, connections: usize, of: Range<u64>) -> Self {
        Self::start(move |tally| closed(address, making, connections, of, &tally))
    }

    /// Open loop at that rate a second.
    pub fn open(address: SocketAddr, making: Making, rate: f64) -> Self {
        Self::start(move |tally| open(address, making, rate, &tally))
    }

    fn start(run: impl FnOnce(Arc<Tally>) -> Outcome<()> + Send + 'static) -> Self {
        let tally = Arc::new(Tally::default());
        let theirs = Arc::clone(&tally);
        Self { tally, thread: Some(std::thread::spawn(move || run(theirs))) }
    }

    /// Ends it: no further inquiry is sent, and the last ones are answered.
    pub fn stop(mut self) -> Outcome<Arc<Tally>> {
        self.tally.stop.store(true, Ordering::Release);
        self.wait()
    }

    /// Waits for a load that ends by itself.
    pub fn finish(mut self) -> Outcome<Arc<Tally>> {
        self.wait()
    }

    fn wait(&mut self) -> Outcome<Arc<Tally>> {
        if let Some(thread) = self.thread.take() {
            thread.join().map_err(|_| "the load panicked")??;
        }
        Ok(Arc::clone(&self.tally))
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

fn closed(
    address: SocketAddr,
    making: Making,
    count: usize,
    of: Range<u64>,
    tally: &Arc<Tally>,
) -> Outcome<()> {
    tally.number.store(of.start, Ordering::Relaxed);
    runtime()?.block_on(async {
        let mut connections = tokio::task::JoinSet::new();
        for _ in 0..count {
            let (tally, of) = (Arc::clone(tally), of.clone());
            connections.spawn(async move {
                let mut connection = Connection::open(address).await?;
                while !tally.stop.load(Ordering::Relaxed) {
                    let number = tally.number.fetch_add(1, Ordering::Relaxed);
                    if number >= of.end {
                        break;
                    }
                    let inquiry = making(number);
                    let began = Instant::now();
                    let answer = connection.post(&inquiry.body).await?;
                    tally.note(&answer, inquiry.fresh, began, false);
                }
                Outcome::Ok(())
            });
        }
        while let Some(ended) = connections.join_next().await {
            ended??;
        }
        Ok(())
    })
}

fn open(address: SocketAddr, making: Making, rate: f64, tally: &Arc<Tally>) -> Outcome<()> {
    let (due, waiting) = mpsc::unbounded_channel::<Instant>();
    let watch = Arc::clone(tally);
    // A thread that sleeps is more exact than the runtime's timer, which counts in milliseconds.
    let pace = std::thread::spawn(move || {
        let began = Instant::now();
        let mut sent = 0_u32;
        while !watch.stop.load(Ordering::Relaxed) {
            let next = began + Duration::from_secs_f64(f64::from(sent) / rate);
            if let Some(early) = next.checked_duration_since(Instant::now()) {
                std::thread::sleep(early);
            }
            if due.send(next).is_err() {
                break;
            }
            sent += 1;
        }
    });
    let waiting = Arc::new(tokio::sync::Mutex::new(waiting));
    runtime()?.block_on(async {
        let mut connections = tokio::task::JoinSet::new();
        for _ in 0..CONNECTIONS {
            let (tally, waiting) = (Arc::clone(tally), Arc::clone(&waiting));
            connections.spawn(async move {
                let mut connection = Connection::open(address).await?;
                loop {
                    let next = waiting.lock().await.recv().await;
                    let Some(due) = next else { return Outcome::Ok(()) };
                    let inquiry = making(tally.number.fetch_add(1, Ordering::Relaxed));
                    let answer = connection.post(&inquiry.body).await?;
                    tally.note(&answer, inquiry.fresh, due, true);
                }
            });
        }
        while let Some(ended) = connections.join_next().await {
            ended??;
        }
        Outcome::Ok(())
    })?;
    pace.join().map_err(|_| "the pace panicked")?;
    Ok(())
}

/// One kept connection.
pub struct Connection {
    stream: TcpStream,
    out: Vec<u8>,
    held: Vec<u8>,
}

/// What matters of an answer.
pub struct Answer {
    pub status: u16,
    /// The inquiry's id, if the body names one.
    pub inquiry: Option<u128>,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, out: Vec::with_capacity(2048), held: Vec::with_capacity(4096) })
    }

    /// Posts an inquiry.
    pub async fn post(&mut self, body: &str) -> Outcome<Answer> {
        let length = body.len().to_string();
        self.out.clear();
        let parts = [
            "POST ",
            PATH,
            " HTTP/1.1\r\nhost: bench.example\r\ncontent-type: application/json\r\ncontent-length: ",
            &length,
            "\r\n\r\n",
            body,
        ];
        for part in parts {
            self.out.extend_from_slice(part.as_bytes());
        }
        self.exchange().await
    }

    /// Asks for a path.
    pub async fn get(&mut self, path: &str) -> Outcome<Answer> {
        self.out = format!("GET {path} HTTP/1.1\r\nhost: bench.example\r\n\r\n").into_bytes();
        self.exchange().await
    }

    async fn exchange(&mut self) -> Outcome<Answer> {
        self.stream.write_all(&self.out).await?;
        self.held.clear();
        loop {
            if self.stream.read_buf(&mut self.held).await? == 0 {
                return Err("the connection was closed".into());
            }
            if let Some(answer) = answer(&self.held)? {
                return Ok(answer);
            }
        }
    }
}

fn answer(held: &[u8]) -> Outcome<Option<Answer>> {
    let Some(end) = held.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let lines = std::str::from_utf8(&held[..end])?;
    let status = lines.get(9..12).ok_or("no status")?.parse()?;
    let length: usize = header(lines, "content-length").map_or(Ok(0), str::parse)?;
    let body = &held[end + 4..];
    if body.len() < length {
        return Ok(None);
    }
    Ok(Some(Answer { status, inquiry: id_in(body, b"inq_") }))
}

/// The value of a header, its name in lower case.
pub fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.split("\r\n").skip(1).find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// The first id with that prefix in a text.
pub fn id_in(text: &[u8], prefix: &[u8]) -> Option<u128> {
    let at = text.windows(prefix.len()).position(|four| four == prefix)? + prefix.len();
    let digits = std::str::from_utf8(text.get(at..at + 32)?).ok()?;
    u128::from_str_radix(digits, 16).ok()
}
