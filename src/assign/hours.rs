//! Working hours: when somebody can be given a lead, by the clocks of a time zone.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};
use serde::Deserialize;

use super::pools::{Findings, resolve_zone};
use crate::domain::Timestamp;

/// Working hours by name, in `pools.yaml`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct HoursSettings {
    /// IANA name of the time zone whose clocks they go by. Without it: the member's, else the pool's.
    pub zone: Option<String>,
    /// Days (`mon`, `mon-fri`, `sat-sun` …) and the times of the day, `09:00-17:00`; several with a comma. What
    /// is not named is off.
    #[cfg_attr(test, schemars(extend("examples" = [{"mon-fri": "09:00-12:30, 13:30-18:00"}])))]
    pub week: BTreeMap<String, String>,
    /// Days off for all who work these hours: `2026-12-25`.
    pub holidays: Vec<String>,
}

/// Checked working hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hours {
    pub(super) zone: Option<TimeZone>,
    /// From Monday; of each day from and to, sorted, `to` = midnight as the day's end.
    week: [Vec<(Time, Time)>; 7],
    holidays: BTreeSet<Date>,
}

/// An opening further away than this is none: nobody plans a lead for next year.
const DAYS_MAX: usize = 62;
/// The same for work: whoever does not work for so long never does.
const STRETCH_DAYS_MAX: usize = 1000;
const DAY_MILLIS: i64 = 86_400_000;
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Hours {
    /// Whether somebody works at that time.
    pub(super) fn is_open(&self, zone: &TimeZone, at: Timestamp) -> bool {
        let Some(at) = zoned(zone, at) else { return true };
        self.of(at.date()).iter().any(|(from, to)| *from <= at.time() && before_end(&at, *to))
    }

    /// The first moment from `at` on at which somebody works.
    pub(super) fn opens(&self, zone: &TimeZone, at: Timestamp) -> Option<Timestamp> {
        if self.is_open(zone, at) {
            return Some(at);
        }
        let mut date = zoned(zone, at)?.date();
        for _ in 0..DAYS_MAX {
            for (from, _) in self.of(date) {
                let opens = date.to_datetime(*from).to_zoned(zone.clone()).ok()?;
                let opens = Timestamp::from_millis(opens.timestamp().as_millisecond());
                if opens > at {
                    return Some(opens);
                }
            }
            date = date.tomorrow().ok()?;
        }
        None
    }

    /// The first stretch of work that ends after `at`, from `at` on. It ends where the zone's offset changes, too.
    pub(super) fn stretch(&self, zone: &TimeZone, at: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let mut from = at.as_millis();
        for _ in 0..STRETCH_DAYS_MAX {
            let moment = jiff::Timestamp::from_millisecond(from).ok()?;
            let offset = zone.to_offset(moment);
            let changes = zone.following(moment).next().map(|it| it.timestamp().as_millisecond());
            let changes = changes.unwrap_or(i64::MAX);
            let ahead = i64::from(offset.seconds()) * 1000;
            let midnight = (from + ahead).div_euclid(DAY_MILLIS) * DAY_MILLIS - ahead;
            for (begin, end) in self.of(offset.to_datetime(moment).date()) {
                let begin = (midnight + of_day(*begin)).max(from);
                let end = if *end == Time::midnight() { DAY_MILLIS } else { of_day(*end) };
                let end = (midnight + end).min(changes);
                if begin < end {
                    return Some((Timestamp::from_millis(begin), Timestamp::from_millis(end)));
                }
            }
            from = (midnight + DAY_MILLIS).min(changes);
        }
        None
    }

    /// How long a working day is, on average.
    pub(super) fn day(&self) -> Duration {
        let worked = |day: &&Vec<(Time, Time)>| !day.is_empty();
        let days = self.week.iter().filter(worked).count();
        let mut sum = 0;
        for day in &self.week {
            let mut until = 0;
            for (begin, end) in day {
                let end = if *end == Time::midnight() { DAY_MILLIS } else { of_day(*end) };
                sum += (end - of_day(*begin).max(until)).max(0);
                until = until.max(end);
            }
        }
        Duration::from_millis(u64::try_from(sum).unwrap_or(0))
            / u32::try_from(days.max(1)).unwrap_or(1)
    }

    fn of(&self, date: Date) -> &[(Time, Time)] {
        if self.holidays.contains(&date) {
            return &[];
        }
        let day = date.weekday().since(Weekday::Monday);
        usize::try_from(day).ok().and_then(|day| self.week.get(day)).map_or(&[], Vec::as_slice)
    }
}

