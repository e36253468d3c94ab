//! What single inquiries cost.

use super::Money;

/// What one source's inquiries cost by themselves, beside what is spent on it as a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InquiryCost {
    /// Of every inquiry.
    pub per_inquiry: Option<Money>,
    /// Owed once an inquiry is first-level qualified: a spotter's fee.
    pub per_lead: Option<Money>,
}
