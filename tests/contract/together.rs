//! Commits that a process sends at the same time go to Redis in one call: they must come out as if each
//! had come alone, in that order.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::join_all;
use lead_router::domain::ports::{ClaimJobs, JournalEntry, Pause, Store};
use lead_router::domain::{
    Cap, Claim, Commit, CommitOutcome, DeliveryId, Index, IndexChange, JobOutcome, Key, KeySet,
    LeadId, Lease, Method, NewJob,
};
use lead_router::store::memory::MemoryStore;

use super::bench::{
    Bench, at, branch, index_key, inquiry, job, job_id, lead, name, pool, put, put_with_receipt,
    read, route,
};

/// As many as go into one call.
const AT_ONCE: u32 = 32;
const ROUNDS: u32 = 60;

/// Numbers that are scattered, and the same in every run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((z ^ (z >> 31)) % u64::from(sides)).unwrap()
    }
}

/// A new lead's commit; now and then one that meets an earlier one of its round.
fn new_lead(bench: &Bench, dice: &mut Dice, number: u32, round: u32) -> Commit {
    let earlier = |dice: &mut Dice| {
        let back = dice.below(8);
        if back < 2 { number.saturating_sub(1 + back) } else { number }
    };
    let ms = i64::from(round) * 500 + i64::from(dice.below(4));
    let (person, claimed) = (earlier(dice), earlier(dice));
    let mut claim_key = [0; 16];
    claim_key[..4].copy_from_slice(&claimed.to_be_bytes());
    let same_content = dice.below(2) == 0;
    let jobs = (0..=dice.below(2))
        .map(|which| NewJob {
            id: job_id(2 * number + which),
            lead: Some(lead(number)),
            inquiry: Some(inquiry(number)),
            route: route(["crm", "erp"][which as usize]),
            due: at(ms + i64::from(dice.below(3)) * 400),
            ..job(number)
        })
        .collect();
    let pick = (dice.below(3) > 0).then(|| {
        let members = ["ann", "bob", "cy", "dee", "eva"];
        let (from, to) = (dice.below(2) as usize, 3 + dice.below(3) as usize);
        let mut pick = pool(["north", "south"][from], &members[from..to], 7);
        pick.method = if from == 0 { Method::Weighted } else { Method::RoundRobin };
        for (weight, candidate) in (1..).zip(&mut pick.candidates) {
            candidate.weight = weight;
            if weight % 2 == 0 {
                let part = round / 4;
                candidate.caps.push(Cap {
                    counter: format!("{}:rolling-hour:{part}", candidate.member),
                    limit: 9,
                    until: at(i64::from(part + 4) * 2_000),
                    earlier: 3,
                });
            }
        }
        pick
    });
    let mut only = branch(pick, jobs);
    if dice.below(4) == 0 {
        let member = inquiry(number).as_bytes().to_vec();
        only.indexes = vec![IndexChange { index: Index::Held, member, score: Some(ms) }];
    }
    let set = KeySet::Leads(vec![lead(number)]).encode();
    Commit {
        claim: Some(Claim {
            key: claim_key,
            fingerprint: [if same_content { 1 } else { u8::try_from(number % 251).unwrap() }; 8],
            inquiry: inquiry(number),
            until: at(ms + 100_000),
        }),
        reads: vec![
            read(Key::Identity(index_key(2 * person)), 0),
            read(Key::Identity(index_key(2 * number + 1)), 0),
        ],
        writes: vec![
            put_with_receipt(Key::Lead(lead(number)), 1, format!("lead {number}").as_bytes()),
            put_with_receipt(Key::Inquiry(inquiry(number)), 1, br#"{"status":"routed"}"#),
            put(Key::Identity(index_key(2 * person)), 1, &set),
            put(Key::Identity(index_key(2 * number + 1)), 1, &set),
        ],
        branches: vec![only],
        lease: Some(Lease { incarnation: name("r1") }),
        ..bench.commit(ms)
    }
}

/// A further commit of a known lead: its jobs come behind others of its chain, are absorbed by one that waits, or
/// give way to the fallback.
fn again(bench: &Bench, dice: &mut Dice, number: u32, round: u32, known: (u32, u64)) -> Commit {
    let (of, version) = known;
    let mut commit = new_lead(bench, dice, number, round);
    for job in &mut commit.branches[0].jobs {
        job.lead = Some(lead(of));
        job.coalesces = dice.below(2) == 0;
        job.resets_handover = dice.below(4) == 0;
        job.route = route(["crm", "erp"][dice.below(2) as usize]);
        job.fallback = (dice.below(3) == 0).then(|| route("late"));
    }
    let body = format!("lead {of}, known by {number}");
    commit.reads = vec![read(Key::Lead(lead(of)), version)];
    commit.writes = vec![
        put_with_receipt(Key::Lead(lead(of)), version + 1, body.as_bytes()),
        put_with_receipt(Key::Inquiry(inquiry(number)), 1, br#"{"status":"repeat"}"#),
    ];
    commit
}

/// Somebody earlier, and how often the lead was written.
async fn somebody(
    oracle: &dyn Store,
    bench: &Bench,
    dice: &mut Dice,
    until: u32,
) -> Option<(u32, u64)> {
    let number = 1 + dice.below(until);
    let read = oracle.read(&bench.workspace, &[Key::Lead(lead(number))]).await.unwrap();
    read[0].as_ref().map(|stored| (number, stored.version))
}

/// Whose each job is.
type Owners = BTreeMap<DeliveryId, Option<LeadId>>;

/// Some jobs of all queues are done: chains have no head, or another one, when more comes.
async fn work_off(stores: [&dyn Store; 2], bench: &Bench, of: &Owners, ms: i64) {
    for queue in ["crm", "erp", "late"] {
        let claiming = ClaimJobs { permits: 8, ..bench.claiming(queue, ms) };
        let [expected, claimed] = [stores[0].claim(&claiming), stores[1].claim(&claiming)];
        let (expected, claimed) = (expected.await.unwrap(), claimed.await.unwrap());
        assert_eq!(claimed, expected);
        for job in &claimed.jobs {
            let outcome = JobOutcome::Done { until: at(ms + 1_000_000) };
            let settle = bench.settling(job, of[&job.id], ms, outcome);
            let [expected, settled] = [stores[0].settle(&settle), stores[1].settle(&settle)];
            let (expected, settled) = (expected.await.unwrap(), settled.await.unwrap());
            assert_eq!(settled, expected);
        }
    }
}

fn sorted(outcome: CommitOutcome) -> CommitOutcome {
    match outcome {
        CommitOutcome::Stale(mut facts) => {
            facts.sort_by(|a, b| a.0.cmp(&b.0));
            CommitOutcome::Stale(facts)
        }
        other => other,
    }
}

async fn as_one_after_another(bench: &Bench) {
    let oracle: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let mut dice = Dice(7);
    let (mut number, mut owners) = (0, Owners::new());
    for round in 0..ROUNDS {
        if round % 10 == 7 {
            let until = (round % 20 == 7).then(|| at(i64::from(round) * 500 + 900));
            let pause = Some(Pause { reason: name("gone"), until });
            for store in [&oracle, &bench.store] {
                let at = at(i64::from(round) * 500);
                store.pause(&bench.workspace, &name("crm"), at, pause.clone()).await.unwrap();
            }
        }
        // Now and then more than one call takes.
        let most = if round % 10 == 3 { 4 * AT_ONCE } else { AT_ONCE };
        let mut commits = Vec::new();
        let before = number;
        for _ in 0..=dice.below(most - 1) {
            number += 1;
            let known = match dice.below(4) {
                0 if before > 0 => somebody(oracle.as_ref(), bench, &mut dice, before).await,
                _ => None,
            };
            commits.push(match known {
                Some(known) => again(bench, &mut dice, number, round, known),
                None => new_lead(bench, &mut dice, number, round),
            });
        }
        let jobs = commits.iter().flat_map(|commit| &commit.branches[0].jobs);
        owners.extend(jobs.map(|job| (job.id, job.lead)));
        let outcomes = join_all(commits.iter().map(|commit| bench.store.commit(commit))).await;
        for (commit, outcome) in commits.iter().zip(outcomes) {
            let expected = sorted(oracle.commit(commit).await.unwrap());
            assert_eq!(sorted(outcome.unwrap()), expected, "round {round}: {commit:?}");
        }
        let dump = oracle.dump(&bench.workspace).await.unwrap();
        let found = bench.dump().await;
        let other = dump.iter().zip(&found).find(|(expected, found)| expected != found);
        assert!(found == dump, "the dumps differ after round {round}: {other:?}");
        if round % 3 == 2 {
            let ms = i64::from(round) * 500 + 450;
            work_off([oracle.as_ref(), bench.store.as_ref()], bench, &owners, ms).await;
        }
    }
    let (found, expected) = (pages(bench.store.as_ref(), bench), pages(oracle.as_ref(), bench));
    let (found, expected) = (found.await, expected.await);
    assert!(found.0.len() > 100 && found == expected, "the journals are read differently");
}

/// The journal read page by page, forwards and backwards: where pages end has nothing to do with calls.
async fn pages(store: &dyn Store, bench: &Bench) -> (Vec<JournalEntry>, Vec<JournalEntry>) {
    let (mut forwards, mut backwards) = (Vec::<JournalEntry>::new(), Vec::<JournalEntry>::new());
    loop {
        let after = forwards.last().map_or((0, 0), |entry| entry.position);
        let page = store.journal(&bench.workspace, after, 7).await.unwrap();
        if page.is_empty() {
            break;
        }
        forwards.extend(page);
    }
    loop {
        let before = backwards.last().map(|entry| entry.position);
        let page = store.journal_back(&bench.workspace, before, 7).await.unwrap();
        if page.is_empty() {
            break;
        }
        backwards.extend(page);
    }
    (forwards, backwards)
}

/// The first commits fill the pool; the others, sent in the same call, take their second branch.
async fn the_full_pool_gives_way(bench: &Bench) {
    let mut dice = Dice(1);
    let commits: Vec<Commit> = (1..=AT_ONCE)
        .map(|number| Commit {
            branches: vec![
                branch(Some(pool("team", &["ann", "bob"], 5)), Vec::new()),
                branch(None, vec![NewJob { lead: Some(lead(number)), ..job(number) }]),
            ],
            reads: Vec::new(),
            claim: Some(Claim {
                key: [u8::try_from(number).unwrap(); 16],
                fingerprint: [0; 8],
                inquiry: inquiry(number),
                until: at(100_000),
            }),
            ..new_lead(bench, &mut dice, number, 0)
        })
        .collect();
    let outcomes = join_all(commits.iter().map(|commit| bench.store.commit(commit))).await;
    let mut taken = [0; 2];
    for outcome in outcomes {
        match outcome.unwrap() {
            CommitOutcome::Committed(committed) => {
                taken[usize::from(committed.receipt.branch)] += 1;
            }
            other => panic!("not committed: {other:?}"),
        }
    }
    assert_eq!(taken, [10, 22]);
}

/// What one commit cannot read is its own trouble, and what its call picked for others was never picked.
async fn a_broken_one_stops_nobody_else(bench: &Bench) {
    let mut dice = Dice(2);
    let commits: Vec<Commit> = (1..=5)
        .map(|number| Commit {
            branches: vec![branch(Some(pool("team", &["ann", "bob"], 100)), Vec::new())],
            reads: Vec::new(),
            claim: Some(Claim {
                key: [u8::try_from(number).unwrap(); 16],
                fingerprint: [0; 8],
                inquiry: inquiry(number),
                until: at(100_000),
            }),
            ..new_lead(bench, &mut dice, number, 0)
        })
        .collect();
    let mut breaking = bench.commit(0);
    breaking.writes = vec![put(Key::Claim([4; 16]), 1, b"no claim")];
    bench.committed(&breaking).await;
    let turn = |outcome: Result<CommitOutcome, _>| match outcome {
        Ok(CommitOutcome::Committed(committed)) => Some(committed.receipt.turn),
        _ => None,
    };
    // Twice, so that the server remembers the pool.
    for commit in &commits[..2] {
        bench.committed(commit).await;
    }
    let rest = join_all(commits[2..].iter().map(|commit| bench.store.commit(commit))).await;
    let turns: Vec<Option<u64>> = rest.into_iter().map(turn).collect();
    assert_eq!(turns, [Some(3), None, Some(4)]);
}

async fn all(first: Bench) {
    let fresh = || Bench::new(Arc::clone(&first.store), Box::new(()));
    as_one_after_another(&first).await;
    the_full_pool_gives_way(&fresh()).await;
    a_broken_one_stops_nobody_else(&fresh()).await;
}

#[tokio::test]
async fn commits_together_are_as_one_after_another_on_redis() {
    all(super::engines::redis().await).await;
}

#[tokio::test]
async fn commits_together_are_as_one_after_another_on_a_cluster() {
    all(super::engines::cluster().await).await;
}
