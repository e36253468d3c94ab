//! The projector: folds the journal's rows into sums, some at a time. Checkpoint, sums and what is remembered of leads change in
//! one atomic step that depends on the checkpoint being as it was seen: whichever replica comes first
//! wins a step, the others find it done. Nothing waits for it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::analyse::{Calendar, Changes, Checkpoint, Day, Fold, Rollup, Slot, Trail};
use crate::domain::ports::JournalEntry;
use crate::domain::{
    Commit, CommitOutcome, JournalRow, Key, LeadId, Name, Read, Receipt, Stored, Timestamp, Write,
};
use crate::flow::context::{Flow, Unavailable};
use crate::flow::workspace::Workspace;

/// Rows read for one step.
const ROWS: u32 = 250;
/// A step that changes more sums than these ends early: a commit stays short.
const SLOTS_MAX: usize = 1_200;
/// Steps that somebody who asks for a report waits for.
const STEPS_WAITED_FOR: u32 = 40;
/// Values read at once.
const KEYS_MAX: usize = 500;
/// Days whose sums are removed in one step.
const DAYS_CLEARED: i32 = 20;

/// How far reports are behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lag {
    /// The place of the last row that is counted.
    pub position: (u64, u64),
    /// How many rows are counted.
    pub rows: u64,
    /// The first row that is not counted yet was written so long ago; zero if there is none.
    pub behind: Duration,
    /// They are being made anew, and not complete.
    pub rebuilding: bool,
}

/// One step's outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Everything is counted.
    Done(Lag),
    /// There is more to count; what was counted now was written so long ago.
    More(Duration),
}

