//! The commit: all or nothing, once, on what was read.

use std::collections::BTreeMap;
use std::sync::Arc;

use lead_router::assign::pack_state;
use lead_router::domain::{
    CommitOutcome, Index, IndexChange, Key, KeySet, PoolState, Receipt, Seat, Stored, Write,
};

use super::bench::{
    Bench, at, branch, claim_entry, index_key, inquiry, job, lead, name, pool, put,
    put_with_receipt, read,
};

pub async fn writes_everything_or_nothing(bench: &Bench) {
    let mut commit = bench.commit(0);
    commit.reads = vec![read(Key::Identity(index_key(1)), 0)];
    commit.writes = vec![
        put(Key::Identity(index_key(1)), 1, &KeySet::Leads(vec![lead(1)]).encode()),
        put_with_receipt(Key::Lead(lead(1)), 1, b"a lead"),
        put_with_receipt(Key::Inquiry(inquiry(1)), 1, b"an inquiry"),
    ];
    commit.branches = vec![branch(Some(pool("team", &["ann", "bob"], 9)), vec![job(1)])];
    commit.branches[0].indexes =
        vec![IndexChange { index: Index::Held, member: b"x".to_vec(), score: Some(7) }];
    let committed = bench.committed(&commit).await;
    let receipt =
        Receipt { branch: 0, member: Some(name("ann")), turn: 1, capped: Vec::new(), tied: 2 };
    assert_eq!(committed.receipt, receipt);
    let keys = [
        Key::Lead(lead(1)),
        Key::Identity(index_key(1)),
        Key::Lead(lead(2)),
        Key::Pool(name("team")),
        Key::Counter("ann:day:20260225".into()),
    ];
    let values = bench.store.read(&bench.workspace, &keys).await.unwrap();
    let stored =
        |version, receipt, body: &[u8]| Some(Stored { version, receipt, body: body.to_vec() });
    assert_eq!(values[0], stored(1, Some(receipt.clone()), b"a lead"));
    assert_eq!(values[1], stored(1, None, lead(1).as_bytes()));
    assert_eq!(values[2], None);
    let seat = |member, turn, assigned| Seat { turn, assigned, ..Seat::new(name(member)) };
    let seats = vec![seat("ann", 1, 1), seat("bob", 0, 0)];
    let pool = PoolState { turn: 1, seats, ..PoolState::default() };
    assert_eq!(values[3], stored(0, None, &pack_state(&pool)));
    assert_eq!(values[4], stored(0, None, b"1"));
    assert_eq!(bench.members(Index::Held).await, [(b"x".to_vec(), 7)]);
    let rows = bench.store.journal(&bench.workspace, (0, 0), 10).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].receipt, Some(receipt));
    assert_eq!(rows[0].row, commit.journal);

    let before = bench.dump().await;
    assert!(matches!(bench.run(&commit).await, CommitOutcome::Stale(_)), "the key is there now");
    assert_eq!(bench.dump().await, before, "a stale commit writes nothing");

    let mut removal = bench.commit(1);
    removal.reads = vec![read(Key::Lead(lead(1)), 1)];
    removal.writes = vec![Write::Delete { key: Key::Lead(lead(1)) }];
    removal.indexes = vec![IndexChange { index: Index::Held, member: b"x".to_vec(), score: None }];
    bench.committed(&removal).await;
    let gone = bench.store.read(&bench.workspace, &[Key::Lead(lead(1))]).await.unwrap();
    assert_eq!(gone, [None]);
    assert_eq!(bench.members(Index::Held).await, []);
}

