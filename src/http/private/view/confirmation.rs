//! Whether the person confirmed the address.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{Confirmation, Lead, Status};

/// That the person was asked to confirm an address, and the evidence.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConfirmationView {
    /// `waiting`, `confirmed`, or `unconfirmed` if its time ran out or people went on without it.
    #[schema(example = "confirmed")]
    pub state: &'static str,
    pub email: String,
    /// The source whose terms it was asked by.
    pub source: String,
    /// When a mail was last asked for, and how often.
    #[schema(value_type = String, format = DateTime)]
    pub asked_at: String,
    pub asked: u32,
    #[schema(value_type = String, format = DateTime)]
    pub until: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub confirmed_at: Option<String>,
    /// The network (/24, /48) it was confirmed from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_from: Option<String>,
}

impl ConfirmationView {
    /// Of a lead; `None` if nobody was asked.
    pub fn of(lead: &Lead) -> Option<Self> {
        let asked: &Confirmation = lead.confirmation.as_deref()?;
        let confirmed = asked.confirmed.as_ref();
        let waits = lead.assignment.status() == Status::AwaitingConfirmation;
        Some(Self {
            state: match (confirmed, waits) {
                (Some(_), _) => "confirmed",
                (None, true) => "waiting",
                (None, false) => "unconfirmed",
            },
            email: asked.email.expose().to_owned(),
            source: asked.source.to_string(),
            asked_at: asked.asked_at.to_string(),
            asked: asked.asked,
            until: asked.until.to_string(),
            confirmed_at: confirmed.map(|it| it.at.to_string()),
            confirmed_from: confirmed
                .and_then(|it| it.network.as_ref().map(|network| network.expose().to_owned())),
        })
    }
}
