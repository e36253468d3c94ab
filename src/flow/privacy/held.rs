//! Whom a question means, and everything that is kept of them.

use std::collections::BTreeSet;

use crate::domain::{
    Checked, InquiryEntry, InquiryId, JournalRow, Known, Lead, LeadId, Pii, Status,
};
use crate::flow::context::{Flow, Unavailable};
use crate::flow::find::{Asked, Findings, Found, Question};
use crate::flow::merging::{Entries, ROWS};
use crate::flow::workspace::Workspace;

/// What is kept under one lead.
pub(super) struct Held {
    /// The record that stands for the person, then every one that went up in it.
    pub leads: Vec<Known<Lead>>,
    pub entries: Entries,
}

/// Who was meant.
#[derive(Default)]
pub(super) struct Meant {
    pub leads: Vec<LeadId>,
    /// Filtered inquiries and tests: they belong to no lead that is worked on.
    pub aside: Vec<InquiryEntry>,
    /// Bodies that nobody could read.
    pub bodies: Vec<InquiryId>,
}

impl Meant {
    fn of(findings: Findings) -> Self {
        let mut meant = Self::default();
        for found in findings.found {
            match found {
                Found::Lead(lead) if !meant.leads.contains(&lead.lead.id) => {
                    meant.leads.push(lead.lead.id);
                }
                Found::Inquiry(inquiry) if is_aside(&inquiry.entry) => {
                    meant.aside.push(inquiry.entry);
                }
                Found::Inquiry(inquiry) => meant.leads.extend(inquiry.entry.lead),
                Found::Kept(id, ..) => meant.bodies.push(id),
                Found::Lead(_) | Found::Delivery(_) => {}
            }
        }
        meant
    }

    fn add_aside(&mut self, other: Self) {
        let known: BTreeSet<InquiryId> = self.aside.iter().map(|entry| entry.inquiry.id).collect();
        self.aside
            .extend(other.aside.into_iter().filter(|entry| !known.contains(&entry.inquiry.id)));
        let new = other.bodies.into_iter().filter(|id| !self.bodies.contains(id));
        let new: Vec<InquiryId> = new.collect();
        self.bodies.extend(new);
    }
}

fn is_aside(entry: &InquiryEntry) -> bool {
    matches!(entry.record.status, Some(Status::Filtered | Status::Test))
}

impl Flow {
    /// Everybody whom a question may mean, and what was set aside of them: by the address that was asked for, and by
    /// those of the leads found. Whole worklists are looked through, so it may take its time.
    pub(super) async fn meant(
        &self,
        workspace: &Workspace,
        asked: &Asked,
    ) -> Result<Meant, Unavailable> {
        let mut meant = Meant::of(self.find_all(workspace, asked.clone()).await?);
        let mut leads = Vec::new();
        for id in std::mem::take(&mut meant.leads) {
            if let Some(lead) = self.lead(&workspace.name, id).await?.map(|view| view.lead)
                && leads.iter().all(|known: &Lead| known.id != lead.id)
            {
                leads.push(lead);
            }
        }
        for address in leads.iter().flat_map(addresses).collect::<BTreeSet<_>>() {
            meant.add_aside(Meant::of(self.find_all(workspace, Asked::Email(address)).await?));
        }
        for lead in &leads {
            let found = self.find_named(workspace, &numbers(lead), &names(lead)).await?;
            meant.add_aside(Meant::of(found));
        }
        meant.leads = leads.into_iter().map(|lead| lead.id).collect();
        Ok(meant)
    }

    async fn find_all(&self, workspace: &Workspace, asked: Asked) -> Result<Findings, Unavailable> {
        let question = Question { asked, within: None, source: None, thorough: true };
        self.find(workspace, &question, 0).await
    }

    /// Everything kept under a lead and all that went up in it; `None` = there is no such lead.
    pub(super) async fn held(
        &self,
        workspace: &Workspace,
        id: LeadId,
    ) -> Result<Option<Held>, Unavailable> {
        let Some(view) = self.lead(&workspace.name, id).await? else { return Ok(None) };
        let mut leads = self.leads_of(&workspace.name, vec![view.lead.id]).await?;
        let mut at = 0;
        while let Some((_, known)) = leads.get(at) {
            let new = known.value.absorbed.iter().copied();
            let new: Vec<LeadId> =
                new.filter(|id| leads.iter().all(|(known, _)| known != id)).collect();
            leads.extend(self.leads_of(&workspace.name, new).await?);
            at += 1;
        }
        let leads: Vec<Known<Lead>> = leads.into_iter().map(|(_, known)| known).collect();
        let Some(survivor) = leads.first() else { return Ok(None) };
        let touched = leads.iter().flat_map(|known| {
            let lead = &known.value;
            lead.touches.iter().chain([&lead.first_touch]).chain(&lead.earliest_known)
        });
        let mut ids: BTreeSet<InquiryId> = touched.map(|touch| touch.inquiry).collect();
        if survivor.value.inquiries as usize > ids.len() {
            let of: BTreeSet<LeadId> = leads.iter().map(|known| known.value.id).collect();
            ids.extend(self.inquiries_in_journal(workspace, &of).await?);
        }
        let entries = self.entries_of(workspace, ids).await?;
        Ok(Some(Held { leads, entries }))
    }

    /// A record remembers its newest inquiries only; the journal names all of them.
    async fn inquiries_in_journal(
        &self,
        workspace: &Workspace,
        of: &BTreeSet<LeadId>,
    ) -> Result<Vec<InquiryId>, Unavailable> {
        let (mut after, mut ids) = ((0, 0), Vec::new());
        loop {
            let rows = self.store.journal(&workspace.name, after, ROWS).await;
            let rows = rows.map_err(|error| self.troubled("journal", error))?;
            for entry in &rows {
                let row: JournalRow =
                    serde_json::from_slice(&entry.row).map_err(|_| Unavailable::Corrupt)?;
                if row.lead.is_some_and(|lead| of.contains(&lead)) {
                    ids.extend(row.inquiry);
                }
            }
            match rows.last() {
                Some(last) if rows.len() == ROWS as usize => after = last.position,
                _ => return Ok(ids),
            }
        }
    }
}

/// Every phone number under which a person was seen, in its normal form.
fn numbers(lead: &Lead) -> Vec<&str> {
    let seen = lead.seen.iter().filter_map(|seen| seen.phone.as_ref()).map(Pii::expose);
    let own = lead.contact.phone.as_ref().map(Checked::best);
    own.into_iter().chain(seen).collect()
}

/// Every name under which a person was seen.
fn names(lead: &Lead) -> Vec<String> {
    let name = |full: &Option<Pii>, first: &Option<Pii>, last: &Option<Pii>| {
        let parts: Vec<&str> = [first, last].into_iter().flatten().map(Pii::expose).collect();
        full.as_ref().map_or_else(|| parts.join(" "), |full| full.expose().to_owned())
    };
    let contact = &lead.contact;
    let own = name(&contact.full_name, &contact.first_name, &contact.last_name);
    let seen = lead.seen.iter().map(|it| name(&it.full_name, &it.first_name, &it.last_name));
    std::iter::once(own).chain(seen).collect()
}

/// Every e-mail address under which a person was seen, in its normal form.
fn addresses(lead: &Lead) -> Vec<String> {
    let seen = lead.seen.iter().filter_map(|seen| seen.email.as_ref());
    let seen = seen.map(|email| email.expose().to_owned());
    let own = lead.contact.email.as_ref().map(|email| email.best().to_owned());
    own.into_iter().chain(seen).collect()
}
