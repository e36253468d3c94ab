//! What people do with jobs that gave up.

use lead_router::domain::ports::{ClaimJobs, Redrive};
use lead_router::domain::{DeadKind, Index, JobOutcome, NewJob, Verdict};

use super::bench::{Bench, at, ids, job, job_id, lead, lone, name, tried};

/// Commits jobs 1 to n of lead 1 and lets the first `dead` of them give up.
async fn give_up(bench: &Bench, jobs: u32, dead: u32) {
    bench.enqueue(0, (1..=jobs).map(job).collect()).await;
    let mut head = bench.claim("crm", 40_000).await.jobs.remove(0);
    for round in 1..=dead {
        assert_eq!(head.id, job_id(round));
        let ms = 40_000 + i64::from(round);
        let mut settle = bench.settling(&head, Some(lead(1)), ms, JobOutcome::Dead);
        settle.state = br#"{"count":9,"attempts":[],"ended":"dead"}"#.to_vec();
        settle.take = 1;
        let mut next = bench.settle(&settle).await.jobs;
        if round < dead || jobs > dead {
            head = next.remove(0);
        }
    }
}

pub async fn a_dead_job_lets_the_next_run(bench: &Bench) {
    give_up(bench, 2, 1).await;
    let dead = bench.members(Index::Dead).await;
    assert_eq!(dead, [(job_id(1).as_bytes().to_vec(), at(40_001).as_millis())]);
    let view = bench.store.job(&bench.workspace, job_id(1)).await.unwrap().unwrap();
    assert_eq!((view.state.count, view.state.ended.as_deref()), (9, Some("dead")));
    let again = bench.store.redrive(&bench.workspace, job_id(2), at(50_000), Redrive::Replay).await;
    assert_eq!(again, Ok(false), "it is not dead");
}

/// One job without a lead gives up, with an attempt that ended so.
async fn gives_up(bench: &Bench, number: u32, ms: i64, verdict: Verdict, status: u16) {
    let leased = bench.enqueue(ms, vec![lone(number)]).await;
    let mut settle = bench.settling(&leased[0], None, ms, JobOutcome::Dead);
    settle.state = tried(1, verdict, status);
    bench.settle(&settle).await;
}

pub async fn faults_and_refusals_stand_apart_by_queue(bench: &Bench) {
    gives_up(bench, 1, 1_000, Verdict::Invalid, 422).await;
    gives_up(bench, 2, 2_000, Verdict::Retriable, 503).await;
    gives_up(bench, 3, 3_000, Verdict::Invalid, 422).await;
    let of = |kind| bench.members(Index::DeadOf(kind, name("crm")));
    let member = |number, ms| (job_id(number).as_bytes().to_vec(), at(ms).as_millis());
    assert_eq!(of(DeadKind::Refusal).await, [member(1, 1_000), member(3, 3_000)]);
    assert_eq!(of(DeadKind::Fault).await, [member(2, 2_000)]);
    assert_eq!(bench.members(Index::Dead).await.len(), 3);
    for (number, how) in [(1, Redrive::Replay), (2, Redrive::Drop { until: at(90_000) })] {
        let done = bench.store.redrive(&bench.workspace, job_id(number), at(4_000), how).await;
        assert_eq!(done, Ok(true));
    }
    assert_eq!(of(DeadKind::Refusal).await, [member(3, 3_000)]);
    assert!(of(DeadKind::Fault).await.is_empty());
}

pub async fn a_replay_stands_behind_what_was_not_tried(bench: &Bench) {
    gives_up(bench, 1, 1_000, Verdict::Invalid, 422).await;
    // While both permits are held, two more come, of a lower priority than the first one had.
    let held = bench.enqueue(2_000, vec![lone(2), lone(5)]).await;
    let later = |number| NewJob { priority: 8, ..lone(number) };
    bench.enqueue(2_001, vec![later(3), later(4)]).await;
    for expected in [true, false] {
        let id = job_id(1);
        let done = bench.store.redrive(&bench.workspace, id, at(3_000), Redrive::Replay).await;
        assert_eq!(done, Ok(expected), "queued once");
    }
    for job in &held {
        bench.done(job, None, 3_001).await;
    }
    let mut seen = Vec::new();
    for round in 0..3 {
        let one = ClaimJobs { take: 1, ..bench.claiming("crm", 4_000 + round) };
        let jobs = bench.store.claim(&one).await.unwrap().jobs;
        seen.extend(ids(&jobs));
        bench.done(&jobs[0], None, 4_000 + round).await;
    }
    assert_eq!(seen, [3, 4, 1].map(job_id));
    assert!(bench.claim("crm", 5_000).await.jobs.is_empty());
}

pub async fn a_replay_comes_in_the_order_of_sequences(bench: &Bench) {
    give_up(bench, 4, 3).await;
    for number in [3, 1, 2] {
        let replayed = bench
            .store
            .redrive(&bench.workspace, job_id(number), at(50_000), Redrive::Replay)
            .await;
        assert_eq!(replayed, Ok(true));
    }
    assert!(bench.members(Index::Dead).await.is_empty());
    let mut seen = Vec::new();
    for round in 0..4 {
        let jobs = bench.claim("crm", 80_000 + round).await.jobs;
        assert_eq!(jobs.len(), 1);
        seen.push((jobs[0].id, jobs[0].sequence));
        assert_eq!(jobs[0].body, format!("body of {}", jobs[0].sequence).into_bytes());
        bench.done(&jobs[0], Some(lead(1)), 80_000 + round).await;
    }
    // The fourth was the head already; the others wait behind it in their own order.
    assert_eq!(seen, [4, 1, 2, 3].map(|number| (job_id(number), u64::from(number))));
}

pub async fn a_dropped_job_keeps_what_it_was(bench: &Bench) {
    give_up(bench, 1, 1).await;
    let how = Redrive::Drop { until: at(900_000) };
    let drop = |ms| bench.store.redrive(&bench.workspace, job_id(1), at(ms), how);
    assert_eq!(drop(50_000).await, Ok(true));
    assert_eq!(drop(50_001).await, Ok(false));
    let view = bench.store.job(&bench.workspace, job_id(1)).await.unwrap().unwrap();
    assert_eq!(view.state.ended.as_deref(), Some("dropped"));
    assert_eq!((view.state.ended_at, view.body, view.state.count), (Some(at(50_000)), None, 9));
    assert_eq!(view.state.kept_until, Some(at(900_000)));
    assert!(bench.claim("crm", 60_000).await.jobs.is_empty());

    let leased = bench.enqueue(60_001, vec![lone(7)]).await;
    bench.settle(&bench.settling(&leased[0], None, 60_002, JobOutcome::Dead)).await;
    let replayed =
        bench.store.redrive(&bench.workspace, job_id(7), at(60_003), Redrive::Replay).await;
    assert_eq!(replayed, Ok(true));
    assert_eq!(ids(&bench.claim("crm", 60_003).await.jobs), [job_id(7)]);
}
