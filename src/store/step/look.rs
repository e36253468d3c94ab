//! Looking at the store: every read of the port over one consistent view.

use crate::domain::ports::{JobView, JournalEntry, QueueDepth, StoreError};
use crate::domain::{
    DeliveryId, Index, Key, LeadId, Name, Receipt, Shard, Stored, Timestamp, packing,
};
use crate::store::space::{Space, due_index, line, parse_due_member};

use super::{Chain, JobValue, Row, View, queue};

/// A value's bytes as the port shows them: unpacked. What is not of the stored form comes as version 0.
pub fn stored(key: &Key, bytes: Vec<u8>) -> Result<Stored, StoreError> {
    match key {
        Key::Identity(_)
        | Key::Lead(_)
        | Key::Inquiry(_)
        | Key::Body(_)
        | Key::Overlay
        | Key::Given(_)
        | Key::Sealed(_)
        | Key::Bundle(_)
        | Key::Batch(_)
        | Key::Tally(_)
        | Key::Erased(_)
        | Key::Purged
        | Key::Marks
        | Key::Rollup(..)
        | Key::Trail(_)
        | Key::Folded
        | Key::Spend(_) => {
            let mut stored = Stored::decode(&bytes)
                .ok_or_else(|| StoreError::Corrupt("a value that cannot be read".into()))?;
            if packs(key) {
                stored.body = unpacked(stored.body)?;
            }
            Ok(stored)
        }
        Key::Claim(_)
        | Key::Pool(_)
        | Key::Counter(_)
        | Key::Chain(_)
        | Key::Job(_)
        | Key::Destination(_)
        | Key::Pace(_) => Ok(Stored { version: 0, receipt: None, body: bytes }),
    }
}

/// Whether bodies under that key lie packed.
#[must_use]
pub fn packs(key: &Key) -> bool {
    matches!(key, Key::Lead(_) | Key::Inquiry(_))
}

/// A body or row as the port shows it.
///
/// # Errors
/// [`StoreError::Corrupt`] if it is packed and cannot be read.
pub fn unpacked(bytes: Vec<u8>) -> Result<Vec<u8>, StoreError> {
    packing::unpack(bytes)
        .ok_or_else(|| StoreError::Corrupt("a packed value that cannot be read".to_owned()))
}

/// A value with nothing packed in it, `letter` being its key's: for dumps.
///
/// # Errors
/// [`StoreError::Corrupt`] if it cannot be read.
pub fn plain(letter: Option<&u8>, bytes: Vec<u8>) -> Result<Vec<u8>, StoreError> {
    match letter {
        Some(b'l' | b'i') => {
            let length =
                bytes.get(8..10).map_or(0, |two| usize::from(two[0]) << 8 | usize::from(two[1]));
            let Some((before, body)) = bytes.split_at_checked(10 + length) else {
                return Ok(bytes);
            };
            Ok([before, &unpacked(body.to_vec())?].concat())
        }
        Some(b'j') => Ok(JobValue::read(&bytes)?.encode()),
        _ => Ok(bytes),
    }
}

/// [`crate::domain::ports::Store::read`].
pub fn read(
    view: &dyn View,
    workspace: &Name,
    keys: &[Key],
) -> Result<Vec<Option<Stored>>, StoreError> {
    let space = Space::new(workspace);
    keys.iter()
        .map(|key| view.get(&space.key(key))?.map(|bytes| stored(key, bytes)).transpose())
        .collect()
}

/// [`crate::domain::ports::Store::list`].
pub fn list(
    view: &dyn View,
    workspace: &Name,
    index: &Index,
    (from, to): (i64, i64),
    newest_first: bool,
    limit: u32,
) -> Result<Vec<(Vec<u8>, i64)>, StoreError> {
    let index = Space::new(workspace).index(index);
    view.range(&index, from, to, newest_first, usize::try_from(limit).unwrap_or(usize::MAX))
}

/// [`crate::domain::ports::Store::count`].
pub fn count(view: &dyn View, workspace: &Name, index: &Index) -> Result<u64, StoreError> {
    view.card(&Space::new(workspace).index(index))
}

/// [`crate::domain::ports::Store::due`].
pub fn due(
    view: &dyn View,
    shard: Shard,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<(Name, Name, Timestamp)>, StoreError> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let members = view.range(&due_index(shard), i64::MIN, i64::MAX, false, limit)?;
    Ok(due_of(members, now))
}

/// The members of a due index as the port shows them: those due, and the first one that is not.
#[must_use]
pub fn due_of(members: Vec<(Vec<u8>, i64)>, now: Timestamp) -> Vec<(Name, Name, Timestamp)> {
    let mut due = Vec::with_capacity(members.len());
    for (member, at) in members {
        let Some((workspace, queue)) = parse_due_member(&member) else { continue };
        due.push((workspace, queue, Timestamp::from_millis(at)));
        if at > now.as_millis() {
            break;
        }
    }
    due
}

