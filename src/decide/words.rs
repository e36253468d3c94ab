//! Why a decision came out as it did, in words. Nothing about the person: names of criteria, rules, queues and
//! members, ids and numbers only.

use super::configuration::Configuration;
use super::explain::RuleReason;
use crate::assign::{NONE, TRIAGE};
use crate::domain::{
    BranchOutcome, Capped, InquiryEntry, LeadId, Millipoints, Name, Receipt, Record, Status, Terms,
};
use crate::identify::merge;
use crate::rules::Subject;

/// With more rules than this before the winner, those that did not match are counted instead of named.
const RULES_SAID_MAX: usize = 30;

/// A sentence per thing that mattered, in the order it was decided. Names of rules and criteria come from the
/// given configuration if the record was made by it; else what the record holds itself is said.
#[must_use]
pub fn in_words(
    configuration: &Configuration,
    entry: &InquiryEntry,
    receipt: Option<&Receipt>,
) -> Vec<String> {
    told(configuration, entry, receipt, &[])
}

/// The same, with the reasons of rules that did not match.
pub(super) fn told(
    configuration: &Configuration,
    entry: &InquiryEntry,
    receipt: Option<&Receipt>,
    reasons: &[RuleReason],
) -> Vec<String> {
    let record = &entry.record;
    let ours = Some(configuration).filter(|configuration| configuration.hash == record.config);
    let mut said = Vec::new();
    known(record, &mut said);
    qualified(ours, entry, &mut said);
    if ours.is_none() {
        said.push(format!(
            "It was decided by configuration {}, which cannot be had any more: rules and criteria before the \
             winner are not named.",
            record.config
        ));
    }
    if record.status == Some(Status::Filtered) {
        said.push("The source's own filter caught it: it was not routed.".to_owned());
        return said;
    }
    ruled(ours, record, reasons, &mut said);
    went(entry, receipt, &mut said);
    said
}

fn known(record: &Record, said: &mut Vec<String>) {
    match record.status {
        Some(Status::Test) => {
            said.push("A test: decided in full, matched with nobody, nobody picked.".to_owned());
        }
        Some(Status::Filtered) => {}
        Some(Status::Repeat) => {
            said.push(format!(
                "A known person's new inquiry, recognised by {}.",
                list(&record.matched_on)
            ));
        }
        _ if !record.matched_on.is_empty() => said.push(format!(
            "A known person, recognised by {}; as the source's policy says, it has a record of its own.",
            list(&record.matched_on)
        )),
        _ => said.push("Somebody new.".to_owned()),
    }
    for lead in &record.merged {
        said.push(format!(
            "It shows that {lead} is the same person: that record went up in this one."
        ));
    }
    for (lead, why) in &record.refused {
        said.push(format!("{lead} has something in common with it but is somebody else: {why}."));
    }
}

/// The configuration that decided explains line by line; without it only what the record holds is said.
///
/// What it was judged by is what this inquiry says; what earlier ones said stands in their records.
fn qualified(ours: Option<&Configuration>, entry: &InquiryEntry, said: &mut Vec<String>) {
    let judged = &entry.record.qualification;
    if let Some(configuration) = ours {
        let inquiry = &entry.inquiry;
        let alone = entry.lead.unwrap_or(LeadId::from_bytes([0; 16]));
        let lead = merge(None, alone, inquiry, &[], inquiry.received_at);
        let now = inquiry.received_at;
        let subject = Subject { inquiry, lead: &lead, known: false, now, qualification: None };
        said.extend(configuration.qualifier.explain(judged, Some(&subject)));
        return;
    }
    let ask = if judged.ask { ", and people should ask what is unknown" } else { "" };
    said.push(format!(
        "Score {}, {} % of the wanted criteria known: {}{ask}.",
        points(judged.score),
        judged.completeness / 10,
        judged.category
    ));
    if let Some(rule) = &judged.ineligible {
        said.push(format!("Not eligible: `{rule}`."));
    }
    if !judged.open.is_empty() {
        said.push(format!("Still open: {}.", list(&judged.open)));
    }
    if !judged.errors.is_empty() {
        said.push(format!("Could not be evaluated: {}.", list(&judged.errors)));
    }
}

fn ruled(
    ours: Option<&Configuration>,
    record: &Record,
    reasons: &[RuleReason],
    said: &mut Vec<String>,
) {
    let many = record.rules.len() > RULES_SAID_MAX;
    let mut passed = 0;
    if let Some(configuration) = ours {
        let rules = configuration.router.rules().zip(record.rules.chars()).enumerate();
        for (at, (name, says)) in rules {
            let why = match says {
                'n' | '-' if many => {
                    passed += 1;
                    continue;
                }
                'n' => "no match",
                'm' => "a field it asks for is missing",
                'e' => "it could not be evaluated",
                '-' => "not asked: it does not ask for the category of what is to be discarded",
                _ => continue,
            };
            let because = reasons.get(at).map_or_else(String::new, because);
            said.push(format!("Rule `{name}`: {why}{because}."));
        }
    }
    if passed > 0 {
        said.push(format!("{passed} other rules before it did not match."));
    }
    if let Some(rule) = &record.rule {
        said.push(match record.row {
            None => format!("Rule `{rule}` won."),
            Some(line) => match ours.and_then(|ours| ours.router.row_in_words(rule, line)) {
                Some((file, row)) => format!("Rule `{rule}` won by line {line} of {file} ({row})."),
                None => format!("Rule `{rule}` won by line {line} of its table."),
            },
        });
    } else if !record.rules.is_empty() {
        said.push("No rule won.".to_owned());
    }
    for (step, owner) in &record.owners {
        said.push(format!("{}: `{owner}` was asked before the rule's pool.", step.as_str()));
    }
    for (member, why) in &record.ruled_out {
        said.push(format!("`{member}` was not considered: {why}."));
    }
}

