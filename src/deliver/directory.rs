//! What the courier asks and tells the rest of the service.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::Destination;
use crate::domain::{InquiryId, LeadId, Name};

/// What the score lines of one configuration are called, by their number; `None` if that is not known
/// any more.
pub type Lines = Box<dyn Fn(u16) -> Option<String> + Send + Sync>;

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
}
