//! A journal row.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::ports::JournalEntry;
use crate::domain::{Channel, Disposition, JournalRow, Stage, Status};

/// One thing that happened. Nothing about a person is in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowView {
    /// Its place: give it as `after` to go on behind it.
    #[schema(example = "1767225600000-0")]
    pub position: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: String,
    /// In the past tense: `inquiry_decided`, `lead_assigned`, `body_kept` …
    #[schema(example = "inquiry_decided")]
    pub fact: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inquiry: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The key of the person who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What a person acted on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// When it happened, if that is not when it was written down.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub happened_at: Option<String>,
    /// Of an inquiry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub medium: Option<String>,
    /// The pool it was given from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// The lead's way through, if it is not the first one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cycle: Option<u32>,
    /// The stage before, where it changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_stage: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_owner: Option<String>,
    /// Whole points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<i32>,
    /// The first digits of the configuration's hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration: Option<String>,
    /// What was said of the lead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disposition: Option<&'static str>,
    /// What they bought for, such as `1250 EUR`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// What the inquiry cost by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<String>,
    /// Leads that went up in this one, or were parted from it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<String>,
}

impl RowView {
    /// With the branch that was taken.
    pub fn of(entry: &JournalEntry, row: &JournalRow) -> Self {
        let branch = entry.receipt.as_ref().map_or(0, |receipt| usize::from(receipt.branch));
        let outcome = row.outcomes.get(branch);
        let status = row.status.or_else(|| outcome.map(|outcome| outcome.status));
        let owner = entry.receipt.as_ref().and_then(|receipt| receipt.member.as_ref());
        Self {
            position: format!("{}-{}", entry.position.0, entry.position.1),
            at: row.at.to_string(),
            fact: row.fact.to_string(),
            inquiry: row.inquiry.map(|id| id.to_string()),
            lead: row.lead.map(|id| id.to_string()),
            source: row.source.as_ref().map(ToString::to_string),
            status: status.map(Status::as_str),
            stage: outcome.map(|outcome| outcome.stage.as_str()),
            category: outcome.map(|outcome| outcome.category.as_str()),
            queue: outcome.map(|outcome| outcome.queue.to_string()),
            owner: owner.map(ToString::to_string),
            rule: row.rule.as_ref().map(ToString::to_string),
            actor: row.actor.as_ref().map(ToString::to_string),
            reason: row.reason.as_ref().map(ToString::to_string),
            delivery: row.delivery.map(|id| id.to_string()),
            destination: row.destination.as_ref().map(ToString::to_string),
            happened_at: row.happened_at.map(|at| at.to_string()),
            channel: row.channel.map(Channel::as_str),
            campaign: row.campaign.as_ref().map(ToString::to_string),
            medium: row.medium.as_ref().map(ToString::to_string),
            pool: outcome.and_then(|outcome| outcome.pool.as_ref()).map(ToString::to_string),
            cycle: Some(row.cycle).filter(|cycle| *cycle > 1),
            from_stage: row.from.map(Stage::as_str),
            previous_owner: row.previous_owner.as_ref().map(ToString::to_string),
            score: row.score,
            configuration: row.version.clone(),
            disposition: row.disposition.map(Disposition::as_str),
            amount: row.amount.map(|amount| amount.to_string()),
            cost: row.cost.map(|cost| cost.to_string()),
            merged: row.merged.iter().map(ToString::to_string).collect(),
        }
    }
}
