//! What a decision is made by: the compiled rooms of one workspace, put together by `config`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::filters::Filters;
use crate::assign::Router;
use crate::domain::{ConfirmationTerms, EventType, InquiryCost, KnownPerson, Name, Route, Tier};
use crate::follow_up::FollowUp;
use crate::identify::NamedAccounts;
use crate::qualify::Qualifier;

/// Everything a decision depends on but the facts. Compiled, immutable, swapped whole on reload.
#[derive(Debug, Clone)]
pub struct Configuration {
    pub workspace: Name,
    /// Content hash of the bundle, 32 hexadecimal digits: names it in every record.
    pub hash: String,
    /// What is kept aside as spam.
    pub filters: Filters,
    pub qualifier: Qualifier,
    pub router: Router,
    pub follow_up: FollowUp,
    pub destinations: BTreeMap<Name, DestinationRoute>,
    /// What becomes of inquiries from known people, by source; a source that is not here merges.
    pub known_person: BTreeMap<Name, KnownPerson>,
    /// How addresses are confirmed, by source; a source that is not here asks nobody.
    pub confirmations: BTreeMap<Name, ConfirmationTerms>,
    /// What single inquiries cost, by source.
    pub costs: BTreeMap<Name, InquiryCost>,
    /// Companies with an owner, whoever owns their leads.
    pub named_accounts: NamedAccounts,
    /// The destination of operators' alerts, which hears of leads that nobody acted on in time.
    pub alerted: Option<Name>,
    /// A repeat's event waits so long for further ones (60 s).
    pub coalesce: Duration,
    /// How long senders' ids are remembered (30 days).
    pub claim_ttl: Duration,
    /// How long test inquiries are kept (7 days).
    pub test_ttl: Duration,
    /// How long filtered inquiries are kept.
    pub filtered_ttl: Duration,
}

/// What a decision needs to know of a destination.
#[derive(Debug, Clone)]
pub struct DestinationRoute {
    pub route: Route,
    /// Whether it takes events of test inquiries.
    pub tests: bool,
    pub events: EventFilter,
    /// The destination that takes over when this one cannot be reached in time.
    pub fallback: Option<Name>,
    /// The preset it was made from, and how well that is known to fit; for people.
    pub preset: Option<(Name, Tier)>,
}

/// Which types of events a destination takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventFilter(BTreeSet<EventType>);

impl EventFilter {
    /// Takes these types and no others.
    #[must_use]
    pub fn of(types: impl IntoIterator<Item = EventType>) -> Self {
        Self(types.into_iter().collect())
    }

    /// Whether it takes events of that type.
    #[must_use]
    pub fn admits(&self, kind: EventType) -> bool {
        self.0.contains(&kind)
    }
}

/// Every `lead.*` but `lead.discarded`.
impl Default for EventFilter {
    fn default() -> Self {
        Self::of(
            EventType::ALL.iter().copied().filter(|kind| {
                kind.as_str().starts_with("lead.") && *kind != EventType::LeadDiscarded
            }),
        )
    }
}
