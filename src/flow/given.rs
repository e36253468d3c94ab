//! Ids that receivers gave: of the record that a CRM made of a lead. Kept beside the lead: they bump no version of it.

use super::context::{Flow, Unavailable};
use crate::domain::{
    Commit, CommitOutcome, GivenIds, Index, IndexChange, Key, LeadId, Name, Read, Stored, Write,
};

/// Others write about the same lead seldom, and only when a record is made.
const ROUNDS: u32 = 8;

impl Flow {
    /// Keeps the ids that a destination gave a lead's records. Costs a read where they are known already.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn keep_given(
        &self,
        workspace: &Name,
        lead: LeadId,
        destination: &Name,
        ids: &std::collections::BTreeMap<String, String>,
    ) -> Result<(), Unavailable> {
        for _ in 0..ROUNDS {
            let stored = self.read_one(workspace, Key::Given(lead)).await?;
            let mut given = read_given(stored.as_ref())?;
            let known = given.entry(destination.clone()).or_default();
            let new: Vec<_> =
                ids.iter().filter(|(what, id)| known.get(*what) != Some(*id)).collect();
            let found_by = new.iter().map(|(_, id)| IndexChange {
                index: Index::Kept(self.pepper.kept(destination, id)),
                member: lead.as_bytes().to_vec(),
                score: Some(self.now().as_millis()),
            });
            let indexes = found_by.collect();
            if new.is_empty() {
                return Ok(());
            }
            for (what, id) in new {
                known.insert(what.clone(), id.clone());
            }
            let version = stored.as_ref().map_or(0, |stored| stored.version);
            // Plain data: writing it cannot fail.
            let body = serde_json::to_vec(&given).unwrap_or_default();
            let key = Key::Given(lead);
            let write =
                Write::Put { key, version: version + 1, with_receipt: false, body, until: None };
            let commit = Commit {
                workspace: workspace.clone(),
                now: self.now(),
                claim: None,
                reads: vec![Read { key: Key::Given(lead), version }],
                writes: vec![write],
                indexes,
                branches: Vec::new(),
                journal: Vec::new(),
                lease: None,
            };
            let outcome = self.store.commit(&commit).await;
            if let CommitOutcome::Committed(_) =
                outcome.map_err(|error| self.troubled("given", error))?
            {
                return Ok(());
            }
        }
        Err(Unavailable::Contention)
    }

    /// What receivers call a lead's records.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn given(&self, workspace: &Name, lead: LeadId) -> Result<GivenIds, Unavailable> {
        read_given(self.read_one(workspace, Key::Given(lead)).await?.as_ref())
    }
}

fn read_given(stored: Option<&Stored>) -> Result<GivenIds, Unavailable> {
    let Some(stored) = stored else { return Ok(GivenIds::new()) };
    serde_json::from_slice(&stored.body).map_err(|_| Unavailable::Corrupt)
}
