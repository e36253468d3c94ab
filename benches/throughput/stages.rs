//! What the pure part of one inquiry costs, stage by stage, on one thread: the least of many short
//! rounds, so that other work on the machine hardly shows.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use lead_router::capture::{Captured, Method, Request, Source, capture};
use lead_router::config::Workspace;
use lead_router::decide::{Input, decide};
use lead_router::domain::{Facts, IdBlock, Inquiry, Name, Submission};
use lead_router::identify::{self, Hints, IndexedBy, Pepper};

use crate::settings_files::SOURCE;
use crate::{Outcome, canned, inquiry};

const ROUNDS: usize = 200;
const IN_A_ROUND: u64 = 100;

/// Microseconds per inquiry.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stages {
    /// Bytes to a checked submission.
    pub capture: f64,
    /// To a normalised inquiry.
    pub normalise: f64,
    /// Its index keys.
    pub keys: f64,
    /// Judged, planned, written down as a commit.
    pub decide: f64,
}

/// Measures them.
pub fn measure(settings: &Path) -> Outcome<Stages> {
    let workspace = canned::workspace(settings)?;
    let bench = Bench {
        source: workspace.sources.get(&Name::parse(SOURCE)?).ok_or("no source")?,
        workspace: &workspace,
        pepper: Pepper::new([7; 32]),
    };
    let mut least = [Duration::MAX; 4];
    for round in 0..ROUNDS as u64 {
        let bodies: Vec<String> = (0..IN_A_ROUND)
            .map(|number| inquiry::distinct(round * IN_A_ROUND + number).body)
            .collect();
        for (least, took) in least.iter_mut().zip(bench.round(&bodies)?) {
            *least = took.min(*least);
        }
    }
    let [capture, normalise, keys, decide] =
        least.map(|took| took.as_secs_f64() * 1e6 / crate::figures::ratio(IN_A_ROUND, 1));
    Ok(Stages { capture, normalise, keys, decide })
}

struct Bench<'a> {
    source: &'a Source,
    workspace: &'a Workspace,
    pepper: Pepper,
}

impl Bench<'_> {
    fn round(&self, bodies: &[String]) -> Outcome<[Duration; 4]> {
        let now = canned::now();
        let began = Instant::now();
        let submissions: Vec<Submission> =
            bodies.iter().map(|body| self.capture(body)).collect::<Outcome<_>>()?;
        let captured = began.elapsed();
        let hints = Hints {
            country: self.source.country().map(str::to_owned),
            language: self.source.language().map(str::to_owned),
        };
        let mut ids = IdBlock::new([7; 16]);
        let began = Instant::now();
        let inquiries: Vec<Inquiry> = submissions
            .into_iter()
            .map(|submission| identify::normalise(submission, &hints, ids.inquiry(), now))
            .collect();
        let normalised = began.elapsed();
        let began = Instant::now();
        let keys: Vec<Vec<IndexedBy>> =
            inquiries.iter().map(|inquiry| identify::keys(inquiry, &self.pepper)).collect();
        let keyed = began.elapsed();
        let began = Instant::now();
        for (inquiry, keys) in inquiries.iter().zip(&keys) {
            let facts = &Facts::default();
            let account = identify::account(inquiry, &self.pepper);
            let referrer = identify::referrer(inquiry, &self.pepper);
            let (claim, lease, trace) = (None, None, None);
            let input = Input { inquiry, keys, account, referrer, facts, claim, lease, trace, now };
            black_box(decide(&self.workspace.decide, input, &mut ids));
        }
        Ok([captured, normalised, keyed, began.elapsed()])
    }

    fn capture(&self, body: &str) -> Outcome<Submission> {
        let headers = [("content-type".to_owned(), "application/json".to_owned())];
        let request = Request {
            method: Method::Post,
            batch: false,
            content_type: Some("application/json"),
            headers: &headers,
            query: None,
            path_secret: None,
            caller_known: false,
            body: body.as_bytes(),
        };
        match capture(self.source, &request, canned::now()) {
            Ok(Captured::Inquiry { submission, .. }) => Ok(*submission),
            _ => Err("an inquiry of the load is not understood".into()),
        }
    }
}
