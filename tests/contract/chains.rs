//! Chains: the jobs of one lead and queue, one after another.

use lead_router::domain::{Index, JobOutcome, NewJob};

use super::bench::{Bench, at, ids, inquiry, job, job_id, lead, name, route};

pub async fn jobs_of_a_lead_run_in_order(bench: &Bench) {
    let other = NewJob { lead: Some(lead(2)), ..job(9) };
    let leased = bench.enqueue(0, vec![job(1), job(2), other, job(3)]).await;
    assert_eq!(ids(&leased), [job_id(1), job_id(9)], "one head per lead");
    assert_eq!((leased[0].sequence, leased[1].sequence), (1, 1));
    assert!(bench.members(Index::Ready(name("crm"))).await.is_empty());
    let again = JobOutcome::Again { due: at(50) };
    bench.settle(&bench.settling(&leased[0], Some(lead(1)), 1, again)).await;
    assert!(bench.claim("crm", 2).await.jobs.is_empty(), "successors wait while it is retried");
    let first = bench.claim("crm", 50).await.jobs;
    assert_eq!(ids(&first), [job_id(1)]);
    let mut settle =
        bench.settling(&first[0], Some(lead(1)), 51, JobOutcome::Done { until: at(99) });
    settle.take = 1;
    let second = bench.settle(&settle).await.jobs;
    assert_eq!(ids(&second), [job_id(2)]);
    assert_eq!(second[0].sequence, 2);
    let jobs = bench.store.jobs_of(&bench.workspace, lead(1)).await.unwrap();
    let crm = name("crm");
    assert_eq!(jobs, [1, 2, 3].map(|number| (crm.clone(), job_id(number))));
}

fn coalescing(number: u32, due: i64) -> NewJob {
    NewJob { coalesces: true, due: at(due), ..job(number) }
}

pub async fn later_ones_are_absorbed_until_leased(bench: &Bench) {
    bench.enqueue(0, vec![coalescing(1, 100)]).await;
    bench.enqueue(1, vec![coalescing(2, 101), coalescing(3, 101)]).await;
    let leased = bench.claim("crm", 100).await.jobs;
    assert_eq!(ids(&leased), [job_id(1)]);
    assert_eq!(leased[0].absorbed, 2);
    assert_eq!(leased[0].absorbed_ids, [inquiry(2), inquiry(3)]);
    assert_eq!(bench.store.job(&bench.workspace, job_id(2)).await.unwrap(), None);

    bench.enqueue(101, vec![coalescing(4, 200)]).await;
    bench.enqueue(102, vec![coalescing(5, 200)]).await;
    bench
        .settle(&bench.settling(&leased[0], Some(lead(1)), 103, JobOutcome::Again { due: at(150) }))
        .await;
    let again = bench.claim("crm", 150).await.jobs;
    assert_eq!((again[0].id, again[0].absorbed), (job_id(1), 2), "frozen at the first lease");
    let after = bench.done(&again[0], Some(lead(1)), 151).await;
    assert_eq!(after.next_due, Some(at(200)));
    let next = bench.claim("crm", 200).await.jobs;
    assert_eq!((next[0].id, next[0].absorbed, next[0].sequence), (job_id(4), 1, 2));

    for number in 10..130 {
        bench.enqueue(201, vec![NewJob { lead: Some(lead(7)), ..coalescing(number, 300) }]).await;
    }
    let many = bench.claim("crm", 300).await.jobs;
    let many = many.iter().find(|job| job.id == job_id(10)).unwrap();
    assert_eq!((many.absorbed, many.absorbed_ids.len()), (119, 100));
}

pub async fn another_event_closes_the_open_job(bench: &Bench) {
    bench.enqueue(0, vec![coalescing(1, 100)]).await;
    assert!(bench.enqueue(5, vec![job(2)]).await.is_empty(), "it waits behind the open one");
    bench.enqueue(6, vec![coalescing(3, 106)]).await;
    let leased = bench.claim("crm", 6).await.jobs;
    assert_eq!(ids(&leased), [job_id(1)], "which is due at once");
    assert_eq!(leased[0].absorbed, 0, "and absorbs no more");
    let mut settle =
        bench.settling(&leased[0], Some(lead(1)), 7, JobOutcome::Done { until: at(9) });
    settle.take = 3;
    let leased = bench.settle(&settle).await.jobs;
    assert_eq!(ids(&leased), [job_id(2)]);
    let after = bench.done(&leased[0], Some(lead(1)), 8).await;
    assert_eq!(after.next_due, Some(at(106)));
}

pub async fn a_hand_over_takes_the_waiting_along(bench: &Bench) {
    let with_fallback = |number| NewJob { fallback: Some(route("spare")), ..job(number) };
    let leased = bench.enqueue(0, vec![with_fallback(1), with_fallback(2), with_fallback(3)]).await;
    let next = NewJob { route: route("spare"), ..job(4) };
    let outcome = JobOutcome::HandedOver { until: at(500), job: Box::new(next) };
    let after = bench.settle(&bench.settling(&leased[0], Some(lead(1)), 10, outcome)).await;
    assert_eq!(after.next_due, None, "nothing is left in the old queue");
    bench.enqueue(11, vec![with_fallback(5)]).await;
    let mut seen = Vec::new();
    for round in 0..4 {
        let jobs = bench.claim("spare", 20 + round).await.jobs;
        assert_eq!(jobs.len(), 1);
        seen.push((jobs[0].id, jobs[0].sequence, jobs[0].queue.to_string()));
        bench.done(&jobs[0], Some(lead(1)), 20 + round).await;
    }
    let spare = |number, sequence| (job_id(number), sequence, "spare".to_owned());
    assert_eq!(seen, [spare(4, 1), spare(2, 2), spare(3, 3), spare(5, 4)]);
    let view = bench.store.job(&bench.workspace, job_id(1)).await.unwrap().unwrap();
    assert_eq!((view.body, view.sequence, view.state.count), (None, 1, 1));
    let jobs = bench.store.jobs_of(&bench.workspace, lead(1)).await.unwrap();
    let queues: Vec<_> = jobs.iter().map(|(queue, job)| (queue.as_str(), *job)).collect();
    assert_eq!(
        queues,
        [
            ("crm", job_id(1)),
            ("spare", job_id(2)),
            ("spare", job_id(3)),
            ("spare", job_id(4)),
            ("spare", job_id(5)),
        ]
    );
    let own = JobOutcome::HandedOver { until: at(9), job: Box::new(job(6)) };
    let refused = bench.store.settle(&bench.settling(&leased[0], Some(lead(1)), 30, own)).await;
    assert!(refused.is_err(), "a queue is not its own fallback");
}

pub async fn a_new_cycle_goes_to_the_primary_again(bench: &Bench) {
    let with_fallback = |number| NewJob { fallback: Some(route("spare")), ..job(number) };
    let leased = bench.enqueue(0, vec![with_fallback(1)]).await;
    let next = NewJob { route: route("spare"), ..job(2) };
    let outcome = JobOutcome::HandedOver { until: at(500), job: Box::new(next) };
    bench.settle(&bench.settling(&leased[0], Some(lead(1)), 1, outcome)).await;
    let fresh = NewJob { resets_handover: true, ..with_fallback(3) };
    let leased = bench.enqueue(2, vec![fresh]).await;
    assert_eq!((leased[0].queue.as_str(), leased[0].sequence), ("crm", 2));
    let unspared = NewJob { lead: Some(lead(3)), ..job(4) };
    assert_eq!(bench.enqueue(3, vec![unspared]).await[0].queue, name("crm"));
}
