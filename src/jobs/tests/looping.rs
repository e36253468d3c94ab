//! The loop: claims, leases, outages, panics, the end in two steps.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio::sync::Semaphore;

use super::super::{Jobs, Limits};
use super::scene::{PERMITS, Scene, done, report, until};
use crate::deliver::tests::sample::name;
use crate::domain::ports::{Clock, Store};
use crate::domain::{JobOutcome, Name};

fn limits() -> Limits {
    Limits::default()
}

#[tokio::test]
async fn what_a_commit_leased_and_what_it_left_both_run_once() {
    let mut scene = Scene::new(limits(), |clock, _| {
        let report = done(clock);
        async move { report }.boxed()
    });
    scene.add(1, "crm", true).await;
    scene.add(2, "crm", false).await;
    scene.jobs.wake();
    until("both ran", async || scene.begun(1) + scene.begun(2) == 2 && scene.is_empty("crm").await)
        .await;
    scene.jobs.stop(Duration::from_secs(5)).await;
    (&mut scene.running).await.unwrap();
    assert_eq!((scene.begun(1), scene.begun(2)), (1, 1));
    assert_eq!(scene.jobs.in_flight(), 0);
}

#[tokio::test]
async fn a_job_is_tried_again_when_it_is_due_and_not_before() {
    let tries = AtomicU32::new(0);
    let scene = Scene::new(limits(), move |clock, _| {
        let first = tries.fetch_add(1, Ordering::SeqCst) == 0;
        let due = clock.now().after(Duration::from_hours(1));
        let report = if first { report(JobOutcome::Again { due }) } else { done(clock) };
        async move { report }.boxed()
    });
    scene.add(1, "crm", true).await;
    until("it waits", async || scene.depth("crm").await.delayed == 1).await;
    scene.clock.forward(Duration::from_secs(3599));
    scene.jobs.wake();
    let looks = scene.store.looks.load(Ordering::SeqCst);
    until("looked twice", async || scene.store.looks.load(Ordering::SeqCst) > looks + 1).await;
    assert_eq!(scene.begun(1), 1);
    scene.clock.forward(Duration::from_secs(1));
    until("it ran again", async || scene.begun(1) == 2 && scene.is_empty("crm").await).await;
    scene.jobs.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_short_delay_is_not_rounded_up_to_the_next_look() {
    let tries = AtomicU32::new(0);
    let scene = Scene::new(limits(), move |clock, _| {
        // The clock stands: due at once, fifty times over.
        let again = tries.fetch_add(1, Ordering::SeqCst) < 50;
        let report =
            if again { report(JobOutcome::Again { due: clock.now() }) } else { done(clock) };
        async move { report }.boxed()
    });
    let began = Instant::now();
    scene.add(1, "crm", true).await;
    until("it is done", async || scene.is_empty("crm").await && scene.begun(1) == 51).await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    scene.jobs.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_store_outage_ends_nothing_and_an_outcome_is_told_until_it_is_heard() {
    let scene = Scene::new(limits(), |clock, _| {
        let report = done(clock);
        async move { report }.boxed()
    });
    scene.store.lose_settles.store(1, Ordering::SeqCst);
    scene.add(1, "crm", true).await;
    until("settled, though the reply got lost", async || scene.is_empty("crm").await).await;
    scene.add(2, "crm", false).await;
    scene.store.down.store(true, Ordering::SeqCst);
    scene.jobs.wake();
    until("the loop met the outage", async || scene.store.refused.load(Ordering::SeqCst) > 2).await;
    scene.store.down.store(false, Ordering::SeqCst);
    until("it went on", async || scene.is_empty("crm").await).await;
    assert_eq!((scene.begun(1), scene.begun(2)), (1, 1));
    scene.jobs.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_panic_loses_neither_the_loop_nor_the_job() {
    let tries = AtomicU32::new(0);
    let scene = Scene::new(limits(), move |clock, job| {
        let panics = job.id.as_bytes()[0] == 1 && tries.fetch_add(1, Ordering::SeqCst) == 0;
        let report = done(clock);
        async move {
            assert!(!panics, "on purpose");
            report
        }
        .boxed()
    });
    scene.add(1, "crm", true).await;
    until("it panicked", async || scene.begun(1) == 1).await;
    scene.add(2, "crm", true).await;
    until("others run", async || scene.depth("crm").await.leased == 1 && scene.begun(2) == 1).await;
    until("its slot is free", async || scene.jobs.in_flight() <= 1).await;
    scene.clock.forward(Duration::from_secs(31));
    until("its lease lapsed and it ran", async || scene.is_empty("crm").await).await;
    assert_eq!((scene.begun(1), scene.begun(2)), (2, 1));
    scene.jobs.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_slow_destination_disturbs_no_other_and_permits_hold() {
    let gate = Arc::new(Semaphore::new(0));
    let of_script = Arc::clone(&gate);
    let scene = Scene::new(limits(), move |clock, job| {
        let (gate, report) = (Arc::clone(&of_script), done(clock));
        async move {
            if job.queue == name("slow") {
                let _ = gate.acquire().await.unwrap();
            }
            report
        }
        .boxed()
    });
    for n in 1..=20 {
        scene.add(n, "slow", false).await;
    }
    scene.jobs.wake();
    until("all permits are in use", async || {
        scene.depth("slow").await.leased == u64::from(PERMITS)
    })
    .await;
    for n in 101..=120 {
        scene.add(n, "quick", false).await;
    }
    scene.jobs.wake();
    until("the quick one is through", async || scene.is_empty("quick").await).await;
    assert_eq!((1..=20).map(|n| scene.begun(n)).sum::<u32>(), PERMITS);
    gate.add_permits(1);
    until("the slow one too", async || scene.is_empty("slow").await).await;
    scene.jobs.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn at_the_cap_every_queue_gets_its_turn() {
    let few = Limits { in_flight: 2, ..limits() };
    let scene = Scene::new(few, |clock, _| {
        let report = done(clock);
        async move { report }.boxed()
    });
    for n in 1..=60 {
        scene.add(n, ["a", "b", "c"][usize::from(n % 3)], false).await;
    }
    scene.jobs.wake();
    until("all are through", async || {
        scene.is_empty("a").await && scene.is_empty("b").await && scene.is_empty("c").await
    })
    .await;
    assert_eq!(scene.runner.begun.lock().unwrap().values().sum::<u32>(), 60);
    scene.jobs.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn stopping_lets_what_is_under_way_finish_and_gives_the_rest_back() {
    let gate = Arc::new(Semaphore::new(0));
    let of_script = Arc::clone(&gate);
    let few = Limits { in_flight: 1, ..limits() };
    let mut scene = Scene::new(few, move |clock, _| {
        let (gate, report) = (Arc::clone(&of_script), done(clock));
        async move {
            let _ = gate.acquire().await.unwrap();
            report
        }
        .boxed()
    });
    scene.add(1, "crm", true).await;
    until("the first is under way", async || scene.begun(1) == 1).await;
    scene.add(2, "crm", true).await;
    scene.add(3, "crm", true).await;
    let stopping = tokio::spawn({
        let jobs = scene.jobs.clone();
        async move { jobs.stop(Duration::from_secs(10)).await }
    });
    until("the others are given back", async || scene.depth("crm").await.ready == 2).await;
    assert!(!stopping.is_finished());
    gate.add_permits(1);
    stopping.await.unwrap();
    (&mut scene.running).await.unwrap();
    let depth = scene.depth("crm").await;
    assert_eq!((depth.ready, depth.leased), (2, 0));
    assert_eq!((scene.begun(1), scene.begun(2), scene.begun(3)), (1, 0, 0));
}

#[tokio::test]
async fn what_never_ends_is_cut_off_at_the_end_of_the_grace() {
    let scene = Scene::new(limits(), |_, _| std::future::pending().boxed());
    scene.add(1, "crm", true).await;
    until("it is under way", async || scene.begun(1) == 1).await;
    let began = Instant::now();
    scene.jobs.stop(Duration::from_millis(100)).await;
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(scene.depth("crm").await.leased, 1, "left to its lease");
}

#[tokio::test]
async fn leases_of_a_process_that_died_are_taken_over_before_they_end() {
    let hanging = Scene::new(limits(), |_, _| std::future::pending().boxed());
    hanging.add(1, "crm", true).await;
    until("it is under way and the heart has beaten", async || {
        let other: Name = name("onlooker");
        let far = hanging.clock.now().after(Duration::from_mins(1));
        let seen = hanging.store.heartbeat(&other, far, Duration::from_secs(5)).await.unwrap();
        hanging.begun(1) == 1 && seen.contains(&name("replica-a"))
    })
    .await;
    hanging.running.abort();
    // Ten seconds later, twenty before the lease ends.
    hanging.clock.forward(Duration::from_secs(11));
    let heir = Scene::over(
        Arc::clone(&hanging.store),
        Arc::clone(&hanging.clock),
        "replica-b",
        limits(),
        |clock, _| {
            let report = done(clock);
            async move { report }.boxed()
        },
    );
    until("the heir has done it", async || heir.is_empty("crm").await).await;
    assert_eq!(heir.begun(1), 1);
    heir.jobs.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn jobs_of_a_queue_no_longer_configured_come_to_the_runner_too() {
    let scene = Scene::new(limits(), |clock, _| {
        let due = clock.now().after(Duration::from_hours(1));
        async move { report(JobOutcome::Again { due }) }.boxed()
    });
    scene.runner.orphaned.store(true, Ordering::SeqCst);
    scene.add(1, "gone", false).await;
    scene.jobs.wake();
    until("it was postponed", async || scene.depth("gone").await.delayed == 1).await;
    scene.jobs.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_loop_that_never_ran_stops_too() {
    let scene = Scene::new(limits(), |_, _| std::future::pending().boxed());
    let idle = Jobs::new(
        Arc::clone(&scene.store) as _,
        Arc::clone(&scene.runner) as _,
        Arc::clone(&scene.clock) as _,
        name("idle"),
        Vec::new,
        crate::telemetry::Telemetry::new(),
        limits(),
    );
    idle.stop(Duration::from_secs(5)).await;
    idle.run().await;
    scene.jobs.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn whoever_has_just_beaten_has_not_lapsed() {
    // As with the embedded store: leases of any other life are free at once, one's own are not.
    let gate = Arc::new(Semaphore::new(0));
    let of_script = Arc::clone(&gate);
    let alone = Limits { silent_for: Duration::ZERO, ..limits() };
    let scene = Scene::new(alone, move |clock, job| {
        let (gate, report) = (Arc::clone(&of_script), done(clock));
        async move {
            if job.id.as_bytes()[0] == 1 {
                let _ = gate.acquire().await.unwrap();
            }
            report
        }
        .boxed()
    });
    scene.add(1, "crm", true).await;
    let looks = scene.store.looks.load(Ordering::SeqCst);
    until("a heartbeat later", async || {
        scene.jobs.wake();
        scene.store.looks.load(Ordering::SeqCst) > looks + 20
    })
    .await;
    scene.add(2, "crm", false).await;
    scene.jobs.wake();
    until("the second ran", async || scene.begun(2) == 1).await;
    assert_eq!((scene.begun(1), scene.depth("crm").await.leased), (1, 1));
    gate.add_permits(1);
    until("both are done", async || scene.is_empty("crm").await).await;
    scene.jobs.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn the_backlog_of_a_workspace_does_not_delay_another() {
    let few = Limits { in_flight: 4, ..limits() };
    let scene = Scene::new(few, |clock, job| {
        let (report, slow) = (done(clock), job.queue != name("own"));
        async move {
            if slow {
                std::future::pending::<()>().await;
            }
            report
        }
        .boxed()
    });
    for n in 1..=40 {
        scene.add(n, ["a", "b", "c"][usize::from(n % 3)], false).await;
    }
    scene.jobs.wake();
    until("it has what it may have", async || {
        scene.jobs.in_flight() == 2 && (1..=40).map(|n| scene.begun(n)).sum::<u32>() == 2
    })
    .await;
    for n in 101..=120 {
        scene.add_to("other", n, "own", false).await;
    }
    scene.jobs.wake();
    until("the other one is through", async || (101..=120).all(|n| scene.begun(n) == 1)).await;
    assert_eq!(scene.jobs.in_flight(), 2, "and the first still hangs");
    scene.jobs.stop(Duration::from_millis(50)).await;
}

#[tokio::test]
async fn what_is_gathered_runs_as_one_and_is_settled_one_by_one() {
    let scene = Scene::new(limits(), |clock, job| {
        let again = job.id.as_bytes()[0] == 2 && job.state.is_empty();
        let due = clock.now();
        let report = if again { report(JobOutcome::Again { due }) } else { done(clock) };
        async move { report }.boxed()
    });
    for n in 1..=4 {
        scene.add(n, "many", true).await;
    }
    until("all are done", async || scene.is_empty("many").await).await;
    let runs = scene.runner.runs.lock().unwrap().clone();
    // Three are enough; the fourth waited, perhaps together with the one that came again.
    assert_eq!(runs[0], 3, "{runs:?}");
    assert_eq!(runs.iter().sum::<usize>(), 5, "{runs:?}");
    assert_eq!((1..=4).map(|n| scene.begun(n)).collect::<Vec<_>>(), [1, 2, 1, 1]);
    scene.jobs.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn what_waits_for_others_is_given_back_at_the_end() {
    let scene = Scene::new(limits(), |_, _| std::future::pending().boxed());
    until("the loop runs", async || scene.store.looks.load(Ordering::SeqCst) > 0).await;
    scene.add(1, "many", true).await;
    scene.jobs.stop(Duration::from_secs(5)).await;
    let depth = scene.depth("many").await;
    assert_eq!((depth.ready, depth.leased, scene.begun(1)), (1, 0, 0));
}
