//! Who was told of a lead.

use super::context::{Flow, Unavailable};
use crate::domain::{LeadId, Name};

impl Flow {
    /// The destinations that have had a delivery of a lead, or are to have one; each once.
    pub(super) async fn told_of(
        &self,
        workspace: &Name,
        lead: LeadId,
    ) -> Result<Vec<Name>, Unavailable> {
        let jobs = self.store.jobs_of(workspace, lead).await;
        let jobs = jobs.map_err(|error| self.troubled("read", error))?;
        let mut told: Vec<Name> = Vec::new();
        for (queue, _) in jobs {
            if !told.contains(&queue) {
                told.push(queue);
            }
        }
        Ok(told)
    }
}
