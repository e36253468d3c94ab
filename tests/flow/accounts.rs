//! People of a company that is known, and people who come again: each process remembers what it saw of them, so that
//! they need one round; a memory that is no longer right costs a second one, and nothing else.

use std::sync::atomic::{AtomicU32, Ordering};

use lead_router::domain::Name;
use lead_router::store::audit::audit;
use lead_router::store::redis::Redis;

use crate::harness::deployment::{Deployment, Plan, WORKSPACE};
use crate::harness::process::Service;
use crate::harness::redis::Server;
use crate::harness::socket_receiver::SocketReceiver;

/// No two inquiries say the same.
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// Commits that took so many rounds.
async fn took(service: &Service, rounds: &str) -> u32 {
    let (status, metrics) = service.ask("/metrics").await;
    assert_eq!(status, 200);
    let line = format!("leadrouter_commit_rounds_total{{rounds=\"{rounds}\"}} ");
    metrics.lines().find_map(|it| it.strip_prefix(line.as_str())).map_or(0, |n| n.parse().unwrap())
}

/// Somebody of the one company inquires; gives in how many rounds it was committed.
async fn inquires(service: &Service, who: &str) -> u32 {
    let before = (took(service, "1").await, took(service, "2").await);
    let email = format!("{who}@zanzotter.example");
    let name = format!("{who} Zanzotter");
    let message = NUMBER.fetch_add(1, Ordering::Relaxed).to_string();
    let form = [("email", email.as_str()), ("name", &name), ("message", &message)];
    assert_eq!(service.form(&form, None).await.status, 202);
    match (took(service, "1").await - before.0, took(service, "2").await - before.1) {
        (1, 0) => 1,
        (0, 1) => 2,
        other => panic!("{who}: {other:?}"),
    }
}

#[tokio::test]
async fn what_a_process_remembers_saves_a_round_and_nothing_depends_on_it() {
    let receiver = SocketReceiver::start(&[]);
    let deployment = Deployment::write(&receiver, &Plan::default());
    let redis = Server::start_durable();
    let mut here = Service::start(deployment.path(), &redis.url(), None).await;
    let mut there = Service::start(deployment.path(), &redis.url(), None).await;
    assert_eq!(inquires(&here, "Ida").await, 1, "the first of all");
    assert_eq!(inquires(&here, "Tilo").await, 1, "remembered from its own commit");
    assert_eq!(inquires(&there, "Olga").await, 2, "another process does not know yet");
    assert_eq!(inquires(&there, "Bert").await, 1, "and then it does");
    assert_eq!(inquires(&here, "Ida").await, 1, "it took her own inquiry, and remembers that");
    assert_eq!(inquires(&here, "Wim").await, 1, "her record is another one now, and it saw that");
    assert_eq!(inquires(&there, "Gesa").await, 2, "the other did not");
    assert_eq!(inquires(&there, "Rosa").await, 1);
    assert_eq!(inquires(&here, "Olga").await, 2, "the other took her first inquiry");
    assert_eq!(inquires(&there, "Olga").await, 2, "and does not know of her second");
    assert_eq!(inquires(&there, "Olga").await, 1);
    for service in [&mut here, &mut there] {
        assert!(service.stop().await.success());
    }
    let store = Redis::connect(&redis.url()).await.unwrap();
    let report = audit(&store, &Name::parse(WORKSPACE).unwrap()).await.unwrap();
    assert!(report.is_clean(), "{report}");
    assert_eq!((report.leads, report.inquiries), (7, 11));
}
