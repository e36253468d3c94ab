//! Checks `routing.yaml` and `pools.yaml` against each other and the destinations; all mistakes at once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::hours::period;
use super::pools::{self, Findings, Pool};
use super::router::{DO_NOT_ROUTE, QUALIFY, Queue, Router, Rule, SALES, Stop, TRIAGE};
use super::settings::{ElseSettings, PoolSettings, RoutingSettings, RuleSettings, TargetSettings};
use super::{queues, shadow, tables};
use crate::domain::{Name, OwnerStep, SettingProblem};
use crate::rules::{Condition, ConditionSource, Index, Lists, Named};

/// A rule's way has at most this many stations: every one of them is planned for every lead.
const STOPS_MAX: usize = 8;

impl Router {
    /// Checks and compiles both files; `lists` are those that conditions may name. Paths are those of the file concerned: `queues`, `rules` and
    /// `fallback` stand in `routing.yaml`, `zone` and `pools` in `pools.yaml`.
    ///
    /// # Errors
    /// Everything that is wrong: unknown destinations, queues, pools, members, zones, methods (each with
    /// a suggestion), empty pools, a missing fallback, names given twice, weights and caps out of range,
    /// and whatever is wrong with a condition.
    pub fn compile(
        routing: &RoutingSettings,
        pools: &PoolSettings,
        destinations: &BTreeSet<Name>,
        lists: &Lists,
    ) -> Result<Self, Vec<SettingProblem>> {
        let mut findings = Findings::default();
        let pools: BTreeMap<Name, Pool> = pools::compile(pools, &mut findings)
            .into_iter()
            .map(|pool| (pool.name.clone(), pool))
            .collect();
        let queues = queues::compile(&routing.queues, destinations, &mut findings);
        let mut ways = Ways { queues: &queues, pools: &pools, findings };
        let rules = compile_rules(&routing.rules, lists, &mut ways);
        let kept_back =
            match routing.do_not_route.as_ref().map(|when| Condition::compile(when, lists)) {
                None => None,
                Some(Ok(condition)) => Some(condition),
                Some(Err(problems)) => {
                    let here = problems.into_iter().map(|problem| problem.below("do_not_route"));
                    ways.findings.problems.extend(here);
                    None
                }
            };
        let owners = routing.owners.clone().unwrap_or_else(|| vec![OwnerStep::Existing]);
        let fallback = if let Some(target) = &routing.fallback {
            ways.fallback(target)
        } else {
            ways.findings.problem(
                "fallback",
                "it is missing: `fallback: { queue: triage }` says where a lead goes that no rule takes",
            );
            Vec::new()
        };
        let mut findings = ways.findings;
        if !findings.problems.is_empty() {
            return Err(findings.problems);
        }
        warn_unused(&routing.rules, &queues, &pools, &rules, &fallback, &mut findings);
        let index = Index::new(rules.iter().map(|rule| rule.when.as_ref()));
        let passed = [true, false].map(|discards| {
            let letter = |rule: &Rule| if discards && !rule.asks_category { '-' } else { 'n' };
            rules.iter().map(letter).collect()
        });
        Ok(Self {
            queues,
            kept_back,
            owners,
            served_first: routing.served_first,
            rules,
            index,
            passed,
            fallback,
            pools,
            warnings: findings.warnings,
        })
    }
}

fn compile_rules(settings: &[RuleSettings], lists: &Lists, ways: &mut Ways<'_>) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::with_capacity(settings.len());
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (number, rule) in settings.iter().enumerate() {
        let path = format!("rules[{number}]");
        let name = ways.findings.name(&format!("{path}.name"), &rule.name);
        if rule.name == DO_NOT_ROUTE {
            let message = "`do_not_route` is a condition of its own; choose another name";
            ways.findings.problem(format!("{path}.name"), message);
        }
        if let Some(first) = seen.insert(&rule.name, number) {
            ways.findings.problem(
                format!("{path}.name"),
                format!("rule {} has the name `{}` already", first + 1, rule.name),
            );
        }
        let when = match rule.when.as_ref().map(|when| Condition::compile(when, lists)) {
            None => None,
            Some(Ok(condition)) => Some(condition),
            Some(Err(problems)) => {
                let here = format!("{path}.when");
                ways.findings.problems.extend(problems.into_iter().map(|p| p.below(&here)));
                None
            }
        };
        let table = rule
            .table
            .as_ref()
            .and_then(|table| tables::compile(table, &rule.assign, lists, &path, ways));
        let stops = match rule.table {
            Some(_) => Vec::new(),
            None => ways.target(&rule.assign, &format!("{path}.assign")),
        };
        let Some(name) = name else { continue };
        let asks_category =
            when.as_ref().is_some_and(|when| when.fields().iter().any(|field| field == "category"))
                || table.as_ref().is_some_and(|table| table.rows.fields().any(|f| f == "category"));
        let words = rule.when.as_ref().map(ConditionSource::in_words);
        rules.push(Rule {
            name,
            when,
            words,
            source: rule.when.clone(),
            asks_category,
            table,
            stops,
        });
    }
    rules
}

