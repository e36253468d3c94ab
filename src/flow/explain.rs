//! Why an inquiry was decided as it was, part by part, and what another configuration would do with it.

use super::context::{Flow, Unavailable};
use super::inquiry::{read_entry, read_lead};
use super::past::MadeBy;
use super::workspace::Workspace;
use crate::decide::{Reconsidered, RuleReason, explained, in_words, reconsider, rule_reasons};
use crate::domain::{InquiryEntry, InquiryId, Key, Lead, Receipt};

/// The configuration to decide again by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Version {
    /// The one in force.
    Current,
    /// One that was in force, by its hash.
    Hash(String),
}

/// An explanation.
#[derive(Debug, Clone)]
pub struct Explanation {
    pub entry: InquiryEntry,
    pub receipt: Option<Receipt>,
    pub sentences: Vec<String>,
    /// Of each rule up to the winner; empty if the configuration that decided cannot be had any more.
    pub rules: Vec<RuleReason>,
    /// Whether the configuration in force decided.
    pub is_current: bool,
    /// Whether the lead was changed after this inquiry: reasons are looked up in what is known now.
    pub changed_since: bool,
    pub again: Option<Reconsidered>,
}

/// Why there is no explanation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoExplanation {
    #[error("there is no such inquiry")]
    NoInquiry,
    #[error("no configuration of that hash is kept, or this version cannot read it any more")]
    NoVersion,
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Flow {
    /// Explains one inquiry; with `at`, also what that configuration would do.
    ///
    /// # Errors
    /// If there is no such inquiry or configuration, or the store does not answer.
    pub async fn explain(
        &self,
        workspace: &Workspace,
        id: InquiryId,
        at: Option<&Version>,
    ) -> Result<Explanation, NoExplanation> {
        let stored = self.read_one(&workspace.name, Key::Inquiry(id)).await?;
        let stored = stored.ok_or(NoExplanation::NoInquiry)?;
        let entry = read_entry(&stored)?;
        let receipt = stored.receipt;
        let lead = self.now_known(workspace, &entry).await?;
        let made_by = self.made_by(workspace, &entry.record.config).await?;
        let sentences = match &lead {
            Some(lead) => explained(&made_by, &entry, receipt.as_ref(), lead),
            None => in_words(&made_by, &entry, receipt.as_ref()),
        };
        let known = made_by.hash == entry.record.config;
        let rules = match &lead {
            Some(lead) if known => rule_reasons(&made_by, &entry, lead),
            _ => Vec::new(),
        };
        let again = match (at, &lead) {
            (Some(version), Some(lead)) => {
                let other = match version {
                    Version::Current => MadeBy::Current(&workspace.decide),
                    Version::Hash(hash) => self.made_by(workspace, hash).await?,
                };
                if let (Version::Hash(hash), true) = (version, matches!(other, MadeBy::Gone(_))) {
                    debug_assert_ne!(*hash, other.hash, "the one in force is never gone");
                    return Err(NoExplanation::NoVersion);
                }
                Some(reconsider(&other, &entry, lead, entry.inquiry.received_at))
            }
            _ => None,
        };
        let last = lead.as_ref().and_then(|lead| lead.touches.last());
        Ok(Explanation {
            is_current: matches!(made_by, MadeBy::Current(_)),
            changed_since: last.is_some_and(|touch| touch.inquiry != id),
            entry,
            receipt,
            sentences,
            rules,
            again,
        })
    }

    /// The lead of an inquiry as it is now; the survivor, if it was merged.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn now_known(
        &self,
        workspace: &Workspace,
        entry: &InquiryEntry,
    ) -> Result<Option<Lead>, Unavailable> {
        let mut next = entry.lead;
        while let Some(id) = next {
            let Some(stored) = self.read_one(&workspace.name, Key::Lead(id)).await? else {
                return Ok(None);
            };
            let lead = read_lead(&stored)?;
            match lead.merged_into {
                Some(survivor) => next = Some(survivor),
                None => return Ok(Some(lead)),
            }
        }
        Ok(None)
    }
}
