//! People who inquire, at an even pace, each post repeated under its key until it is answered.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use reqwest::Client;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::extent::GROUPS;
use crate::harness::deployment::{API_KEY, WORKSPACE};
use crate::harness::process::{Answer, START_MAX, answer, client};
use crate::harness::wait::eventually;

/// Side by side.
const POSTERS: u32 = 4;
/// Longer than a service takes to come back.
const PATIENCE: Duration = Duration::from_secs(8);

/// An inquiry that was acknowledged.
#[derive(Debug, Clone)]
pub struct Posted {
    pub inquiry: String,
    pub lead: String,
    /// Which form: where it goes follows from that.
    pub group: usize,
    pub answered: Instant,
}

#[derive(Default)]
struct Book {
    posted: Mutex<Vec<Posted>>,
    repeated: AtomicU64,
    stop: AtomicBool,
}

pub struct Posting {
    book: Arc<Book>,
    posters: JoinSet<()>,
}

impl Posting {
    /// Somebody inquires `every` so often; with `again`, every fifth time somebody who was there before.
    pub fn start(public: SocketAddr, every: Duration, again: bool) -> Self {
        let book = Arc::new(Book::default());
        let mut posters = JoinSet::new();
        for number in 0..POSTERS {
            let book = Arc::clone(&book);
            let mut poster = Poster { client: client(PATIENCE), public, number, posts: 0, book };
            posters.spawn(async move { poster.run(every * POSTERS, again).await });
        }
        Self { book, posters }
    }

    fn count(&self) -> usize {
        self.book.posted.lock().unwrap().len()
    }

    /// Waits until so many more were acknowledged.
    pub async fn goes_on(&mut self, more: usize) {
        let enough = self.count() + more;
        eventually("further inquiries", START_MAX, async || (self.count() >= enough).then_some(()))
            .await;
    }

    /// Ends it when all posts under way were answered; what was acknowledged, and how many posts were repeated.
    pub async fn stop(mut self) -> (Vec<Posted>, u64) {
        self.book.stop.store(true, Ordering::Release);
        while let Some(ended) = self.posters.join_next().await {
            ended.unwrap();
        }
        let posted = std::mem::take(&mut *self.book.posted.lock().unwrap());
        (posted, self.book.repeated.load(Ordering::Acquire))
    }
}

struct Poster {
    client: Client,
    public: SocketAddr,
    number: u32,
    posts: u32,
    book: Arc<Book>,
}

impl Poster {
    async fn run(&mut self, every: Duration, again: bool) {
        let mut rng = rand::rngs::StdRng::seed_from_u64(self.number.into());
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut people: Vec<usize> = Vec::new();
        while !self.book.stop.load(Ordering::Acquire) {
            let who = if again && !people.is_empty() && self.posts.is_multiple_of(5) {
                rng.random_range(0..people.len())
            } else {
                people.push(rng.random_range(0..GROUPS));
                people.len() - 1
            };
            self.posts += 1;
            self.post(who, people[who], &mut ticks).await;
        }
    }

    async fn post(&self, who: usize, group: usize, ticks: &mut tokio::time::Interval) {
        let email = format!("guest-{}-{who}@fjordlund.example", self.number);
        let body =
            serde_json::json!({"email": email, "message": format!("Question {}", self.posts)});
        let url = format!("http://{}/v1/{WORKSPACE}/inquiries/form{group}", self.public);
        let key = format!("soak-{}-{}", self.number, self.posts);
        loop {
            ticks.tick().await;
            let request = self.client.post(&url).bearer_auth(API_KEY);
            let request = request.header("content-type", "application/json");
            let request = request.header("idempotency-key", &key).body(body.to_string());
            match answer(request).await {
                Some(said) if (200..300).contains(&said.status) => return self.note(&said, group),
                Some(said) if said.status < 500 => panic!("nobody expects this: {said:?}"),
                _ => {
                    self.book.repeated.fetch_add(1, Ordering::AcqRel);
                }
            }
        }
    }

    fn note(&self, said: &Answer, group: usize) {
        let text = |key| said.text(key).to_owned();
        let (inquiry, lead, answered) = (text("inquiry_id"), text("lead_id"), Instant::now());
        assert!(!inquiry.is_empty() && !lead.is_empty(), "{said:?}");
        self.book.posted.lock().unwrap().push(Posted { inquiry, lead, group, answered });
    }
}
