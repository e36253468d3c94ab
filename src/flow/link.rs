//! Links by which somebody answers for a lead with one click: made, opened, followed. A link is signed, bound to workspace, lead,
//! cycle and disposition, good for some time, and acts once.
//!
//! Its text is base64 of `1 | lead (16) | cycle (4 BE) | until, seconds (8 BE) | disposition | signature (16)`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::context::{Flow, Unavailable};
use super::disposition::{About, SaidBack};
use super::inquiry::read_lead;
use super::operate::{Acted, ActionError, Saying};
use super::workspace::Workspace;
use crate::domain::{Disposition, Key, LeadId, Name, Timestamp};

/// The form of the text.
const FORM: u8 = 1;
const SIGNATURE: usize = 16;
/// Before the disposition.
const HEAD: usize = 1 + 16 + 4 + 8;
/// The name under which links act: whoever has one may.
const ACTOR: &str = "link";

/// What a link says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    pub lead: LeadId,
    pub cycle: u32,
    pub disposition: Disposition,
    text: String,
}

/// Why a link is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoLink {
    /// Not one of ours, or cut.
    Unknown,
    /// Its time is over.
    Expired,
    /// It was followed before.
    Used,
    /// The lead is on its next way through, or is not there any more.
    Past,
}

impl Flow {
    /// The links that the workspace offers for a lead, to go out at `at`; none without an address of the public listener.
    #[must_use]
    pub fn links(
        &self,
        workspace: &Workspace,
        lead: LeadId,
        cycle: u32,
        at: Timestamp,
    ) -> Vec<(Disposition, String)> {
        let terms = &workspace.decide.follow_up.dispositions;
        let Some(base) = workspace.public_url.as_ref().filter(|_| !terms.offered().is_empty())
        else {
            return Vec::new();
        };
        let (base, name) = (base.as_str().trim_end_matches('/'), &workspace.name);
        let until = at.after(terms.good_for());
        let url = |disposition: &Disposition| {
            let text = self.link_text(name, lead, cycle, *disposition, until);
            (*disposition, format!("{base}/v1/{name}/links/{text}"))
        };
        terms.offered().iter().map(url).collect()
    }

    fn link_text(
        &self,
        workspace: &Name,
        lead: LeadId,
        cycle: u32,
        disposition: Disposition,
        until: Timestamp,
    ) -> String {
        let mut says = vec![FORM];
        says.extend_from_slice(lead.as_bytes());
        says.extend_from_slice(&cycle.to_be_bytes());
        says.extend_from_slice(&until.as_secs().to_be_bytes());
        says.extend_from_slice(disposition.as_str().as_bytes());
        let signature = self.keyring.sign_link(&[workspace.as_str().as_bytes(), &says]);
        says.extend_from_slice(&signature);
        URL_SAFE_NO_PAD.encode(says)
    }

    /// Opens a link: nothing is done by that.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn open_link(
        &self,
        workspace: &Workspace,
        text: &str,
    ) -> Result<Result<Opened, NoLink>, Unavailable> {
        let opened = match self.read_link(workspace, text) {
            Ok(opened) => opened,
            Err(useless) => return Ok(Err(useless)),
        };
        let said = said(&opened, Saying::bare(opened.disposition, None));
        let claim = self.claim_of(&said, opened.lead, &Name::fixed(ACTOR));
        if self.took(workspace, &claim).await? {
            return Ok(Err(NoLink::Used));
        }
        let stored = self.read_one(&workspace.name, Key::Lead(opened.lead)).await?;
        let lead = stored.as_ref().map(read_lead).transpose()?;
        let same =
            lead.is_some_and(|lead| lead.cycle == opened.cycle && lead.merged_into.is_none());
        Ok(if same { Ok(opened) } else { Err(NoLink::Past) })
    }

    /// Does what an opened link says, with what was filled in beside it.
    ///
    /// # Errors
    /// As [`Flow::said_back`].
    pub async fn follow_link(
        &self,
        workspace: &Workspace,
        opened: &Opened,
        saying: Saying,
    ) -> Result<Acted, ActionError> {
        self.said_back(workspace, said(opened, saying), &Name::fixed(ACTOR)).await
    }

    fn read_link(&self, workspace: &Workspace, text: &str) -> Result<Opened, NoLink> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NoLink::Unknown)?;
        let cut = bytes.len().checked_sub(SIGNATURE).filter(|cut| *cut > HEAD);
        let (says, signature) = bytes.split_at(cut.ok_or(NoLink::Unknown)?);
        let right = self.keyring.sign_link(&[workspace.name.as_str().as_bytes(), says]);
        let differs = right.iter().zip(signature).fold(0, |differs, (a, b)| differs | (a ^ b));
        let read = || {
            let lead = LeadId::from_bytes(says.get(1..17)?.try_into().ok()?);
            let cycle = u32::from_be_bytes(says.get(17..21)?.try_into().ok()?);
            let until = i64::from_be_bytes(says.get(21..29)?.try_into().ok()?);
            let word = std::str::from_utf8(says.get(HEAD..)?).ok()?;
            let disposition = Disposition::parse(word)?;
            Some((Opened { lead, cycle, disposition, text: text.to_owned() }, until))
        };
        let (opened, until) =
            read().filter(|_| differs == 0 && says[0] == FORM).ok_or(NoLink::Unknown)?;
        if until <= self.now().as_secs() { Err(NoLink::Expired) } else { Ok(opened) }
    }
}

/// Each link counts once, whatever is filled in beside it.
fn said(opened: &Opened, saying: Saying) -> SaidBack {
    SaidBack {
        about: About::Lead(opened.lead),
        saying,
        id: Some(opened.text.clone()),
        words: opened.text.clone().into_bytes(),
    }
}
