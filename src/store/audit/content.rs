//! A dump, read back into what it says.

use std::collections::{BTreeMap, BTreeSet};

use crate::analyse::{Checkpoint, Trail};
use crate::assign::unpack_state;
use crate::domain::{
    DeliveryId, Erased, IndexKey, InquiryEntry, InquiryId, JournalRow, KeySet, Lead, LeadId, Name,
    PoolState, Receipt, Stored,
};
use crate::store::space::unescape;
use crate::store::step::{Chain, JobValue};

use super::report::{Violation, find};
use super::sums;

/// Everything of a workspace. Assignments are settled by their receipts.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub leads: BTreeMap<LeadId, Lead>,
    pub entries: BTreeMap<InquiryId, InquiryEntry>,
    /// Kept bodies, each with the job that fetches what it refers to, if one does.
    pub bodies: BTreeMap<InquiryId, Option<DeliveryId>>,
    pub erased: BTreeMap<LeadId, Erased>,
    pub sets: BTreeMap<IndexKey, KeySet>,
    pub chains: BTreeMap<LeadId, Chain>,
    pub jobs: BTreeMap<DeliveryId, JobValue>,
    /// The inquiries of idempotency entries.
    pub claims: BTreeSet<InquiryId>,
    pub pools: BTreeMap<Name, PoolState>,
    /// Until when queues are paused, by name; `None` = until resumed.
    pub pauses: BTreeMap<Name, Option<i64>>,
    /// Members and scores by [`crate::domain::Index::encode`].
    pub indexes: BTreeMap<Vec<u8>, BTreeMap<Vec<u8>, i64>>,
    pub rows: Vec<(Option<Receipt>, JournalRow)>,
    /// Of each row.
    pub positions: Vec<(u64, u64)>,
    /// The bodies of reports' sums, by day and part.
    pub sums: BTreeMap<(i32, u8), Vec<u8>>,
    pub folded: Option<Checkpoint>,
    pub due: BTreeMap<Name, i64>,
    /// What could not be read.
    pub unreadable: Vec<Violation>,
}

/// What matters here of a kept body.
#[derive(serde::Deserialize)]
struct Kept {
    #[serde(default)]
    retrieval: Option<DeliveryId>,
}

impl Content {
    pub fn read(lines: &[(String, String)]) -> Self {
        let mut content = Self::default();
        for (what, text) in lines {
            if content.line(what, text).is_none() {
                // Names of things hold ids and names only.
                find(&mut content.unreadable, "unreadable", what);
            }
        }
        content
    }

    /// An index, empty if it is not there.
    pub fn index(&self, index: &crate::domain::Index) -> &BTreeMap<Vec<u8>, i64> {
        static EMPTY: BTreeMap<Vec<u8>, i64> = BTreeMap::new();
        self.indexes.get(&index.encode()).unwrap_or(&EMPTY)
    }

    fn line(&mut self, what: &str, text: &str) -> Option<()> {
        let (kind, rest) = what.split_once(' ')?;
        match kind {
            "value" => self.value(&unescape(rest)?, &unescape(text)?),
            "index" => {
                let (index, member) = rest.split_once(' ')?;
                let members = self.indexes.entry(unescape(index)?).or_default();
                members.insert(unescape(member)?, text.parse().ok()?);
                Some(())
            }
            "due" => {
                self.due.insert(Name::parse(rest).ok()?, text.parse().ok()?);
                Some(())
            }
            "journal" => {
                let (receipt, row) = text.split_once(' ')?;
                let receipt = String::from_utf8(unescape(receipt)?).ok()?;
                let row = serde_json::from_slice(&unescape(row)?).ok()?;
                let (ms, n) = rest.split_once('-')?;
                self.positions.push((ms.parse().ok()?, n.parse().ok()?));
                self.rows.push((Receipt::unpack(&receipt), row));
                Some(())
            }
            _ => None,
        }
    }

    fn value(&mut self, key: &[u8], bytes: &[u8]) -> Option<()> {
        let (letter, name) = key.split_first()?;
        let id = || <[u8; 16]>::try_from(name).ok();
        let text = || std::str::from_utf8(bytes).ok();
        let called = || Name::parse(std::str::from_utf8(name).ok()?).ok();
        match letter {
            b'k' => {
                self.sets.insert(IndexKey(id()?), KeySet::decode(&Stored::decode(bytes)?.body)?);
            }
            b'l' => {
                let stored = Stored::decode(bytes)?;
                let mut lead: Lead = serde_json::from_slice(&stored.body).ok()?;
                lead.assignment = lead.assignment.settle(stored.receipt.as_ref());
                self.leads.insert(LeadId::from_bytes(id()?), lead);
            }
            b'i' => {
                let stored = Stored::decode(bytes)?;
                let mut entry: InquiryEntry = serde_json::from_slice(&stored.body).ok()?;
                entry.assignment = entry.assignment.settle(stored.receipt.as_ref());
                self.entries.insert(InquiryId::from_bytes(id()?), entry);
            }
            b'c' => {
                self.claims.insert(InquiryId::from_bytes(bytes.get(8..24)?.try_into().ok()?));
            }
            b'b' => {
                let kept: Kept = serde_json::from_slice(&Stored::decode(bytes)?.body).ok()?;
                self.bodies.insert(InquiryId::from_bytes(id()?), kept.retrieval);
            }
            b'p' => {
                self.pools.insert(called()?, unpack_state(bytes)?);
            }
            b'n' => {
                text()?.parse::<u32>().ok()?;
            }
            b'q' => {
                text()?.parse::<i64>().ok()?;
            }
            b'd' => {
                self.chains.insert(LeadId::from_bytes(id()?), Chain::decode(bytes)?);
            }
            b'j' => {
                self.jobs.insert(DeliveryId::from_bytes(id()?), JobValue::decode(bytes)?);
            }
            b's' => {
                let until = match text()?.split_once('|')?.1 {
                    "-" => None,
                    ms => Some(ms.parse().ok()?),
                };
                self.pauses.insert(called()?, until);
            }
            b'e' => {
                let stored = Stored::decode(bytes)?;
                let erased: Erased = serde_json::from_slice(&stored.body).ok()?;
                self.erased.insert(LeadId::from_bytes(id()?), erased);
            }
            b'r' | b'y' | b'a' => self.folded(*letter, name, &Stored::decode(bytes)?.body)?,
            b'o' | b'g' | b't' | b'h' | b'v' | b'f' | b'x' | b'm' | b'w' => {
                Stored::decode(bytes)?;
            }
            _ => return None,
        }
        Some(())
    }

    /// What reports keep.
    fn folded(&mut self, letter: u8, name: &[u8], body: &[u8]) -> Option<()> {
        match letter {
            b'r' => {
                self.sums.insert(sums::place(name)?, body.to_vec());
            }
            b'y' => self.folded = Some(serde_json::from_slice(body).ok()?),
            _ => {
                serde_json::from_slice::<Trail>(body).ok()?;
            }
        }
        Some(())
    }
}
