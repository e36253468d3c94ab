//! The schedule, its jitter and `Retry-After`.

use std::time::Duration;

use proptest::prelude::*;

use super::super::retry::{Schedule, parse_retry_after};
use crate::domain::{DeliveryId, Timestamp};

const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[test]
fn the_default_schedule_is_that_of_standard_webhooks() {
    let schedule = Schedule::default();
    assert_eq!(schedule.attempts(), 10);
    let id = DeliveryId::from_bytes([3; 16]);
    assert_eq!(schedule.delay(0, id, None), Some(Duration::ZERO));
    assert_eq!(schedule.delay(10, id, None), None);
    let total: u64 = [0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400].iter().sum();
    assert_eq!(total, 75 * 3600 + 35 * 60 + 5);
}

proptest! {
    #[test]
    fn jitter_stays_within_a_fifth_and_repeats_itself(id: [u8; 16], made in 0_u32..10) {
        let schedule = Schedule::default();
        let plain = [0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400_u64];
        let delay = schedule.delay(made, DeliveryId::from_bytes(id), None).unwrap();
        let base = secs(plain[made as usize]);
        prop_assert!(delay >= base * 4 / 5 && delay <= base * 6 / 5, "{delay:?}");
        prop_assert_eq!(schedule.delay(made, DeliveryId::from_bytes(id), None), Some(delay));
    }

    #[test]
    fn retry_after_is_clamped(id: [u8; 16], made in 0_u32..10, asked in 0_u64..1_000_000) {
        let schedule = Schedule::default();
        let id = DeliveryId::from_bytes(id);
        let base = schedule.delay(made, id, None).unwrap();
        let delay = schedule.delay(made, id, Some(secs(asked))).unwrap();
        prop_assert!(delay >= base && delay <= secs(3600).max(base * 2));
        if secs(asked) >= base && secs(asked) <= secs(3600) {
            prop_assert_eq!(delay, secs(asked));
        }
    }
}

#[test]
fn jitter_spreads_deliveries_that_failed_together() {
    let schedule = Schedule::default();
    let mut delays: Vec<_> = (0..100_u8)
        .map(|n| schedule.delay(2, DeliveryId::from_bytes([n; 16]), None).unwrap())
        .collect();
    delays.sort();
    assert!(delays[10] < secs(264) && delays[90] > secs(336), "{delays:?}");
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    let now = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
    assert_eq!(parse_retry_after("120", now), Some(secs(120)));
    assert_eq!(parse_retry_after(" 0 ", now), Some(secs(0)));
    assert_eq!(parse_retry_after("Sun, 01 Mar 2026 12:01:30 GMT", now), Some(secs(90)));
    assert_eq!(parse_retry_after("Sun, 01 Mar 2026 11:00:00 GMT", now), Some(secs(0)));
    for bad in ["", "soon", "-5", "1.5", "99999999999999999999999"] {
        assert_eq!(parse_retry_after(bad, now), None, "{bad}");
    }
}
