//! What was spent, as people and tools report it: rows with ids, so that sending one again changes nothing and a
//! corrected one replaces the first.

use std::collections::BTreeMap;

use super::project::{parsed, put};
use crate::analyse::spend::Spend;
use crate::domain::{Commit, CommitOutcome, JournalRow, Key, Name, Read};
use crate::flow::context::{Flow, Unavailable};

/// Rows are kept in so many values.
const PARTS: u8 = 64;
/// And at most so many in each: more than a hundred thousand in all.
const ROWS_MAX: usize = 2_000;
/// Rows of one request.
pub const SPENDS_MAX: usize = 5_000;

/// One row with its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpendRow {
    /// At most 100 characters.
    pub id: String,
    pub spend: Spend,
}

/// The rows of one part.
type Part = BTreeMap<String, Spend>;

impl Flow {
    /// Takes rows in; how many of them are new, and how many say something else than before. `None` = there is no room for so
    /// many.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn spend(
        &self,
        workspace: &Name,
        rows: &[SpendRow],
        actor: &Name,
    ) -> Result<Option<(usize, usize)>, Unavailable> {
        let mut parts: BTreeMap<u8, Vec<&SpendRow>> = BTreeMap::new();
        for row in rows {
            parts.entry(part_of(&row.id)).or_default().push(row);
        }
        loop {
            let keys: Vec<Key> = parts.keys().map(|part| Key::Spend(*part)).collect();
            let stored = self.store.read(workspace, &keys).await;
            let stored = stored.map_err(|error| self.troubled("spend", error))?;
            let (mut reads, mut writes) = (Vec::new(), Vec::new());
            let (mut new, mut corrected) = (0, 0);
            for ((key, stored), rows) in keys.into_iter().zip(stored).zip(parts.values()) {
                let version = stored.as_ref().map_or(0, |stored| stored.version);
                let mut part: Part = stored.as_ref().map(parsed).transpose()?.unwrap_or_default();
                let before = part.clone();
                for row in rows {
                    part.insert(row.id.clone(), row.spend.clone());
                }
                new += part.len() - before.len();
                corrected +=
                    before.iter().filter(|(id, spend)| part.get(*id) != Some(spend)).count();
                if part.len() > ROWS_MAX {
                    return Ok(None);
                }
                if part != before {
                    reads.push(Read { key: key.clone(), version });
                    writes.push(put(key, version + 1, &part)?);
                }
            }
            if writes.is_empty() {
                return Ok(Some((0, 0)));
            }
            let row = JournalRow {
                actor: Some(actor.clone()),
                ..JournalRow::new(self.now(), Name::fixed("spend_reported"))
            };
            let journal = serde_json::to_vec(&row).map_err(|_| Unavailable::Corrupt)?;
            let commit = Commit {
                workspace: workspace.clone(),
                now: self.now(),
                claim: None,
                reads,
                writes,
                indexes: row.listed(&journal),
                branches: Vec::new(),
                journal,
                lease: None,
            };
            let outcome = self.store.commit(&commit).await;
            let outcome = outcome.map_err(|error| self.troubled("spend", error))?;
            if matches!(outcome, CommitOutcome::Committed(_)) {
                return Ok(Some((new, corrected)));
            }
        }
    }

    /// Everything that was spent, by id.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn spending(&self, workspace: &Name) -> Result<Vec<SpendRow>, Unavailable> {
        let keys: Vec<Key> = (0..PARTS).map(Key::Spend).collect();
        let parts = self.read_parsed::<Part>(workspace, &keys).await?;
        let rows = parts.into_iter().flatten().flatten();
        let mut rows: Vec<SpendRow> = rows.map(|(id, spend)| SpendRow { id, spend }).collect();
        rows.sort_by(|left, right| left.id.cmp(&right.id));
        Ok(rows)
    }
}

/// FNV-1a over the id: fixed for ever.
fn part_of(id: &str) -> u8 {
    let hash = id
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash ^ (hash >> 16)).to_le_bytes()[0] % PARTS
}
