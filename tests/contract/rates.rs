//! How often something may be done: so many within a time, over all who ask.

use std::time::Duration;

use lead_router::domain::{Quota, Timestamp};

use super::bench::{Bench, at, fresh_workspace};

const THREE_A_MINUTE: Quota = Quota { count: 3, within: Duration::from_mins(1) };

async fn admit(bench: &Bench, bucket: u8, quota: Quota, ms: i64) -> Option<Timestamp> {
    bench.store.admit(&bench.workspace, [bucket; 16], quota, at(ms)).await.unwrap()
}

pub async fn so_many_are_admitted_and_more_as_time_goes_on(bench: &Bench) {
    for _ in 0..3 {
        assert_eq!(admit(bench, 1, THREE_A_MINUTE, 0).await, None);
    }
    assert_eq!(admit(bench, 1, THREE_A_MINUTE, 0).await, Some(at(20_000)));
    assert_eq!(admit(bench, 2, THREE_A_MINUTE, 0).await, None, "another one");
    assert_eq!(admit(bench, 1, THREE_A_MINUTE, 19_999).await, Some(at(20_000)));
    assert_eq!(admit(bench, 1, THREE_A_MINUTE, 20_000).await, None);
    assert_eq!(admit(bench, 1, THREE_A_MINUTE, 20_000).await, Some(at(40_000)));
    // A clock that went back a little changes nothing; one that rested lets all in at once, but no more.
    assert_eq!(admit(bench, 1, THREE_A_MINUTE, 19_000).await, Some(at(40_000)));
    for _ in 0..3 {
        assert_eq!(admit(bench, 1, THREE_A_MINUTE, 300_000).await, None);
    }
    assert!(admit(bench, 1, THREE_A_MINUTE, 300_000).await.is_some());
    // Finer than milliseconds.
    let seven = Quota { count: 7, within: Duration::from_secs(1) };
    let mut admitted = 0;
    for ms in 0..70 {
        admitted += u32::from(admit(bench, 3, seven, ms).await.is_none());
    }
    assert_eq!(admitted, 7);
    assert_eq!(admit(bench, 3, seven, 142).await, Some(at(143)));
    assert_eq!(admit(bench, 3, seven, 143).await, None);
}

pub async fn buckets_are_of_one_workspace_and_stand_in_no_dump(bench: &Bench) {
    let one = Quota { count: 1, within: Duration::from_hours(1) };
    assert_eq!(admit(bench, 1, one, 0).await, None);
    assert_eq!(admit(bench, 1, one, 0).await, Some(at(3_600_000)));
    let other = bench.store.admit(&fresh_workspace(), [1; 16], one, at(0)).await.unwrap();
    assert_eq!(other, None);
    assert_eq!(bench.store.dump(&bench.workspace).await.unwrap(), []);
}
