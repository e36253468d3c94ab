//! One thing found, with what is said of it.

use serde::Serialize;
use utoipa::ToSchema;

use super::{DeliveryView, InquiryView, LeadState, in_queue};
use crate::domain::{InquiryId, Status};
use crate::flow::{
    Flow, Found, FoundDelivery, FoundInquiry, FoundLead, Kept, Unavailable, Workspace, name_of,
};

/// One thing found.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FoundView {
    Lead(Box<FoundLeadView>),
    Inquiry(Box<FoundInquiryView>),
    /// Kept because it could not be read: see the worklists `unreadable` and `returned`.
    Body(KeptView),
    Delivery(Box<FoundDeliveryView>),
}

/// A lead with its inquiries and deliveries.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundLeadView {
    #[serde(flatten)]
    pub state: LeadState,
    /// Who it is, as far as is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// Ids of leads that were merged into it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<String>,
    /// The newest twenty, oldest first.
    pub touches: Vec<TouchedView>,
    /// The newest fifty, oldest first.
    pub deliveries: Vec<FoundDeliveryView>,
    pub in_words: Vec<String>,
}

/// An inquiry of a lead, in short.
#[derive(Debug, Serialize, ToSchema)]
pub struct TouchedView {
    pub id: String,
    pub source: String,
    #[schema(value_type = String, format = DateTime)]
    pub received_at: String,
    #[schema(example = "routed")]
    pub status: &'static str,
}

/// An inquiry with its deliveries.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundInquiryView {
    #[serde(flatten)]
    pub inquiry: InquiryView,
    pub deliveries: Vec<FoundDeliveryView>,
    pub in_words: Vec<String>,
}

/// A delivery, and how it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundDeliveryView {
    #[serde(flatten)]
    pub delivery: DeliveryView,
    #[schema(example = "lead.routed delivered to crm 9 ms after receipt")]
    pub in_words: String,
}

/// A body that could not be read, without the body.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeptView {
    pub id: String,
    pub source: String,
    /// A fixed word.
    pub reason: String,
    #[schema(value_type = String, format = DateTime)]
    pub received_at: String,
    pub count: u32,
    /// Given back to a caller who can correct it.
    pub returned: bool,
    pub in_words: Vec<String>,
}

impl FoundView {
    /// By the names of the configurations that decided.
    pub async fn of(found: Found, flow: &Flow, workspace: &Workspace) -> Result<Self, Unavailable> {
        Ok(match found {
            Found::Lead(lead) => Self::Lead(Box::new(FoundLeadView::of(&lead))),
            Found::Inquiry(found) => {
                let made_by = flow.made_by(workspace, &found.entry.record.config).await?;
                let FoundInquiry { entry, deliveries, in_words } = *found;
                Self::Inquiry(Box::new(FoundInquiryView {
                    inquiry: InquiryView::of(&entry, &made_by),
                    deliveries: deliveries.iter().map(FoundDeliveryView::of).collect(),
                    in_words,
                }))
            }
            Found::Kept(id, kept, in_words) => Self::Body(KeptView::of(id, &kept, in_words)),
            Found::Delivery(found) => Self::Delivery(Box::new(FoundDeliveryView::of(&found))),
        })
    }
}

impl FoundLeadView {
    fn of(found: &FoundLead) -> Self {
        let lead = &found.lead;
        let touched = |inquiry: &FoundInquiry| TouchedView {
            id: inquiry.entry.inquiry.id.to_string(),
            source: inquiry.entry.inquiry.source.to_string(),
            received_at: inquiry.entry.inquiry.received_at.to_string(),
            status: Status::as_str(inquiry.entry.status()),
        };
        Self {
            state: LeadState::of(lead),
            name: name_of(&lead.contact),
            company: lead.company.name.as_ref().map(|name| name.expose().to_owned()),
            merged: found.merged.iter().map(ToString::to_string).collect(),
            touches: found.inquiries.iter().map(touched).collect(),
            deliveries: found.deliveries.iter().map(FoundDeliveryView::of).collect(),
            in_words: found.in_words.clone(),
        }
    }
}

impl FoundDeliveryView {
    fn of(found: &FoundDelivery) -> Self {
        let delivery = match &found.queue {
            Some(queue) => in_queue(queue, &found.view),
            None => DeliveryView::of(&found.view),
        };
        Self { delivery, in_words: found.in_words.clone() }
    }
}

impl KeptView {
    fn of(id: InquiryId, kept: &Kept, in_words: Vec<String>) -> Self {
        Self {
            id: id.to_string(),
            source: kept.source.to_string(),
            reason: kept.reason.to_string(),
            received_at: kept.received_at.to_string(),
            count: kept.count,
            returned: kept.returned,
            in_words,
        }
    }
}
