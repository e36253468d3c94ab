//! Reading the journal: a stream whose entries hold one row or several that follow each other within a millisecond.

use ::redis::{Cmd, cmd};

use super::answer::Answer;
use super::engine::Redis;
use super::joined::COMMITS_MAX;
use crate::domain::Name;
use crate::domain::ports::StoreError;
use crate::store::space::Space;
use crate::store::step::{Row, look};

impl Redis {
    /// Rows after a position.
    pub(super) async fn rows(
        &self,
        workspace: &Name,
        (ms, n): (u64, u64),
        limit: u32,
    ) -> Result<Vec<Row>, StoreError> {
        let mut range = cmd("XRANGE");
        range.arg(Space::new(workspace).journal()).arg(format!("({ms}-{n}")).arg("+");
        // Each entry has a row at least; the first may begin with some that were asked for before.
        let mut rows = self.rows_of(range.arg("COUNT").arg(limit)).await?;
        rows.retain(|(position, ..)| *position > (ms, n));
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(rows)
    }

    /// The rows that a range of a stream gives, entry by entry. An entry holds rows that follow each other within a
    /// millisecond, and has the position of its last one.
    async fn rows_of(&self, range: &Cmd) -> Result<Vec<Row>, StoreError> {
        let corrupt = || StoreError::Corrupt("a journal position".to_owned());
        let mut entries = Answer::of(self.ask(range).await?)?;
        let mut rows = Vec::new();
        while !entries.is_over() {
            let mut entry = entries.items()?;
            let id = entry.text()?;
            let position: Option<(u64, u64)> =
                id.split_once('-').and_then(|(ms, n)| Some((ms.parse().ok()?, n.parse().ok()?)));
            let (ms, last) = position.ok_or_else(corrupt)?;
            let mut fields = entry.items()?;
            let first = rows.len();
            while !fields.is_over() {
                fields.bytes()?;
                let receipt = fields.text()?;
                fields.bytes()?;
                rows.push(((ms, 0), receipt, look::unpacked(fields.bytes()?)?));
            }
            let before = last.checked_sub((rows.len() - first) as u64 - 1).ok_or_else(corrupt)?;
            for (n, (position, ..)) in (before..).zip(&mut rows[first..]) {
                *position = (ms, n);
            }
        }
        Ok(rows)
    }

    /// Rows before a position, the newest first.
    pub(super) async fn rows_back(
        &self,
        workspace: &Name,
        before: Option<(u64, u64)>,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError> {
        // The entry that holds the row before that one may end some rows behind it.
        let further = COMMITS_MAX as u64;
        let newest = before.map_or_else(
            || "+".to_owned(),
            |(ms, n)| format!("{ms}-{}", n.saturating_add(further)),
        );
        let mut range = cmd("XREVRANGE");
        range.arg(Space::new(workspace).journal()).arg(newest).arg("-");
        let count = u64::from(limit) + further;
        let mut rows = self.rows_of(range.arg("COUNT").arg(count)).await?;
        rows.retain(|(position, ..)| before.is_none_or(|before| *position < before));
        rows.sort_unstable_by_key(|(position, ..)| std::cmp::Reverse(*position));
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(rows)
    }
}
