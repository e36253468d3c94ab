//! Pools: who may be picked, how, and up to which caps.

use jiff::tz::TimeZone;

use super::calendar::{Span, Window, span, zone, zone_names};
use super::settings::{CapSettings, MemberSettings, PoolEntry, PoolSettings};
use crate::domain::{Candidate, Cap, Method, Name, PoolPick, SettingProblem, Timestamp};

/// A checked pool.
#[derive(Debug, Clone)]
pub(super) struct Pool {
    pub(super) name: Name,
    method: Method,
    zone: TimeZone,
    /// Sorted by name.
    members: Vec<Member>,
}

#[derive(Debug, Clone)]
struct Member {
    name: Name,
    weight: u32,
    caps: Vec<(Window, u32)>,
    paused: bool,
}

/// More members than this are several pools: the store reads and writes all their places at each pick.
const MEMBERS_MAX: usize = 200;
const WEIGHT_MAX: u32 = 1000;
const CAP_MAX: u32 = 1_000_000;

impl Pool {
    /// The names of all members, paused or not.
    pub(super) fn members(&self) -> impl Iterator<Item = &Name> {
        self.members.iter().map(|member| &member.name)
    }

    /// Whether nobody in it can be picked at all.
    pub(super) fn all_paused(&self) -> bool {
        self.members.iter().all(|member| member.paused)
    }

    /// What the store is asked to pick from now, and the names of members who are paused.
    /// `only` = nobody but this member.
    pub(super) fn offer(&self, only: Option<&Name>, now: Timestamp) -> (PoolPick, Vec<Name>) {
        let mut spans: [Option<Span>; Window::ALL.len()] = [const { None }; Window::ALL.len()];
        let mut candidates = Vec::with_capacity(self.members.len());
        let mut paused = Vec::new();
        for member in &self.members {
            if only.is_some_and(|only| *only != member.name) {
                continue;
            }
            if member.paused {
                paused.push(member.name.clone());
                continue;
            }
            candidates.push(self.candidate(member, &mut spans, now));
        }
        (PoolPick { pool: self.name.clone(), method: self.method, candidates }, paused)
    }

    /// The same for a member whom a person chose: neither caps nor a pause stand in the way, but the
    /// lead is counted against the caps, so that what follows by itself respects it.
    pub(super) fn offer_chosen(&self, chosen: &Name, now: Timestamp) -> Option<PoolPick> {
        let member = self.members.iter().find(|member| member.name == *chosen)?;
        let mut spans = [const { None }; Window::ALL.len()];
        let mut candidate = self.candidate(member, &mut spans, now);
        for cap in &mut candidate.caps {
            cap.limit = u32::MAX;
        }
        let candidates = vec![candidate];
        Some(PoolPick { pool: self.name.clone(), method: self.method, candidates })
    }

    fn candidate(
        &self,
        member: &Member,
        spans: &mut [Option<Span>; Window::ALL.len()],
        now: Timestamp,
    ) -> Candidate {
        let caps = member
            .caps
            .iter()
            .map(|(window, limit)| {
                let span =
                    spans[*window as usize].get_or_insert_with(|| span(*window, &self.zone, now));
                let counter = format!("{}:{}", member.name, span.label);
                Cap { counter, limit: *limit, until: span.end }
            })
            .collect();
        Candidate { member: member.name.clone(), weight: member.weight, caps }
    }
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
    let mut pools = Vec::with_capacity(settings.pools.len());
    for (name, entry) in &settings.pools {
        let path = format!("pools.{name}");
        let Some(name) = findings.name(&path, name) else { continue };
        pools.push(compile_pool(name, entry, &path, &default, findings));
    }
    pools
}

fn compile_pool(
    name: Name,
    entry: &PoolEntry,
    path: &str,
    default: &TimeZone,
    findings: &mut Findings,
) -> Pool {
    let zone = resolve_zone(entry.zone.as_deref(), &format!("{path}.zone"), findings)
        .unwrap_or_else(|| default.clone());
    let method = match entry.method.as_deref() {
        None => Method::RoundRobin,
        Some(text) => Method::parse(text).unwrap_or_else(|| {
            let known = || Method::ALL.iter().map(|method| method.as_str());
            let message = format!(
                "unknown method `{text}`; there are {}",
                known().collect::<Vec<_>>().join(", ")
            );
            let problem = SettingProblem::new(format!("{path}.method"), message);
            findings.problems.push(problem.suggest(text, known()));
            Method::RoundRobin
        }),
    };
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
        let Some(member) = compile_member(settings, method, &here, findings) else { continue };
        if members.iter().any(|other| other.name == member.name) {
            findings.problem(here, format!("`{}` is in this pool twice", member.name));
        } else {
            members.push(member);
        }
    }
    members.sort_by(|a, b| a.name.cmp(&b.name));
    let pool = Pool { name, method, zone, members };
    if pool.all_paused() && !entry.members.is_empty() {
        findings
            .warn(&here, "everybody here is paused: whatever the pool should get goes to `else`");
    }
    pool
}

fn compile_member(
    settings: &MemberSettings,
    method: Method,
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
    if weight.is_some_and(|weight| weight != 1) && method == Method::RoundRobin {
        findings.warn(
            format!("{path}.weight"),
            "method `round_robin` does not look at weights; say `method: weighted`",
        );
    }
    let CapSettings { hour, day, week, month } = settings.caps;
    let mut caps = Vec::new();
    for (window, given) in Window::ALL.into_iter().zip([hour, day, week, month]) {
        let Some(given) = given else { continue };
        match ranged(given, CAP_MAX) {
            Some(limit) => caps.push((window, limit)),
            None => findings.problem(
                format!("{path}.caps.{}", window.as_str()),
                format!(
                    "a cap is a number from 1 to {CAP_MAX}; `paused: true` gives a member nothing"
                ),
            ),
        }
    }
    let name = findings.name(&format!("{path}.name"), &settings.name)?;
    Some(Member { name, weight: weight.unwrap_or(1), caps, paused: settings.paused })
}

fn ranged(given: i64, max: u32) -> Option<u32> {
    u32::try_from(given).ok().filter(|given| (1..=max).contains(given))
}

fn resolve_zone(given: Option<&str>, path: &str, findings: &mut Findings) -> Option<TimeZone> {
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
