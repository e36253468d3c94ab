//! One inquiry, one lead, one record, and what happened: reads, nothing is changed.

use super::context::{Flow, Unavailable};
use super::inquiry::{read_entry, read_lead};
use super::past::MadeBy;
use super::workspace::Workspace;
use crate::domain::ports::{JobView, JournalEntry};
use crate::domain::{
    GivenIds, InquiryEntry, InquiryId, JournalRow, Key, Lead, LeadId, Name, Receipt,
};

/// A lead with what became of its events.
#[derive(Debug, Clone)]
pub struct LeadView {
    pub lead: Lead,
    pub version: u64,
    /// Oldest first.
    pub deliveries: Vec<(Name, JobView)>,
    /// What receivers call its records.
    pub given: GivenIds,
}

/// A decision in words.
#[derive(Debug, Clone)]
pub struct RecordView {
    pub entry: InquiryEntry,
    /// What happened, a sentence each, without personal text.
    pub sentences: Vec<String>,
    /// What the store picked.
    pub receipt: Option<Receipt>,
    /// Whether the configuration of now made it.
    pub is_current: bool,
}

impl Flow {
    /// The entry of an inquiry, assignment settled.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn entry(
        &self,
        workspace: &Name,
        id: InquiryId,
    ) -> Result<Option<InquiryEntry>, Unavailable> {
        let stored = self.read_one(workspace, Key::Inquiry(id)).await?;
        stored.as_ref().map(read_entry).transpose()
    }

    /// A lead by its id; a merged one gives its survivor.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn lead(
        &self,
        workspace: &Name,
        id: LeadId,
    ) -> Result<Option<LeadView>, Unavailable> {
        let mut id = id;
        let (lead, version) = loop {
            let Some(stored) = self.read_one(workspace, Key::Lead(id)).await? else {
                return Ok(None);
            };
            let lead = read_lead(&stored)?;
            match lead.merged_into {
                Some(survivor) => id = survivor,
                None => break (lead, stored.version),
            }
        };
        let jobs = self.store.jobs_of(workspace, id).await;
        let mut deliveries = Vec::new();
        for (queue, job) in jobs.map_err(|error| self.troubled("read", error))? {
            deliveries.extend(self.delivery(workspace, job).await?.map(|view| (queue, view)));
        }
        let given = self.given(workspace, id).await?;
        Ok(Some(LeadView { lead, version, deliveries, given }))
    }

    /// Why an inquiry was decided as it was, in words, and the configuration whose names it is told in:
    /// the one that made it, if it can still be had.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn record<'a>(
        &self,
        workspace: &'a Workspace,
        id: InquiryId,
    ) -> Result<Option<(RecordView, MadeBy<'a>)>, Unavailable> {
        let Some(stored) = self.read_one(&workspace.name, Key::Inquiry(id)).await? else {
            return Ok(None);
        };
        let entry = read_entry(&stored)?;
        let receipt = stored.receipt;
        let made_by = self.made_by(workspace, &entry.record.config).await?;
        let mut sentences = crate::decide::in_words(&made_by, &entry, receipt.as_ref());
        let is_current = matches!(made_by, MadeBy::Current(_));
        if let MadeBy::Past(configuration) = &made_by {
            sentences.push(format!(
                "It was decided by configuration {}, which is not the one of now; the names are that one's.",
                configuration.hash
            ));
        }
        Ok(Some((RecordView { entry, sentences, receipt, is_current }, made_by)))
    }

    /// Journal rows behind a position, oldest first: what happened then.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn happened(
        &self,
        workspace: &Name,
        after: (u64, u64),
        limit: usize,
    ) -> Result<Vec<(JournalEntry, JournalRow)>, Unavailable> {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let rows = self.store.journal(workspace, after, limit).await;
        rows.map_err(|error| self.troubled("journal", error))?
            .into_iter()
            .map(|entry| {
                let row = serde_json::from_slice(&entry.row).map_err(|_| Unavailable::Corrupt)?;
                Ok((entry, row))
            })
            .collect()
    }
}
