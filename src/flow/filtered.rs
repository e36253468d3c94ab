//! A person looks over what a source's own filter caught: it was no spam, or it goes for good.

use super::context::{Flow, Unavailable};
use super::inquiry::{Answer, read_entry};
use super::operate::ActionError;
use super::unreadable::{change, json, name};
use super::workspace::Workspace;
use crate::decide::{Input, decide};
use crate::domain::{
    Commit, CommitOutcome, Facts, Index, IndexChange, InquiryEntry, InquiryId, JournalRow, Key,
    Name, Read, Status, Write, packing,
};
use crate::identify;
use crate::telemetry::Fact;

/// After so many stale commits in a row the person is asked to come again.
const ROUNDS_MAX: u32 = 8;

impl Flow {
    /// It was no spam: decided as any inquiry is, under the id that its sender was given.
    ///
    /// # Errors
    /// If there is no such inquiry, it is not filtered (any more), holds nobody's contact data, or
    /// the store does not answer.
    pub async fn release_filtered(
        &self,
        workspace: &Workspace,
        id: InquiryId,
        actor: &Name,
    ) -> Result<Answer, ActionError> {
        let mut inquiry = self.filtered(workspace, id).await?.1.inquiry;
        inquiry.filtered = false;
        if !identify::least(&inquiry) {
            return Err(ActionError::NoContact);
        }
        let keys = identify::keys(&inquiry, &self.pepper);
        let account = identify::account(&inquiry, &self.pepper);
        let referrer = identify::referrer(&inquiry, &self.pepper);
        let _turn = self.gate.enter(keys.iter().map(|by| by.key)).await;
        let known = self.roster(&workspace.name).await?;
        let ids = self.ids();
        let mut facts =
            Facts { overlay: known.version, roster: known.value.clone(), ..Facts::default() };
        for round in 1..=ROUNDS_MAX {
            let version = self.filtered(workspace, id).await?.0;
            let input = Input {
                inquiry: &inquiry,
                keys: &keys,
                account,
                referrer,
                facts: &facts,
                claim: None,
                trace: None,
                lease: Some(self.lease.clone()),
                now: self.now(),
            };
            let mut decision = decide(&workspace.decide, input, &mut ids.clone());
            instead_of_filtered(&mut decision.commit, id, version, actor)?;
            let outcome = self.store.commit(&decision.commit).await;
            match outcome.map_err(|error| self.troubled("release", error))? {
                CommitOutcome::Committed(committed) => {
                    self.hand_out(&decision.commit, committed.leased);
                    self.acted(workspace, actor, "filtered_released", &id.to_string());
                    return Ok(self.committed(workspace, decision, &committed.receipt, round));
                }
                CommitOutcome::Stale(current) => {
                    facts = self.facts(workspace, &keys, current).await?;
                    self.find_successor(&workspace.name, account, &mut facts).await?;
                }
                CommitOutcome::Duplicate { .. } | CommitOutcome::Conflict { .. } => {
                    return Err(Unavailable::Corrupt.into());
                }
            }
        }
        Err(Unavailable::Contention.into())
    }

    /// It was spam: removed before its time.
    ///
    /// # Errors
    /// As [`Flow::release_filtered`].
    pub async fn discard_filtered(
        &self,
        workspace: &Workspace,
        id: InquiryId,
        actor: &Name,
    ) -> Result<(), ActionError> {
        let (version, entry) = self.filtered(workspace, id).await?;
        let now = self.now();
        let row = JournalRow {
            inquiry: Some(id),
            source: Some(entry.inquiry.source),
            status: Some(Status::Filtered),
            actor: Some(actor.clone()),
            ..JournalRow::new(now, name("filtered_discarded"))
        };
        let journal = json(&row)?;
        let commit = Commit {
            workspace: workspace.name.clone(),
            now,
            claim: None,
            reads: vec![Read { key: Key::Inquiry(id), version }],
            writes: vec![Write::Delete { key: Key::Inquiry(id) }],
            indexes: [off_the_list(id), row.listed(&journal)].concat(),
            branches: Vec::new(),
            journal,
            lease: None,
        };
        let outcome = self.store.commit(&commit).await;
        match outcome.map_err(|error| self.troubled("discard", error))? {
            CommitOutcome::Committed(_) => {
                self.acted(workspace, actor, "filtered_discarded", &id.to_string());
                Ok(())
            }
            _ => Err(Unavailable::Contention.into()),
        }
    }

    async fn filtered(
        &self,
        workspace: &Workspace,
        id: InquiryId,
    ) -> Result<(u64, InquiryEntry), ActionError> {
        let stored = self.read_one(&workspace.name, Key::Inquiry(id)).await?;
        let stored = stored.ok_or(ActionError::NoInquiry)?;
        let entry = read_entry(&stored)?;
        if entry.record.status == Some(Status::Filtered) {
            Ok((stored.version, entry))
        } else {
            Err(ActionError::NotFiltered)
        }
    }

    /// Notes what a person did.
    pub(super) fn acted(
        &self,
        workspace: &Workspace,
        actor: &Name,
        action: &'static str,
        on: &str,
    ) {
        self.telemetry.record(&Fact::OperatorActed {
            workspace: &workspace.name,
            actor: actor.as_str(),
            action,
            on,
        });
    }
}

/// The commit of a new inquiry becomes that of one released: its entry takes the filtered one's
/// place, which leaves the list.
fn instead_of_filtered(
    commit: &mut Commit,
    id: InquiryId,
    version: u64,
    actor: &Name,
) -> Result<(), Unavailable> {
    commit.reads.push(Read { key: Key::Inquiry(id), version });
    for write in &mut commit.writes {
        if let Write::Put { key, version: new, .. } = write
            && *key == Key::Inquiry(id)
        {
            *new = version + 1;
        }
    }
    commit.indexes.splice(0..0, off_the_list(id));
    let mut row: JournalRow = packing::read(&commit.journal).ok_or(Unavailable::Corrupt)?;
    row.fact = name("filtered_released");
    row.actor = Some(actor.clone());
    commit.journal = json(&row)?;
    commit.indexes.extend(row.listed(&commit.journal));
    Ok(())
}

fn off_the_list(id: InquiryId) -> Vec<IndexChange> {
    let mut expiry = vec![Index::Filtered.encode()[1]];
    expiry.extend_from_slice(id.as_bytes());
    vec![change(Index::Filtered, id.as_bytes(), None), change(Index::Expiry, &expiry, None)]
}
