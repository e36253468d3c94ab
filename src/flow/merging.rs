//! People merge records, part them again, and say who is not the same person. Decided by `decide`, committed
//! like everything else.

use std::collections::{BTreeMap, BTreeSet};

use super::context::{Flow, Unavailable};
use super::inquiry::{read_entry, read_lead};
use super::operate::{ActionError, ROUNDS_MAX};
use super::workspace::Workspace;
use crate::decide::{Refusal, Said, distinguish, merge_leads, unmerge_lead};
use crate::domain::{
    Commit, CommitOutcome, Facts, IndexKey, InquiryEntry, InquiryId, JournalRow, Key, KeySet,
    Known, Lead, LeadId, MergedAway, Name,
};
use crate::identify::{self, IndexedBy, Since};
use crate::telemetry::Fact;

/// Rows of the journal read at once.
pub(super) const ROWS: u32 = 1000;

pub(super) type Entries = BTreeMap<InquiryId, Known<InquiryEntry>>;

impl Flow {
    /// Merges a lead into another one; gives that one as it is afterwards.
    ///
    /// # Errors
    /// If there is no such lead, it makes no sense for these two, or the store does not answer.
    pub async fn merge_leads(
        &self,
        workspace: &Workspace,
        (from, into): (LeadId, LeadId),
        actor: &Name,
    ) -> Result<Lead, ActionError> {
        for _ in 0..ROUNDS_MAX {
            let (gone, stays) =
                (self.known_lead(workspace, from).await?, self.known_lead(workspace, into).await?);
            let newest = [&gone, &stays].map(|known| newest(&known.value));
            let entries = self.entries_of(workspace, newest).await?;
            let said = self.said(actor, &entries);
            let (lead, commit) =
                merge_leads(&workspace.decide, (&gone, &stays), &said, &mut self.ids())?;
            if self.committed_by(workspace, &commit, actor, "merge", from).await? {
                return Ok(lead);
            }
        }
        Err(Unavailable::Contention.into())
    }

    /// Parts a lead from the one in which it went up; gives both, the one that comes back first.
    ///
    /// # Errors
    /// If there is no such lead, it was not merged, or the store does not answer.
    pub async fn unmerge_lead(
        &self,
        workspace: &Workspace,
        id: LeadId,
        actor: &Name,
    ) -> Result<(Lead, Lead), ActionError> {
        for _ in 0..ROUNDS_MAX {
            let gone = self.known_lead(workspace, id).await?;
            let Some((into, merging)) = gone.value.merged_into.zip(gone.value.merged_away.as_ref())
            else {
                return Err(Refusal::NotMerged.into());
            };
            let survivor = self.known_lead(workspace, into).await?;
            let absorbed = &survivor.value.absorbed;
            let later = absorbed.iter().skip_while(|known| **known != id).skip(1).copied();
            let others = self.leads_of(&workspace.name, later.collect()).await?;
            let others: Vec<Known<Lead>> = others.into_iter().map(|(_, known)| known).collect();
            let came =
                self.came_since(workspace, merging, &survivor.value, &gone.value, &others).await?;
            let mut wanted: BTreeSet<InquiryId> = came.keys().copied().collect();
            wanted.extend([
                newest(&survivor.value),
                newest(&gone.value),
                newest(&merging.survivor),
            ]);
            let entries = self.entries_of(workspace, wanted).await?;
            let keys: Vec<(InquiryId, Vec<IndexedBy>)> = came
                .values()
                .map(|known| {
                    let inquiry = &known.value.inquiry;
                    (inquiry.id, identify::keys(inquiry, &self.pepper))
                })
                .collect();
            let all = keys.iter().flat_map(|(_, keys)| keys.iter().map(|by| by.key)).collect();
            let sets = self.facts_behind(workspace, all).await?;
            let since = in_order(&came, &keys, &others);
            let said = self.said(actor, &entries);
            let parting = unmerge_lead(
                &workspace.decide,
                (&gone, &survivor),
                (&since, &others, &sets),
                &said,
                &mut self.ids(),
            )?;
            if self.committed_by(workspace, &parting.commit, actor, "unmerge", id).await? {
                return Ok((parting.back, parting.survivor));
            }
        }
        Err(Unavailable::Contention.into())
    }

    /// Two leads are not the same person, whatever inquiries show.
    ///
    /// # Errors
    /// If there is no such lead, they are one already, or the store does not answer.
    pub async fn distinguish(
        &self,
        workspace: &Workspace,
        (one, other): (LeadId, LeadId),
        actor: &Name,
    ) -> Result<(), ActionError> {
        let entries = Entries::new();
        for _ in 0..ROUNDS_MAX {
            let (a, b) =
                (self.known_lead(workspace, one).await?, self.known_lead(workspace, other).await?);
            let commit = distinguish(&workspace.decide, (&a, &b), &self.said(actor, &entries))?;
            if self.committed_by(workspace, &commit, actor, "distinguish", one).await? {
                return Ok(());
            }
        }
        Err(Unavailable::Contention.into())
    }

    fn said<'a>(&self, actor: &'a Name, entries: &'a Entries) -> Said<'a> {
        Said { actor, entries, lease: Some(self.lease.clone()), now: self.now() }
    }

