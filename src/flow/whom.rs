//! Whom a tool means: by our id of the lead, by an e-mail address, or by another system's id of the person.

use super::context::{Flow, Unavailable};
use super::workspace::Workspace;
use crate::domain::{Channel, Field, Inquiry, Key, KeySet, Lead, LeadId, Name, Pii, Submission};
use crate::identify;

/// How somebody is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    Lead(LeadId),
    Email(Pii),
    /// The person's id in the system of a source.
    ExternalId {
        source: Name,
        id: Pii,
    },
}

impl Flow {
    /// The lead that is meant; a merged one gives its survivor. `None` = nobody is known so, or too many are: a
    /// shared mailbox is nobody.
    pub(super) async fn whom(
        &self,
        workspace: &Workspace,
        whom: &Whom,
    ) -> Result<Option<LeadId>, Unavailable> {
        let (source, field, text) = match whom {
            Whom::Lead(id) => return self.survivor_of(workspace, *id).await,
            Whom::Email(address) => (Name::fixed("engagements"), Field::Email, address),
            Whom::ExternalId { source, id } => (source.clone(), Field::ExternalId, id),
        };
        let asked = self.saying_only(source, field, text.clone(), None);
        let keys = identify::keys(&asked, &self.pepper);
        let keys: Vec<Key> = keys.iter().map(|by| Key::Identity(by.key)).collect();
        if keys.is_empty() {
            return Ok(None);
        }
        let stored = self.store.read(&workspace.name, &keys).await;
        let stored = stored.map_err(|error| self.troubled("read", error))?;
        let mut ids: Vec<LeadId> = Vec::new();
        for set in stored.iter().flatten() {
            if let Some(KeySet::Leads(leads)) = KeySet::decode(&set.body) {
                ids.extend(leads);
            }
        }
        let mut best: Option<Lead> = None;
        for (_, known) in self.leads_of(&workspace.name, ids).await? {
            let lead = known.value;
            // The oldest open one, else the newest closed one: as an inquiry of that person would be matched.
            let rank = |lead: &Lead| {
                let (closed, at) = (lead.stage().is_closed(), lead.created_at.as_millis());
                (lead.merged_into.is_some(), closed, if closed { -at } else { at }, lead.id)
            };
            if best.as_ref().is_none_or(|best| rank(&lead) < rank(best)) {
                best = Some(lead);
            }
        }
        match best {
            Some(Lead { id, merged_into: Some(_), .. }) => self.survivor_of(workspace, id).await,
            other => Ok(other.map(|lead| lead.id)),
        }
    }

    pub(super) async fn survivor_of(
        &self,
        workspace: &Workspace,
        id: LeadId,
    ) -> Result<Option<LeadId>, Unavailable> {
        let mut id = id;
        loop {
            let Some((_, known)) = self.leads_of(&workspace.name, vec![id]).await?.pop() else {
                return Ok(None);
            };
            match known.value.merged_into {
                Some(survivor) => id = survivor,
                None => return Ok(Some(id)),
            }
        }
    }

    /// An inquiry that consists of one field, so that it is normalised as inquiries are.
    pub(super) fn saying_only(
        &self,
        source: Name,
        field: Field,
        what: Pii,
        country: Option<&str>,
    ) -> Inquiry {
        let submission = Submission {
            source,
            channel: Channel::Other,
            event_id: None,
            is_test: false,
            filtered: false,
            filtered_by: None,
            challenge: None,
            erases: false,
            reference: crate::domain::Reference::new(),
            fields: [(field, what)].into(),
            answers: Vec::new(),
            consents: Vec::new(),
            attribution: crate::domain::Attribution::new(),
            occurred_at: None,
            flags: Vec::new(),
            content: Vec::new(),
        };
        let hints = identify::Hints { country: country.map(str::to_owned), language: None };
        identify::normalise(submission, &hints, self.ids().inquiry(), self.now())
    }
}
