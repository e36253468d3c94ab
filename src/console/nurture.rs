//! What nurture knows of a lead, for its page: what the person did, how it left sales, whether the person wants to be
//! contacted, and who brought whom.

use askama::Template;
use askama::filters::HtmlSafe;

use super::person::title;
use super::refusal::Refusal;
use super::visit::Visit;
use super::words::{Mark, When, spaced};
use crate::domain::{Engagement, Engagements, Lead, Stage, do_not_contact, unsubscribed};
use crate::follow_up::referrals::{Brought, brought};
use crate::http::keys::Scope;

/// So many engagements are shown.
const ENGAGEMENTS_MAX: usize = 12;
/// So many people whom the lead brought.
const BROUGHT_MAX: usize = 12;

/// The part of the page.
#[derive(Template)]
#[template(path = "nurture.html")]
pub struct Watched {
    path: String,
    base: String,
    csrf: String,
    seen: i64,
    may_act: bool,
    /// Since when the person wants to be left alone.
    alone: Option<When>,
    unsubscribed: bool,
    left: Option<Left>,
    engagements: Vec<Did>,
    /// How many there were in all.
    count: u64,
    referrals: Option<Recommended>,
}

impl HtmlSafe for Watched {}

impl std::fmt::Debug for Watched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watched").field("path", &self.path).finish_non_exhaustive()
    }
}

struct Left {
    at: When,
    reason: String,
    owner: Option<String>,
    revisit: Option<When>,
    cools: Option<When>,
}

struct Did {
    kind: String,
    at: When,
    page: Option<String>,
    campaign: Option<String>,
    count: u32,
}

struct Recommended {
    by: Vec<Linked>,
    by_stranger: bool,
    brought: Vec<Linked>,
    more: bool,
    sum: String,
}

struct Linked {
    id: String,
    name: String,
    status: Mark,
    depth: u32,
}

impl Watched {
    /// Of a lead.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn of(visit: &Visit, lead: &Lead) -> Result<Self, Refusal> {
        let now = visit.flow().now();
        let recycled = lead.stage() == Stage::Recycled;
        let revisit = lead.said.as_ref().and_then(|said| said.revisit_at).filter(|_| recycled);
        let left = lead.left_sales().map(|left| Left {
            at: When::at(left.at),
            reason: spaced(left.reason.as_str()),
            owner: left.owner.as_ref().map(ToString::to_string),
            revisit: revisit.map(When::at),
            cools: left.cool_until.filter(|until| now < *until).map(When::at),
        });
        let engagements = lead.nurture.as_ref().map(|nurture| &nurture.engagements);
        Ok(Self {
            path: visit.path(&format!("leads/{}", lead.id)),
            base: visit.path("leads"),
            csrf: visit.session.token(),
            seen: lead.updated_at.as_millis(),
            may_act: visit.may(Scope::Operate),
            alone: do_not_contact(&lead.consents).map(|said| When::at(said.at)),
            unsubscribed: unsubscribed(&lead.consents),
            left,
            engagements: engagements
                .into_iter()
                .flat_map(|known| known.iter().rev().take(ENGAGEMENTS_MAX))
                .map(Did::of)
                .collect(),
            count: engagements.map_or(0, Engagements::count),
            referrals: recommended(visit, lead).await?,
        })
    }
}

impl Did {
    fn of(one: &Engagement) -> Self {
        let text =
            |text: &Option<crate::domain::Pii>| text.as_ref().map(|it| it.expose().to_owned());
        Self {
            kind: spaced(one.kind.as_str()),
            at: When::at(one.at),
            page: text(&one.page),
            campaign: text(&one.campaign),
            count: one.count,
        }
    }
}

async fn recommended(visit: &Visit, lead: &Lead) -> Result<Option<Recommended>, Refusal> {
    let referrals = visit.flow().referrals(&visit.workspace, lead).await?;
    if referrals.by.is_empty() && !referrals.by_stranger && referrals.brought.is_empty() {
        return Ok(None);
    }
    let linked = |lead: &Lead, depth| Linked {
        id: lead.id.to_string(),
        name: title(&lead.contact, &lead.company),
        status: Mark::status(lead.assignment.status().as_str()),
        depth,
    };
    let (all, _) = brought(&referrals.brought);
    let shown = referrals.brought.iter().take(BROUGHT_MAX);
    Ok(Some(Recommended {
        by: referrals.by.iter().map(|lead| linked(lead, 0)).collect(),
        by_stranger: referrals.by_stranger,
        brought: shown.map(|one| linked(&one.lead, one.depth)).collect(),
        more: referrals.more || referrals.brought.len() > BROUGHT_MAX,
        sum: in_words(&all),
    }))
}

/// `Brought 4 people, 2 of them bought: 1250 EUR, 90 CHF.`
fn in_words(all: &Brought) -> String {
    let people =
        if all.people == 1 { "1 person".to_owned() } else { format!("{} people", all.people) };
    let amounts: Vec<String> = all.amounts().map(|money| money.to_string()).collect();
    let value =
        if amounts.is_empty() { String::new() } else { format!(": {}", amounts.join(", ")) };
    format!("Brought {people}, {} of them bought{value}.", all.won)
}
