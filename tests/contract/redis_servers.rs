//! The Redis engine against each kind of server: one, a cluster, a failed-over master, TLS, an ACL
//! user; restarts; what it finds and refuses at connect.

use std::time::{Duration, Instant};

use lead_router::domain::ports::{Durability, Store, StoreError};
use lead_router::domain::{
    Branch, Claim, Commit, CommitOutcome, Committed, IdBlock, InquiryId, Key, LeadId, Lease, Name,
    NewJob, Read, Route, Stored, Timestamp, Write,
};
use lead_router::store::redis::Redis;

use crate::harness::redis::{Authority, Cluster, Server, Watched, tell};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

/// A commit of one lead with one job, under a claim.
fn commit(workspace: &str, seed: u8) -> Commit {
    let mut ids = IdBlock::new([seed; 16]);
    let (lead, inquiry): (LeadId, InquiryId) = (ids.lead(), ids.inquiry());
    let job = NewJob {
        id: ids.delivery(),
        lead: Some(lead),
        route: Route { queue: name("crm"), permits: 4, lease_ms: 30_000, pace: None },
        fallback: None,
        resets_handover: false,
        due: NOW,
        priority: 3,
        coalesces: false,
        inquiry: Some(inquiry),
        body: b"{}".to_vec(),
    };
    Commit {
        workspace: name(workspace),
        now: NOW,
        claim: Some(Claim {
            key: [seed; 16],
            fingerprint: [seed; 8],
            inquiry,
            until: NOW.after(Duration::from_mins(10)),
        }),
        reads: vec![Read { key: Key::Lead(lead), version: 0 }],
        writes: vec![Write::Put {
            key: Key::Lead(lead),
            version: 1,
            with_receipt: true,
            body: b"lead".to_vec(),
            until: None,
        }],
        indexes: Vec::new(),
        branches: vec![Branch { pick: None, jobs: vec![job], indexes: Vec::new() }],
        journal: b"row".to_vec(),
        lease: Some(Lease { incarnation: name("one") }),
    }
}

fn lead_of(commit: &Commit) -> Key {
    commit.reads[0].key.clone()
}

/// A few steps in several shards: a commit, its repetition, a reading.
async fn works(store: &Redis) {
    for (seed, workspace) in ["demo", "acme", "north", "south", "east"].iter().enumerate() {
        let commit = commit(workspace, u8::try_from(seed).unwrap() + 1);
        let CommitOutcome::Committed(Committed { leased, .. }) =
            store.commit(&commit).await.unwrap()
        else {
            panic!("not committed");
        };
        assert_eq!(leased.len(), 1);
        let inquiry = commit.claim.as_ref().unwrap().inquiry;
        assert_eq!(
            store.commit(&commit).await.unwrap(),
            CommitOutcome::Duplicate { inquiry },
            "{workspace}"
        );
        let read = store.read(&commit.workspace, &[lead_of(&commit), Key::Overlay]).await.unwrap();
        let Some(Stored { version: 1, body, .. }) = &read[0] else { panic!("{read:?}") };
        assert_eq!(body, b"lead");
        assert_eq!(read[1], None);
        assert!(!store.dump(&commit.workspace).await.unwrap().is_empty());
    }
    assert!(store.time().await.unwrap() > Timestamp::EPOCH);
    assert!(store.check_key([7; 16]).await.unwrap());
    assert!(!store.check_key([8; 16]).await.unwrap());
    let silent = Duration::from_secs(10);
    assert_eq!(store.heartbeat(&name("one"), NOW, silent).await.unwrap(), []);
    let later = NOW.after(Duration::from_secs(11));
    assert_eq!(store.heartbeat(&name("two"), later, silent).await.unwrap(), [name("one")]);
}

#[tokio::test]
async fn one_server() {
    let server = Server::start();
    let store = Redis::connect(&server.url()).await.unwrap();
    works(&store).await;
    let info = store.server();
    assert_eq!(info.durability, Durability::None);
    assert!(info.warnings.iter().any(|w| w.contains("appendonly")), "{info:?}");
}

#[tokio::test]
async fn three_masters() {
    let cluster = Cluster::start();
    let store = Redis::connect(&cluster.url()).await.unwrap();
    works(&store).await;
}

#[tokio::test]
async fn tls_with_our_own_authority_only() {
    let authority = Authority::make();
    let server = Server::start_tls(&authority);
    let url = format!("rediss://127.0.0.1:{}", server.port);
    let trusted = format!("{url}?ca={}", authority.ca.display());
    works(&Redis::connect(&trusted).await.unwrap()).await;
    assert!(matches!(Redis::connect(&url).await, Err(StoreError::Unreachable(_))));
    let stranger = Authority::make();
    let other = format!("{url}?ca={}", stranger.ca.display());
    assert!(matches!(Redis::connect(&other).await, Err(StoreError::Unreachable(_))));
}

#[tokio::test]
async fn a_user_with_only_the_rights_we_name() {
    let server = Server::start_durable();
    let rights = [
        "ACL",
        "SETUSER",
        "app",
        "on",
        ">secret",
        "~{s*",
        "-@all",
        "+@read",
        "+@write",
        "+@scripting",
        "+@connection",
        "+info",
        "+time",
    ];
    tell(server.port, &rights).unwrap();
    let url = format!("redis://app:secret@127.0.0.1:{}", server.port);
    let store = Redis::connect(&url).await.unwrap();
    works(&store).await;
    assert_eq!(store.server().durability, Durability::EverySecond);
    assert!(store.server().warnings.iter().any(|w| w.contains("config|get")));
    tell(server.port, &["ACL", "SETUSER", "app", "+config|get"]).unwrap();
    assert_eq!(store.durability().await.unwrap(), Durability::Always);
    let wrong = format!("redis://app:wrong@127.0.0.1:{}", server.port);
    let refused = Redis::connect(&wrong).await.unwrap_err();
    assert!(matches!(refused, StoreError::Refused(_)), "{refused:?}");
    assert!(!refused.to_string().contains("wrong@"));
}

