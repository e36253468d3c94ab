//! Pools: who may be picked, how, and up to which caps.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::business::Calendar;
use super::calendar::{Spans, zone, zone_names};
use super::caps::{Caps, Counted, Lot};
use super::hours::{self, Hours};
use super::member::{self, Away, Member, OfPool};
use super::settings::{PoolEntry, PoolSettings};
use super::welcome::keeps_levels;
use crate::domain::{Candidate, Method, Name, PoolPick, Roster, SettingProblem, Skip, Timestamp};

/// A checked pool.
#[derive(Debug, Clone)]
pub(super) struct Pool {
    pub(super) name: Name,
    pub(super) method: Method,
    skip: Skip,
    zone: TimeZone,
    /// Of all members together.
    caps: Caps,
    /// Sorted by name.
    members: Vec<Member>,
    /// Open leads are counted, because some pool goes by them.
    counts_open: bool,
    /// The different hours and zones: the pool's own first, then those of its members.
    kinds: Vec<(Option<Hours>, TimeZone)>,
}

/// More members than this are several pools: the store reads and writes all their places at each pick.
const MEMBERS_MAX: usize = 200;
pub(super) const WEIGHT_MAX: u32 = 1000;
pub(super) const CAP_MAX: u32 = 1_000_000;

/// Whom a pool is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// Nobody but this member.
    pub(super) only: Option<&'a Name>,
    /// Nobody of these.
    pub(super) excluded: &'a [Name],
    /// Skills and the words of which one must be known.
    pub(super) skills: &'a [(&'a str, Vec<String>)],
    pub(super) roster: &'a Roster,
    /// For which lead; without one every cap counts.
    pub(super) lot: Option<Lot<'a>>,
    /// The time at which they are to be there.
    pub(super) at: Timestamp,
}

/// What a pool says to that.
#[derive(Debug, Clone)]
pub(super) struct Offer {
    pub(super) pick: PoolPick,
    /// Who cannot be picked, and why.
    pub(super) away: Vec<(Name, Away)>,
    /// The first time after `at` at which this could look better: somebody is back, a cap's window ends.
    pub(super) next: Option<Timestamp>,
}

impl Pool {
    /// The names of all members, paused or not.
    pub(super) fn members(&self) -> impl Iterator<Item = &Name> {
        self.members.iter().map(|member| &member.name)
    }

    /// The days of a member, by the member's zone.
    pub(super) fn days_off(
        &self,
        member: &Name,
        from: &str,
        to: &str,
    ) -> Option<(Timestamp, Timestamp)> {
        self.members.iter().find(|known| known.name == *member)?.days(from, to)
    }

