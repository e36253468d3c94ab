//! What a condition is evaluated against.

use crate::domain::{Inquiry, Lead, Qualification, Timestamp};

/// The facts a condition may ask for: concrete and borrowed, so that evaluating copies nothing.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The inquiry being decided.
    pub inquiry: &'a Inquiry,
    /// The record about the person, this inquiry already merged into it.
    pub lead: &'a Lead,
    /// Whether the person was known before this inquiry.
    pub known: bool,
    pub now: Timestamp,
    /// What qualification concluded; `None` while it is still being worked out, so that `category`,
    /// `score` and `completeness` are missing then.
    pub qualification: Option<&'a Qualification>,
}
