//! What stays of a person who was erased: that it happened, and under which ids.

use serde::{Deserialize, Serialize};

use super::{InquiryId, LeadId, Name, Timestamp};

/// Kept under the id of each record that went, for good. Nothing in it is about the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    pub at: Timestamp,
    /// The record that stood for the person.
    pub lead: LeadId,
    /// Its inquiries, whose senders' retries are still known.
    pub inquiries: Vec<InquiryId>,
    /// The name of the key used.
    pub by: Name,
}