/// Since midnight, in milliseconds.
fn of_day(time: Time) -> i64 {
    (i64::from(time.hour()) * 60 + i64::from(time.minute())) * 60_000
}

fn before_end(at: &Zoned, end: Time) -> bool {
    end == Time::midnight() || at.time() < end
}

fn zoned(zone: &TimeZone, at: Timestamp) -> Option<Zoned> {
    let at = jiff::Timestamp::from_millisecond(at.as_millis()).ok()?;
    Some(at.to_zoned(zone.clone()))
}

/// A day, from its beginning to the beginning of the next one.
pub(super) fn day(text: &str, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
    let date: Date = text.parse().ok()?;
    let begin = |date: Date| {
        let at = date.to_zoned(zone.clone()).ok()?;
        Some(Timestamp::from_millis(at.timestamp().as_millisecond()))
    };
    Some((begin(date)?, begin(date.checked_add(1.day()).ok()?)?))
}

/// A whole number and one of `m`, `h`, `d`.
pub(super) fn period(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let minutes = match unit.trim() {
        "m" => 1,
        "h" => 60,
        "d" => 24 * 60,
        _ => return None,
    };
    let seconds = number.parse::<u64>().ok()?.checked_mul(minutes * 60)?;
    (60..=62 * 86_400).contains(&seconds).then(|| Duration::from_secs(seconds))
}

/// Checks the hours of a file.
pub(super) fn compile(
    settings: &BTreeMap<String, HoursSettings>,
    findings: &mut Findings,
) -> BTreeMap<String, Hours> {
    let mut all = BTreeMap::new();
    for (name, entry) in settings {
        let path = format!("hours.{name}");
        if findings.name(&path, name).is_none() {
            continue;
        }
        let zone = resolve_zone(entry.zone.as_deref(), &format!("{path}.zone"), findings);
        let mut week: [Vec<(Time, Time)>; 7] = Default::default();
        for (days, times) in &entry.week {
            let here = format!("{path}.week.{days}");
            let Some((first, last)) = days_of(days) else {
                findings.problem(here, "expected days such as `mon`, `mon-fri` or `sat-sun`");
                continue;
            };
            let Some(times) = times_of(times) else {
                findings.problem(
                    here,
                    "expected times such as `09:00-17:00` or `09:00-12:30, 13:30-18:00`, within one day",
                );
                continue;
            };
            for day in &mut week[first..=last] {
                day.extend(&times);
                day.sort();
            }
        }
        let mut holidays = BTreeSet::new();
        for (number, text) in entry.holidays.iter().enumerate() {
            match text.parse::<Date>() {
                Ok(date) => {
                    holidays.insert(date);
                }
                Err(_) => findings.problem(
                    format!("{path}.holidays[{number}]"),
                    "expected a date such as 2026-12-25",
                ),
            }
        }
        if week.iter().all(Vec::is_empty) {
            findings.problem(format!("{path}.week"), "nobody ever works these hours");
        }
        all.insert(name.clone(), Hours { zone, week, holidays });
    }
    all
}

fn days_of(text: &str) -> Option<(usize, usize)> {
    let number = |day: &str| DAYS.iter().position(|known| *known == day.trim());
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (number(first)?, number(last)?);
    (first <= last).then_some((first, last))
}

fn times_of(text: &str) -> Option<Vec<(Time, Time)>> {
    let time = |text: &str| -> Option<Time> {
        let (hour, minute) = text.trim().split_once(':')?;
        let two = |text: &str| if text.len() == 2 { text.parse::<i8>().ok() } else { None };
        Time::new(two(hour)?, two(minute)?, 0, 0).ok()
    };
    text.split(',')
        .map(|span| {
            let (from, to) = span.split_once('-')?;
            let end = if to.trim() == "24:00" { Some(Time::midnight()) } else { time(to) };
            let (from, to) = (time(from)?, end?);
            (from < to || to == Time::midnight()).then_some((from, to))
        })
        .collect()
}
