//! What the courier asks the running configuration.

use std::sync::Arc;

use super::Destination;
use crate::domain::{InquiryId, Name};

/// The running configuration as deliveries see it. Answers may change from call to call (reload).
pub trait Directory: Send + Sync {
    /// The destination behind a queue; `None` if it is not (or no longer) configured.
    fn destination(&self, workspace: &Name, queue: &Name) -> Option<Arc<Destination>>;

    /// What a score line was called in the configuration of that hash; `None` if it is not at hand.
    fn line(&self, workspace: &Name, config: &str, line: u16) -> Option<String>;

    /// Where people read the record of an inquiry; `None` if no address was configured.
    fn record_url(&self, workspace: &Name, inquiry: InquiryId) -> Option<String>;
}
