//! Any sequence of events, through several processes: who gets what is exactly what one desk alone would have given out.
//! What such a desk does is fair: `assign::tests::fairness`.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use lead_router::assign::{give_back, pick};
use lead_router::domain::{Candidate, Cap, Method, Name, PoolPick, PoolState, Skip, Timestamp};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;

use super::processes::{On, Stage, post};

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];
const EVENTS: usize = 14;

#[derive(Debug, Clone)]
enum Event {
    /// So many leads at once, through all processes.
    Leads(usize),
    /// Who is a member from now on, by bits.
    Members(u8),
    /// Somebody is away, or comes back.
    Away(usize),
    /// A lead of those out is passed back.
    Returns(prop::sample::Index),
    /// What was passed back is taken back.
    Retakes(prop::sample::Index),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        5 => (1..20_usize).prop_map(Event::Leads),
        1 => (1..32_u8).prop_map(Event::Members),
        2 => (0..5_usize).prop_map(Event::Away),
        3 => any::<prop::sample::Index>().prop_map(Event::Returns),
        1 => any::<prop::sample::Index>().prop_map(Event::Retakes),
    ]
}

/// The pool, as one desk alone keeps it.
struct Desk {
    method: Method,
    skip: Skip,
    weights: [u32; 5],
    members: BTreeSet<usize>,
    away: BTreeSet<usize>,
    state: PoolState,
    minute: i64,
    /// How many open leads everybody has.
    open: BTreeMap<String, u32>,
    /// Leads that are out, and that were passed back.
    out: Vec<Out>,
    back: Vec<Out>,
}

/// A lead, whose it is, and whether it is among the owner's open ones.
struct Out {
    lead: String,
    owner: String,
    counts: bool,
}

impl Desk {
    fn pool(&self) -> PoolPick {
        let candidate = |at: &usize| Candidate {
            member: Name::parse(NAMES[*at]).unwrap(),
            weight: self.weights[*at],
            caps: if self.method == Method::LeastBusy { vec![open(NAMES[*at])] } else { vec![] },
        };
        PoolPick {
            pool: Name::parse("reps").unwrap(),
            method: self.method,
            skip: self.skip,
            candidates: self.members.difference(&self.away).map(candidate).collect(),
            beside: Vec::new(),
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_772_636_400_000 + 60_000 * self.minute)
    }

    fn give_out(&mut self, leads: usize) -> BTreeMap<String, usize> {
        let (pool, now) = (self.pool(), self.now());
        let mut counts = BTreeMap::new();
        for _ in 0..leads {
            let open = |counter: &str| self.open.get(counter).copied().unwrap_or(0);
            let picked = pick(&pool, &self.state, now, &open).unwrap();
            self.state = picked.state;
            *self.open.entry(picked.member.to_string()).or_default() += 1;
            *counts.entry(picked.member.to_string()).or_default() += 1;
        }
        counts
    }

    fn file(&self) -> String {
        let member =
            |at: &usize| format!("{{ name: {}, weight: {} }}", NAMES[*at], self.weights[*at]);
        let members: Vec<String> = self.members.iter().map(member).collect();
        let (method, skip, members) = (self.method, self.skip, members.join(", "));
        format!("pools: {{ reps: {{ method: {method}, skip: {skip}, members: [ {members} ] }} }}")
    }

    /// A turn given back, or taken back. Where open leads count, they count by themselves.
    fn credit(&mut self, owner: &str, by: i32) {
        if self.method != Method::LeastBusy {
            give_back(&mut self.state, &Name::parse(owner).unwrap(), by);
        }
    }

    fn is_there(&self, name: &str) -> bool {
        self.members.difference(&self.away).any(|at| NAMES[*at] == name)
    }

    /// Whether somebody would be there.
    fn is_staffed(members: &BTreeSet<usize>, away: &BTreeSet<usize>) -> bool {
        members.difference(away).next().is_some()
    }
}

/// The counter of a member's open leads, which `least_busy` goes by.
fn open(member: &str) -> Cap {
    let (counter, until) = (member.to_owned(), Timestamp::EPOCH);
    Cap { counter, limit: u32::MAX, until, earlier: 0 }
}

