//! What was: a lead's whole story, what people did. Reads only.

use super::context::{Flow, Unavailable};
use super::inquiry::read_entry;
use super::look_up::LeadView;
use crate::domain::ports::LATEST;
use crate::domain::{
    Index, InquiryEntry, InquiryId, JournalRow, Key, LeadId, Name, Receipt, Timestamp,
};

/// Actions that share the instant of a page's last one are on that page too; a bulk action makes at
/// most so many.
const SAME_INSTANT_MAX: usize = 300;
/// One inquiry of a lead, and what the store picked for it.
#[derive(Debug, Clone)]
pub struct Touched {
    pub entry: InquiryEntry,
    pub receipt: Option<Receipt>,
}

/// A lead with everything that is known to have happened to it.
#[derive(Debug, Clone)]
pub struct Story {
    pub view: LeadView,
    /// The newest inquiries with their records, oldest first; those that are still kept.
    pub inquiries: Vec<Touched>,
    /// What people did with it, newest first, at most a hundred.
    pub acts: Vec<JournalRow>,
}

impl Flow {
    /// The story of a lead; a merged one gives its survivor's.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn story(&self, workspace: &Name, id: LeadId) -> Result<Option<Story>, Unavailable> {
        let Some(view) = self.lead(workspace, id).await? else { return Ok(None) };
        let lead = &view.lead;
        let mut ids: Vec<InquiryId> = Vec::with_capacity(lead.touches.len() + 1);
        for touch in std::iter::once(&lead.first_touch).chain(&lead.touches) {
            if !ids.contains(&touch.inquiry) {
                ids.push(touch.inquiry);
            }
        }
        let keys: Vec<Key> = ids.into_iter().map(Key::Inquiry).collect();
        let stored = self.store.read(workspace, &keys).await;
        let stored = stored.map_err(|error| self.troubled("read", error))?;
        let inquiries = stored
            .into_iter()
            .flatten()
            .map(|stored| Ok(Touched { entry: read_entry(&stored)?, receipt: stored.receipt }))
            .collect::<Result<_, Unavailable>>()?;
        let acts = self.listed_acts(workspace, &Index::ActsOn(lead.id), LATEST, 100).await?;
        Ok(Some(Story { view, inquiries, acts }))
    }

    /// What people did, newest first: what was done before a time, and from when the next page goes on.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn acts(
        &self,
        workspace: &Name,
        before: Option<Timestamp>,
        limit: usize,
    ) -> Result<(Vec<JournalRow>, Option<Timestamp>), Unavailable> {
        let to = before.map_or(LATEST, |before| before.as_millis() - 1);
        let most = limit + SAME_INSTANT_MAX;
        let mut rows = self.listed_acts(workspace, &Index::Acts, to, most).await?;
        let Some(last) = rows.get(limit.saturating_sub(1)).map(|row| row.at) else {
            return Ok((rows, None));
        };
        let end = rows.iter().position(|row| row.at < last).unwrap_or(rows.len());
        let more = end < rows.len();
        rows.truncate(end);
        Ok((rows, more.then_some(last)))
    }

    async fn listed_acts(
        &self,
        workspace: &Name,
        list: &Index,
        to: i64,
        limit: usize,
    ) -> Result<Vec<JournalRow>, Unavailable> {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let found = self.store.list(workspace, list, 0, to, true, limit).await;
        found
            .map_err(|error| self.troubled("list", error))?
            .into_iter()
            .map(|(row, _)| serde_json::from_slice(&row).map_err(|_| Unavailable::Corrupt))
            .collect()
    }
}