/// The parts of a rule that were not so: ` (company.employees is at least 1000: no)`.
fn because(reason: &RuleReason) -> String {
    if reason.because.is_empty() {
        return String::new();
    }
    let part = |(part, says): &(String, char)| {
        let said = match says {
            'm' => "not known",
            'e' => "cannot be judged",
            _ => "no",
        };
        format!("{part}: {said}")
    };
    let parts: Vec<String> = reason.because.iter().map(part).collect();
    format!(" ({})", parts.join("; "))
}

fn went(entry: &InquiryEntry, receipt: Option<&Receipt>, said: &mut Vec<String>) {
    let receipt = receipt.filter(|_| entry.record.status != Some(Status::Test));
    let capped = receipt.map_or(&[][..], |receipt| &receipt.capped);
    if !capped.is_empty() {
        let each = capped.iter().map(|one| match one.why().as_str() {
            "" => one.member.to_string(),
            why => format!("{} ({why})", one.member),
        });
        said.push(format!("At a cap: {}.", each.collect::<Vec<_>>().join(", ")));
    }
    let Some(outcome) = entry.assignment.outcome() else { return };
    let owner = entry.assignment.owner();
    let kept = entry.record.status == Some(Status::Repeat)
        && entry.record.rules.is_empty()
        && receipt.is_none_or(|receipt| receipt.member.is_none());
    unassigned(entry, outcome, capped, said);
    let place = place(outcome, kept, owner);
    match (owner, receipt) {
        (Some(owner), Some(receipt)) if receipt.member.as_ref() == Some(owner) => {
            let tie = match receipt.tied {
                0 => " by a turn that was owed".to_owned(),
                1 => String::new(),
                tied => format!(" after a tie of {tied}, by name"),
            };
            said.push(format!(
                "{place}: `{owner}` was picked{tie} (turn {} of the pool).",
                receipt.turn
            ));
        }
        (Some(owner), _) => said.push(format!("{place}, with `{owner}`.")),
        (None, _) => said.push(format!("{place}.")),
    }
    said.extend(outcome.clock.as_deref().filter(|_| !kept).map(runs));
}

/// By which clock it is to be acted on.
fn runs(terms: &Terms) -> String {
    let within = [("acknowledge", terms.acknowledge), ("first touch", terms.first_touch)];
    let within =
        within.into_iter().filter_map(|(what, time)| Some(format!("{what} within {}", time?)));
    let within: Vec<String> = within.collect();
    format!("Clock `{}` runs: {} of working time.", terms.clock, within.join(", "))
}

/// Why nobody has it, and how it goes on.
fn unassigned(
    entry: &InquiryEntry,
    outcome: &BranchOutcome,
    capped: &[Capped],
    said: &mut Vec<String>,
) {
    let away = entry.record.ruled_out.len();
    if entry.assignment.owner().is_none() && (away > 0 || !capped.is_empty()) {
        let full = capped.len();
        said.push(format!("members_unavailable: {away}, members_at_capacity: {full}."));
    }
    if let Some(at) = outcome.opens_at {
        said.push(format!("Nobody was there: whoever begins first gets it and is told at {at}."));
    }
    if let Some(wait) = &outcome.wait {
        let until = wait
            .until
            .map_or_else(String::new, |until| format!("; at {until} it goes on without one"));
        let (since, next) = (wait.since, wait.next);
        said.push(format!("It waits since {since} and is tried again at {next}{until}."));
    }
}

fn place(outcome: &BranchOutcome, kept: bool, owner: Option<&Name>) -> String {
    let queue = &outcome.queue;
    match (queue.as_str(), &outcome.pool) {
        (NONE, _) => "It is in no queue".to_owned(),
        _ if kept => format!("It stays in queue `{queue}`"),
        (TRIAGE, Some(pool)) if owner.is_none() => {
            format!("It is held in queue `{TRIAGE}`: nobody in pool `{pool}` could be picked")
        }
        (_, Some(pool)) => format!("It goes to queue `{queue}`, pool `{pool}`"),
        (_, None) => format!("It goes to queue `{queue}`"),
    }
}

/// Points with up to three decimals.
fn points(millipoints: Millipoints) -> String {
    let (sign, size) = (if millipoints < 0 { "-" } else { "" }, millipoints.unsigned_abs());
    match size % 1000 {
        0 => format!("{sign}{}", size / 1000),
        rest => format!("{sign}{}", format!("{}.{rest:03}", size / 1000).trim_end_matches('0')),
    }
}

fn list<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
