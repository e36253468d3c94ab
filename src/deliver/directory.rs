//! What the courier asks and tells the rest of the service.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::Destination;
use crate::domain::{Disposition, InquiryId, Lead, LeadId, Name, Timestamp};

/// What the score lines of one configuration are called, by their number; `None` if that is not known
/// any more.
pub type Lines = Box<dyn Fn(u16) -> Option<String> + Send + Sync>;

/// A link by which somebody answers for a lead with one click.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub disposition: Disposition,
    /// As people read it.
    pub label: String,
    pub url: String,
}

/// The running configuration as deliveries see it. Answers may change from call to call (reload).
#[async_trait]
pub trait Directory: Send + Sync {
    /// The destination behind a queue; `None` if it is not (or no longer) configured.
    fn destination(&self, workspace: &Name, queue: &Name) -> Option<Arc<Destination>>;

    /// What score lines are called in the configuration of that hash, in force or of the past.
    async fn lines(&self, workspace: &Name, config: &str) -> Lines;

    /// A destination gave ids to a lead's records: they are kept with the lead, too.
    async fn given(
        &self,
        workspace: &Name,
        lead: LeadId,
        destination: &Name,
        ids: &BTreeMap<String, String>,
    );

    /// Where people read the record of an inquiry; `None` if no address was configured.
    fn record_url(&self, workspace: &Name, inquiry: InquiryId) -> Option<String>;

    /// How long the attempts of a delivery that ended are kept.
    fn kept(&self, _workspace: &Name) -> Duration {
        Duration::from_hours(7 * 24)
    }

    /// The links that go along with an event of that time about a lead in that cycle.
    fn links(&self, _workspace: &Name, _lead: LeadId, _cycle: u32, _at: Timestamp) -> Vec<Link> {
        Vec::new()
    }

    /// The link by which the person confirms the address of a lead that waits for that; `None` if no address of the
    /// public listener was configured.
    fn confirmation_url(&self, _workspace: &Name, _lead: &Lead) -> Option<String> {
        None
    }
}