impl Flow {
    /// Folds some rows of what the journal has got since the last time. Replicas may do it at once.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn project_some(&self, workspace: &Workspace) -> Result<Step, Unavailable> {
        let _turn = self.projecting.lock().await;
        self.project_step(workspace).await
    }

    /// Folds as much as a report waits for.
    pub(super) async fn project_before_reading(
        &self,
        workspace: &Workspace,
    ) -> Result<Lag, Unavailable> {
        let _turn = self.projecting.lock().await;
        for _ in 0..STEPS_WAITED_FOR {
            if let Step::Done(lag) = self.project_step(workspace).await? {
                return Ok(lag);
            }
        }
        let (_, checkpoint) = self.checkpoint(&workspace.name).await?;
        self.lag(&workspace.name, &checkpoint).await
    }

    /// Has all sums made anew from the journal's first row on. It goes on in steps, by whichever replica; meanwhile reports say
    /// that they are not complete.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn rebuild_reports(&self, workspace: &Workspace) -> Result<(), Unavailable> {
        loop {
            let (version, checkpoint) = self.checkpoint(&workspace.name).await?;
            let begun = Checkpoint { clearing: Some((0, 0)), ..checkpoint };
            if self.step(&workspace.name, version, &begun, Vec::new()).await? {
                return Ok(());
            }
        }
    }

    /// How far reports are behind, without changing that.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn report_lag(&self, workspace: &Workspace) -> Result<Lag, Unavailable> {
        let (_, checkpoint) = self.checkpoint(&workspace.name).await?;
        self.lag(&workspace.name, &checkpoint).await
    }

    async fn lag(&self, workspace: &Name, checkpoint: &Checkpoint) -> Result<Lag, Unavailable> {
        let next = self.rows_after(workspace, checkpoint.position, 1).await?;
        Ok(Lag {
            position: checkpoint.position,
            rows: checkpoint.rows,
            behind: next.first().map_or(Duration::ZERO, |row| self.ago(row.position)),
            rebuilding: checkpoint.clearing.is_some(),
        })
    }

    /// How long ago a row was written.
    fn ago(&self, (millis, _): (u64, u64)) -> Duration {
        self.now().since(Timestamp::from_millis(i64::try_from(millis).unwrap_or(i64::MAX)))
    }

    async fn project_step(&self, workspace: &Workspace) -> Result<Step, Unavailable> {
        let name = &workspace.name;
        let calendar = Calendar::new(workspace.zone.clone());
        let (version, mut checkpoint) = self.checkpoint(name).await?;
        if version > 0 && !checkpoint.fits(&calendar) {
            checkpoint.clearing.get_or_insert((0, 0));
        }
        (checkpoint.format, checkpoint.zone) = (Checkpoint::FORMAT, calendar.zone().to_owned());
        if let Some(cleared) = checkpoint.clearing {
            self.clear(name, version, checkpoint, cleared).await?;
            return Ok(Step::More(Duration::ZERO));
        }
        let entries = self.rows_after(name, checkpoint.position, ROWS).await?;
        if entries.is_empty() {
            return Ok(Step::Done(self.lag(name, &checkpoint).await?));
        }
        let rows = parsed_rows(&entries)?;
        let trails = self.trails(name, rows.iter().map(|(_, row)| row)).await?;
        let mut fold = Fold::new(calendar, trails);
        let mut sums = BTreeMap::new();
        let mut folded = 0;
        for (receipt, row) in &rows {
            self.change_sums(name, &fold.row(*receipt, row), &mut sums).await?;
            folded += 1;
            if sums.len() > SLOTS_MAX {
                break;
            }
        }
        checkpoint.position = entries[folded - 1].position;
        let behind = self.ago(checkpoint.position);
        checkpoint.rows += folded as u64;
        for slot in sums.keys() {
            checkpoint.has(slot.day);
        }
        let mut writes = Vec::new();
        for (lead, trail) in fold.take_changed() {
            writes.push(put(Key::Trail(lead), version + 1, trail)?);
        }
        for (slot, sums) in &sums {
            writes.push(put(key(*slot), version + 1, sums)?);
        }
        self.step(name, version, &checkpoint, writes).await?;
        Ok(Step::More(behind))
    }

    /// Carries out the changes of one row, on sums that are read when they are first needed: rows of one day change the
    /// same ones, and their changes need not wait for each other in memory.
    async fn change_sums(
        &self,
        workspace: &Name,
        changes: &Changes,
        sums: &mut BTreeMap<Slot, Rollup>,
    ) -> Result<(), Unavailable> {
        let unread: BTreeSet<Slot> =
            changes.slots().filter(|slot| !sums.contains_key(slot)).collect();
        if !unread.is_empty() {
            let keys: Vec<Key> = unread.iter().map(|slot| key(*slot)).collect();
            let read = self.read_parsed::<Rollup>(workspace, &keys).await?;
            sums.extend(unread.into_iter().zip(read.into_iter().map(Option::unwrap_or_default)));
        }
        changes.apply(sums);
        Ok(())
    }

    /// Removes some of what was made.
    async fn clear(
        &self,
        workspace: &Name,
        version: u64,
        mut checkpoint: Checkpoint,
        cleared: (u64, u64),
    ) -> Result<(), Unavailable> {
        let mut writes = Vec::new();
        if let Some((first, last)) = checkpoint.days {
            let until = last.min(first.saturating_add(DAYS_CLEARED - 1));
            for day in (first..=until).map(Day::from_number) {
                writes.extend(Slot::of_day(day).map(|slot| Write::Delete { key: key(slot) }));
            }
            checkpoint.days = (until < last).then_some((until + 1, last));
        } else {
            let entries = self.rows_after(workspace, cleared, ROWS).await?;
            let leads: BTreeSet<LeadId> = parsed_rows(&entries)?
                .iter()
                .flat_map(|(_, row)| Fold::concerns(row).collect::<Vec<_>>())
                .collect();
            writes.extend(leads.into_iter().map(|lead| Write::Delete { key: Key::Trail(lead) }));
            checkpoint.clearing = entries.last().map(|entry| entry.position);
            if entries.is_empty() {
                (checkpoint.position, checkpoint.rows) = ((0, 0), 0);
            }
        }
        self.step(workspace, version, &checkpoint, writes).await?;
        Ok(())
    }

    /// Writes the checkpoint and what goes with it; `false` = somebody else was faster.
    async fn step(
        &self,
        workspace: &Name,
        version: u64,
        checkpoint: &Checkpoint,
        mut writes: Vec<Write>,
    ) -> Result<bool, Unavailable> {
        writes.push(put(Key::Folded, version + 1, checkpoint)?);
        let commit = Commit {
            workspace: workspace.clone(),
            now: self.now(),
            claim: None,
            reads: vec![Read { key: Key::Folded, version }],
            writes,
            indexes: Vec::new(),
            branches: Vec::new(),
            journal: Vec::new(),
            lease: None,
        };
        let outcome = self.store.commit(&commit).await;
        let outcome = outcome.map_err(|error| self.troubled("report", error))?;
        Ok(matches!(outcome, CommitOutcome::Committed(_)))
    }

    pub(super) async fn checkpoint(
        &self,
        workspace: &Name,
    ) -> Result<(u64, Checkpoint), Unavailable> {
        let stored = self.store.read(workspace, &[Key::Folded]).await;
        let stored = stored.map_err(|error| self.troubled("report", error))?;
        let Some(stored) = stored.into_iter().next().flatten() else {
            return Ok((0, Checkpoint::default()));
        };
        Ok((stored.version, parsed(&stored)?))
    }

    /// What is remembered of the leads that rows are about, and of those in which they went up.
    async fn trails<'r>(
        &self,
        workspace: &Name,
        rows: impl Iterator<Item = &'r JournalRow>,
    ) -> Result<BTreeMap<LeadId, Trail>, Unavailable> {
        let mut wanted: BTreeSet<LeadId> = rows.flat_map(Fold::concerns).collect();
        let mut trails = BTreeMap::new();
        while !wanted.is_empty() {
            let keys: Vec<Key> = wanted.iter().map(|lead| Key::Trail(*lead)).collect();
            let read = self.read_parsed::<Trail>(workspace, &keys).await?;
            for (lead, trail) in wanted.iter().zip(read) {
                trails.insert(*lead, trail.unwrap_or_default());
            }
            wanted = trails.values().filter_map(Trail::merged_into).collect();
            wanted.retain(|lead| !trails.contains_key(lead));
        }
        Ok(trails)
    }

    pub(super) async fn rows_after(
        &self,
        workspace: &Name,
        after: (u64, u64),
        limit: u32,
    ) -> Result<Vec<JournalEntry>, Unavailable> {
        let rows = self.store.journal(workspace, after, limit).await;
        rows.map_err(|error| self.troubled("report", error))
    }

    /// Values of one form, in the order asked.
    pub(super) async fn read_parsed<T: DeserializeOwned>(
        &self,
        workspace: &Name,
        keys: &[Key],
    ) -> Result<Vec<Option<T>>, Unavailable> {
        let mut values = Vec::with_capacity(keys.len());
        for some in keys.chunks(KEYS_MAX) {
            let stored = self.store.read(workspace, some).await;
            let stored = stored.map_err(|error| self.troubled("report", error))?;
            for stored in stored {
                values.push(stored.as_ref().map(parsed).transpose()?);
            }
        }
        Ok(values)
    }
}

pub(super) fn key(slot: Slot) -> Key {
    Key::Rollup(slot.day.number(), slot.part())
}

fn parsed_rows(
    entries: &[JournalEntry],
) -> Result<Vec<(Option<&Receipt>, JournalRow)>, Unavailable> {
    let row = |entry: &'_ JournalEntry| serde_json::from_slice(&entry.row);
    entries
        .iter()
        .map(|entry| Ok((entry.receipt.as_ref(), row(entry).map_err(|_| Unavailable::Corrupt)?)))
        .collect()
}

pub(super) fn parsed<T: DeserializeOwned>(stored: &Stored) -> Result<T, Unavailable> {
    serde_json::from_slice(&stored.body).map_err(|_| Unavailable::Corrupt)
}

pub(super) fn put<T: Serialize>(key: Key, version: u64, value: &T) -> Result<Write, Unavailable> {
    let body = serde_json::to_vec(value).map_err(|_| Unavailable::Corrupt)?;
    Ok(Write::Put { key, version, with_receipt: false, body, until: None })
}
