//! Queues: permits, leases, priorities, pauses, and when to look.

use lead_router::domain::ports::{Pause, Settled};
use lead_router::domain::{Index, JobOutcome, NewJob, Pace, Route, Shard};

use super::bench::{Bench, at, ids, job_id, lone, name};

pub async fn a_commit_leases_while_permits_last(bench: &Bench) {
    let leased = bench.enqueue(0, vec![lone(1), lone(2), lone(3)]).await;
    assert_eq!(ids(&leased), [job_id(1), job_id(2)]);
    assert_eq!(leased[0].lease_until, at(30_000));
    assert_eq!(leased[0].body, b"body of 1");
    assert_eq!(leased[0].sequence, 0, "no lead, no sequence");
    let claimed = bench.claim("crm", 1).await;
    assert!(claimed.jobs.is_empty(), "no permit is free");
    assert_eq!(claimed.next_due, Some(at(30_000)));

    bench.done(&leased[0], None, 2).await;
    let later = bench.enqueue(3, vec![lone(4)]).await;
    assert!(later.is_empty(), "somebody waits in ready already");
    let mut settle = bench.settling(&leased[1], None, 4, JobOutcome::Done { until: at(9) });
    settle.take = 5;
    let claimed = bench.settle(&settle).await;
    assert_eq!(ids(&claimed.jobs), [job_id(3), job_id(4)]);

    let mut unleased = bench.jobs(5, vec![NewJob { route: super::bench::route("erp"), ..lone(5) }]);
    unleased.lease = None;
    assert!(bench.committed(&unleased).await.leased.is_empty());
    assert_eq!(ids(&bench.claim("erp", 6).await.jobs), [job_id(5)]);
}

pub async fn a_claim_takes_by_priority_then_due(bench: &Bench) {
    let with = |number, priority, due| NewJob { priority, due: at(due), ..lone(number) };
    let jobs = vec![with(1, 5, 3), with(2, 5, 1), with(3, 0, 9), with(4, 9, 0), with(5, 5, 1)];
    let mut commit = bench.jobs(10, jobs);
    commit.lease = None;
    bench.committed(&commit).await;
    let mut claim = bench.claiming("crm", 10);
    claim.permits = 100;
    claim.take = 4;
    let claimed = bench.store.claim(&claim).await.unwrap();
    assert_eq!(ids(&claimed.jobs), [job_id(3), job_id(2), job_id(5), job_id(1)]);
    assert_eq!(claimed.next_due, Some(at(10)), "one more is ready");
    let claimed = bench.store.claim(&claim).await.unwrap();
    assert_eq!(ids(&claimed.jobs), [job_id(4)]);
    assert_eq!(claimed.next_due, Some(at(30_010)));
}

pub async fn a_pace_holds_over_all_who_ask(bench: &Bench) {
    // A hundred a second, five at once.
    let pace = Some(Pace { every_us: 10_000, burst: 5, jobs: 1 });
    let paced =
        |number| NewJob { route: Route { pace, ..super::bench::route("crm") }, ..lone(number) };
    let leased = bench.enqueue(0, (1..=200).map(paced).collect()).await;
    assert!(leased.is_empty(), "a commit leases nothing there");
    let mut begun: Vec<i64> = Vec::new();
    let mut ms = 0;
    while begun.len() < 200 {
        let mut claim = bench.claiming("crm", ms);
        (claim.pace, claim.permits, claim.take) = (pace, 1000, 64);
        claim.incarnation = name(if ms % 2 == 0 { "r1" } else { "r2" });
        let claimed = bench.store.claim(&claim).await.unwrap();
        begun.extend(claimed.jobs.iter().map(|_| ms));
        // Whoever settles and takes along keeps to it as well.
        if let Some(job) = claimed.jobs.first() {
            let mut settle = bench.settling(job, None, ms, JobOutcome::Done { until: at(9) });
            settle.incarnation = claim.incarnation.clone();
            (settle.pace, settle.permits, settle.take) = (pace, 1000, 4);
            let along = bench.settle(&settle).await;
            begun.extend(along.jobs.iter().map(|_| ms));
            if begun.len() < 200 {
                assert!(along.next_due.is_some_and(|due| due > at(ms)), "{along:?}");
            }
        }
        ms += if begun.len() == 100 { 1 } else { 7 };
    }
    let most = |window: i64| {
        let within =
            |from: &i64| begun.iter().filter(|at| (*from..from + window).contains(at)).count();
        begun.iter().map(within).max().unwrap()
    };
    assert!(most(1000) <= 105 && most(1) == 5, "{} {}", most(1000), most(1));
    assert!(ms < 2200, "and no slower than it may: {ms}");

    // Fifty jobs are one request.
    let gathered = Some(Pace { every_us: 1_000_000, burst: 1, jobs: 50 });
    let route = Route { pace: gathered, ..super::bench::route("erp") };
    let jobs = (301..=400).map(|number| NewJob { route: route.clone(), ..lone(number) });
    bench.enqueue(0, jobs.collect()).await;
    let mut claim = bench.claiming("erp", 10);
    (claim.pace, claim.permits, claim.take) = (gathered, 1000, 64);
    let first = bench.store.claim(&claim).await.unwrap();
    assert_eq!((first.jobs.len(), first.next_due), (50, Some(at(1010))));
    assert!(bench.store.claim(&claim).await.unwrap().jobs.is_empty());
}

