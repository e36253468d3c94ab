//! Everything that happened, row by row, for whoever keeps figures elsewhere.

use std::fmt;
use std::str::FromStr;

use crate::domain::{JournalRow, Receipt};
use crate::flow::context::{Flow, Unavailable};
use crate::flow::workspace::Workspace;

/// A place in the journal: `1767225600000-0`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(pub (u64, u64));

/// Why a text is no position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a position such as 1767225600000-0")]
pub struct ParsePositionError;

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.0.0, self.0.1)
    }
}

impl FromStr for Position {
    type Err = ParsePositionError;

    fn from_str(text: &str) -> Result<Self, ParsePositionError> {
        let (millis, n) = text.split_once('-').ok_or(ParsePositionError)?;
        let number = |text: &str| text.parse().map_err(|_| ParsePositionError);
        Ok(Self((number(millis)?, number(n)?)))
    }
}

/// One row.
#[derive(Debug, Clone)]
pub struct Exported {
    pub position: Position,
    pub receipt: Option<Receipt>,
    pub row: JournalRow,
}

impl Flow {
    /// The rows behind a place, oldest first, at most `limit`.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn export(
        &self,
        workspace: &Workspace,
        after: Position,
        limit: u32,
    ) -> Result<Vec<Exported>, Unavailable> {
        let entries = self.rows_after(&workspace.name, after.0, limit).await?;
        let exported = entries.into_iter().map(|entry| {
            let row = serde_json::from_slice(&entry.row).map_err(|_| Unavailable::Corrupt)?;
            Ok(Exported { position: Position(entry.position), receipt: entry.receipt, row })
        });
        exported.collect()
    }
}
