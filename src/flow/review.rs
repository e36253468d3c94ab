//! Pairs of leads that may be one person's, or were judged to be two: what people look at, and decide.

use super::context::{Flow, Unavailable};
use super::worklist::{Cursor, Page, Waiting, Waits};
use crate::decide;
use crate::domain::{Commit, Index, IndexChange, Lead, LeadId, Name};
use crate::identify::{are_told_apart, in_common};

impl Flow {
    /// A page of the pairs of a list, newest first. One that was settled otherwise (both went up in one record, or in
    /// two that are told apart) is taken off.
    pub(super) async fn pairs_waiting(
        &self,
        workspace: &Name,
        list: &Index,
        before: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<Waiting>, Unavailable> {
        let page = self.page_of(workspace, list, before, limit, pair);
        let Page { items: pairs, next } = page.await?;
        let mut items = Vec::with_capacity(pairs.len());
        let mut settled = Vec::new();
        for ((a, b), id, since) in pairs {
            let leads = (self.lead_of(workspace, a).await?, self.lead_of(workspace, b).await?);
            let what = match leads {
                (Some(a), Some(b)) if a.id != b.id && !are_told_apart(&a, &b) => {
                    let why = in_common(&a, &b);
                    let (goes, stays) = if stays_first(&a, &b) { (b, a) } else { (a, b) };
                    Waits::Pair(Box::new((goes, stays)), why)
                }
                _ => {
                    settled.extend(decide::settled(a, b));
                    continue;
                }
            };
            items.push(Waiting { id, since, what });
        }
        self.take_off(workspace, settled).await?;
        Ok(Page { items, next })
    }

    /// A lead, or its survivor.
    async fn lead_of(&self, workspace: &Name, id: LeadId) -> Result<Option<Lead>, Unavailable> {
        let mut found = self.leads_of(workspace, vec![id]).await?;
        while let Some(next) = found.first().and_then(|(_, known)| known.value.merged_into) {
            found = self.leads_of(workspace, vec![next]).await?;
        }
        Ok(found.pop().map(|(_, known)| known.value))
    }

    async fn take_off(
        &self,
        workspace: &Name,
        settled: Vec<IndexChange>,
    ) -> Result<(), Unavailable> {
        if settled.is_empty() {
            return Ok(());
        }
        let commit = Commit {
            workspace: workspace.clone(),
            now: self.now(),
            claim: None,
            reads: Vec::new(),
            writes: Vec::new(),
            indexes: settled,
            branches: Vec::new(),
            journal: Vec::new(),
            lease: None,
        };
        let done = self.store.commit(&commit).await;
        done.map(drop).map_err(|error| self.troubled("review", error))
    }
}

/// The two leads, and the id that stands for them in a place of the list.
fn pair(member: Vec<u8>) -> Option<((LeadId, LeadId), [u8; 16])> {
    let bytes: [u8; 32] = member.try_into().ok()?;
    let (mut a, mut b) = ([0; 16], [0; 16]);
    a.copy_from_slice(&bytes[..16]);
    b.copy_from_slice(&bytes[16..]);
    let mut both = a;
    both.iter_mut().zip(b).for_each(|(a, b)| *a ^= b);
    Some(((LeadId::from_bytes(a), LeadId::from_bytes(b)), both))
}

/// The open one, else the older one.
fn stays_first(a: &Lead, b: &Lead) -> bool {
    let rank = |lead: &Lead| (lead.stage().is_closed(), lead.created_at, lead.id);
    rank(a) < rank(b)
}