pub async fn a_retry_stands_behind_what_was_not_tried(bench: &Bench) {
    let leased = bench.enqueue(0, vec![NewJob { priority: 0, ..lone(1) }]).await;
    let again = JobOutcome::Again { due: at(5) };
    bench.settle(&bench.settling(&leased[0], None, 5, again)).await;
    let mut commit = bench.jobs(10, vec![NewJob { priority: 7, due: at(10), ..lone(2) }]);
    commit.lease = None;
    bench.committed(&commit).await;
    let mut claim = bench.claiming("crm", 10);
    claim.take = 1;
    assert_eq!(ids(&bench.store.claim(&claim).await.unwrap().jobs), [job_id(2)]);
    assert_eq!(ids(&bench.store.claim(&claim).await.unwrap().jobs), [job_id(1)]);
}

pub async fn what_is_delayed_waits_until_due(bench: &Bench) {
    let leased = bench.enqueue(0, vec![NewJob { due: at(500), ..lone(1) }]).await;
    assert!(leased.is_empty());
    let claimed = bench.claim("crm", 499).await;
    assert!(claimed.jobs.is_empty());
    assert_eq!(claimed.next_due, Some(at(500)));
    let claimed = bench.claim("crm", 500).await;
    assert_eq!(ids(&claimed.jobs), [job_id(1)]);

    let again = JobOutcome::Again { due: at(2000) };
    let after = bench.settle(&bench.settling(&claimed.jobs[0], None, 600, again)).await;
    assert_eq!(after.next_due, Some(at(2000)));
    let claimed = bench.claim("crm", 2000).await;
    assert_eq!(claimed.jobs[0].state, br#"{"count":1,"attempts":[]}"#);
    let after = bench.done(&claimed.jobs[0], None, 2001).await;
    assert_eq!(after.next_due, None);
    let view = bench.store.job(&bench.workspace, job_id(1)).await.unwrap().unwrap();
    assert_eq!((view.state.count, view.body), (1, None));
}

pub async fn a_lease_that_ended_is_free(bench: &Bench) {
    let leased = bench.enqueue(0, vec![lone(1)]).await;
    assert!(bench.claim("crm", 29_999).await.jobs.is_empty());
    let mut other = bench.claiming("crm", 30_000);
    other.incarnation = name("r2");
    let taken = bench.store.claim(&other).await.unwrap().jobs;
    assert_eq!(ids(&taken), [job_id(1)]);
    let late = bench.settling(&leased[0], None, 30_001, JobOutcome::Dead);
    let before = bench.dump().await;
    assert_eq!(bench.store.settle(&late).await.unwrap(), Settled::LeaseLost);
    assert_eq!(bench.dump().await, before, "who lost the lease changes nothing");
    let mut ours = bench.settling(&taken[0], None, 70_000, JobOutcome::Done { until: at(80_000) });
    ours.incarnation = name("r2");
    bench.settle(&ours).await;
    assert_eq!(bench.store.settle(&ours).await.unwrap(), Settled::LeaseLost, "only once");
}

pub async fn a_lapsed_incarnation_holds_nothing(bench: &Bench) {
    bench.enqueue(0, vec![lone(1)]).await;
    let mut claim = bench.claiming("crm", 10);
    claim.incarnation = name("r2");
    claim.lapsed = vec![name("r3")];
    assert!(bench.store.claim(&claim).await.unwrap().jobs.is_empty());
    claim.lapsed.push(name("r1"));
    assert_eq!(ids(&bench.store.claim(&claim).await.unwrap().jobs), [job_id(1)]);
}

pub async fn a_paused_queue_gives_nothing(bench: &Bench) {
    let pause = |until| Some(Pause { reason: name("operator"), until });
    let queue = name("crm");
    bench.store.pause(&bench.workspace, &queue, at(0), pause(Some(at(100)))).await.unwrap();
    assert!(bench.enqueue(1, vec![lone(1)]).await.is_empty());
    let claimed = bench.claim("crm", 2).await;
    assert!(claimed.jobs.is_empty());
    assert_eq!(claimed.next_due, Some(at(100)));
    let depth = bench.store.depth(&bench.workspace, &queue, at(2)).await.unwrap();
    assert_eq!(depth.paused, Some(("operator".into(), Some(at(100)))));
    let depth = bench.store.depth(&bench.workspace, &queue, at(100)).await.unwrap();
    assert_eq!(depth.paused, None);
    let leased = bench.claim("crm", 100).await.jobs;
    assert_eq!(leased.len(), 1, "a pause ends by itself");

    let mut gone = bench.settling(&leased[0], None, 101, JobOutcome::Again { due: at(101) });
    gone.pause = Some(Pause { reason: name("gone"), until: None });
    gone.take = 5;
    let claimed = bench.settle(&gone).await;
    assert_eq!((claimed.jobs.len(), claimed.next_due), (0, None), "looked at by nobody");
    assert!(bench.enqueue(102, vec![lone(2)]).await.is_empty());
    assert!(bench.claim("crm", 1_000_000).await.jobs.is_empty());
    bench.store.pause(&bench.workspace, &queue, at(1_000_000), None).await.unwrap();
    let due = bench.store.due(Shard::of(&bench.workspace), at(1_000_000), 1000).await.unwrap();
    assert!(due.contains(&(bench.workspace.clone(), queue, at(1_000_000))));
    assert_eq!(bench.claim("crm", 1_000_001).await.jobs.len(), 2);
}

pub async fn a_short_pause_does_not_end_a_long_one(bench: &Bench) {
    let leased = bench.enqueue(0, vec![lone(1), lone(2)]).await;
    let retry = Some(Pause { reason: name("retry_after"), until: Some(at(50)) });
    let operator = Pause { reason: name("operator"), until: None };
    bench.store.pause(&bench.workspace, &name("crm"), at(1), Some(operator)).await.unwrap();
    let mut settle = bench.settling(&leased[0], None, 2, JobOutcome::Again { due: at(50) });
    settle.pause = retry;
    bench.settle(&settle).await;
    let depth = bench.store.depth(&bench.workspace, &name("crm"), at(60)).await.unwrap();
    assert_eq!(depth.paused, Some(("operator".into(), None)));
}

pub async fn what_was_released_runs_again(bench: &Bench) {
    let leased = bench.enqueue(0, vec![lone(1)]).await;
    let mut settle = bench.settling(&leased[0], None, 5, JobOutcome::Released);
    settle.state = b"not kept".to_vec();
    let after = bench.settle(&settle).await;
    assert_eq!(after.next_due, Some(at(5)));
    let again = bench.claim("crm", 5).await.jobs;
    assert_eq!(ids(&again), [job_id(1)]);
    assert!(again[0].state.is_empty(), "it does not count as an attempt");
}

pub async fn depth_counts_everything(bench: &Bench) {
    let with = |number, priority, due| NewJob { priority, due: at(due), ..lone(number) };
    let jobs = vec![with(1, 5, 0), with(2, 5, 0), with(3, 0, 7), with(4, 9, 3), with(5, 1, 99)];
    bench.enqueue(10, jobs).await;
    let depth = bench.store.depth(&bench.workspace, &name("crm"), at(10)).await.unwrap();
    assert_eq!((depth.ready, depth.delayed, depth.leased), (2, 1, 2));
    assert_eq!((depth.oldest, depth.paused), (Some(at(3)), None));
    let counted = bench.store.count(&bench.workspace, &Index::Ready(name("crm"))).await.unwrap();
    assert_eq!(counted, 2);
    let none = bench.store.depth(&bench.workspace, &name("erp"), at(10)).await.unwrap();
    assert_eq!(none, lead_router::domain::ports::QueueDepth::default());
}

pub async fn due_says_when_to_look(bench: &Bench) {
    let to = |queue: &str, number, due| NewJob {
        route: super::bench::route(queue),
        due: at(due),
        ..lone(number)
    };
    let mut commit = bench.jobs(10, vec![to("a", 1, 10), to("b", 2, 50), to("c", 3, 99)]);
    commit.lease = None;
    bench.committed(&commit).await;
    let mine = |now| async move {
        let due = bench.store.due(Shard::of(&bench.workspace), at(now), 1000).await.unwrap();
        due.into_iter()
            .filter(|(workspace, ..)| *workspace == bench.workspace)
            .map(|(_, queue, when)| (queue.to_string(), when))
            .collect::<Vec<_>>()
    };
    assert_eq!(mine(5).await, [("a".into(), at(10))]);
    assert_eq!(mine(10).await, [("a".into(), at(10)), ("b".into(), at(50))]);
    bench.claim("a", 10).await;
    assert_eq!(mine(49).await, [("b".into(), at(50))]);
    let all = mine(99_999).await;
    assert_eq!(all, [("b".into(), at(50)), ("c".into(), at(99)), ("a".into(), at(30_010))]);
}
