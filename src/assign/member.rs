//! One member of a pool: how much, when and for what they can be given leads.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;

use super::business::Calendar;
use super::calendar::Spans;
use super::caps::{Caps, Counted, Lot};
use super::hours::{Hours, day};
use super::pools::{Findings, WEIGHT_MAX, ranged, resolve_zone};
use super::settings::{MemberSettings, TimeOffSettings};
use crate::domain::{Absence, Cap, Method, Name, Roster, Timestamp};

/// A checked member.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) name: Name,
    pub(super) weight: u32,
    caps: Caps,
    paused: bool,
    zone: TimeZone,
    hours: Option<Hours>,
    /// From (inclusive) and until, sorted.
    time_off: Vec<(Timestamp, Timestamp)>,
    skills: BTreeMap<String, BTreeSet<String>>,
}

/// When nobody asks for a counter of open leads any more: never.
const FOR_GOOD: Timestamp = Timestamp::from_millis(1 << 48);
/// So many steps from one reason to the next are followed.
const STEPS_MAX: usize = 64;

/// Why somebody cannot be picked, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Away {
    Paused,
    TimeOff(Timestamp),
    OutOfHours(Option<Timestamp>),
    Skill(String),
    /// Had the lead before, and a clock ran out.
    PreviousOwner,
}

impl std::fmt::Display for Away {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Paused => f.write_str("paused"),
            Self::TimeOff(until) => write!(f, "time_off until {until}"),
            Self::OutOfHours(Some(until)) => write!(f, "out_of_hours until {until}"),
            Self::OutOfHours(None) => f.write_str("out_of_hours"),
            Self::Skill(what) => write!(f, "skill {what}"),
            Self::PreviousOwner => f.write_str("excluded_previous_owner"),
        }
    }
}

impl Member {
    pub(super) fn is_paused(&self) -> bool {
        self.paused
    }

    /// From the beginning of a day to the end of another, by the member's clocks.
    pub(super) fn days(&self, from: &str, to: &str) -> Option<(Timestamp, Timestamp)> {
        let ((begin, _), (_, end)) = (day(from, &self.zone)?, day(to, &self.zone)?);
        (begin < end).then_some((begin, end))
    }

    /// When the member works. A pause stops no clock.
    pub(super) fn calendar(&self, roster: &Roster) -> Calendar<'_> {
        let said = roster.members.get(&self.name).into_iter().flat_map(Absence::times_off);
        let off = self.time_off.iter().copied().chain(said).collect();
        Calendar::of(self.hours.as_ref(), &self.zone, off)
    }

    /// Hours and zone.
    pub(super) fn kind(&self) -> (Option<Hours>, TimeZone) {
        (self.hours.clone(), self.zone.clone())
    }

    /// Whether the member has one of the words under that skill.
    pub(super) fn knows(&self, skill: &str, words: &[String]) -> bool {
        let own = self.skills.get(skill);
        own.is_some_and(|own| words.iter().any(|word| own.contains(word)))
    }

    /// Whether the member has anything under that skill.
    pub(super) fn has_skill(&self, skill: &str) -> bool {
        self.skills.contains_key(skill)
    }

    /// Why the member cannot be given a lead at that time; caps aside.
    pub(super) fn away(&self, at: Timestamp, roster: &Roster) -> Option<Away> {
        let absence = roster.members.get(&self.name);
        if absence.and_then(Absence::paused).unwrap_or(self.paused) {
            return Some(Away::Paused);
        }
        let configured = self.time_off.iter().copied();
        let said = absence.into_iter().flat_map(Absence::times_off);
        let off = configured.chain(said).filter(|(from, until)| *from <= at && at < *until);
        if let Some((_, until)) = off.max_by_key(|(_, until)| *until) {
            return Some(Away::TimeOff(until));
        }
        let hours = self.hours.as_ref()?;
        if hours.is_open(&self.zone, at) {
            return None;
        }
        Some(Away::OutOfHours(hours.opens(&self.zone, at)))
    }

    /// The first time from `at` on at which the member is not away.
    pub(super) fn back(&self, at: Timestamp, roster: &Roster) -> Option<Timestamp> {
        let mut at = at;
        for _ in 0..STEPS_MAX {
            at = match self.away(at, roster) {
                None => return Some(at),
                Some(Away::TimeOff(until) | Away::OutOfHours(Some(until))) => until,
                Some(_) => return None,
            };
        }
        None
    }

    /// The counters of the member's own caps at a time; with `counts_open` the open leads come first.
    pub(super) fn counters(
        &self,
        lot: Option<Lot<'_>>,
        spans: &mut Spans,
        counts_open: bool,
    ) -> Vec<Counted> {
        let open = counts_open.then(|| Counted {
            cap: Cap {
                counter: open_counter(&self.name),
                limit: self.caps.open.unwrap_or(u32::MAX),
                until: FOR_GOOD,
                earlier: 0,
            },
            room_at: None,
        });
        let windows = self.caps.counters(self.name.as_str(), &self.zone, lot, spans);
        open.into_iter().chain(windows).collect()
    }

    /// The sources that some cap of the member is for.
    pub(super) fn capped_sources(&self) -> impl Iterator<Item = &Name> {
        self.caps.sources()
    }

    pub(super) fn caps_open(&self) -> bool {
        self.caps.open.is_some()
    }
}