/// Compiles targets, knowing what they may name.
pub(super) struct Ways<'a> {
    queues: &'a BTreeMap<Name, Queue>,
    pools: &'a BTreeMap<Name, Pool>,
    pub(super) findings: Findings,
}

impl Ways<'_> {
    fn fallback(&mut self, target: &TargetSettings) -> Vec<Stop> {
        if target.queue.is_none() {
            self.findings.problem("fallback.queue", "the fallback must say a queue");
        }
        self.target(target, "fallback")
    }

    pub(super) fn target(&mut self, target: &TargetSettings, path: &str) -> Vec<Stop> {
        let mut stops = Vec::new();
        let mut next = Some((target, path.to_owned()));
        while let Some((target, path)) = next.take() {
            if stops.len() == STOPS_MAX {
                self.findings.problem(path, format!("a way has at most {STOPS_MAX} stations"));
                break;
            }
            let mut stop = self.stop(target, &path);
            if target.queue.is_none() {
                // `else: { pool: … }` means another pool for the same queue.
                stop.queue = stops.last().and_then(|before: &Stop| before.queue.clone());
            }
            let below = format!("{path}.else");
            if target.otherwise.is_some() && stop.pool.is_none() {
                self.findings.problem(
                    &below,
                    "`else` is for when nobody in the pool can be picked; here no pool is named",
                );
            }
            stops.push(stop);
            match &target.otherwise {
                None | Some(ElseSettings::Hold) => {}
                Some(ElseSettings::Queue(queue)) => {
                    let queue = self.queue(queue, &below);
                    stops.push(Stop { queue, ..Stop::default() });
                }
                Some(ElseSettings::Target(target)) => next = Some((target, below)),
            }
        }
        stops
    }

    fn stop(&mut self, target: &TargetSettings, path: &str) -> Stop {
        if target.queue.is_none() && target.pool.is_none() && target.member.is_none() {
            self.findings.problem(path, "say a `queue`, a `pool` or both");
        }
        let queue =
            target.queue.as_deref().and_then(|text| self.queue(text, &format!("{path}.queue")));
        let mut pool = target.pool.as_deref().and_then(|text| {
            let found = self.pools.get_key_value(text).map(|(name, _)| name.clone());
            if found.is_none() {
                let here = format!("{path}.pool");
                self.findings.problems.push(unknown("pool", here, text, self.pools.keys()));
            }
            found
        });
        let only = match &target.member {
            Some(text) if target.pool.is_none() || pool.is_some() => {
                let found = self.member(text, pool.as_ref(), &format!("{path}.member"));
                pool = found.as_ref().map(|(pool, _)| pool.clone()).or(pool);
                found.map(|(_, member)| member)
            }
            _ => None,
        };
        if pool.is_some() && queue.as_ref().is_some_and(|queue| queue.as_str() == TRIAGE) {
            self.findings.problem(
                path,
                "leads in `triage` wait for whoever looks first; they are not assigned from a pool",
            );
        }
        let within = self.period(target.assign_within.as_deref(), path, "assign_within");
        if within.is_some() && pool.is_none() {
            let message = "say the pool whose members may come within this time";
            self.findings.problem(format!("{path}.assign_within"), message);
        }
        let hold = self.period(target.hold.as_deref(), path, "hold");
        if hold.is_some() && !path.contains(".else") {
            let message = "it belongs into an `else`: wait for somebody of the pool before";
            self.findings.problem(format!("{path}.hold"), message);
        }
        let skills = self.skills(target, pool.as_ref(), path);
        Stop { queue, pool, only, skills, within, hold }
    }

    fn period(&mut self, given: Option<&str>, path: &str, key: &str) -> Option<Duration> {
        let found = period(given?);
        if found.is_none() {
            let message = "expected a time such as 30m, 16h or 2d, at most 62d";
            self.findings.problem(format!("{path}.{key}"), message);
        }
        found
    }

    /// The skills asked for, with the fields that say which.
    fn skills(
        &mut self,
        target: &TargetSettings,
        pool: Option<&Name>,
        path: &str,
    ) -> Vec<(String, Named)> {
        let mut skills = Vec::with_capacity(target.skills.len());
        for (skill, field) in &target.skills {
            let here = format!("{path}.skills.{skill}");
            match Named::parse(field) {
                Some(field) => skills.push((skill.clone(), field)),
                None => self.findings.problem(&here, format!("there is no field `{field}`")),
            }
            let known = pool.and_then(|pool| self.pools.get(pool));
            if known.is_some_and(|pool| !pool.has_skill(skill)) {
                self.findings.problem(here, format!("nobody in the pool has a skill `{skill}`"));
            }
        }
        skills
    }

    fn queue(&mut self, text: &str, path: &str) -> Option<Name> {
        let found = self.queues.get_key_value(text).map(|(name, _)| name.clone());
        if found.is_none() {
            let declare = format!("declare it: `queues: {{ {text}: {{ destinations: [] }} }}`");
            let problem = SettingProblem::new(path, format!("there is no queue `{text}`"));
            let known = self.queues.keys().map(Name::as_str);
            self.findings.problems.push(problem.suggest_or(text, known, Some(declare)));
        }
        found
    }

    /// The pool a member is to be taken from, and the member.
    fn member(&mut self, text: &str, pool: Option<&Name>, path: &str) -> Option<(Name, Name)> {
        let within = |name: &Name| pool.is_none_or(|pool| pool == name);
        let found: Vec<(Name, Name)> = self
            .pools
            .iter()
            .filter(|(name, _)| within(name))
            .flat_map(|(name, pool)| pool.members().map(move |member| (name, member)))
            .filter(|(_, member)| member.as_str() == text)
            .map(|(pool, member)| (pool.clone(), member.clone()))
            .collect();
        match found.as_slice() {
            [one] => return Some(one.clone()),
            [] => {
                let all: Vec<&Name> = self
                    .pools
                    .iter()
                    .filter(|(name, _)| within(name))
                    .flat_map(|(_, pool)| pool.members())
                    .collect();
                self.findings.problems.push(unknown("member", path.to_owned(), text, all));
            }
            several => {
                let pools: Vec<_> = several.iter().map(|(pool, _)| pool.as_str()).collect();
                self.findings.problem(
                    path,
                    format!(
                        "`{text}` is in several pools ({}): say which by `pool`",
                        pools.join(", ")
                    ),
                );
            }
        }
        None
    }
}

