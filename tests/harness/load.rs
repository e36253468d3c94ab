//! A bounded load: a few posting tasks, each repeating a post under the same key until it is
//! answered, as a careful page, vendor or scanner does.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::{Client, RequestBuilder};
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::deployment::{API_KEY, SCANNER_KEY, WORKSPACE};
use super::process::{Answer, answer, client};

const POSTERS: u64 = 4;
/// Each poster posts at most this often.
const EVERY: Duration = Duration::from_millis(20);
/// Longer than any outage here; a post that hangs is repeated.
const PATIENCE: Duration = Duration::from_secs(8);
const BATCH_ROWS: u64 = 5;
const SURNAMES: [&str; 4] = ["Quillfeather", "Zanzotter", "Brummelkamp", "Fjordlund"];

/// An inquiry that was acknowledged with 2xx.
#[derive(Debug, Clone)]
pub struct Acknowledged {
    /// The e-mail address: one person each.
    pub person: String,
    /// What the answer said of it, where the poster had an API key.
    pub owner: Option<String>,
    pub lead: Option<String>,
}

#[derive(Debug, Default)]
struct Book {
    /// By inquiry id.
    acknowledged: Mutex<BTreeMap<String, Acknowledged>>,
    count: AtomicU64,
    repeated: AtomicU64,
    stop: AtomicBool,
    /// Answers that no poster should ever get.
    unexpected: Mutex<Vec<String>>,
}

/// A running load.
pub struct Load {
    book: Arc<Book>,
    posters: JoinSet<()>,
}

impl Load {
    /// Starts posting to a service that may come and go.
    pub fn start(public: SocketAddr, seed: u64) -> Self {
        let book = Arc::new(Book::default());
        let mut posters = JoinSet::new();
        for number in 0..POSTERS {
            let poster = Poster {
                client: client(PATIENCE),
                base: format!("http://{public}/v1/{WORKSPACE}/inquiries"),
                rng: StdRng::seed_from_u64(seed ^ (number + 1)),
                book: Arc::clone(&book),
                number,
                people: 0,
            };
            posters.spawn(poster.run());
        }
        Self { book, posters }
    }

    /// How many inquiries were acknowledged so far.
    pub fn count(&self) -> u64 {
        self.book.count.load(Ordering::Acquire)
    }

    /// Ends it once every post under way is answered; gives what was acknowledged, and how many
    /// posts had to be repeated.
    pub async fn stop(mut self) -> (BTreeMap<String, Acknowledged>, u64) {
        self.book.stop.store(true, Ordering::Release);
        while let Some(ended) = self.posters.join_next().await {
            ended.expect("a poster that does not panic");
        }
        let unexpected = lock(&self.book.unexpected).clone();
        assert!(unexpected.is_empty(), "answers that nobody expects: {unexpected:?}");
        let acknowledged = std::mem::take(&mut *lock(&self.book.acknowledged));
        (acknowledged, self.book.repeated.load(Ordering::Acquire))
    }
}

/// Waits a little, at random: when somebody is struck should depend on nothing.
pub async fn hesitate(most: Duration) {
    let most = u64::try_from(most.as_micros()).unwrap_or(u64::MAX);
    tokio::time::sleep(Duration::from_micros(rand::random_range(0..=most))).await;
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Poster {
    client: Client,
    base: String,
    rng: StdRng,
    book: Arc<Book>,
    number: u64,
    people: u64,
}

impl Poster {
    async fn run(mut self) {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut posted = 0_u64;
        while !self.book.stop.load(Ordering::Acquire) {
            posted += 1;
            match self.rng.random_range(0..10) {
                0 => self.upload(&mut ticks).await,
                // A person who was here before, with something new to say.
                1 if self.people > 0 => {
                    let who = self.rng.random_range(0..self.people);
                    self.form(who, posted, &mut ticks).await;
                }
                _ => {
                    self.people += 1;
                    self.form(self.people - 1, posted, &mut ticks).await;
                }
            }
        }
    }

    fn email(&self, who: u64) -> String {
        let surname = SURNAMES[usize::try_from(self.number).unwrap_or(0) % SURNAMES.len()];
        format!("guest-{}-{who}@{}.example", self.number, surname.to_lowercase())
    }

    async fn form(&mut self, who: u64, posted: u64, ticks: &mut tokio::time::Interval) {
        let person = self.email(who);
        let message = format!("question {posted}");
        let body = serde_json::json!({"email": person, "message": message}).to_string();
        let request = self
            .client
            .post(format!("{}/form", self.base))
            .bearer_auth(API_KEY)
            .header("content-type", "application/json")
            .header("idempotency-key", format!("load-{}-{posted}", self.number))
            .body(body);
        let said = self.until_answered(request, ticks).await;
        self.note(&person, &said.body);
    }

    async fn upload(&mut self, ticks: &mut tokio::time::Interval) {
        let people: Vec<String> =
            (0..BATCH_ROWS).map(|row| self.email(self.people + row)).collect();
        self.people += BATCH_ROWS;
        let rows = people.join(",Booth talk\n");
        let request = self
            .client
            .post(format!("{}/scanner/batch", self.base))
            .header("x-api-key", SCANNER_KEY)
            .header("content-type", "text/csv")
            .body(format!("email,notes\n{rows},Booth talk\n"));
        let said = self.until_answered(request, ticks).await;
        let rows = said.body["results"].as_array().cloned().unwrap_or_default();
        if rows.len() != people.len() {
            lock(&self.book.unexpected).push(format!("{} results of an upload", rows.len()));
        }
        for (person, row) in people.iter().zip(&rows) {
            self.note(person, row);
        }
    }

    /// Repeats a request until it is answered with 2xx.
    async fn until_answered(
        &self,
        request: RequestBuilder,
        ticks: &mut tokio::time::Interval,
    ) -> Answer {
        loop {
            ticks.tick().await;
            let again = request.try_clone().expect("a request with its body in memory");
            match answer(again).await {
                Some(said) if (200..300).contains(&said.status) => return said,
                Some(said) if said.status < 500 => {
                    let said = format!("{} {}", said.status, said.body);
                    lock(&self.book.unexpected).push(said);
                    return Answer { status: 0, body: Value::Null };
                }
                _ => {
                    self.book.repeated.fetch_add(1, Ordering::AcqRel);
                }
            }
        }
    }

    fn note(&self, person: &str, said: &Value) {
        let Some(id) = said["inquiry_id"].as_str() else {
            if !said.is_null() {
                lock(&self.book.unexpected).push(format!("no inquiry id: {said}"));
            }
            return;
        };
        let text = |key: &str| said[key].as_str().map(str::to_owned);
        let noted =
            Acknowledged { person: person.to_owned(), owner: text("owner"), lead: text("lead_id") };
        if lock(&self.book.acknowledged).insert(id.to_owned(), noted).is_some() {
            lock(&self.book.unexpected).push(format!("{id} was acknowledged for two posts"));
        }
        self.book.count.fetch_add(1, Ordering::AcqRel);
    }
}
