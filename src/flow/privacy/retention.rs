//! Leads that are kept no longer are forgotten by themselves, as if their people had asked for it.
//!
//! The journal says when something happened with whom. For each length of time that is configured a mark goes through it, as far
//! behind today as that is long, and the leads of the rows that it passes are looked at. Whoever had something happen since has
//! a later row and is looked at again when the mark comes there. So no lead carries anything for it, nothing is
//! done at an inquiry, and what is configured anew begins with the first row.
//!
//! Days begin at midnight in UTC: all that is over by then goes in one go, and the engine's files are written anew once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::erase::{Erasure, Forgotten};
use crate::domain::ports::JournalEntry;
use crate::domain::{
    Commit, CommitOutcome, JournalRow, Key, Lead, LeadId, Name, Read, Status, Timestamp, Write,
};
use crate::flow::context::{Flow, Unavailable};
use crate::flow::find::Asked;
use crate::flow::operate::ActionError;
use crate::flow::unreadable::json;
use crate::flow::workspace::Workspace;

/// Rows looked at in one step.
const ROWS: u32 = 500;
/// Steps of one length at a time; the rest is for the next time.
const STEPS_MAX: u32 = 200;
const DAY_MILLIS: i64 = 24 * 3600 * 1000;
/// Who does it, and why.
const RETENTION: &str = "retention";

/// How far the marks are, kept under [`Key::Marks`].
#[derive(Debug, Default, Serialize, Deserialize)]
struct Marks {
    /// What was configured then: with anything else they begin anew.
    of: String,
    /// By length, in seconds.
    at: BTreeMap<u64, Mark>,
}

/// How far one mark is.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Mark {
    /// The place of the last row that it passed.
    after: (u64, u64),
    /// It passed all rows up to this time (ms).
    to: i64,
}

impl Flow {
    /// Forgets the leads whose time was over when the day began. Gives how many. Processes may do it at once.
    ///
    /// # Errors
    /// If the store does not answer; what is not done yet is done the next time.
    pub async fn expire_leads(&self, workspace: &Workspace) -> Result<usize, Unavailable> {
        let now = self.now().as_millis();
        let today = Timestamp::from_millis(now - now.rem_euclid(DAY_MILLIS));
        let mut gone = 0;
        for length in workspace.retention.lengths() {
            for _ in 0..STEPS_MAX {
                let step = self.pass(workspace, length, today).await?;
                let Some((forgotten, more)) = step else { return Ok(gone) };
                gone += forgotten;
                if !more {
                    break;
                }
            }
        }
        Ok(gone)
    }

    /// One step of one mark: how many were forgotten, and whether there is more. `None` = another process is at it.
    async fn pass(
        &self,
        workspace: &Workspace,
        length: Duration,
        today: Timestamp,
    ) -> Result<Option<(usize, bool)>, Unavailable> {
        let to = today.before(length).as_millis();
        let (version, mut marks) = self.marks(workspace).await?;
        let mark = marks.at.entry(length.as_secs()).or_default();
        if mark.to >= to {
            return Ok(Some((0, false)));
        }
        let rows = self.store.journal(&workspace.name, mark.after, ROWS).await;
        let mut rows = rows.map_err(|error| self.troubled("journal", error))?;
        rows.retain(|row| i64::try_from(row.position.0).is_ok_and(|ms| ms <= to));
        let forgotten = self.expire_among(workspace, &rows, today).await?;
        mark.after = rows.last().map_or(mark.after, |row| row.position);
        let more = rows.len() == ROWS as usize;
        if !more {
            mark.to = to;
        }
        let kept = self.keep_marks(workspace, version, &marks).await?;
        Ok(kept.then_some((forgotten, more)))
    }

    /// Forgets those of the rows' leads whose time is over.
    async fn expire_among(
        &self,
        workspace: &Workspace,
        rows: &[JournalEntry],
        today: Timestamp,
    ) -> Result<usize, Unavailable> {
        let mut leads: BTreeSet<LeadId> = BTreeSet::new();
        for entry in rows {
            let row: JournalRow =
                serde_json::from_slice(&entry.row).map_err(|_| Unavailable::Corrupt)?;
            // Tests go by a time of their own.
            if row.status != Some(Status::Test) {
                leads.extend(row.lead.iter().chain(&row.merged));
            }
        }
        let is_over = |lead: &Lead| {
            lead.merged_into.is_none()
                && workspace.retention.until(lead).is_some_and(|until| until <= today)
        };
        let there = self.leads_of(&workspace.name, leads.into_iter().collect()).await?;
        let over = there.into_iter().filter(|(_, known)| is_over(&known.value));
        let (mut done, actor) = (Forgotten::default(), Name::fixed(RETENTION));
        for (lead, _) in over.collect::<Vec<_>>() {
            let erasure = Erasure {
                asked: Asked::Lead(lead),
                reason: Some(Name::fixed(RETENTION)),
                all: false,
                dry_run: false,
            };
            let erased =
                self.erase_lead(workspace, (lead, &is_over), &erasure, &actor, &mut done).await;
            // Whatever else there is, it is somebody else's doing by now.
            if let Err(ActionError::Unavailable(unavailable)) = erased {
                return Err(unavailable);
            }
        }
        if !done.leads.is_empty() {
            self.recent.clear();
        }
        Ok(done.leads.len())
    }

    async fn marks(&self, workspace: &Workspace) -> Result<(u64, Marks), Unavailable> {
        let of = format!("{:?}", workspace.retention);
        let fresh = || Marks { of: of.clone(), ..Marks::default() };
        let Some(stored) = self.read_one(&workspace.name, Key::Marks).await? else {
            return Ok((0, fresh()));
        };
        let marks: Marks =
            serde_json::from_slice(&stored.body).map_err(|_| Unavailable::Corrupt)?;
        Ok((stored.version, if marks.of == of { marks } else { fresh() }))
    }

    /// Notes how far the marks are; `false` = another process did.
    async fn keep_marks(
        &self,
        workspace: &Workspace,
        version: u64,
        marks: &Marks,
    ) -> Result<bool, Unavailable> {
        let commit = Commit {
            workspace: workspace.name.clone(),
            now: self.now(),
            claim: None,
            reads: vec![Read { key: Key::Marks, version }],
            writes: vec![Write::Put {
                key: Key::Marks,
                version: version + 1,
                with_receipt: false,
                body: json(marks)?,
                until: None,
            }],
            indexes: Vec::new(),
            branches: Vec::new(),
            journal: Vec::new(),
            lease: None,
        };
        let outcome = self.store.commit(&commit).await;
        let outcome = outcome.map_err(|error| self.troubled("expire", error))?;
        Ok(matches!(outcome, CommitOutcome::Committed(_)))
    }
}
