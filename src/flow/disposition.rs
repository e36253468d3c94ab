//! Somebody says back what became of a lead. Carried out once, however often it is sent.

use std::time::Duration;

use super::context::{Flow, Unavailable};
use super::inquiry::read_lead;
use super::operate::{Acted, Action, ActionError, Saying};
use super::workspace::Workspace;
use crate::domain::ports::LATEST;
use crate::domain::{Claim, Field, Index, Key, KeySet, LeadId, Name, Pii};
use crate::identify;

/// Ids of what is said back are remembered so long.
const IDS_TTL: Duration = Duration::from_hours(30 * 24);
/// Without an id: the same words within this time are the same.
const WORDS_TTL: Duration = Duration::from_mins(10);
/// More leads than these under one id of a destination are not told apart any more.
const KEPT_MAX: u32 = 8;

/// Which lead is meant.
#[derive(Debug, Clone)]
pub enum About {
    Lead(LeadId),
    /// As a destination calls it, by the id that came back with a delivery.
    Kept {
        destination: Name,
        id: String,
    },
    /// By what the person is found by; both, if both are there.
    Person {
        email: Option<Pii>,
        phone: Option<Pii>,
    },
}

/// One thing said back.
#[derive(Debug, Clone)]
pub struct SaidBack {
    pub about: About,
    pub saying: Saying,
    /// What recognises it when it is sent again: an id of the tool's, else all of its words.
    pub id: Option<String>,
    /// The words, as sent.
    pub words: Vec<u8>,
}

impl Flow {
    /// Carries out what was said back.
    ///
    /// # Errors
    /// As [`Flow::act`]; [`ActionError::KeyReused`] if the id came before with other words, [`ActionError::Ambiguous`] if
    /// several leads could be meant.
    pub async fn said_back(
        &self,
        workspace: &Workspace,
        said: SaidBack,
        actor: &Name,
    ) -> Result<Acted, ActionError> {
        let lead = self.lead_meant(workspace, &said.about).await?;
        if let Some(of) = said.saying.of
            && self.survivor_of(workspace, of).await?.is_none()
        {
            return Err(ActionError::NoLead);
        }
        let claim = self.claim_of(&said, lead, actor);
        let action = Action::Say(Box::new(said.saying));
        let done = self.act_once(workspace, lead, action, actor, None, Some(claim.clone())).await;
        match done {
            // It made sense when it came first.
            Err(ActionError::Refused(_)) if self.took(workspace, &claim).await? => {
                let stored = self.read_one(&workspace.name, Key::Lead(lead)).await?;
                let lead = read_lead(&stored.ok_or(ActionError::NoLead)?)?;
                Ok(Acted { lead, again: true, moved: false })
            }
            done => done,
        }
    }

    /// Whether the very same was taken before.
    pub(super) async fn took(
        &self,
        workspace: &Workspace,
        claim: &Claim,
    ) -> Result<bool, Unavailable> {
        let stored = self.read_one(&workspace.name, Key::Claim(claim.key)).await?;
        Ok(stored.is_some_and(|stored| {
            let until = stored.body.get(24..32).and_then(|until| until.try_into().ok());
            let until = until.map(i64::from_be_bytes);
            stored.body.starts_with(&claim.fingerprint)
                && until.is_some_and(|until| until > self.now().as_millis())
        }))
    }

    pub(super) fn claim_of(&self, said: &SaidBack, lead: LeadId, actor: &Name) -> Claim {
        let lead = lead.to_string();
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

    /// The lead that is meant: one that went up in another one is that one.
    async fn lead_meant(
        &self,
        workspace: &Workspace,
        about: &About,
    ) -> Result<LeadId, ActionError> {
        let ids = match about {
            // What goes by its own id is refused if it was merged: whoever knows the id was told.
            About::Lead(id) => return Ok(*id),
            About::Kept { destination, id } => {
                let index = Index::Kept(self.pepper.kept(destination, id));
                let found = self.store.list(&workspace.name, &index, 0, LATEST, true, KEPT_MAX);
                let found = found.await.map_err(|error| self.troubled("list", error))?;
                found.into_iter().filter_map(|(id, _)| id.try_into().ok()).collect()
            }
            About::Person { email, phone } => {
                self.leads_of_person(workspace, email.as_ref(), phone.as_ref()).await?
            }
        };
        let mut leads: Vec<LeadId> = Vec::new();
        for id in ids.into_iter().map(LeadId::from_bytes) {
            if let Some(survivor) = self.survivor_of(workspace, id).await?
                && !leads.contains(&survivor)
            {
                leads.push(survivor);
            }
        }
        match leads.as_slice() {
            [] => Err(ActionError::NoLead),
            [only] => Ok(*only),
            _ => Err(ActionError::Ambiguous(leads)),
        }
    }

    async fn leads_of_person(
        &self,
        workspace: &Workspace,
        email: Option<&Pii>,
        phone: Option<&Pii>,
    ) -> Result<Vec<[u8; 16]>, ActionError> {
        let country = workspace.country.as_deref();
        let said = Name::fixed("said");
        let asked = [(Field::Email, email), (Field::Phone, phone)];
        let asked = asked.into_iter().filter_map(|(field, text)| Some((field, text?.clone())));
        let inquiries: Vec<_> = asked
            .map(|(field, text)| self.saying_only(said.clone(), field, text, country))
            .collect();
        let keys = inquiries.iter().flat_map(|inquiry| identify::keys(inquiry, &self.pepper));
        let keys: Vec<Key> = keys.map(|by| Key::Identity(by.key)).collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let stored = self.store.read(&workspace.name, &keys).await;
        let stored = stored.map_err(|error| self.troubled("read", error))?;
        let mut ids = Vec::new();
        for set in stored.iter().flatten().filter_map(|stored| KeySet::decode(&stored.body)) {
            match set {
                KeySet::Leads(leads) => ids.extend(leads.iter().map(|id| *id.as_bytes())),
                // A switchboard, a shared mailbox.
                KeySet::Shared(_) => return Err(ActionError::Ambiguous(Vec::new())),
            }
        }
        Ok(ids)
    }
}
