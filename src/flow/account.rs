//! Accounts: who stands for a company, and who else is there.

use super::context::{Flow, Unavailable};
use super::inquiry::read_lead;
use super::workspace::Workspace;
use crate::domain::ports::LATEST;
use crate::domain::{AccountOwner, Facts, Index, IndexKey, Key, KeySet, Known, Lead, LeadId, Name};

/// So many people of an account, the oldest first, are looked through for an owner.
const LOOK_MAX: u32 = 64;

impl Flow {
    /// If whoever stood for an account among the facts is closed: the oldest open lead there that somebody owns.
    pub(super) async fn find_successor(
        &self,
        workspace: &Name,
        account: Option<IndexKey>,
        facts: &mut Facts,
    ) -> Result<(), Unavailable> {
        let of_leads = facts.leads.iter().filter_map(|(_, known)| known.value.account);
        let closed = account
            .into_iter()
            .chain(of_leads)
            .find(|account| facts.standing(*account).is_some_and(|standing| standing.closed));
        let Some(account) = closed else { return Ok(()) };
        let index = Index::Account(account);
        let found = self.store.list(workspace, &index, 0, LATEST, false, LOOK_MAX).await;
        let found = found.map_err(|error| self.troubled("list", error))?;
        let ids =
            found.into_iter().filter_map(|(id, _)| Some(LeadId::from_bytes(id.try_into().ok()?)));
        for (id, known) in self.leads_of(workspace, ids.collect()).await? {
            let lead = &known.value;
            let owned = lead.assignment.owner().is_some() && !lead.stage().is_closed();
            if owned && lead.merged_into.is_none() {
                if facts.lead(id).is_none() {
                    facts.leads.push((id, known));
                    facts.leads.sort_by_key(|(id, _)| *id);
                }
                facts.successor = Some(id);
                break;
            }
        }
        Ok(())
    }

    /// What is known of a lead's account, for decisions that begin with the lead.
    pub(super) async fn account_facts(
        &self,
        workspace: &Workspace,
        lead: &Lead,
    ) -> Result<Facts, Unavailable> {
        let mut facts = Facts::default();
        let Some(account) = lead.account else { return Ok(facts) };
        facts = self.facts_behind(workspace, [account].into()).await?;
        self.find_successor(&workspace.name, Some(account), &mut facts).await?;
        Ok(facts)
    }

    /// Fetches the survivors of merged leads.
    pub(super) async fn complete(
        &self,
        workspace: &Workspace,
        facts: &mut Facts,
    ) -> Result<(), Unavailable> {
        while let Some(missing) = facts
            .leads
            .iter()
            .filter_map(|(_, known)| known.value.merged_into)
            .find(|survivor| facts.lead(*survivor).is_none())
        {
            let stored = self.read_one(&workspace.name, Key::Lead(missing)).await?;
            let stored = stored.ok_or(Unavailable::Corrupt)?;
            let known = Known { version: stored.version, value: read_lead(&stored)? };
            facts.leads.push((missing, known));
        }
        facts.leads.sort_by_key(|(id, _)| *id);
        Ok(())
    }

    /// Leads as stored, those that are there.
    pub(super) async fn leads_of(
        &self,
        workspace: &Name,
        ids: Vec<LeadId>,
    ) -> Result<Vec<(LeadId, Known<Lead>)>, Unavailable> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<Key> = ids.iter().map(|id| Key::Lead(*id)).collect();
        let stored = self.store.read(workspace, &keys).await;
        let stored = stored.map_err(|error| self.troubled("read", error))?;
        ids.into_iter()
            .zip(stored)
            .filter_map(|(id, stored)| Some((id, stored?)))
            .map(|(id, stored)| {
                Ok((id, Known { version: stored.version, value: read_lead(&stored)? }))
            })
            .collect()
    }

    /// Who owns a lead's account now.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn account_owner(
        &self,
        workspace: &Workspace,
        lead: &Lead,
    ) -> Result<Option<AccountOwner>, Unavailable> {
        let facts = self.account_facts(workspace, lead).await?;
        Ok(crate::decide::account_owner(&workspace.decide, lead, &facts))
    }

    /// The other people of a lead's account, the oldest first, and whether there are more.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn colleagues(
        &self,
        workspace: &Name,
        lead: &Lead,
        limit: u32,
    ) -> Result<(Vec<Lead>, bool), Unavailable> {
        let Some(account) = lead.account else { return Ok((Vec::new(), false)) };
        let stands = self.read_one(workspace, Key::Identity(account)).await?;
        let stands = stands.and_then(|stored| KeySet::decode(&stored.body));
        let mut ids = match stands {
            Some(KeySet::Leads(ids)) => ids,
            _ => Vec::new(),
        };
        let asked = limit.saturating_add(2);
        let index = Index::Account(account);
        let listed = self.store.list(workspace, &index, 0, LATEST, false, asked).await;
        let listed = listed.map_err(|error| self.troubled("list", error))?;
        let listed = listed.into_iter().filter_map(|(id, _)| id.try_into().ok());
        ids.extend(listed.map(LeadId::from_bytes));
        let mut people: Vec<Lead> = Vec::new();
        for (_, known) in self.leads_of(workspace, ids).await? {
            let mut person = known.value;
            while let Some(next) = person.merged_into {
                let stored = self.read_one(workspace, Key::Lead(next)).await?;
                person = read_lead(&stored.ok_or(Unavailable::Corrupt)?)?;
            }
            if person.id != lead.id && people.iter().all(|known| known.id != person.id) {
                people.push(person);
            }
        }
        people.sort_by_key(|person| (person.created_at, person.id));
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = people.len() > limit;
        people.truncate(limit);
        Ok((people, more))
    }
}
