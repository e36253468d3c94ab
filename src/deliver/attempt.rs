//! What follows from an attempt: done, again, given up, handed over; and whether the queue pauses. Pure.

use std::time::Duration;

use super::destination::Destination;
use super::verdict::Judged;
use crate::domain::ports::Pause;
use crate::domain::{Delivery, DeliveryState, Name, Timestamp, Verdict};

/// However long a receiver asks for silence, the other leads wait no longer than this for it.
const PAUSE_MAX: Duration = Duration::from_hours(1);

/// With a fallback they wait no longer than this, so that no hand-over is late by more.
pub(super) const PAUSE_MAX_WITH_FALLBACK: Duration = Duration::from_mins(1);

/// How long a destination is left alone that says `limited` without saying for how long.
const LIMITED: Duration = Duration::from_secs(30);

/// How long one is left alone that does not let us in: by then somebody may have changed the key.
const CREDENTIALS: Duration = Duration::from_mins(15);

/// What an attempt leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    Delivered,
    Again { due: Timestamp },
    Dead,
    HandOver,
}

/// One attempt that ended, with all that counts for what follows.
pub(super) struct Ended<'a> {
    pub(super) destination: &'a Destination,
    /// Whether the destination's fallback exists.
    pub(super) can_hand_over: bool,
    pub(super) delivery: &'a Delivery,
    /// The attempt is counted in it already.
    pub(super) state: &'a DeliveryState,
    pub(super) judged: Judged,
    pub(super) retry_after: Option<Duration>,
    pub(super) now: Timestamp,
}

/// Decides what follows.
///
/// - 2xx: delivered.
/// - 410: without a fallback the queue pauses until a person resumes it, and the job stays, due at
///   once then. With a fallback it is handed over at once and nothing pauses: paused jobs would
///   not be handed over in time.
/// - Invalid data: given up, or handed over, at once; sending the same again would change nothing.
/// - Broken credentials: handed over at once, or the queue pauses for a quarter of an hour; the schedule
///   does not count meanwhile, `give_up_after` does.
/// - Else again, by the schedule. With a fallback: once more at its time at the latest, and handed
///   over when that attempt fails too (also when the schedule ended before).
/// - After the schedule, or when the next attempt would be later than `give_up_after`: dead.
///
/// 429, 502, 503 and 504 with `Retry-After` pause the queue, see [`PAUSE_MAX`].
pub(super) fn follows(ended: &Ended<'_>) -> (Next, Option<Pause>) {
    let Ended { destination, delivery, state, now, .. } = *ended;
    match ended.judged.verdict {
        Verdict::Delivered => return (Next::Delivered, None),
        Verdict::Gone if ended.can_hand_over => return (Next::HandOver, None),
        Verdict::Gone => return (Next::Again { due: now }, pause("gone", None)),
        Verdict::Invalid | Verdict::Credentials if ended.can_hand_over => {
            return (Next::HandOver, None);
        }
        Verdict::Invalid => return (Next::Dead, None),
        Verdict::Credentials | Verdict::Retriable | Verdict::Refused | Verdict::Blocked => {}
    }
    let since = state.replayed_at.unwrap_or(delivery.since);
    if ended.judged.verdict == Verdict::Credentials {
        let until = now.after(CREDENTIALS);
        let over = destination.give_up_after.is_some_and(|most| until > since.after(most));
        let next = if over { Next::Dead } else { Next::Again { due: now } };
        return (next, pause("credentials", Some(until)));
    }
    let fallback = destination.fallback.as_ref().filter(|_| ended.can_hand_over);
    let hand_over_at = fallback.map(|fallback| since.after(fallback.after));
    if hand_over_at.is_some_and(|at| now >= at) {
        return (Next::HandOver, None);
    }
    let limited = ended.judged.error == Some("limited");
    let throttled = limited || matches!(ended.judged.http_status, Some(429 | 502 | 503 | 504));
    let retry_after = ended.retry_after.filter(|_| throttled).or(limited.then_some(LIMITED));
    let made = state.count.saturating_sub(state.before_replay);
    let due = destination
        .schedule
        .delay(made, delivery.id, retry_after)
        .map(|delay| now.after(delay))
        .filter(|due| destination.give_up_after.is_none_or(|most| *due <= since.after(most)));
    let longest = if fallback.is_some() { PAUSE_MAX_WITH_FALLBACK } else { PAUSE_MAX };
    let pause = retry_after
        .filter(|asked| !asked.is_zero())
        .and_then(|asked| pause("retry_after", Some(now.after(asked.min(longest)))));
    let next = match (due, hand_over_at) {
        (Some(due), Some(at)) => Next::Again { due: due.min(at) },
        (Some(due), None) => Next::Again { due },
        (None, Some(at)) => Next::Again { due: at },
        (None, None) => Next::Dead,
    };
    (next, pause)
}

pub(super) fn pause(reason: &str, until: Option<Timestamp>) -> Option<Pause> {
    Name::parse(reason).ok().map(|reason| Pause { reason, until })
}
