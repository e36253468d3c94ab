//! Who brought whom: up to whoever began it, and down to everybody who came by it. Everybody counts once, however
//! the chain runs.

use super::context::{Flow, Unavailable};
use super::inquiry::read_lead;
use super::workspace::Workspace;
use crate::domain::ports::LATEST;
use crate::domain::{Index, IndexKey, Key, KeySet, Lead, LeadId};
use crate::follow_up::referrals::Referred;

/// So many steps up and down.
const DEPTH_MAX: u32 = 16;
/// So many people in all.
const PEOPLE_MAX: usize = 1_000;

/// Whom a lead came by, and who came by it.
#[derive(Debug, Clone)]
pub struct Referrals {
    /// Who referred the lead, who referred that one, and so on.
    pub by: Vec<Lead>,
    /// Somebody is named who is not known (yet), at the end of that chain.
    pub by_stranger: bool,
    /// By depth, then by when they came.
    pub brought: Vec<Referred>,
    /// There are more.
    pub more: bool,
}

impl Flow {
    /// Follows a lead's referrals both ways.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn referrals(
        &self,
        workspace: &Workspace,
        lead: &Lead,
    ) -> Result<Referrals, Unavailable> {
        let (by, by_stranger) = self.referred_by(workspace, lead).await?;
        let mut seen: Vec<LeadId> = vec![lead.id];
        let mut brought: Vec<Referred> = Vec::new();
        let mut level = vec![lead.clone()];
        let mut more = false;
        for depth in 1..=DEPTH_MAX {
            let mut next: Vec<Lead> = Vec::new();
            for one in &level {
                for id in self.named_as_referrer(workspace, one).await? {
                    let Some(person) = self.present(workspace, id).await? else { continue };
                    if seen.contains(&person.id) {
                        continue;
                    }
                    if seen.len() > PEOPLE_MAX {
                        more = true;
                        break;
                    }
                    seen.push(person.id);
                    next.push(person);
                }
            }
            if next.is_empty() {
                break;
            }
            brought.extend(next.iter().map(|lead| Referred { depth, lead: lead.clone() }));
            level = next;
        }
        Ok(Referrals { by, by_stranger, brought, more })
    }

    /// The chain up.
    async fn referred_by(
        &self,
        workspace: &Workspace,
        lead: &Lead,
    ) -> Result<(Vec<Lead>, bool), Unavailable> {
        let mut chain: Vec<Lead> = Vec::new();
        let mut key = lead.referrer;
        for _ in 0..DEPTH_MAX {
            let Some(named) = key else { return Ok((chain, false)) };
            let Some(person) = self.behind(workspace, named).await? else {
                return Ok((chain, true));
            };
            if person.id == lead.id || chain.iter().any(|known| known.id == person.id) {
                return Ok((chain, false));
            }
            key = person.referrer;
            chain.push(person);
        }
        Ok((chain, false))
    }

    /// The oldest record behind a key; nobody behind a shared one.
    async fn behind(
        &self,
        workspace: &Workspace,
        key: IndexKey,
    ) -> Result<Option<Lead>, Unavailable> {
        let stored = self.read_one(&workspace.name, Key::Identity(key)).await?;
        let set = stored.and_then(|stored| KeySet::decode(&stored.body));
        let Some(KeySet::Leads(ids)) = set else { return Ok(None) };
        match ids.first() {
            Some(id) => self.present(workspace, *id).await,
            None => Ok(None),
        }
    }

    /// Those whose inquiries named a lead, under whatever key, in the order of their coming.
    async fn named_as_referrer(
        &self,
        workspace: &Workspace,
        lead: &Lead,
    ) -> Result<Vec<LeadId>, Unavailable> {
        let mut found: Vec<(i64, LeadId)> = Vec::new();
        let most = u32::try_from(PEOPLE_MAX).unwrap_or(u32::MAX);
        for key in lead.keys.iter().filter(|key| !key.is_compound()) {
            let index = Index::Referred(*key);
            let listed = self.store.list(&workspace.name, &index, 0, LATEST, false, most).await;
            let listed = listed.map_err(|error| self.troubled("list", error))?;
            found.extend(
                listed
                    .into_iter()
                    .filter_map(|(id, at)| Some((at, LeadId::from_bytes(id.try_into().ok()?)))),
            );
        }
        found.sort_unstable();
        Ok(found.into_iter().map(|(_, id)| id).collect())
    }

    /// A lead as it is, or the one in which it went up.
    async fn present(
        &self,
        workspace: &Workspace,
        id: LeadId,
    ) -> Result<Option<Lead>, Unavailable> {
        let mut id = id;
        loop {
            let Some(stored) = self.read_one(&workspace.name, Key::Lead(id)).await? else {
                return Ok(None);
            };
            let lead = read_lead(&stored)?;
            match lead.merged_into {
                Some(survivor) => id = survivor,
                None => return Ok(Some(lead)),
            }
        }
    }
}
