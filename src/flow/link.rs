//! Links by which somebody answers for a lead with one click: made, opened, followed. A link is signed, bound to workspace, lead,
//! cycle and disposition, good for some time, and acts once.
//!
//! Its text is base64 of `form | lead (16) | cycle (4 BE) | until, seconds (8 BE) | word | signature (16)`; the word of these is the
//! disposition, that of links in mails stands for the address (`confirming`).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::context::{Flow, Unavailable};
use super::disposition::{About, SaidBack};
use super::inquiry::read_lead;
use super::operate::{Acted, ActionError, Saying};
use super::workspace::Workspace;
use crate::domain::{Disposition, Key, LeadId, Name, Timestamp};

/// What a link is for: the first byte of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Form {
    Disposition = 1,
    Confirmation = 2,
}

/// What stands in a link.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) lead: LeadId,
    pub(super) cycle: u32,
    pub(super) word: String,
}

const SIGNATURE: usize = 16;
/// Before the word.
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
            let (form, word) = (Form::Disposition, disposition.as_str());
            let text = self.link_text(name, form, (lead, cycle), until, word);
            (*disposition, format!("{base}/v1/{name}/links/{text}"))
        };
        terms.offered().iter().map(url).collect()
    }

    pub(super) fn link_text(
        &self,
        workspace: &Name,
        form: Form,
        (lead, cycle): (LeadId, u32),
        until: Timestamp,
        word: &str,
    ) -> String {
        let mut says = vec![form as u8];
        says.extend_from_slice(lead.as_bytes());
        says.extend_from_slice(&cycle.to_be_bytes());
        says.extend_from_slice(&until.as_secs().to_be_bytes());
        says.extend_from_slice(word.as_bytes());
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
        let Read { lead, cycle, word } = match self.read_link(workspace, Form::Disposition, text) {
            Ok(read) => read,
            Err(useless) => return Ok(Err(useless)),
        };
        let Some(disposition) = Disposition::parse(&word) else { return Ok(Err(NoLink::Unknown)) };
        let opened = Opened { lead, cycle, disposition, text: text.to_owned() };
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

    /// Reads a link that is ours and still good.
    pub(super) fn read_link(
        &self,
        workspace: &Workspace,
        form: Form,
        text: &str,
    ) -> Result<Read, NoLink> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NoLink::Unknown)?;
        let cut = bytes.len().checked_sub(SIGNATURE).filter(|cut| *cut > HEAD);
        let (says, signature) = bytes.split_at(cut.ok_or(NoLink::Unknown)?);
        let right = self.keyring.sign_link(&[workspace.name.as_str().as_bytes(), says]);
        let differs = right.iter().zip(signature).fold(0, |differs, (a, b)| differs | (a ^ b));
        let read = || {
            let lead = LeadId::from_bytes(says.get(1..17)?.try_into().ok()?);
            let cycle = u32::from_be_bytes(says.get(17..21)?.try_into().ok()?);
            let until = i64::from_be_bytes(says.get(21..29)?.try_into().ok()?);
            let word = std::str::from_utf8(says.get(HEAD..)?).ok()?.to_owned();
            Some((Read { lead, cycle, word }, until))
        };
        let good = differs == 0 && says[0] == form as u8;
        let (read, until) = read().filter(|_| good).ok_or(NoLink::Unknown)?;
        if until <= self.now().as_secs() { Err(NoLink::Expired) } else { Ok(read) }
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
