//! Business time: how much of a stretch of time somebody works, and when so much of it has passed.
//!
//! A calendar is walked from one stretch of work to the next, never minute by minute. Between two changes of a zone's
//! offset local time is UTC and a constant: hours that are skipped are not there, hours that come twice count twice,
//! just as [`Hours::is_open`] says for every single minute.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::hours::Hours;
use super::pools::Pool;
use super::router::Router;
use crate::domain::{BusinessTime, Name, Roster, Timestamp};

/// More stretches of work are walked for nobody: some fifty years of usual weeks.
const STRETCHES_MAX: usize = 20_000;
/// No stretch ends later.
const FAR: Timestamp = Timestamp::from_millis(1 << 47);
const DAY: Duration = Duration::from_hours(24);

/// When somebody works: hours and days off, by the clocks of a zone.
#[derive(Debug, Clone, Default)]
pub struct Calendar<'a> {
    /// `None` = always.
    hours: Option<(&'a Hours, &'a TimeZone)>,
    /// From (inclusive) and until.
    off: Vec<(Timestamp, Timestamp)>,
}

impl<'a> Calendar<'a> {
    pub(super) fn of(
        hours: Option<&'a Hours>,
        zone: &'a TimeZone,
        off: Vec<(Timestamp, Timestamp)>,
    ) -> Self {
        Self { hours: hours.map(|hours| (hours, zone)), off }
    }

    /// Whether anybody works at that time.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.hours.is_none_or(|(hours, zone)| hours.is_open(zone, at))
            && !self.off.iter().any(|(from, until)| *from <= at && at < *until)
    }

    /// When so much business time has passed since `start`: at the end of a stretch of work rather than at the
    /// beginning of the next one; of no time at all, when work goes on. `None` = nobody works so much any more.
    #[must_use]
    pub fn add(&self, start: Timestamp, length: Duration) -> Option<Timestamp> {
        let (mut at, mut left) = (start, length);
        for _ in 0..STRETCHES_MAX {
            let (begin, end) = self.next(at)?;
            let there = end.since(begin);
            if left <= there {
                return Some(begin.after(left));
            }
            left -= there;
            at = end;
        }
        None
    }

    /// How much business time lies between two times; none if `to` is not after `from`.
    #[must_use]
    pub fn between(&self, from: Timestamp, to: Timestamp) -> Duration {
        let (mut at, mut sum) = (from, Duration::ZERO);
        for _ in 0..STRETCHES_MAX {
            match self.next(at) {
                Some((begin, end)) if begin < to => {
                    sum += end.min(to).since(begin);
                    at = end;
                }
                _ => break,
            }
        }
        sum
    }

    /// How long that is here: a day is as long as a working day on average.
    #[must_use]
    pub fn length(&self, time: BusinessTime) -> Duration {
        match time {
            BusinessTime::Minutes(minutes) => Duration::from_mins(u64::from(minutes)),
            BusinessTime::Days(days) => self.hours.map_or(DAY, |(hours, _)| hours.day()) * days,
        }
    }

    /// The first stretch of work that ends after `at`, from `at` on.
    fn next(&self, at: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let mut at = at;
        for _ in 0..=self.off.len() {
            let (begin, end) = match self.hours {
                Some((hours, zone)) => hours.stretch(zone, at)?,
                None => (at, FAR),
            };
            let away = self.off.iter().filter(|(from, until)| *from <= begin && begin < *until);
            let Some(back) = away.map(|(_, until)| *until).max() else {
                let leaves = self.off.iter().map(|(from, _)| *from).filter(|it| *it > begin);
                return Some((begin, leaves.fold(end, Timestamp::min)));
            };
            at = back;
        }
        None
    }
}

impl Router {
    /// By whose time a lead of a pool is measured: the member's; without a member, or if no pool has that one any
    /// more, the pool's. What belongs to no pool is always open.
    #[must_use]
    pub fn calendar(
        &self,
        pool: Option<&Name>,
        member: Option<&Name>,
        roster: &Roster,
    ) -> Calendar<'_> {
        let pool = pool.and_then(|pool| self.pools.get(pool));
        let pools = || pool.into_iter().chain(self.pools.values());
        member
            .and_then(|member| pools().find_map(|pool| pool.calendar_of(member, roster)))
            .or_else(|| pool.map(|pool| pool.calendar()))
            .unwrap_or_default()
    }

    /// The different hours that members of a pool work, days off aside, with the pool's own: whoever of them gets a
    /// lead, nothing is due earlier than by one of these.
    #[must_use]
    pub fn calendars(&self, pool: Option<&Name>) -> Vec<Calendar<'_>> {
        let pool = pool.and_then(|pool| self.pools.get(pool));
        pool.map_or_else(|| vec![Calendar::default()], Pool::calendars)
    }
}
