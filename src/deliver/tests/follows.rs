//! What follows from an attempt, as a table.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::attempt::{Ended, Next, follows};
use super::super::verdict::judge;
use super::sample::{delivery, destination, now, status};
use crate::domain::ports::{OutboundError, Pause};
use crate::domain::{DeliveryState, Timestamp, Verdict};

const MINUTE: Duration = Duration::from_mins(1);

struct Case {
    more: Value,
    made: u32,
    at: Timestamp,
    answer: Result<crate::domain::ports::OutboundAnswer, OutboundError>,
    retry_after: Option<Duration>,
}

fn case(answer: u16) -> Case {
    Case { more: json!({}), made: 1, at: now(), answer: status(answer), retry_after: None }
}

impl Case {
    fn follows(self) -> (Next, Option<Pause>) {
        let destination = destination("crm", self.more);
        follows(&Ended {
            can_hand_over: destination.fallback.is_some(),
            destination: &destination,
            delivery: &delivery(1, "crm"),
            state: &DeliveryState { count: self.made, ..DeliveryState::default() },
            judged: judge(&self.answer),
            retry_after: self.retry_after,
            now: self.at,
        })
    }

    /// How long after `at` it is tried again.
    fn again(self) -> Duration {
        let at = self.at;
        match self.follows().0 {
            Next::Again { due } => due.since(at),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn answers_and_errors_have_their_verdicts() {
    for (code, verdict) in [
        (200, Verdict::Delivered),
        (202, Verdict::Delivered),
        (299, Verdict::Delivered),
        (301, Verdict::Refused),
        (302, Verdict::Refused),
        (304, Verdict::Refused),
        (400, Verdict::Refused),
        (401, Verdict::Refused),
        (404, Verdict::Refused),
        (408, Verdict::Retriable),
        (410, Verdict::Gone),
        (425, Verdict::Retriable),
        (429, Verdict::Retriable),
        (500, Verdict::Retriable),
        (503, Verdict::Retriable),
        (100, Verdict::Retriable),
        (600, Verdict::Retriable),
    ] {
        assert_eq!(judge(&status(code)).verdict, verdict, "{code}");
    }
    assert_eq!(judge(&Err(OutboundError::Blocked)).verdict, Verdict::Blocked);
    assert_eq!(judge(&Err(OutboundError::Timeout)).verdict, Verdict::Retriable);
    assert_eq!(judge(&Err(OutboundError::Timeout)).error, Some("timeout"));
}

#[test]
fn success_is_done_and_failures_follow_the_schedule() {
    assert_eq!(case(204).follows(), (Next::Delivered, None));
    for code in [500, 302, 404] {
        let delay = case(code).again();
        assert!(delay >= Duration::from_secs(4) && delay <= Duration::from_secs(6), "{delay:?}");
    }
    let blocked = Case { answer: Err(OutboundError::Blocked), ..case(0) };
    assert!(blocked.again() <= Duration::from_secs(6));
    assert_eq!(Case { made: 10, ..case(500) }.follows(), (Next::Dead, None));
}

#[test]
fn a_replay_begins_the_schedule_anew() {
    let destination = destination("crm", json!({}));
    let state = DeliveryState {
        count: 11,
        before_replay: 10,
        replayed_at: Some(now().after(1000 * MINUTE)),
        ..DeliveryState::default()
    };
    let (next, _) = follows(&Ended {
        can_hand_over: false,
        destination: &destination,
        delivery: &delivery(1, "crm"),
        state: &state,
        judged: judge(&status(500)),
        retry_after: None,
        now: now().after(1000 * MINUTE),
    });
    assert!(matches!(next, Next::Again { .. }), "{next:?}");
}

#[test]
fn gone_pauses_until_a_person_resumes_and_gives_nothing_up() {
    let (next, pause) = Case { made: 10, ..case(410) }.follows();
    assert_eq!(next, Next::Again { due: now() });
    let pause = pause.unwrap();
    assert_eq!((pause.reason.as_str(), pause.until), ("gone", None));
    let more = json!({"fallback": {"to": "inbox", "after": "15m"}});
    assert_eq!(Case { more, ..case(410) }.follows(), (Next::HandOver, None));
}

#[test]
fn retry_after_delays_the_job_and_pauses_the_queue_for_a_while() {
    let ask = |code, minutes: u32, more| {
        let retry_after = Some(minutes * MINUTE);
        let (next, pause) = Case { more, retry_after, ..case(code) }.follows();
        let Next::Again { due } = next else { panic!("{next:?}") };
        (due.since(now()), pause.map(|p| p.until.unwrap().since(now())))
    };
    assert_eq!(ask(503, 2, json!({})), (2 * MINUTE, Some(2 * MINUTE)));
    assert_eq!(ask(429, 600, json!({})), (60 * MINUTE, Some(60 * MINUTE)));
    assert!(ask(500, 2, json!({})).1.is_none(), "500 does not throttle");
    let more = json!({"fallback": {"to": "inbox", "after": "15m"}});
    assert_eq!(ask(503, 600, more), (15 * MINUTE, Some(MINUTE)), "nobody is handed over late");
    let zero = Case { retry_after: Some(Duration::ZERO), ..case(503) }.follows();
    assert!(zero.1.is_none());
}

#[test]
fn a_fallback_takes_over_after_its_time_and_not_before() {
    let more = || json!({"fallback": {"to": "inbox", "after": "15m"}});
    // Early on: the schedule, but never past the hand-over.
    assert!(Case { more: more(), ..case(500) }.again() <= Duration::from_secs(6));
    let late = Case { more: more(), made: 3, at: now().after(6 * MINUTE), ..case(500) };
    assert_eq!(late.again(), 9 * MINUTE);
    // The attempt at that time failed too.
    let last = Case { more: more(), made: 4, at: now().after(15 * MINUTE), ..case(500) };
    assert_eq!(last.follows(), (Next::HandOver, None));
    // A schedule that ended before goes on to it.
    let short = json!({"retry": ["0s"], "fallback": {"to": "inbox", "after": "15m"}});
    assert_eq!(Case { more: short, ..case(500) }.again(), 15 * MINUTE);
}

#[test]
fn giving_up_after_a_time_cuts_the_schedule() {
    let more = || json!({"give_up_after": "1h"});
    let at = now().after(10 * MINUTE);
    let tried = Case { more: more(), made: 2, at, ..case(500) };
    assert!(tried.again() <= 6 * MINUTE);
    assert_eq!(Case { more: more(), made: 4, at, ..case(500) }.follows(), (Next::Dead, None));
}
