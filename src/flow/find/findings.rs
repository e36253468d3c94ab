//! What was found, where it was looked for, and what to try next.

use super::period::Period;
use crate::domain::ports::{JobView, JournalEntry};
use crate::domain::{InquiryEntry, InquiryId, JournalRow, Lead, LeadId, Name};
use crate::flow::unreadable::Kept;

/// The answer.
#[derive(Debug, Clone)]
pub struct Findings {
    /// What the question was taken for: `email`, `phone`, `inquiry`, `time` …
    pub understood_as: &'static str,
    pub found: Vec<Found>,
    /// Rows of the journal, oldest first, if the question was about a time, a source or a request.
    pub happened: Vec<(JournalEntry, JournalRow)>,
    /// Whether more happened than is told.
    pub more: bool,
    /// The time that refusals and rows are told of.
    pub within: Period,
    /// What was looked at, and how much of it there is.
    pub looked: Vec<Looked>,
    /// What was refused within the time, by source: nothing of it is kept.
    pub refused: Vec<RefusedBy>,
    /// The answer in sentences, without personal text.
    pub in_words: Vec<String>,
    /// What to try next, if nothing was found.
    pub try_next: Vec<String>,
}

impl Findings {
    /// Nothing yet.
    pub(super) fn none(understood_as: &'static str, within: Period) -> Self {
        Self {
            understood_as,
            found: Vec::new(),
            happened: Vec::new(),
            more: false,
            within,
            looked: Vec::new(),
            refused: Vec::new(),
            in_words: Vec::new(),
            try_next: Vec::new(),
        }
    }
}

/// One thing found.
#[derive(Debug, Clone)]
pub enum Found {
    Lead(Box<FoundLead>),
    Inquiry(Box<FoundInquiry>),
    /// Kept because it could not be read; and what is said of it.
    Kept(InquiryId, Box<Kept>, Vec<String>),
    Delivery(Box<FoundDelivery>),
}

/// A lead with its inquiries and deliveries.
#[derive(Debug, Clone)]
pub struct FoundLead {
    pub lead: Lead,
    /// Ids that were merged into it.
    pub merged: Vec<LeadId>,
    /// The newest twenty, oldest first.
    pub inquiries: Vec<FoundInquiry>,
    /// Oldest first; those of the inquiries above among them.
    pub deliveries: Vec<FoundDelivery>,
    pub in_words: Vec<String>,
}

/// An inquiry with its deliveries.
#[derive(Debug, Clone)]
pub struct FoundInquiry {
    pub entry: InquiryEntry,
    pub deliveries: Vec<FoundDelivery>,
    pub in_words: Vec<String>,
}

/// A delivery, and how it stands.
#[derive(Debug, Clone)]
pub struct FoundDelivery {
    /// Where it stands in line.
    pub queue: Option<Name>,
    pub view: JobView,
    pub in_words: String,
}

/// One place where it was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// `index`, or a worklist.
    pub place: &'static str,
    /// How many things were looked at.
    pub at: u64,
    /// Of how many.
    pub of: u64,
}

/// What one source refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedBy {
    /// `(unknown)`: they named no configured source.
    pub source: String,
    pub count: u64,
    /// The most frequent reason: a fixed word.
    pub reason: String,
    /// The last one at all, also outside the time.
    pub last_at: Option<crate::domain::Timestamp>,
    pub last_reason: Option<String>,
    pub in_words: String,
}