async fn happens(event: &Event, desk: &mut Desk, stage: &mut Stage) {
    match event {
        Event::Leads(leads) => {
            let wanted = desk.give_out(*leads);
            let minute = desk.minute;
            let answers = join_all((0..*leads).map(|number| {
                let public = stage.services[number % stage.services.len()].public;
                let email = format!("lead{minute}.{number}@fjordlund.example");
                async move { post(public, &[("email", &email)]).await }
            }))
            .await;
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            for answer in answers {
                let owner = answer.text("owner").to_owned();
                *counts.entry(owner.clone()).or_default() += 1;
                desk.out.push(Out { lead: answer.text("lead_id").to_owned(), owner, counts: true });
            }
            assert_eq!(counts, wanted, "{:?} {:?}: {:?}", desk.method, desk.skip, desk.state);
        }
        Event::Members(bits) => {
            let members: BTreeSet<usize> = (0..5).filter(|at| bits & (1 << at) != 0).collect();
            if Desk::is_staffed(&members, &desk.away) {
                desk.members = members;
                stage.rewrite("pools.yaml", &desk.file()).await;
            }
        }
        Event::Away(at) if desk.members.contains(at) => {
            let mut away = desk.away.clone();
            let goes = away.insert(*at) || !away.remove(at);
            if Desk::is_staffed(&desk.members, &away) {
                desk.away = away;
                let path =
                    format!("/members/{}/{}", NAMES[*at], if goes { "pause" } else { "resume" });
                assert_eq!(stage.act(&path, &json!({})).await.status, 200);
            }
        }
        Event::Returns(which) if !desk.out.is_empty() => {
            let out = desk.out.swap_remove(which.index(desk.out.len()));
            desk.credit(&out.owner, 1);
            *desk.open.get_mut(&out.owner).unwrap() -= u32::from(out.counts);
            let said = json!({"lead_id": out.lead, "disposition": "bad_data"});
            assert_eq!(stage.say(&said).await.status, 200);
            desk.back.push(out);
        }
        Event::Retakes(which) if !desk.back.is_empty() => {
            let out = desk.back.swap_remove(which.index(desk.back.len()));
            desk.credit(&out.owner, -1);
            let said = json!({"lead_id": out.lead, "disposition": "accepted"});
            assert_eq!(stage.say(&said).await.status, 200);
            // Whoever closed it and opens it again is not made busier by it.
            desk.out.push(Out { counts: false, ..out });
        }
        Event::Away(_) | Event::Returns(_) | Event::Retakes(_) => {}
    }
}

/// What is shown is what the desk counts; how far everybody is from an even share is said.
async fn shown(desk: &Desk, stage: &Stage) {
    for service in &stage.services {
        let (status, text) = service.ask("/v1/acme/pools").await;
        assert_eq!(status, 200, "{text}");
        let shown: serde_json::Value = serde_json::from_str(&text).unwrap();
        let members = shown["pools"][0]["members"].as_array().unwrap();
        let has = |member: &str| {
            let seat = desk.state.seats.iter().find(|seat| seat.member.as_str() == member);
            seat.map_or((0, 0), |seat| (seat.assigned, seat.credit.max(0)))
        };
        let there = desk.pool().candidates;
        let all: u64 = there.iter().map(|candidate| has(candidate.member.as_str()).0).sum();
        let weights: u64 = there.iter().map(|candidate| u64::from(candidate.weight)).sum();
        for member in members {
            let name = member["name"].as_str().unwrap();
            let (assigned, credit) = has(name);
            let counted = (member["assigned"].as_u64(), member["credit"].as_i64().unwrap_or(0));
            assert_eq!(counted, (Some(assigned), credit), "{name}: {shown}");
            if desk.method == Method::LeastBusy && desk.is_there(name) {
                let open = desk.open.get(name).copied().unwrap_or(0);
                assert_eq!(member["open"], json!(open), "{name}: {shown}");
            }
            let candidate = there.iter().find(|candidate| candidate.member.as_str() == name);
            let Some(weight) = candidate.map(|candidate| u64::from(candidate.weight)) else {
                continue;
            };
            #[expect(clippy::cast_precision_loss, reason = "some hundred leads")]
            let due = (all * weight * 1000 / weights) as f64 / 1000.0 - assigned as f64;
            let deficit = member["deficit"].as_f64().unwrap();
            assert!((deficit - due).abs() < 0.002, "{name}: {deficit}, not {due}");
        }
    }
}

async fn any_sequence(on: On, seeds: std::ops::Range<u8>) {
    for seed in seeds {
        // Fifteen seeds are every method with every policy; there is no turn to keep or lose where open leads count.
        let number = usize::from(seed);
        let method = Method::ALL[number % Method::ALL.len()];
        let usual = method == Method::LeastBusy;
        let skip = if usual { Skip::KeepTurn } else { Skip::ALL[number % Skip::ALL.len()] };
        let weights = if number % 2 == 0 { [1; 5] } else { [5, 2, 1, 3, 1] };
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let events =
            prop::collection::vec(event(), EVENTS).new_tree(&mut runner).unwrap().current();
        let mut desk = Desk {
            method,
            skip,
            weights,
            members: [0, 1, 2].into(),
            away: BTreeSet::new(),
            state: PoolState::default(),
            minute: 0,
            open: BTreeMap::new(),
            out: Vec::new(),
            back: Vec::new(),
        };
        let mut stage =
            Stage::begin(on, &desk.now().to_string(), &[("pools.yaml", &desk.file())]).await;
        happens(&Event::Leads(7), &mut desk, &mut stage).await;
        for event in &events {
            desk.minute += 1;
            stage.at(&desk.now().to_string());
            happens(event, &mut desk, &mut stage).await;
            // Whoever is asked looks who is away.
            shown(&desk, &stage).await;
        }
        stage.ends_clean().await;
    }
}

#[tokio::test]
async fn any_sequence_of_events_is_shared_out_as_by_one_desk_embedded() {
    any_sequence(On::Embedded, 10..15).await;
}

#[tokio::test]
async fn any_sequence_of_events_is_shared_out_as_by_one_desk_redis() {
    any_sequence(On::RedisOfThree, 0..10).await;
}