    /// By whose time a member's leads are measured; `None` if there is no such member.
    pub(super) fn calendar_of(&self, member: &Name, roster: &Roster) -> Option<Calendar<'_>> {
        self.members.iter().find(|known| known.name == *member).map(|known| known.calendar(roster))
    }

    /// The hours of members who say none.
    pub(super) fn calendar(&self) -> Calendar<'_> {
        self.calendars().into_iter().next().unwrap_or_default()
    }

    /// The different hours of the pool and its members, days off aside.
    pub(super) fn calendars(&self) -> Vec<Calendar<'_>> {
        self.kinds
            .iter()
            .map(|(hours, zone)| Calendar::of(hours.as_ref(), zone, Vec::new()))
            .collect()
    }

    /// Whether anybody has this skill.
    pub(super) fn has_skill(&self, skill: &str) -> bool {
        self.members.iter().any(|member| member.has_skill(skill))
    }

    /// Whether it needs to know how many open leads its members have.
    pub(super) fn needs_open(&self) -> bool {
        self.method == Method::LeastBusy || self.members.iter().any(Member::caps_open)
    }

    /// Has open leads counted at each pick.
    pub(super) fn count_open(&mut self) {
        self.counts_open = true;
    }

    /// What the store is asked to pick from, and who is away.
    pub(super) fn offer(&self, wanted: Wanted<'_>) -> Offer {
        let spans = &mut Spans::at(wanted.at);
        let of_pool = self.pool_caps(wanted.lot, spans);
        let mut offer = Offer { pick: self.pick_of(Vec::new()), away: Vec::new(), next: None };
        for member in &self.members {
            if wanted.only.is_some_and(|only| *only != member.name) {
                self.note_beside(member, wanted, &mut offer.pick);
                continue;
            }
            if wanted.excluded.contains(&member.name) {
                offer.away.push((member.name.clone(), Away::PreviousOwner));
                self.note_beside(member, wanted, &mut offer.pick);
                continue;
            }
            let lacks = wanted.skills.iter().find(|(skill, words)| !member.knows(skill, words));
            if let Some((skill, words)) = lacks {
                let what = format!("{skill}={}", words.join("|"));
                offer.away.push((member.name.clone(), Away::Skill(what)));
                self.note_beside(member, wanted, &mut offer.pick);
                continue;
            }
            if let Some(away) = member.away(wanted.at, wanted.roster) {
                offer.next = earlier(offer.next, member.back(wanted.at, wanted.roster));
                offer.away.push((member.name.clone(), away));
                continue;
            }
            let (candidate, room_at) = self.candidate(member, &of_pool, wanted.lot, spans);
            offer.next = earlier(offer.next, room_at);
            offer.pick.candidates.push(candidate);
        }
        offer
    }

    /// When members who are away now come back, until then; each time once, in order.
    pub(super) fn openings(&self, wanted: Wanted<'_>, until: Timestamp) -> Vec<Timestamp> {
        let back = |member: &Member| {
            member.away(wanted.at, wanted.roster)?;
            member.back(wanted.at, wanted.roster)
        };
        let mut times: Vec<Timestamp> =
            self.members.iter().filter_map(back).filter(|at| *at <= until).collect();
        times.sort();
        times.dedup();
        times
    }

    fn pick_of(&self, candidates: Vec<Candidate>) -> PoolPick {
        PoolPick {
            pool: self.name.clone(),
            method: self.method,
            skip: self.skip,
            candidates,
            beside: Vec::new(),
        }
    }

    fn pool_caps(&self, lot: Option<Lot<'_>>, spans: &mut Spans) -> Vec<Counted> {
        if self.caps.is_empty() {
            return Vec::new();
        }
        self.caps.counters(&format!("{}/", self.name), &self.zone, lot, spans)
    }

    /// The sources that some cap is for.
    pub(super) fn capped_sources(&self) -> impl Iterator<Item = &Name> {
        self.caps.sources().chain(self.members.iter().flat_map(Member::capped_sources))
    }

    /// Who is there but not asked is not away.
    fn note_beside(&self, member: &Member, wanted: Wanted<'_>, pick: &mut PoolPick) {
        if keeps_levels(self.method, self.skip) && member.away(wanted.at, wanted.roster).is_none() {
            pick.beside.push(member.name.clone());
        }
    }

    /// The same for a member whom a person chose: neither caps nor a pause stand in the way, but the
    /// lead is counted against the caps, so that what follows by itself respects it.
    pub(super) fn offer_chosen(
        &self,
        chosen: &Name,
        lot: Lot<'_>,
        now: Timestamp,
    ) -> Option<PoolPick> {
        let lot = Some(lot);
        let member = self.members.iter().find(|member| member.name == *chosen)?;
        let spans = &mut Spans::at(now);
        let of_pool = self.pool_caps(lot, spans);
        let (mut candidate, _) = self.candidate(member, &of_pool, lot, spans);
        for cap in &mut candidate.caps {
            cap.limit = u32::MAX;
        }
        let mut pick = self.pick_of(vec![candidate]);
        if keeps_levels(self.method, self.skip) {
            pick.beside = self.members().filter(|name| *name != chosen).cloned().collect();
        }
        Some(pick)
    }

    /// The member as a candidate, and when a full cap may have room again.
    fn candidate(
        &self,
        member: &Member,
        of_pool: &[Counted],
        lot: Option<Lot<'_>>,
        spans: &mut Spans,
    ) -> (Candidate, Option<Timestamp>) {
        let mut counted = member.counters(lot, spans, self.counts_open);
        counted.extend_from_slice(of_pool);
        let room_at = counted.iter().filter_map(|counted| counted.room_at).min();
        let caps = counted.into_iter().map(|counted| counted.cap).collect();
        (Candidate { member: member.name.clone(), weight: member.weight, caps }, room_at)
    }
}

fn earlier(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    a.into_iter().chain(b).min()
}

/// What was found while compiling.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) problems: Vec<SettingProblem>,
    pub(super) warnings: Vec<SettingProblem>,
}

impl Findings {
    pub(super) fn problem(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.problems.push(SettingProblem::new(path, message));
    }

    pub(super) fn warn(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.warnings.push(SettingProblem::new(path, message));
    }

    pub(super) fn unknown_hours<'a>(
        &mut self,
        path: String,
        given: &str,
        known: impl Iterator<Item = &'a String>,
    ) {
        let problem = SettingProblem::new(path, format!("there are no hours `{given}`"));
        self.problems.push(problem.suggest(given, known.map(String::as_str)));
    }

    /// The name in a text; a problem if it is none.
    pub(super) fn name(&mut self, path: &str, text: &str) -> Option<Name> {
        match Name::parse(text) {
            Ok(name) => Some(name),
            Err(error) => {
                self.problem(path, format!("`{text}`: {error}"));
                None
            }
        }
    }
}

