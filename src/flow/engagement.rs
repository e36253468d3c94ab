//! Tools say what people did: opened, clicked, visited, attended. Each counts once, however often it is told; all that is
//! told of one lead at a time is one commit.

use std::collections::BTreeMap;
use std::time::Duration;

use super::context::{Flow, Unavailable};
use super::operate::{Action, ActionError};
use super::whom::Whom;
use super::workspace::Workspace;
use crate::decide::Refusal;
use crate::domain::{Engagement, EngagementKind, Lead, LeadId, Name, Noted, Pii, Timestamp};
use crate::telemetry::Fact;

/// Without an id and a time: the same words within this time are the same.
const WORDS_TTL: Duration = Duration::from_mins(10);
/// Others may be writing about the same lead: so often it is tried again.
const TRIES_MAX: u32 = 4;

/// One thing that a tool says somebody did.
#[derive(Debug, Clone)]
pub struct ToldEngagement {
    pub whom: Whom,
    pub kind: EngagementKind,
    /// When it happened; now if it is not said or still to come.
    pub at: Option<Timestamp>,
    /// A page, with or without its host; what stands behind a question mark is dropped.
    pub page: Option<Pii>,
    pub campaign: Option<Pii>,
    /// What recognises it when it is told again; else all of its words.
    pub id: Option<String>,
    /// The words, as sent.
    pub words: Vec<u8>,
}

/// What became of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngagementStatus {
    Noted,
    /// It was told before.
    Duplicate,
    /// It happened before the oldest that is remembered by itself: not kept.
    TooOld,
    /// Nobody is known so: not kept.
    Unknown,
}

impl EngagementStatus {
    /// The word in answers and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Noted => "noted",
            Self::Duplicate => "duplicate",
            Self::TooOld => "too_old",
            Self::Unknown => "unknown",
        }
    }

    fn of(noted: Noted) -> Self {
        match noted {
            Noted::New => Self::Noted,
            Noted::Known => Self::Duplicate,
            Noted::TooOld => Self::TooOld,
        }
    }
}

/// What became of one, and of whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngagementTaken {
    pub status: EngagementStatus,
    /// As the lead is afterwards; absent for nobody.
    pub lead: Option<Box<Lead>>,
}

impl Flow {
    /// Takes what a tool says people did; answers for each, in the order told.
    ///
    /// # Errors
    /// If the store does not answer; what was taken stays so, and all of it may be told again.
    pub async fn engaged(
        &self,
        workspace: &Workspace,
        told: &[ToldEngagement],
        actor: &Name,
    ) -> Result<Vec<EngagementTaken>, Unavailable> {
        let nobody = EngagementTaken { status: EngagementStatus::Unknown, lead: None };
        let mut taken = vec![nobody; told.len()];
        let mut known: Vec<(&Whom, Option<LeadId>)> = Vec::new();
        let mut by_lead: BTreeMap<LeadId, Vec<usize>> = BTreeMap::new();
        for (at, one) in told.iter().enumerate() {
            let before = known.iter().find(|(whom, _)| *whom == &one.whom).map(|(_, id)| *id);
            let id = if let Some(id) = before {
                id
            } else {
                let id = self.whom(workspace, &one.whom).await?;
                known.push((&one.whom, id));
                id
            };
            if let Some(id) = id {
                by_lead.entry(id).or_default().push(at);
            }
        }
        for (id, places) in by_lead {
            let of_lead: Vec<Engagement> =
                places.iter().map(|at| self.engagement(&told[*at], actor)).collect();
            let Some((lead, noted)) = self.engage(workspace, id, of_lead, actor).await? else {
                continue;
            };
            for (at, noted) in places.into_iter().zip(noted) {
                let status = EngagementStatus::of(noted);
                taken[at] = EngagementTaken { status, lead: Some(Box::new(lead.clone())) };
            }
        }
        for one in &taken {
            let status = one.status.as_str();
            self.telemetry.record(&Fact::EngagementTold { workspace: &workspace.name, status });
        }
        Ok(taken)
    }

    /// Commits what one lead did.
    async fn engage(
        &self,
        workspace: &Workspace,
        id: LeadId,
        told: Vec<Engagement>,
        actor: &Name,
    ) -> Result<Option<(Lead, Vec<Noted>)>, Unavailable> {
        let mut tries = 0;
        loop {
            let Some((_, before)) = self.leads_of(&workspace.name, vec![id]).await?.pop() else {
                return Ok(None);
            };
            let mut log = before.value.nurture.clone().unwrap_or_default().engagements;
            let noted = log.note(&told);
            match self.act(workspace, id, Action::Engage(told.clone()), actor, None).await {
                Ok(lead) => return Ok(Some((lead, noted))),
                Err(ActionError::Refused(Refusal::NothingNew(noted))) => {
                    return Ok(Some((before.value, noted)));
                }
                Err(ActionError::Unavailable(Unavailable::Contention)) if tries < TRIES_MAX => {
                    tries += 1;
                }
                Err(ActionError::Unavailable(error)) => return Err(error),
                // It went up in another one this very moment.
                Err(ActionError::Refused(Refusal::Merged(_))) if tries < TRIES_MAX => {
                    return Ok(None);
                }
                Err(_) => return Ok(None),
            }
        }
    }

    fn engagement(&self, told: &ToldEngagement, actor: &Name) -> Engagement {
        let now = self.now();
        let page = told.page.as_ref().and_then(|page| path_of(page.expose()));
        let who = actor.as_str().as_bytes();
        let mark = if let Some(id) = &told.id {
            self.pepper.hash("engagement", &[b"id", who, id.as_bytes()])
        } else {
            let window = i64::try_from(WORDS_TTL.as_secs()).unwrap_or(i64::MAX);
            let within = told.at.map_or(now.as_secs() / window, Timestamp::as_millis);
            self.pepper.hash("engagement", &[b"words", who, &told.words, &within.to_be_bytes()])
        };
        let mark = mark.first_chunk().map_or(1, |bytes| u64::from_be_bytes(*bytes));
        Engagement {
            kind: told.kind,
            at: told.at.map_or(now, |at| at.min(now)),
            page: page.map(Pii::from),
            campaign: told.campaign.clone(),
            // 0 stands for several.
            mark: mark.max(1),
            count: 1,
        }
    }
}

/// The path of a page: without host, query and what is behind a `#`.
fn path_of(page: &str) -> Option<&str> {
    let page = page.trim();
    let rest = page
        .split_once("://")
        .map_or(page, |(_, rest)| rest.find(['/', '?', '#']).map_or("/", |at| &rest[at..]));
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let path = if end == 0 { "/" } else { &rest[..end] };
    (!page.is_empty()).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::path_of;

    #[test]
    fn a_page_is_its_path() {
        for (page, path) in [
            ("https://www.acme.example/pricing?mail=x#top", Some("/pricing")),
            ("https://www.acme.example", Some("/")),
            ("https://www.acme.example?x=1", Some("/")),
            ("/pricing/teams", Some("/pricing/teams")),
            ("?x=1", Some("/")),
            (" ", None),
        ] {
            assert_eq!(path_of(page), path, "{page}");
        }
    }
}
