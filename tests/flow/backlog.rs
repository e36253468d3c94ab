//! Deliveries that wait for a destination that is paused cost the service no memory of their own, and go out when
//! they may. The figures of a large backlog are those of `make backlog`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::harness::deployment::{Deployment, Plan, WORKSPACE};
use crate::harness::process::Service;
use crate::harness::redis::Server;
use crate::harness::socket_receiver::SocketReceiver;
use crate::harness::wait::eventually;

const FEW: usize = 1_500;
const MANY: usize = 3_000;
const ROWS: usize = 250;
/// What uploads leave behind for the next ones varies; what each delivery would leave adds up.
const MEMORY_MORE: u64 = 32 << 20;
/// Much longer than a busy machine needs.
const DRAINED_WITHIN: Duration = Duration::from_mins(2);

async fn upload(service: &Service, numbers: std::ops::Range<usize>) {
    for first in numbers.clone().step_by(ROWS) {
        let mut text = "email,notes\n".to_owned();
        for number in first..numbers.end.min(first + ROWS) {
            writeln!(text, "guest{number}@zanzotter.example,Booth talk").unwrap();
        }
        let answer = service.upload(&text).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backlog_costs_no_memory_of_its_own_and_goes_out_when_it_may() {
    for redis in [Some(Server::start()), None] {
        let receiver = SocketReceiver::start(&[]);
        let deployment = Deployment::write(&receiver, &Plan::default());
        let data = tempfile::tempdir().unwrap();
        let store = redis
            .as_ref()
            .map_or_else(|| format!("embedded:{}", data.path().display()), Server::url);
        let service = Service::start(deployment.path(), &store, None).await;
        let act = async |verb: &str| {
            let path = format!("/v1/{WORKSPACE}/destinations/crm/{verb}");
            assert_eq!(service.act(&path).await.0, 200);
        };
        act("pause").await;
        upload(&service, 0..FEW).await;
        let few = service.memory("VmRSS");
        upload(&service, FEW..MANY).await;
        let many = service.memory("VmRSS");
        assert!(receiver.of("crm").is_empty(), "paused");
        let begun = Instant::now();
        act("resume").await;
        eventually("the last one", DRAINED_WITHIN, async || {
            (receiver.told("crm") >= MANY).then_some(())
        })
        .await;
        let took = begun.elapsed().as_secs_f64();
        let ids: BTreeSet<String> = receiver.of("crm").into_iter().map(|one| one.id).collect();
        assert_eq!(ids.len(), MANY, "each of them");
        println!(
            "backlog, {}: {} KiB with {FEW} queued, {} KiB with {MANY}; out in {took:.1} s",
            if redis.is_some() { "Redis" } else { "embedded" },
            few / 1024,
            many / 1024,
        );
        assert!(many <= few + MEMORY_MORE, "{few} bytes with {FEW} queued, {many} with {MANY}");
    }
}