/// What nothing leads to, and what leads nowhere.
fn warn_unused(
    settings: &[RuleSettings],
    queues: &BTreeMap<Name, Queue>,
    pools: &BTreeMap<Name, Pool>,
    rules: &[Rule],
    fallback: &[Stop],
    findings: &mut Findings,
) {
    shadow::warn(settings, rules, findings);
    let stops = || rules.iter().flat_map(Rule::stops).chain(fallback);
    for table in rules.iter().filter_map(|rule| rule.table.as_ref()) {
        findings.warnings.extend(table.warnings());
    }
    for name in pools.keys() {
        if !stops().any(|stop| stop.pool.as_ref() == Some(name)) {
            findings.warn(format!("pools.{name}"), "no rule uses this pool");
        }
    }
    let by_category = stops().any(|stop| stop.queue.is_none());
    for (name, queue) in queues {
        let worklist = matches!(name.as_str(), QUALIFY | TRIAGE);
        if queue.destinations.is_empty() && !worklist {
            findings.warn(
                format!("queues.{name}"),
                "it has no destinations: nobody is told about its leads",
            );
        }
    }
    if by_category && !queues.contains_key(SALES) {
        findings.warn(
            "queues",
            "a rule names no queue and `sales` is not declared: what it would sell goes to the fallback",
        );
    }
}

pub(super) fn unknown<'a>(
    what: &str,
    path: String,
    given: &str,
    known: impl IntoIterator<Item = &'a Name>,
) -> SettingProblem {
    SettingProblem::new(path, format!("there is no {what} `{given}`"))
        .suggest(given, known.into_iter().map(Name::as_str))
}
