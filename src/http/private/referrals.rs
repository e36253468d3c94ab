//! Who brought whom, and what came of it.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::call::{Call, part};
use super::view::ColleagueView;
use crate::domain::LeadId;
use crate::flow::Referrals;
use crate::follow_up::referrals::{Brought, brought};
use crate::http::keys::Scope;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::HttpState;

/// Whom a lead came by, and who came by it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferralsView {
    /// Who referred the lead, who referred that one, and so on.
    pub referred_by: Vec<ColleagueView>,
    /// At the end of that chain stands somebody who is not known.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub by_stranger: bool,
    /// What came of all of them.
    pub brought: BroughtView,
    /// The same by depth, from those whom the lead referred itself on.
    pub by_depth: Vec<BroughtView>,
    /// Everybody, by depth.
    pub people: Vec<ReferredView>,
    /// There are more than are counted here.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
}

/// Somebody who came by a recommendation.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferredView {
    /// 1 = by the lead itself.
    pub depth: u32,
    #[serde(flatten)]
    pub person: ColleagueView,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct BroughtView {
    pub people: u64,
    /// Second-level qualified or won.
    pub prospects: u64,
    pub won: u64,
    /// What they bought for: an amount for each currency, kept apart.
    pub value: Vec<AmountView>,
}

/// An amount in one currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct AmountView {
    #[schema(example = "12500.5")]
    pub amount: String,
    #[schema(example = "EUR")]
    pub currency: String,
}

impl BroughtView {
    fn of(brought: &Brought) -> Self {
        let value = brought.amounts().map(|money| AmountView {
            amount: money.amount(),
            currency: money.currency.to_string(),
        });
        Self {
            people: brought.people,
            prospects: brought.prospects,
            won: brought.won,
            value: value.collect(),
        }
    }
}

impl ReferralsView {
    fn of(referrals: &Referrals) -> Self {
        let (all, depths) = brought(&referrals.brought);
        let people = referrals
            .brought
            .iter()
            .map(|one| ReferredView { depth: one.depth, person: ColleagueView::of(&one.lead) });
        Self {
            referred_by: referrals.by.iter().map(ColleagueView::of).collect(),
            by_stranger: referrals.by_stranger,
            brought: BroughtView::of(&all),
            by_depth: depths.iter().map(BroughtView::of).collect(),
            people: people.collect(),
            more: referrals.more,
        }
    }
}

/// Who referred a lead, and whom it brought, directly and through others: how many, how many of them bought, and for how
/// much. At most 1,000 people and 16 steps.
#[utoipa::path(
    get, path = "/v1/{workspace}/leads/{id}/referrals", tag = "leads",
    responses((status = 200, body = ReferralsView)),
    security(("api_key" = ["leads:read"]))
)]
pub async fn read_referrals(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<ReferralsView>, Problem> {
    let call = Call::begin(&state, &request, Scope::LeadsRead)?;
    let id: LeadId = part(&request, "id")?;
    let view = call.flow().lead(&call.workspace.name, id).await?;
    let view = view.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let referrals = call.flow().referrals(&call.workspace, &view.lead).await?;
    Ok(Json(ReferralsView::of(&referrals)))
}
