//! From the id of an event, an attempt or a request to what it was about: ids that were minted together
//! stand beside each other, and every id tells when it was minted.

use std::time::Duration;

use super::findings::{Findings, Found};
use super::look::millis;
use super::period::Period;
use crate::domain::{AttemptId, DeliveryId, EventId, IdBlock, InquiryId, Key, LeadId};
use crate::flow::context::{Flow, Unavailable};
use crate::flow::redrive::delivery_of;
use crate::flow::workspace::Workspace;

/// One decision mints fewer ids than this.
const BESIDE: u32 = 24;
/// An inquiry is decided within this time after its request came.
const DECIDED_WITHIN: Duration = Duration::from_secs(30);
/// Rows looked back through for the delivery of an attempt.
const ROWS_BACK: u32 = 500;

impl Flow {
    /// An event, which goes out as `webhook-id`: the deliveries that carry it.
    pub(super) async fn find_event(
        &self,
        workspace: &Workspace,
        id: &[u8; 16],
        findings: &mut Findings,
    ) -> Result<(), Unavailable> {
        for beside in IdBlock::beside(id, BESIDE) {
            let job = DeliveryId::from_bytes(beside);
            let Some(view) = self.delivery(&workspace.name, job).await? else { continue };
            let event = delivery_of(&view).map(|delivery| delivery.event.id).or(view.state.event);
            if event == Some(EventId::from_bytes(*id)) {
                self.find_delivery(workspace, job, findings).await?;
            }
        }
        self.find_inquiry(workspace, IdBlock::inquiry_beside(id), findings).await
    }

    /// Sixteen bytes whose kind was not said.
    pub(super) async fn find_digits(
        &self,
        workspace: &Workspace,
        id: &[u8; 16],
        findings: &mut Findings,
    ) -> Result<(), Unavailable> {
        self.find_lead(workspace, LeadId::from_bytes(*id), findings).await?;
        self.find_delivery(workspace, DeliveryId::from_bytes(*id), findings).await?;
        let keys =
            [Key::Inquiry(InquiryId::from_bytes(*id)), Key::Body(InquiryId::from_bytes(*id))];
        let stored = self.store.read(&workspace.name, &keys).await;
        let stored = stored.map_err(|error| self.troubled("find", error))?;
        if stored.iter().any(Option::is_some) {
            self.find_inquiry(workspace, InquiryId::from_bytes(*id), findings).await?;
        }
        if findings.found.is_empty() {
            self.find_event(workspace, id, findings).await?;
        }
        Ok(())
    }

    /// A request: its id is not kept with the inquiry, but says when it came.
    pub(super) async fn find_around(
        &self,
        workspace: &Workspace,
        id: &[u8; 16],
        limit: usize,
        findings: &mut Findings,
    ) -> Result<(), Unavailable> {
        let came = IdBlock::minted_at(id);
        findings.within = Period { from: came, to: came.after(DECIDED_WITHIN) };
        // The very request: ids of one process count up, so its inquiry is the next one minted.
        let (rows, more) = self.rows(&workspace.name, findings.within, limit).await?;
        findings.more = more;
        findings.happened = rows;
        Ok(())
    }

    /// An attempt: among the deliveries of the leads that were written lately when it was made.
    pub(super) async fn find_attempt(
        &self,
        workspace: &Workspace,
        id: AttemptId,
        findings: &mut Findings,
    ) -> Result<(), Unavailable> {
        let made = IdBlock::minted_at(id.as_bytes());
        let before = Some((millis(made) + 1, 0));
        let rows = self.store.journal_back(&workspace.name, before, ROWS_BACK).await;
        let mut leads: Vec<LeadId> = Vec::new();
        for entry in rows.map_err(|error| self.troubled("find", error))? {
            let row: crate::domain::JournalRow =
                serde_json::from_slice(&entry.row).map_err(|_| Unavailable::Corrupt)?;
            leads.extend(row.lead.filter(|lead| !leads.contains(lead)));
        }
        for lead in leads {
            let jobs = self.store.jobs_of(&workspace.name, lead).await;
            for (_, job) in jobs.map_err(|error| self.troubled("find", error))? {
                let Some(view) = self.delivery(&workspace.name, job).await? else { continue };
                if view.state.attempts.iter().any(|attempt| attempt.id == id) {
                    return self.find_delivery(workspace, job, findings).await;
                }
            }
        }
        Ok(())
    }
}

impl Findings {
    /// Whether that inquiry is among what was found.
    pub(super) fn has(&self, id: InquiryId) -> bool {
        self.found.iter().any(|found| match found {
            Found::Inquiry(inquiry) => inquiry.entry.inquiry.id == id,
            Found::Kept(other, ..) => *other == id,
            Found::Lead(lead) => lead.inquiries.iter().any(|i| i.entry.inquiry.id == id),
            Found::Delivery(_) => false,
        })
    }
}
