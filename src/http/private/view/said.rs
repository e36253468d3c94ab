//! What was said back about a lead, as people with a key see it.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{Lead, Said};

/// What people said back in the lead's present cycle.
#[derive(Debug, Serialize, ToSchema)]
pub struct SaidView {
    /// When each happened last.
    #[schema(value_type = Object, example = json!({"accepted": "2026-02-25T09:00:00.000Z"}))]
    pub last: BTreeMap<&'static str, String>,
    /// When somebody first answered for the lead.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub acknowledged_at: Option<String>,
    /// When somebody first dealt with the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub first_touch_at: Option<String>,
    /// What they bought for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "12500.50")]
    pub amount: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "EUR")]
    pub currency: Option<String>,
    /// Why it is where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "timeline_later")]
    pub reason: Option<String>,
    /// When it is worth another try.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revisit_at: Option<String>,
    /// Who had it before it was passed back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_owner: Option<String>,
    /// Whoever had it got the turn in the pool back for it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub credited: bool,
}

impl SaidView {
    /// Of a lead of which something was said.
    pub fn of(lead: &Lead) -> Option<Self> {
        let said: &Said = lead.said.as_deref().filter(|said| !said.last.is_empty())?;
        let time = |at: Option<crate::domain::Timestamp>| at.map(|at| at.to_string());
        Some(Self {
            last: said.last.iter().map(|(it, at)| (it.as_str(), at.to_string())).collect(),
            acknowledged_at: time(said.acknowledged),
            first_touch_at: time(said.first_touch),
            amount: said.deal.map(|deal| deal.amount()),
            currency: said.deal.map(|deal| deal.currency.to_string()),
            reason: said.reason.as_ref().map(ToString::to_string),
            revisit_at: time(said.revisit_at),
            previous_owner: said.previous_owner().map(ToString::to_string),
            credited: said.credited,
        })
    }
}