pub async fn a_claim_is_taken_once(bench: &Bench) {
    let mut first = bench.commit(0);
    first.claim = Some(claim_entry(1, 1, inquiry(1), 1000));
    bench.committed(&first).await;
    let before = bench.dump().await;

    let mut again = bench.commit(10);
    again.claim = Some(claim_entry(1, 1, inquiry(2), 2000));
    again.reads = vec![read(Key::Lead(lead(1)), 99)];
    assert_eq!(bench.run(&again).await, CommitOutcome::Duplicate { inquiry: inquiry(1) });
    again.claim = Some(claim_entry(1, 2, inquiry(2), 2000));
    assert_eq!(bench.run(&again).await, CommitOutcome::Conflict { inquiry: inquiry(1) });
    assert_eq!(bench.dump().await, before, "neither writes anything");

    again.reads.clear();
    again.now = at(1000);
    bench.committed(&again).await;
    again.now = at(1001);
    assert_eq!(bench.run(&again).await, CommitOutcome::Duplicate { inquiry: inquiry(2) });
}

pub async fn what_changed_comes_back(bench: &Bench) {
    let mut commit = bench.commit(0);
    commit.writes = vec![
        put(Key::Identity(index_key(1)), 3, &KeySet::Leads(vec![lead(1), lead(2)]).encode()),
        put(Key::Lead(lead(1)), 5, b"one"),
        put(Key::Lead(lead(2)), 1, b"two"),
        put(Key::Overlay, 4, b"overlay"),
    ];
    bench.committed(&commit).await;
    let mut late = bench.commit(1);
    late.reads = vec![
        read(Key::Identity(index_key(1)), 2),
        read(Key::Identity(index_key(2)), 0),
        read(Key::Lead(lead(2)), 1),
        read(Key::Overlay, 4),
    ];
    late.writes = vec![put(Key::Lead(lead(1)), 6, b"lost")];
    let CommitOutcome::Stale(facts) = bench.run(&late).await else { panic!("not stale") };
    let facts: BTreeMap<Key, Option<Stored>> = facts.into_iter().collect();
    let version = |key: Key| facts[&key].as_ref().map(|stored| stored.version);
    assert_eq!(facts.len(), 5);
    assert_eq!(version(Key::Identity(index_key(1))), Some(3));
    assert_eq!(version(Key::Identity(index_key(2))), None);
    assert_eq!(version(Key::Lead(lead(1))), Some(5));
    assert_eq!(version(Key::Lead(lead(2))), Some(1));
    assert_eq!(version(Key::Overlay), Some(4));
    late.reads = vec![read(Key::Identity(index_key(1)), 3), read(Key::Lead(lead(1)), 5)];
    bench.committed(&late).await;
}

pub async fn a_shared_key_is_counted_not_fetched(bench: &Bench) {
    let mut commit = bench.commit(0);
    commit.writes = vec![put(Key::Identity(index_key(1)), 17, &KeySet::Shared(17).encode())];
    bench.committed(&commit).await;
    let mut count = bench.commit(1);
    count.reads = vec![read(Key::Identity(index_key(1)), 17)];
    count.writes = vec![
        Write::CountShared { key: index_key(1) },
        Write::CountShared { key: index_key(1) },
        Write::CountShared { key: index_key(2) },
    ];
    bench.committed(&count).await;
    count.reads[0].version = 16;
    let CommitOutcome::Stale(facts) = bench.run(&count).await else { panic!("not stale") };
    let body = KeySet::Shared(19).encode();
    let stored = Stored { version: 17, receipt: None, body };
    assert_eq!(facts, [(Key::Identity(index_key(1)), Some(stored))]);
}

pub async fn takes_the_first_branch_that_can_be_filled(bench: &Bench) {
    let plan = || {
        vec![
            branch(Some(pool("first", &["ann"], 1)), vec![job(1)]),
            branch(Some(pool("second", &["ann", "bob"], 1)), vec![job(2)]),
            branch(None, vec![job(3)]),
        ]
    };
    let mut members = Vec::new();
    for round in 0..3_u32 {
        let mut commit = bench.commit(i64::from(round));
        commit.branches = plan();
        for branch in &mut commit.branches {
            branch.jobs[0].id = super::bench::job_id(10 * round + u32::from(branch.pick.is_none()));
        }
        let receipt = bench.committed(&commit).await.receipt;
        let capped: Vec<String> = receipt.capped.iter().map(ToString::to_string).collect();
        members.push((receipt.branch, receipt.member, capped.join(" ")));
    }
    assert_eq!(
        members,
        [
            (0, Some(name("ann")), String::new()),
            (1, Some(name("bob")), "ann:day:1".to_owned()),
            (2, None, "ann:day:1 bob:day:1".to_owned()),
        ]
    );
    let jobs = bench.store.jobs_of(&bench.workspace, lead(1)).await.unwrap();
    assert_eq!(jobs.len(), 3, "only the taken branch's jobs are queued");
}