/// What counts a member's open leads.
pub(crate) fn open_counter(member: &Name) -> String {
    format!("{member}:open")
}

/// What members take from their pool and file.
pub(super) struct OfPool<'a> {
    pub(super) method: Method,
    pub(super) zone: &'a TimeZone,
    pub(super) hours: &'a BTreeMap<String, Hours>,
    pub(super) default_hours: Option<&'a str>,
}

pub(super) fn compile(
    settings: &MemberSettings,
    common: &OfPool<'_>,
    path: &str,
    findings: &mut Findings,
) -> Option<Member> {
    let weight = settings.weight.map_or(Some(1), |given| ranged(given, WEIGHT_MAX));
    if weight.is_none() {
        findings.problem(
            format!("{path}.weight"),
            format!(
                "a weight is a number from 1 to {WEIGHT_MAX}; `paused: true` gives a member nothing"
            ),
        );
    }
    let unweighted = matches!(common.method, Method::RoundRobin | Method::LongestIdle);
    if weight.is_some_and(|weight| weight != 1) && unweighted {
        findings.warn(
            format!("{path}.weight"),
            format!(
                "method `{}` does not look at weights; say `method: weighted`",
                common.method.as_str()
            ),
        );
    }
    let caps = Caps::compile(&settings.caps, &format!("{path}.caps"), findings);
    let named = settings.hours.as_deref();
    let hours = named.or(common.default_hours).and_then(|name| common.hours.get(name).cloned());
    if let Some(name) = named.filter(|name| !common.hours.contains_key(*name)) {
        findings.unknown_hours(format!("{path}.hours"), name, common.hours.keys());
    }
    let zone = resolve_zone(settings.zone.as_deref(), &format!("{path}.zone"), findings)
        .or_else(|| hours.as_ref().and_then(|hours| hours.zone.clone()))
        .unwrap_or_else(|| common.zone.clone());
    let mut time_off = Vec::with_capacity(settings.time_off.len());
    for (number, TimeOffSettings { from, to }) in settings.time_off.iter().enumerate() {
        let last = to.as_ref().unwrap_or(from);
        match (day(from, &zone), day(last, &zone)) {
            (Some((begin, _)), Some((_, end))) if begin < end => time_off.push((begin, end)),
            _ => findings.problem(
                format!("{path}.time_off[{number}]"),
                "expected dates such as `{from: 2026-08-01, to: 2026-08-14}`, both days included",
            ),
        }
    }
    time_off.sort();
    let folded = |words: &Vec<String>| words.iter().map(|word| fold(word)).collect();
    let skills = settings.skills.iter().map(|(skill, words)| (skill.clone(), folded(words)));
    let name = findings.name(&format!("{path}.name"), &settings.name)?;
    Some(Member {
        name,
        weight: weight.unwrap_or(1),
        caps,
        paused: settings.paused,
        zone,
        hours,
        time_off,
        skills: skills.collect(),
    })
}

/// Skills are compared trimmed and in lower case.
pub(super) fn fold(word: &str) -> String {
    word.trim().to_lowercase()
}
