//! What a journal row says for reports: where an inquiry came from, what it cost, where a lead was before.

use super::configuration::Configuration;
use super::record::row;
use crate::assign::PlannedBranch;
use crate::domain::{
    Attribution, InquiryEntry, JournalRow, Label, Lead, Millipoints, Name, Stage, Timestamp,
};

/// By which names sources tell the campaign; the first one that is there.
const CAMPAIGN: [&str; 4] = ["utm_campaign", "campaign", "campaign_name", "campaign_id"];
const MEDIUM: [&str; 1] = ["utm_medium"];

/// The journal row of a decided inquiry, without what depends on the way it goes.
pub(super) fn decided(
    configuration: &Configuration,
    entry: &InquiryEntry,
    now: Timestamp,
) -> JournalRow {
    let (inquiry, record) = (&entry.inquiry, &entry.record);
    let cost = configuration.costs.get(&inquiry.source).copied().unwrap_or_default();
    JournalRow {
        inquiry: Some(inquiry.id),
        source: Some(inquiry.source.clone()),
        status: record.status,
        rule: record.rule.clone(),
        happened_at: Some(inquiry.occurred_at).filter(|at| *at != inquiry.received_at),
        channel: Some(inquiry.channel),
        campaign: label(&inquiry.attribution, &CAMPAIGN),
        medium: label(&inquiry.attribution, &MEDIUM),
        version: Some(version(&record.config)),
        score: Some(whole(record.qualification.score)),
        cost: cost.per_inquiry,
        fee: cost.per_lead,
        ..row(now, "inquiry_decided")
    }
}

/// The stage before, if some way leads to another one.
pub(super) fn from(before: Option<&Lead>, ways: &[PlannedBranch]) -> Option<Stage> {
    let stage = before?.stage();
    ways.iter().any(|way| way.outcome.stage != stage).then_some(stage)
}

/// The owner before, if somebody is picked.
pub(super) fn previous_owner(before: &Lead, picks: bool) -> Option<Name> {
    before.assignment.owner().filter(|_| picks).cloned()
}

/// Whole points, rounded down: the score as bands of reports count it.
pub(super) fn whole(score: Millipoints) -> i32 {
    i32::try_from(score.div_euclid(1000)).unwrap_or(i32::MAX)
}

/// The short form of a configuration's hash.
pub(super) fn version(hash: &str) -> String {
    hash.chars().take(JournalRow::VERSION_DIGITS).collect()
}

fn label(attribution: &Attribution, names: &[&str]) -> Option<Label> {
    names.iter().find_map(|name| Label::of(attribution.get(*name)?))
}