pub async fn a_pool_of_three_shares_evenly(bench: &Bench) {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for round in 0..100 {
        let mut commit = bench.commit(round);
        commit.branches = vec![branch(Some(pool("team", &["ann", "bob", "cid"], 1000)), vec![])];
        let member = bench.committed(&commit).await.receipt.member.unwrap();
        *counts.entry(member.to_string()).or_default() += 1;
    }
    assert_eq!(counts.into_values().collect::<Vec<_>>(), [34, 33, 33]);
}

pub async fn without_branches_nobody_is_picked(bench: &Bench) {
    let mut commit = bench.commit(0);
    commit.writes = vec![put_with_receipt(Key::Lead(lead(1)), 1, b"x")];
    commit.journal.clear();
    let committed = bench.committed(&commit).await;
    assert_eq!(committed.receipt, Receipt::of_branch(0));
    assert!(committed.leased.is_empty());
    let rows = bench.store.journal(&bench.workspace, (0, 0), 10).await.unwrap();
    assert!(rows.is_empty(), "an empty row is none");
}

pub async fn of_many_at_once_one_wins(bench: &Bench) {
    let mut commit = bench.commit(0);
    commit.claim = Some(claim_entry(1, 1, inquiry(1), 1000));
    commit.reads = vec![read(Key::Identity(index_key(1)), 0)];
    commit.writes =
        vec![put(Key::Identity(index_key(1)), 1, &KeySet::Leads(vec![lead(1)]).encode())];
    let commits = (0..50_u8).map(|number| {
        let (store, mut commit) = (Arc::clone(&bench.store), commit.clone());
        if number % 2 == 1 {
            commit.claim = Some(claim_entry(number, 1, inquiry(u32::from(number)), 1000));
        }
        tokio::spawn(async move { store.commit(&commit).await.unwrap() })
    });
    let mut outcomes = BTreeMap::new();
    for outcome in futures_util::future::join_all(commits).await {
        let word = match outcome.unwrap() {
            CommitOutcome::Committed(_) => "committed",
            CommitOutcome::Duplicate { .. } => "duplicate",
            CommitOutcome::Conflict { .. } => "conflict",
            CommitOutcome::Stale(_) => "stale",
        };
        *outcomes.entry(word).or_insert(0) += 1;
    }
    assert_eq!(outcomes["committed"], 1);
    assert!(!outcomes.contains_key("conflict"), "{outcomes:?}");
    assert_eq!(outcomes.values().sum::<i32>(), 50);
}

pub async fn caps_hold_under_concurrency(bench: &Bench) {
    let commits = (0..60).map(|round| {
        let store = Arc::clone(&bench.store);
        let mut commit = bench.commit(round);
        commit.branches = vec![
            branch(Some(pool("team", &["ann", "bob", "cid"], 7)), vec![]),
            branch(None, vec![]),
        ];
        tokio::spawn(async move { store.commit(&commit).await.unwrap() })
    });
    let mut counts: BTreeMap<Option<String>, u32> = BTreeMap::new();
    for outcome in futures_util::future::join_all(commits).await {
        let CommitOutcome::Committed(committed) = outcome.unwrap() else { panic!("not committed") };
        *counts.entry(committed.receipt.member.map(|m| m.to_string())).or_default() += 1;
    }
    let of = |member: &str| counts[&Some(member.to_owned())];
    assert_eq!((of("ann"), of("bob"), of("cid"), counts[&None]), (7, 7, 7, 39));
}
