//! Deliveries by how they stand. Only the dead ones have a list of their own; the others are found through
//! the queues of their destinations or through the leads that were written lately, within bounds, and it
//! is said how much was looked at.

use std::collections::BTreeSet;

use super::context::{Flow, Unavailable};
use super::dead::Which;
use super::redrive::delivery_of;
use super::worklist::Cursor;
use super::workspace::Workspace;
use crate::domain::ports::{JobView, LATEST};
use crate::domain::{DeliveryId, Index, JournalRow, LeadId, Name};

/// Rows of the journal that are looked back through for what was delivered.
const ROWS_BACK: u32 = 2_000;
/// Leads whose deliveries are read for it.
const LEADS_MAX: usize = 500;

/// How a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// In line, for its time or its turn.
    Waiting,
    /// In some process's hands.
    Leased,
    /// In line at a destination that takes nothing now.
    Paused,
    /// Lately delivered.
    Delivered,
    /// Given up.
    Dead,
}

impl Standing {
    /// All, by their words.
    pub const ALL: [(&'static str, Self); 5] = [
        ("waiting", Self::Waiting),
        ("leased", Self::Leased),
        ("paused", Self::Paused),
        ("delivered", Self::Delivered),
        ("dead", Self::Dead),
    ];

    /// The one named so.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(word, _)| *word == text).map(|(_, standing)| *standing)
    }
}

/// Which deliveries, and how many.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub which: Which,
    /// Of dead ones: the place to go on at.
    pub before: Option<Cursor>,
    pub limit: usize,
}

/// Some deliveries, and how far they were looked for.
#[derive(Debug, Clone, Default)]
pub struct Listed {
    /// Dead and delivered ones newest first, others by when they are due.
    pub items: Vec<JobView>,
    /// Where the next page of dead ones begins.
    pub next: Option<Cursor>,
    /// How many were looked at.
    pub looked_at: usize,
    /// Of how many in line; `None` where nobody counts them.
    pub of: Option<u64>,
}

impl Flow {
    /// Deliveries that stand so, at most `limit`.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn deliveries(
        &self,
        workspace: &Workspace,
        standing: Standing,
        wanted: &Wanted,
    ) -> Result<Listed, Unavailable> {
        match standing {
            Standing::Dead => self.dead_ones(workspace, wanted).await,
            Standing::Delivered => self.delivered_ones(workspace, wanted).await,
            Standing::Waiting => {
                self.in_line(workspace, wanted, &[Index::Delayed, Index::Ready], false).await
            }
            Standing::Paused => {
                self.in_line(workspace, wanted, &[Index::Delayed, Index::Ready], true).await
            }
            Standing::Leased => self.in_line(workspace, wanted, &[Index::Leased], false).await,
        }
    }

    async fn dead_ones(
        &self,
        workspace: &Workspace,
        wanted: &Wanted,
    ) -> Result<Listed, Unavailable> {
        let page = self.dead(&workspace.name, &wanted.which, wanted.before, wanted.limit).await?;
        let mut of = 0;
        for list in wanted.which.lists() {
            let count = self.store.count(&workspace.name, &list).await;
            of += count.map_err(|error| self.troubled("count", error))?;
        }
        let looked_at = page.items.len();
        let items = page.items.into_iter().map(|(view, _)| view).collect();
        let of = wanted.which.is_listed().then_some(of);
        Ok(Listed { items, next: page.next, looked_at, of })
    }

    /// What stands in queues.
    async fn in_line(
        &self,
        workspace: &Workspace,
        wanted: &Wanted,
        indexes: &[fn(Name) -> Index],
        paused_only: bool,
    ) -> Result<Listed, Unavailable> {
        let limit = u32::try_from(wanted.limit).unwrap_or(u32::MAX);
        let (mut items, mut of) = (Vec::new(), 0);
        for name in workspace.decide.destinations.keys() {
            if wanted.which.destination.as_ref().is_some_and(|only| only != name) {
                continue;
            }
            if paused_only {
                let depth = self.store.depth(&workspace.name, name, self.now()).await;
                if depth.map_err(|error| self.troubled("depth", error))?.paused.is_none() {
                    continue;
                }
            }
            for index in indexes {
                let index = index(name.clone());
                let count = self.store.count(&workspace.name, &index).await;
                of += count.map_err(|error| self.troubled("count", error))?;
                let members =
                    self.store.list(&workspace.name, &index, 0, LATEST, false, limit).await;
                for (member, _) in members.map_err(|error| self.troubled("list", error))? {
                    // A lease's member is the job and who holds it.
                    let Some(id) = member.first_chunk().copied() else { continue };
                    let view = self.delivery(&workspace.name, DeliveryId::from_bytes(id)).await?;
                    items.extend(view);
                }
            }
        }
        let looked_at = items.len();
        items.retain(|view| wanted.which.since.is_none_or(|since| view.due >= since));
        items.sort_by_key(|view| (view.due, view.id));
        items.truncate(wanted.limit);
        Ok(Listed { items, next: None, looked_at, of: Some(of) })
    }

    async fn delivered_ones(
        &self,
        workspace: &Workspace,
        wanted: &Wanted,
    ) -> Result<Listed, Unavailable> {
        let rows = self.store.journal_back(&workspace.name, None, ROWS_BACK).await;
        let mut leads: BTreeSet<LeadId> = BTreeSet::new();
        let (mut items, mut looked_at) = (Vec::new(), 0);
        for entry in rows.map_err(|error| self.troubled("journal", error))? {
            let row: JournalRow =
                serde_json::from_slice(&entry.row).map_err(|_| Unavailable::Corrupt)?;
            let Some(lead) = row.lead else { continue };
            if leads.len() == LEADS_MAX {
                break;
            }
            if !leads.insert(lead) {
                continue;
            }
            let jobs = self.store.jobs_of(&workspace.name, lead).await;
            for (queue, job) in jobs.map_err(|error| self.troubled("read", error))? {
                let Some(view) = self.delivery(&workspace.name, job).await? else { continue };
                looked_at += 1;
                let to = delivery_of(&view).map(|delivery| &delivery.destination);
                let to = to.or(view.state.destination.as_ref()).unwrap_or(&queue);
                let fits = view.state.ended.as_deref() == Some("delivered")
                    && wanted.which.destination.as_ref().is_none_or(|only| only == to)
                    && wanted.which.since.is_none_or(|since| view.state.ended_at >= Some(since));
                if fits {
                    items.push(view);
                }
            }
            if items.len() >= wanted.limit {
                break;
            }
        }
        items.sort_by_key(|view| std::cmp::Reverse((view.state.ended_at, view.id)));
        items.truncate(wanted.limit);
        Ok(Listed { items, next: None, looked_at, of: None })
    }
}
