//! Which rules take inquiries and which never do: counted over the newest ones that were decided. Nothing is written
//! for it; the journal says which inquiries, their records say who won, and the rules in force are asked again part
//! by part on what is known now.

use std::collections::BTreeMap;

use super::context::{Flow, Unavailable};
use super::inquiry::{read_entry, read_lead};
use super::workspace::Workspace;
use crate::assign::DO_NOT_ROUTE;
use crate::domain::{
    InquiryEntry, InquiryId, JournalRow, Key, Lead, Name, Status, Stored, Timestamp,
};
use crate::rules::{Says, Subject};

/// So many inquiries are asked about unless somebody says otherwise.
pub const HITS_LAST: usize = 500;
/// And at most so many.
pub const HITS_MAX: usize = 5_000;
/// Journal rows read at once.
const ROWS: u32 = 1_000;
/// And in all: with more than this between inquiries, fewer of them are found.
const ROWS_MAX: usize = 50_000;
/// Inquiries read at once, and judged before others have their turn.
const PAGE: usize = 50;

/// How often something said what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub matched: u64,
    pub no_match: u64,
    pub missing: u64,
    pub error: u64,
}

impl Tally {
    fn count(&mut self, says: Says) {
        *match says {
            Says::Match => &mut self.matched,
            Says::NoMatch => &mut self.no_match,
            Says::Missing => &mut self.missing,
            Says::Error => &mut self.error,
        } += 1;
    }
}

/// How often one rule won, and what it and its parts said, asked of every inquiry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleHits {
    pub rule: Name,
    /// As the records say.
    pub won: u64,
    pub says: Tally,
    /// Each part of its condition in words.
    pub parts: Vec<(String, Tally)>,
}

/// Hit counts of a workspace's rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hits {
    /// How many inquiries were looked at; not tests, nor what was filtered.
    pub inquiries: u64,
    /// When the oldest of them came.
    pub since: Option<Timestamp>,
    /// The rules in force, in order.
    pub rules: Vec<RuleHits>,
    /// How many were kept back for a person: `do_not_route` was so.
    pub kept_back: u64,
    /// How many no rule won that asked for one.
    pub fallback: u64,
    /// How many stayed where their lead was, so that no rule was asked.
    pub stayed: u64,
    /// How many were won by rules that are not there any more.
    pub gone: BTreeMap<Name, u64>,
}

impl Flow {
    /// Counts over the newest `last` decided inquiries.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn hits(&self, workspace: &Workspace, last: usize) -> Result<Hits, Unavailable> {
        let router = &workspace.decide.router;
        let rules = router.parts().map(|(name, parts)| RuleHits {
            rule: name.clone(),
            won: 0,
            says: Tally::default(),
            parts: parts.into_iter().map(|part| (part, Tally::default())).collect(),
        });
        let mut hits = Hits {
            inquiries: 0,
            since: None,
            rules: rules.collect(),
            kept_back: 0,
            fallback: 0,
            stayed: 0,
            gone: BTreeMap::new(),
        };
        let names: BTreeMap<Name, usize> =
            router.rules().cloned().enumerate().map(|(at, name)| (name, at)).collect();
        let newest = self.newest_decided(&workspace.name, last.min(HITS_MAX)).await?;
        for page in newest.chunks(PAGE) {
            let keys: Vec<Key> = page.iter().map(|id| Key::Inquiry(*id)).collect();
            let entries: Vec<InquiryEntry> = self.read_all(workspace, &keys, read_entry).await?;
            let leads =
                entries.iter().filter_map(|entry| Some(Key::Lead(entry.lead?))).collect::<Vec<_>>();
            let leads: Vec<Lead> = self.read_all(workspace, &leads, read_lead).await?;
            for entry in &entries {
                let lead = leads.iter().find(|lead| Some(lead.id) == entry.lead);
                if let Some(lead) = lead {
                    hits.count(workspace, entry, lead, &names);
                }
            }
            tokio::task::yield_now().await;
        }
        Ok(hits)
    }

    async fn newest_decided(
        &self,
        workspace: &Name,
        last: usize,
    ) -> Result<Vec<InquiryId>, Unavailable> {
        let (mut found, mut rows) = (Vec::new(), 0);
        let mut before = None;
        while found.len() < last && rows < ROWS_MAX {
            let page = self.store.journal_back(workspace, before, ROWS).await;
            let page = page.map_err(|error| self.troubled("journal", error))?;
            rows += page.len();
            before = page.last().map(|entry| entry.position);
            for entry in &page {
                let row: JournalRow =
                    serde_json::from_slice(&entry.row).map_err(|_| Unavailable::Corrupt)?;
                let aside = matches!(row.status, Some(Status::Test | Status::Filtered));
                if row.fact.as_str() == "inquiry_decided" && !aside {
                    found.extend(row.inquiry);
                }
            }
            if page.len() < ROWS as usize {
                break;
            }
        }
        found.truncate(last);
        Ok(found)
    }

    /// What is still there of some keys.
    async fn read_all<T>(
        &self,
        workspace: &Workspace,
        keys: &[Key],
        read: fn(&Stored) -> Result<T, Unavailable>,
    ) -> Result<Vec<T>, Unavailable> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let stored = self.store.read(&workspace.name, keys).await;
        let stored = stored.map_err(|error| self.troubled("read", error))?;
        stored.iter().flatten().map(read).collect()
    }
}

impl Hits {
    fn count(
        &mut self,
        workspace: &Workspace,
        entry: &InquiryEntry,
        lead: &Lead,
        names: &BTreeMap<Name, usize>,
    ) {
        self.inquiries += 1;
        self.since = Some(entry.inquiry.received_at);
        let record = &entry.record;
        match &record.rule {
            Some(rule) if rule.as_str() == DO_NOT_ROUTE => self.kept_back += 1,
            Some(rule) => match names.get(rule) {
                Some(at) => self.rules[*at].won += 1,
                None => *self.gone.entry(rule.clone()).or_default() += 1,
            },
            None if record.rules.is_empty() && record.status == Some(Status::Repeat) => {
                self.stayed += 1;
            }
            None => self.fallback += 1,
        }
        let subject = Subject {
            inquiry: &entry.inquiry,
            lead,
            known: record.status == Some(Status::Repeat),
            now: entry.inquiry.received_at,
            qualification: Some(&record.qualification),
        };
        for (hits, asked) in self.rules.iter_mut().zip(workspace.decide.router.ask_each(&subject)) {
            hits.says.count(asked.says);
            for ((_, tally), says) in hits.parts.iter_mut().zip(asked.parts) {
                tally.count(says);
            }
        }
    }
}