#[tokio::test]
async fn eviction_and_newer_formats_are_noticed() {
    let server = Server::start();
    tell(server.port, &["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]).unwrap();
    let store = Redis::connect(&server.url()).await.unwrap();
    assert!(store.server().warnings.iter().any(|w| w.contains("allkeys-lru")));
    tell(server.port, &["SET", "{s000}:format", "99"]).unwrap();
    assert!(matches!(Redis::connect(&server.url()).await, Err(StoreError::Corrupt(_))));
}

#[tokio::test]
async fn a_full_server_refuses_commits_and_lets_work_end() {
    let server = Server::start();
    let store = Redis::connect(&server.url()).await.unwrap();
    store.commit(&commit("demo", 1)).await.unwrap();
    tell(server.port, &["CONFIG", "SET", "maxmemory", "1"]).unwrap();
    let refused = store.commit(&commit("demo", 2)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Refused(_)), "{refused:?}");
    let silent = Duration::from_secs(10);
    store.heartbeat(&name("one"), NOW, silent).await.unwrap();
    assert_eq!(store.expire(&name("demo"), NOW, 10).await.unwrap(), 0);
}

/// Commits anew until one succeeds; how long that took.
async fn until_back(store: &Redis, seed: u8) -> Duration {
    let begun = Instant::now();
    loop {
        match store.commit(&commit("demo", seed)).await {
            Ok(CommitOutcome::Committed(_) | CommitOutcome::Duplicate { .. }) => {
                return begun.elapsed();
            }
            Ok(other) => panic!("{other:?}"),
            Err(StoreError::Corrupt(what)) => panic!("{what}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "not back");
    }
}

#[tokio::test]
async fn a_restarted_server_is_found_again() {
    let mut server = Server::start_durable();
    let store = Redis::connect(&server.url()).await.unwrap();
    assert_eq!(store.server().durability, Durability::Always);
    until_back(&store, 1).await;
    server.kill();
    let begun = Instant::now();
    assert!(matches!(store.commit(&commit("demo", 2)).await, Err(StoreError::Unreachable(_))));
    assert!(begun.elapsed() < Duration::from_secs(2), "an unreachable store is told late");
    server.restart();
    assert!(until_back(&store, 2).await < Duration::from_secs(5));
    let first = commit("demo", 1);
    let read = store.read(&first.workspace, &[lead_of(&first)]).await.unwrap();
    assert!(read[0].is_some(), "what was acknowledged is there");
    let inquiry = first.claim.as_ref().unwrap().inquiry;
    assert_eq!(store.commit(&first).await.unwrap(), CommitOutcome::Duplicate { inquiry });
}

#[tokio::test]
async fn a_frozen_server_is_told_in_time_and_used_again() {
    let server = Server::start();
    let store = Redis::connect(&server.url()).await.unwrap();
    until_back(&store, 1).await;
    tell(server.port, &["CLIENT", "PAUSE", "5000", "ALL"]).unwrap();
    let mut unclaimed = commit("demo", 2);
    unclaimed.claim = None;
    let begun = Instant::now();
    let lost = store.commit(&unclaimed).await.unwrap_err();
    assert!(matches!(lost, StoreError::Unreachable(_)), "{lost:?}");
    assert!(begun.elapsed() < Duration::from_millis(4500), "{:?}", begun.elapsed());
    until_back(&store, 3).await;
}

#[tokio::test]
async fn a_failover_is_followed() {
    let mut watched = Watched::start();
    let store = Redis::connect(&watched.url()).await.unwrap();
    works(&store).await;
    tell(watched.master.port, &["WAIT", "1", "2000"]).unwrap();
    watched.master.kill();
    let took = until_back(&store, 9).await;
    assert!(took < Duration::from_secs(15), "{took:?}");
    let role = tell(watched.replica.port, &["ROLE"]).unwrap();
    assert!(format!("{role:?}").contains("master"), "{role:?}");
    let first = commit("demo", 1);
    assert!(store.read(&first.workspace, &[lead_of(&first)]).await.unwrap()[0].is_some());
}

#[tokio::test]
async fn a_forgotten_library_is_told_again() {
    let server = Server::start();
    let store = Redis::connect(&server.url()).await.unwrap();
    until_back(&store, 1).await;
    tell(server.port, &["FUNCTION", "FLUSH"]).unwrap();
    until_back(&store, 2).await;
}

#[tokio::test]
async fn what_cannot_be_read_stops_a_commit_before_it_writes() {
    let server = Server::start();
    let store = Redis::connect(&server.url()).await.unwrap();
    let first = commit("demo", 1);
    store.commit(&first).await.unwrap();
    let dumped = store.dump(&first.workspace).await.unwrap();
    let prefix = lead_router::store::space::Space::new(&first.workspace);
    let Key::Lead(lead) = lead_of(&first) else { panic!() };
    let chain = prefix.key(&Key::Chain(lead));
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_connection().unwrap();
    redis::cmd("APPEND").arg(chain).arg("x").exec(&mut connection).unwrap();
    let mut again = first.clone();
    again.claim = None;
    again.reads[0].version = 1;
    let corrupt = store.commit(&again).await.unwrap_err();
    assert!(matches!(corrupt, StoreError::Corrupt(_)), "{corrupt:?}");
    let now = store.dump(&first.workspace).await.unwrap();
    assert_eq!(now.len(), dumped.len());
}