/// Checks `pools.yaml`. A pool with a mistake in it comes back without its wrong parts, so that rules
/// naming it are not blamed as well.
pub(super) fn compile(settings: &PoolSettings, findings: &mut Findings) -> Vec<Pool> {
    let default = resolve_zone(settings.zone.as_deref(), "zone", findings).unwrap_or(TimeZone::UTC);
    let hours = hours::compile(&settings.hours, findings);
    let mut pools = Vec::with_capacity(settings.pools.len());
    for (name, entry) in &settings.pools {
        let path = format!("pools.{name}");
        let Some(name) = findings.name(&path, name) else { continue };
        pools.push(compile_pool(name, entry, &path, (&default, &hours), findings));
    }
    if pools.iter().any(Pool::needs_open) {
        pools.iter_mut().for_each(Pool::count_open);
    }
    pools
}

/// One of a closed list.
fn word<T: Copy>(
    given: Option<&str>,
    usual: T,
    (what, known): (&str, &[(&str, T)]),
    path: String,
    findings: &mut Findings,
) -> T {
    let Some(text) = given else { return usual };
    if let Some((_, found)) = known.iter().find(|(name, _)| *name == text) {
        return *found;
    }
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    let message = format!("unknown {what} `{text}`; there are {}", names.join(", "));
    findings.problems.push(SettingProblem::new(path, message).suggest(text, names));
    usual
}

fn compile_pool(
    name: Name,
    entry: &PoolEntry,
    path: &str,
    (default, hours): (&TimeZone, &BTreeMap<String, Hours>),
    findings: &mut Findings,
) -> Pool {
    let zone = resolve_zone(entry.zone.as_deref(), &format!("{path}.zone"), findings)
        .unwrap_or_else(|| default.clone());
    let methods: Vec<_> = Method::ALL.iter().map(|method| (method.as_str(), *method)).collect();
    let known = ("method", methods.as_slice());
    let at = format!("{path}.method");
    let method = word(entry.method.as_deref(), Method::RoundRobin, known, at, findings);
    let skips: Vec<_> = Skip::ALL.iter().map(|skip| (skip.as_str(), *skip)).collect();
    let at = format!("{path}.skip");
    let skip =
        word(entry.skip.as_deref(), Skip::KeepTurn, ("policy", skips.as_slice()), at, findings);
    if method == Method::LeastBusy && !skip.is_usual() {
        let message = "method `least_busy` goes by open leads, whoever was away";
        findings.problem(format!("{path}.skip"), message);
    }
    if let Some(named) = entry.hours.as_deref().filter(|named| !hours.contains_key(*named)) {
        findings.unknown_hours(format!("{path}.hours"), named, hours.keys());
    }
    let caps = Caps::compile(&entry.caps, &format!("{path}.caps"), findings);
    if caps.open.is_some() {
        let message = "open leads are counted per member: say it there";
        findings.problem(format!("{path}.caps.open"), message);
    }
    let common = OfPool { method, zone: &zone, hours, default_hours: entry.hours.as_deref() };
    let members = compile_members(entry, &common, path, findings);
    let own = entry.hours.as_ref().and_then(|name| hours.get(name).cloned());
    let own_zone =
        own.as_ref().and_then(|hours| hours.zone.clone()).unwrap_or_else(|| zone.clone());
    let mut kinds = vec![(own, own_zone)];
    for kind in members.iter().map(Member::kind) {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    Pool { name, method, skip, zone, caps, members, counts_open: false, kinds }
}

fn compile_members(
    entry: &PoolEntry,
    common: &OfPool<'_>,
    path: &str,
    findings: &mut Findings,
) -> Vec<Member> {
    let here = format!("{path}.members");
    if entry.members.is_empty() {
        findings.problem(&here, "a pool needs at least one member");
    }
    if entry.members.len() > MEMBERS_MAX {
        findings.problem(&here, format!("a pool has at most {MEMBERS_MAX} members"));
    }
    let mut members: Vec<Member> = Vec::with_capacity(entry.members.len());
    for (number, settings) in entry.members.iter().enumerate() {
        let here = format!("{here}[{number}]");
        let Some(member) = member::compile(settings, common, &here, findings) else { continue };
        if members.iter().any(|other| other.name == member.name) {
            findings.problem(here, format!("`{}` is in this pool twice", member.name));
        } else {
            members.push(member);
        }
    }
    members.sort_by(|a, b| a.name.cmp(&b.name));
    if members.iter().all(Member::is_paused) && !entry.members.is_empty() {
        findings
            .warn(&here, "everybody here is paused: whatever the pool should get goes to `else`");
    }
    members
}

pub(super) fn ranged(given: i64, max: u32) -> Option<u32> {
    u32::try_from(given).ok().filter(|given| (1..=max).contains(given))
}

pub(super) fn resolve_zone(
    given: Option<&str>,
    path: &str,
    findings: &mut Findings,
) -> Option<TimeZone> {
    let given = given?;
    let found = zone(given);
    if found.is_none() {
        let names = zone_names();
        let problem =
            SettingProblem::new(path, format!("`{given}` is not a time zone's IANA name"));
        findings.problems.push(problem.suggest(given, names.iter().map(String::as_str)));
    }
    found
}
