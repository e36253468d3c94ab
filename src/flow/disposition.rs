//! A tool says back what became of a lead. Carried out once, however often it is sent.

use std::time::Duration;

use super::context::Flow;
use super::operate::{Acted, ActionError};
use super::workspace::Workspace;
use crate::decide::{Action, Answers, Refusal};
use crate::domain::{Claim, Disposition, LeadId, Name, Timestamp};

/// Ids of what is said back are remembered so long.
const IDS_TTL: Duration = Duration::from_hours(30 * 24);
/// Without an id: the same words within this time are the same.
const WORDS_TTL: Duration = Duration::from_mins(10);

/// One thing said back.
#[derive(Debug, Clone)]
pub struct SaidBack {
    pub lead: LeadId,
    pub disposition: Disposition,
    /// What was found out, with `first_level_qualified`.
    pub answers: Answers,
    /// When it happened; now if it is not said.
    pub at: Option<Timestamp>,
    /// What recognises it when it is sent again: an id of the tool's, else all of its words.
    pub id: Option<String>,
    /// The words, as sent.
    pub words: Vec<u8>,
}

impl SaidBack {
    /// What can be said so far.
    pub const TAKEN: &[Disposition] = &[Disposition::FirstLevelQualified, Disposition::NoAnswer];
}

impl Flow {
    /// Carries out what was said back.
    ///
    /// # Errors
    /// As [`Flow::act`]; [`ActionError::KeyReused`] if the id came before with other words.
    pub async fn said_back(
        &self,
        workspace: &Workspace,
        said: SaidBack,
        actor: &Name,
    ) -> Result<Acted, ActionError> {
        let claim = self.claim_of(&said, actor);
        let action = match said.disposition {
            Disposition::FirstLevelQualified => {
                Action::Answer(Box::new(Answers { qualified: true, at: said.at, ..said.answers }))
            }
            Disposition::NoAnswer => Action::NoAnswer { at: said.at },
            _ => return Err(ActionError::Refused(Refusal::NothingSaid)),
        };
        self.act_once(workspace, said.lead, action, actor, None, Some(claim)).await
    }

    fn claim_of(&self, said: &SaidBack, actor: &Name) -> Claim {
        let lead = said.lead.to_string();
        let words = self.pepper.hash("disposition", &[lead.as_bytes(), &said.words]);
        let (what, ttl) = match &said.id {
            Some(id) => (id.as_bytes(), IDS_TTL),
            None => (&words[..], WORDS_TTL),
        };
        let kind: &[u8] = if said.id.is_some() { b"id" } else { b"words" };
        let hash =
            self.pepper.hash("claim", &[b"disposition", kind, actor.as_str().as_bytes(), what]);
        let (mut key, mut fingerprint) = ([0; 16], [0; 8]);
        key.copy_from_slice(&hash[..16]);
        fingerprint.copy_from_slice(&words[..8]);
        let until = self.now().after(ttl);
        Claim { key, fingerprint, inquiry: Claim::NO_INQUIRY, until }
    }
}
