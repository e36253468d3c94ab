//! Everything that is held about a person, to be handed out.

use super::held::Meant;
use crate::domain::ports::{JobView, LATEST};
use crate::domain::{Index, InquiryEntry, InquiryId, JournalRow, Lead, LeadId};
use crate::flow::context::{Flow, Unavailable};
use crate::flow::find::Asked;
use crate::flow::operate::ActionError;
use crate::flow::unreadable::KeptBody;
use crate::flow::workspace::Workspace;

/// So many acts of people are told per lead.
const ACTS_MAX: u32 = 10_000;

/// All of it. Personal data.
#[derive(Debug, Clone, Default)]
pub struct Everything {
    /// Records, those that went up in another one too.
    pub leads: Vec<Lead>,
    /// Their inquiries, oldest first.
    pub inquiries: Vec<InquiryEntry>,
    /// What was sent of them, and to whom.
    pub deliveries: Vec<JobView>,
    /// What people did with them.
    pub acts: Vec<JournalRow>,
    /// Filtered inquiries and tests.
    pub set_aside: Vec<InquiryEntry>,
    /// Bodies that nobody could read, as they came.
    pub bodies: Vec<(InquiryId, KeptBody)>,
}

impl Flow {
    /// Gathers everything that is held about a person.
    ///
    /// # Errors
    /// As [`Flow::erase`].
    pub async fn everything(
        &self,
        workspace: &Workspace,
        asked: &Asked,
        all: bool,
    ) -> Result<Everything, ActionError> {
        let Meant { leads, aside, bodies } = self.meant(workspace, asked).await?;
        if leads.is_empty() && aside.is_empty() && bodies.is_empty() {
            return Err(ActionError::NoLead);
        }
        if leads.len() > 1 && !all {
            return Err(ActionError::Several(leads));
        }
        let mut everything = Everything { set_aside: aside, ..Everything::default() };
        for lead in leads {
            self.add_lead(workspace, lead, &mut everything).await?;
        }
        for id in bodies {
            if let Some(body) = self.kept_body(&workspace.name, id).await? {
                everything.bodies.push((id, body));
            }
        }
        Ok(everything)
    }

    async fn add_lead(
        &self,
        workspace: &Workspace,
        lead: LeadId,
        everything: &mut Everything,
    ) -> Result<(), Unavailable> {
        let Some(held) = self.held(workspace, lead).await? else { return Ok(()) };
        let mut inquiries: Vec<InquiryEntry> =
            held.entries.into_values().map(|known| known.value).collect();
        inquiries.sort_by_key(|entry| (entry.inquiry.received_at, entry.inquiry.id));
        everything.inquiries.extend(inquiries);
        for known in held.leads {
            let id = known.value.id;
            let jobs = self.store.jobs_of(&workspace.name, id).await;
            for (_, job) in jobs.map_err(|error| self.troubled("read", error))? {
                everything.deliveries.extend(self.delivery(&workspace.name, job).await?);
            }
            let index = Index::ActsOn(id);
            let acts = self.store.list(&workspace.name, &index, 0, LATEST, false, ACTS_MAX).await;
            for (row, _) in acts.map_err(|error| self.troubled("list", error))? {
                everything
                    .acts
                    .push(serde_json::from_slice(&row).map_err(|_| Unavailable::Corrupt)?);
            }
            everything.leads.push(known.value);
        }
        Ok(())
    }
}
