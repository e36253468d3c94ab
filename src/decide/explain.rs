//! A decision explained to somebody who asks why: which part of a rule was not so, and what another configuration
//! would do. Nothing about the person: words of the configuration, names of rules, queues and members only.

use super::configuration::Configuration;
use super::inquiry::{judged, planned};
use super::record::record;
use super::words::{in_words, told};
use crate::assign::{RuleAsked, Situation};
use crate::domain::{
    Assignment, BranchOutcome, InquiryEntry, Lead, Name, Receipt, Record, Roster, Status, Timestamp,
};
use crate::qualify::points_in_words;
use crate::rules::Subject;

/// What a rule said when it was decided, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleReason {
    pub rule: Name,
    /// As in [`Record::rules`].
    pub says: char,
    /// The parts of its condition that kept it from matching, in words, each with its letter. Empty if the rule matched, was not asked,
    /// or what is known of the lead has changed since, so that it would say something else now.
    pub because: Vec<(String, char)>,
}

/// A decision made again by another configuration, on what is known now. Nobody is picked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconsidered {
    /// The hash of that configuration.
    pub configuration: String,
    pub record: Record,
    /// The first way it would take.
    pub outcome: Option<BranchOutcome>,
    pub sentences: Vec<String>,
    /// What would be different: what, as it was, as it would be.
    pub differences: Vec<(&'static str, String, String)>,
}

/// What each rule up to the winner said, with the reasons; `configuration` is the one that decided, `lead` the
/// record as it is now.
#[must_use]
pub fn rule_reasons(
    configuration: &Configuration,
    entry: &InquiryEntry,
    lead: &Lead,
) -> Vec<RuleReason> {
    let before = before(entry, lead);
    let subject = Subject {
        inquiry: &entry.inquiry,
        lead: &before,
        known: entry.record.status == Some(Status::Repeat),
        now: entry.inquiry.received_at,
        qualification: Some(&entry.record.qualification),
    };
    let router = &configuration.router;
    let asked = router.ask_each(&subject).zip(router.parts()).zip(entry.record.rules.chars());
    let reason = |((asked, (_, words)), says): ((RuleAsked<'_>, (&Name, Vec<String>)), char)| {
        let same = asked.says.letter() == says && says != 'y';
        let parts = words.into_iter().zip(asked.parts);
        let parts = parts.filter(|(_, says)| same && !says.is_match());
        let parts = parts.map(|(part, says)| (part, says.letter()));
        RuleReason { rule: asked.rule.clone(), says, because: parts.collect() }
    };
    asked.map(reason).collect()
}

/// The decision in words that can be read aloud, with the reasons of rules that did not match.
#[must_use]
pub fn explained(
    configuration: &Configuration,
    entry: &InquiryEntry,
    receipt: Option<&Receipt>,
    lead: &Lead,
) -> Vec<String> {
    if configuration.hash != entry.record.config {
        return in_words(configuration, entry, receipt);
    }
    told(configuration, entry, receipt, &rule_reasons(configuration, entry, lead))
}

/// Decides an inquiry again by another configuration, and says what would come out differently.
#[must_use]
pub fn reconsider(
    configuration: &Configuration,
    entry: &InquiryEntry,
    lead: &Lead,
    now: Timestamp,
) -> Reconsidered {
    let mut lead = before(entry, lead);
    let known = entry.record.status == Some(Status::Repeat);
    let inquiry = &entry.inquiry;
    let judged = judged(configuration, inquiry, &mut lead, known, now);
    let was = &entry.record;
    let mut record = Record {
        matched_on: was.matched_on.clone(),
        refused: was.refused.clone(),
        merged: was.merged.clone(),
        ..record(&configuration.hash, was.overlay, was.status, judged)
    };
    let outcome = if was.status == Some(Status::Filtered) {
        None
    } else {
        // Who was away then is not known any more; nobody is picked here.
        let roster = Roster::default();
        let situation = Situation::at(now, &roster);
        let planned = planned(configuration, inquiry, &lead, known, &mut record, situation);
        planned.branches.into_iter().next().map(|branch| branch.outcome)
    };
    let assignment = match &outcome {
        Some(outcome) => Assignment::Settled { outcome: outcome.clone(), owner: None },
        None => Assignment::Pending(Vec::new()),
    };
    let again = InquiryEntry {
        inquiry: inquiry.clone(),
        lead: entry.lead,
        record: record.clone(),
        assignment,
    };
    Reconsidered {
        configuration: configuration.hash.clone(),
        sentences: in_words(configuration, &again, None),
        differences: differences(entry, &record, outcome.as_ref()),
        record,
        outcome,
    }
}

/// The lead as the rules saw it, as far as that is still known: somebody new was nowhere yet.
fn before(entry: &InquiryEntry, lead: &Lead) -> Lead {
    let mut lead = lead.clone();
    if entry.record.status != Some(Status::Repeat) {
        lead.assignment = Assignment::Pending(Vec::new());
    }
    lead
}

fn differences(
    entry: &InquiryEntry,
    record: &Record,
    outcome: Option<&BranchOutcome>,
) -> Vec<(&'static str, String, String)> {
    let was = &entry.record;
    let from = entry.assignment.outcome();
    let (old, new) = (&was.qualification, &record.qualification);
    let name = |name: Option<&Name>| name.map_or_else(|| "none".to_owned(), ToString::to_string);
    let row = |record: &Record| record.row.map_or_else(|| "none".to_owned(), |row| row.to_string());
    let flag = |flag: bool| if flag { "yes" } else { "no" }.to_owned();
    // A repeat that stayed where it was asked no rule: nothing to compare with.
    let asked = !was.rules.is_empty() || was.rule.is_some();
    let mut all = vec![
        ("score", points_in_words(old.score), points_in_words(new.score)),
        ("category", old.category.to_string(), new.category.to_string()),
        ("not eligible by", name(old.ineligible.as_ref()), name(new.ineligible.as_ref())),
        ("people ask", flag(old.ask), flag(new.ask)),
    ];
    if asked {
        all.push(("rule", name(was.rule.as_ref()), name(record.rule.as_ref())));
        if was.rule == record.rule {
            all.push(("line of its table", row(was), row(record)));
        }
        let queue = |outcome: Option<&BranchOutcome>| name(outcome.map(|o| &o.queue));
        let pool = |outcome: Option<&BranchOutcome>| name(outcome.and_then(|o| o.pool.as_ref()));
        all.push(("queue", queue(from), queue(outcome)));
        all.push(("pool", pool(from), pool(outcome)));
    }
    all.retain(|(_, old, new)| old != new);
    all
}