    /// `false` = somebody else was faster.
    pub(super) async fn committed_by(
        &self,
        workspace: &Workspace,
        commit: &Commit,
        actor: &Name,
        action: &'static str,
        lead: LeadId,
    ) -> Result<bool, ActionError> {
        let outcome = self.store.commit(commit).await;
        let outcome = outcome.map_err(|error| self.troubled("operate", error))?;
        let CommitOutcome::Committed(committed) = outcome else { return Ok(false) };
        self.hand_out(commit, committed.leased);
        self.telemetry.record(&Fact::OperatorActed {
            workspace: &workspace.name,
            actor: actor.as_str(),
            action,
            on: &lead.to_string(),
        });
        Ok(true)
    }

    async fn known_lead(
        &self,
        workspace: &Workspace,
        id: LeadId,
    ) -> Result<Known<Lead>, ActionError> {
        let stored = self.read_one(&workspace.name, Key::Lead(id)).await?;
        let stored = stored.ok_or(ActionError::NoLead)?;
        Ok(Known { version: stored.version, value: read_lead(&stored)? })
    }

    pub(super) async fn entries_of(
        &self,
        workspace: &Workspace,
        ids: impl IntoIterator<Item = InquiryId>,
    ) -> Result<Entries, Unavailable> {
        let ids: BTreeSet<InquiryId> = ids.into_iter().collect();
        if ids.is_empty() {
            return Ok(Entries::new());
        }
        let keys: Vec<Key> = ids.iter().map(|id| Key::Inquiry(*id)).collect();
        let stored = self.store.read(&workspace.name, &keys).await;
        let stored = stored.map_err(|error| self.troubled("read", error))?;
        let found = ids.into_iter().zip(stored).filter_map(|(id, stored)| Some((id, stored?)));
        found
            .map(|(id, stored)| {
                Ok((id, Known { version: stored.version, value: read_entry(&stored)? }))
            })
            .collect()
    }

    /// The inquiries that came to a lead since another one went up in it. Those of the newest touches, and if
    /// there were more, those that the journal names.
    async fn came_since(
        &self,
        workspace: &Workspace,
        merging: &MergedAway,
        survivor: &Lead,
        gone: &Lead,
        others: &[Known<Lead>],
    ) -> Result<Entries, Unavailable> {
        let before = [&merging.survivor, gone].into_iter().chain(others.iter().map(|it| &it.value));
        let known: BTreeSet<InquiryId> = before
            .clone()
            .flat_map(|lead| lead.touches.iter().chain([&lead.first_touch]))
            .map(|touch| touch.inquiry)
            .collect();
        let counted: u32 = before.map(|lead| lead.inquiries).sum();
        let mut ids: BTreeSet<InquiryId> =
            survivor.touches.iter().map(|touch| touch.inquiry).collect();
        if survivor.inquiries.saturating_sub(counted) as usize > ids.difference(&known).count() {
            let ms = u64::try_from(merging.at.as_millis()).unwrap_or(0);
            let mut after = (ms.saturating_sub(1), u64::MAX);
            loop {
                let rows = self.store.journal(&workspace.name, after, ROWS).await;
                let rows = rows.map_err(|error| self.troubled("journal", error))?;
                for entry in &rows {
                    let row: JournalRow =
                        serde_json::from_slice(&entry.row).map_err(|_| Unavailable::Corrupt)?;
                    ids.extend(row.inquiry.filter(|_| row.lead == Some(survivor.id)));
                }
                match rows.last() {
                    Some(last) if rows.len() == ROWS as usize => after = last.position,
                    _ => break,
                }
            }
        }
        let new: Vec<InquiryId> = ids.difference(&known).copied().collect();
        let mut entries = self.entries_of(workspace, new).await?;
        entries.retain(|_, known| known.value.lead == Some(survivor.id));
        Ok(entries)
    }

    /// Key sets, and the leads in them.
    pub(super) async fn facts_behind(
        &self,
        workspace: &Workspace,
        keys: BTreeSet<IndexKey>,
    ) -> Result<Facts, Unavailable> {
        let mut facts = Facts::default();
        if keys.is_empty() {
            return Ok(facts);
        }
        let names: Vec<Key> = keys.iter().map(|key| Key::Identity(*key)).collect();
        let stored = self.store.read(&workspace.name, &names).await;
        let stored = stored.map_err(|error| self.troubled("read", error))?;
        let mut ids: BTreeSet<LeadId> = BTreeSet::new();
        for (key, stored) in keys.into_iter().zip(stored) {
            let Some(stored) = stored else { continue };
            let value = KeySet::decode(&stored.body).ok_or(Unavailable::Corrupt)?;
            if let KeySet::Leads(leads) = &value {
                ids.extend(leads);
            }
            facts.keys.push((key, Known { version: stored.version, value }));
        }
        facts.leads = self.leads_of(&workspace.name, ids.into_iter().collect()).await?;
        self.complete(workspace, &mut facts).await?;
        Ok(facts)
    }
}

fn newest(lead: &Lead) -> InquiryId {
    lead.touches.last().unwrap_or(&lead.first_touch).inquiry
}

/// By the time it came.
fn in_order<'a>(
    came: &'a Entries,
    keys: &'a [(InquiryId, Vec<IndexedBy>)],
    others: &'a [Known<Lead>],
) -> Vec<Since<'a>> {
    let inquiries = came.values().zip(keys).map(|(known, (_, keys))| {
        let inquiry = &known.value.inquiry;
        (inquiry.received_at, Since::Inquiry(inquiry, keys))
    });
    let leads = others.iter().map(|known| {
        let lead = &known.value;
        (lead.merged_away.as_ref().map_or(lead.updated_at, |merging| merging.at), Since::Lead(lead))
    });
    let mut all: Vec<_> = inquiries.chain(leads).collect();
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, since)| since).collect()
}
