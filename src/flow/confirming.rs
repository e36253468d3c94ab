//! The link by which a person confirms an address: made for the mail, opened, followed. Opening it does nothing: scanners of
//! mail open links too.

use super::context::{Flow, Unavailable};
use super::inquiry::read_lead;
use super::link::{Form, NoLink};
use super::operate::{Action, ActionError};
use super::privacy::Erasure;
use super::workspace::Workspace;
use crate::domain::{Confirmation, Confirmed, Key, Lead, LeadId, Name, Pii, Timestamp};
use crate::flow::find::Asked;

/// The name under which it is done: whoever reads the mail may.
const PERSON: &str = "person";
/// Why somebody is forgotten who confirmed nothing.
const UNCONFIRMED: &str = "unconfirmed";

/// A link that is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToConfirm {
    pub lead: LeadId,
    /// The language of the person, BCP 47.
    pub language: Option<String>,
    /// Where a browser is sent afterwards.
    pub page: Option<String>,
    /// It was confirmed before.
    pub done: bool,
}

impl Flow {
    /// The link for the mail to a lead that waits; none without an address of the public listener.
    #[must_use]
    pub fn confirmation_url(&self, workspace: &Workspace, lead: &Lead) -> Option<String> {
        let base = workspace.public_url.as_ref()?.as_str().trim_end_matches('/');
        let waits = lead.confirmation.as_ref()?;
        let (name, about) = (&workspace.name, self.about(waits));
        let text =
            self.link_text(name, Form::Confirmation, (lead.id, lead.cycle), waits.until, &about);
        Some(format!("{base}/v1/{name}/confirmations/{text}"))
    }

    /// Opens a link: nothing is done by that.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn open_confirmation(
        &self,
        workspace: &Workspace,
        text: &str,
    ) -> Result<Result<ToConfirm, NoLink>, Unavailable> {
        let read = match self.read_link(workspace, Form::Confirmation, text) {
            Ok(read) => read,
            Err(useless) => return Ok(Err(useless)),
        };
        let stored = self.read_one(&workspace.name, Key::Lead(read.lead)).await?;
        let lead = stored.as_ref().map(read_lead).transpose()?;
        let Some(lead) = lead.filter(|lead| lead.merged_into.is_none()) else {
            return Ok(Err(NoLink::Past));
        };
        // Another address may be asked about by now.
        let same = lead.confirmation.as_ref().filter(|it| self.about(it) == read.word);
        let Some(asked) = same else { return Ok(Err(NoLink::Past)) };
        let terms = workspace.decide.confirmations.get(&asked.source);
        Ok(Ok(ToConfirm {
            lead: lead.id,
            language: lead.contact.language.clone(),
            page: terms.and_then(|terms| terms.page.clone()),
            done: asked.confirmed.is_some(),
        }))
    }

    /// Does what an opened link says. Safe to repeat.
    ///
    /// # Errors
    /// As [`Flow::act`].
    pub async fn confirm(
        &self,
        workspace: &Workspace,
        opened: &ToConfirm,
        from: Option<String>,
    ) -> Result<(), ActionError> {
        let network = from.map(Pii::from);
        let action = Action::Confirm(Confirmed { at: self.now(), network });
        match self.act(workspace, opened.lead, action, &Name::fixed(PERSON), None).await {
            Ok(_) | Err(ActionError::Refused(crate::decide::Refusal::AlreadyConfirmed)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Forgets somebody whose time to confirm is over, as the source has it.
    pub(super) async fn forget_unconfirmed(
        &self,
        workspace: &Workspace,
        lead: LeadId,
        actor: &Name,
    ) -> Result<Option<Timestamp>, Unavailable> {
        let erasure = Erasure {
            asked: Asked::Lead(lead),
            reason: Some(Name::fixed(UNCONFIRMED)),
            all: false,
            dry_run: false,
        };
        match self.erase(workspace, &erasure, actor).await {
            Err(ActionError::Unavailable(unavailable)) => Err(unavailable),
            // Gone, or somebody else's by now: there is nothing to look at again.
            Ok(_) | Err(_) => Ok(None),
        }
    }

    /// What a link says of the address, without it.
    fn about(&self, asked: &Confirmation) -> String {
        let hash = self.pepper.hash("confirmation", &[asked.email.expose().as_bytes()]);
        hash[..8].iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }
}
