//! What is kept aside as spam by conditions of the workspace: looked at before anything else is decided.

use crate::domain::{Inquiry, LeadId, Name, Timestamp};
use crate::identify::merge;
use crate::rules::{Condition, Subject};

/// One named condition, and the sources it is about; none = all.
#[derive(Debug, Clone)]
pub struct Filter {
    pub name: Name,
    pub sources: Vec<Name>,
    pub when: Condition,
}

/// All of them, in order.
#[derive(Debug, Clone, Default)]
pub struct Filters(Vec<Filter>);

impl Filters {
    /// In this order.
    #[must_use]
    pub fn new(filters: Vec<Filter>) -> Self {
        Self(filters)
    }

    /// The first whose condition the inquiry fits. Tests and what was caught before are not looked at; a condition
    /// that cannot be evaluated is no match.
    #[must_use]
    pub fn catches(&self, inquiry: &Inquiry, now: Timestamp) -> Option<&Name> {
        if self.0.is_empty() || inquiry.filtered_by.is_some() || inquiry.is_test {
            return None;
        }
        let lead = merge(None, LeadId::from_bytes([0; 16]), inquiry, &[], now);
        let subject = Subject { inquiry, lead: &lead, known: false, now, qualification: None };
        let about = |filter: &&Filter| {
            filter.sources.is_empty() || filter.sources.contains(&inquiry.source)
        };
        let caught = |filter: &&Filter| filter.when.evaluate(&subject).is_match();
        self.0.iter().filter(about).find(caught).map(|filter| &filter.name)
    }
}