/// [`crate::domain::ports::Store::job`].
pub fn job(
    view: &dyn View,
    workspace: &Name,
    id: DeliveryId,
) -> Result<Option<JobView>, StoreError> {
    view.get(&Space::new(workspace).key(&Key::Job(id)))?
        .map(|bytes| Ok(job_view(id, JobValue::read(&bytes)?)))
        .transpose()
}

/// A job as people see it. A state or body that is not ours to read shows as empty or absent.
#[must_use]
pub fn job_view(id: DeliveryId, job: JobValue) -> JobView {
    let JobValue { sequence, receipt, absorbed, due, state, ended, body, .. } = job;
    JobView {
        id,
        sequence,
        receipt: Receipt::unpack(&receipt),
        absorbed,
        due,
        state: serde_json::from_slice(&state).unwrap_or_default(),
        body: if ended { None } else { serde_json::from_slice(&body).ok() },
    }
}

/// [`crate::domain::ports::Store::jobs_of`].
pub fn jobs_of(
    view: &dyn View,
    workspace: &Name,
    lead: LeadId,
) -> Result<Vec<(Name, DeliveryId)>, StoreError> {
    let bytes = view.get(&Space::new(workspace).key(&Key::Chain(lead)))?;
    let chain = Chain::read(bytes.as_deref())?;
    Ok(chain.remembered())
}

/// [`crate::domain::ports::Store::depth`].
pub fn depth(
    view: &dyn View,
    workspace: &Name,
    queue: &Name,
    now: Timestamp,
) -> Result<QueueDepth, StoreError> {
    let space = Space::new(workspace);
    let ready = space.index(&Index::Ready(queue.clone()));
    let delayed = space.index(&Index::Delayed(queue.clone()));
    let mut oldest = view.first(&delayed)?.map(|(_, due)| due);
    for priority in 0..=JobValue::PRIORITY_MAX {
        let (from, to) = JobValue::ready_band(priority);
        if let Some((_, score)) = view.range(&ready, from, to, false, 1)?.pop() {
            let due = score - from;
            oldest = Some(oldest.map_or(due, |oldest| oldest.min(due)));
        }
    }
    let paused = queue::paused(view, &space, queue, now)?;
    Ok(QueueDepth {
        ready: view.card(&ready)?,
        delayed: view.card(&delayed)?,
        leased: view.card(&space.index(&Index::Leased(queue.clone())))?,
        oldest: oldest.map(Timestamp::from_millis),
        paused: paused.map(|pause| (pause.reason.as_str().to_owned(), pause.until)),
    })
}

/// [`crate::domain::ports::Store::journal`].
pub fn journal(
    view: &dyn View,
    workspace: &Name,
    after: (u64, u64),
    limit: u32,
) -> Result<Vec<JournalEntry>, StoreError> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let rows = view.rows(&Space::new(workspace).journal(), after, limit)?;
    rows.into_iter().map(entry).collect()
}

/// [`crate::domain::ports::Store::journal_back`].
pub fn journal_back(
    view: &dyn View,
    workspace: &Name,
    before: Option<(u64, u64)>,
    limit: u32,
) -> Result<Vec<JournalEntry>, StoreError> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let rows = view.rows_back(&Space::new(workspace).journal(), before, limit)?;
    rows.into_iter().map(entry).collect()
}

/// A row of the journal as the port shows it.
///
/// # Errors
/// [`StoreError::Corrupt`] if it is packed and cannot be read.
pub fn entry((position, receipt, row): Row) -> Result<JournalEntry, StoreError> {
    Ok(JournalEntry { position, receipt: Receipt::unpack(&receipt), row: unpacked(row)? })
}

/// [`crate::domain::ports::Store::dump`].
pub fn dump(view: &dyn View, workspace: &Name) -> Result<Vec<(String, String)>, StoreError> {
    let space = Space::new(workspace);
    let mut lines = Vec::new();
    let mut odd = Ok(());
    view.each_value(space.prefix(), &mut |key, bytes| {
        let letter = key.get(space.prefix().len());
        match plain(letter, bytes.to_vec()) {
            Ok(bytes) => lines.push(line::value(&space, key, &bytes)),
            Err(error) => odd = Err(error),
        }
    })?;
    odd?;
    view.each_member(space.prefix(), &mut |index, member, score| {
        lines.push(line::member(&space, index, member, score));
    })?;
    for (position, receipt, row) in view.rows(&space.journal(), (0, 0), usize::MAX)? {
        lines.push(line::journal(position, &receipt, &unpacked(row)?));
    }
    for (member, at) in view.range(&space.due(), i64::MIN, i64::MAX, false, usize::MAX)? {
        match parse_due_member(&member) {
            Some((of, queue)) if of == *workspace => lines.push(line::due(&queue, at)),
            _ => {}
        }
    }
    lines.sort_unstable();
    Ok(lines)
}
