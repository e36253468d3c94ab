//! Who got how much.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::call::Call;
use crate::flow::{CapView, PoolView};
use crate::http::keys::Scope;
use crate::http::problem::Problem;
use crate::http::state::HttpState;

/// All pools.
#[derive(Debug, Serialize, ToSchema)]
pub struct PoolsBody {
    pub pools: Vec<PoolState>,
}

/// One pool and its shares.
#[derive(Debug, Serialize, ToSchema)]
pub struct PoolState {
    pub name: String,
    /// How it shares out.
    #[schema(example = "round_robin")]
    pub method: &'static str,
    /// How many picks it has made.
    pub turns: u64,
    pub members: Vec<MemberState>,
}

/// One member's part.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberState {
    pub name: String,
    /// In the configuration of now.
    pub configured: bool,
    /// Less those given back.
    pub assigned: u64,
    /// How many of the next leads are the member's before anybody else's, for leads given back and turns missed.
    #[serde(skip_serializing_if = "is_zero")]
    pub credit: u64,
    /// Of all that the pool assigned, 0 to 1.
    pub share: f64,
    /// The pool's turn when the member was last picked; 0 = never.
    pub last_turn: u64,
    /// Cannot be picked now, and why: `paused`, `time_off until …`, `out_of_hours until …`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub away: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<u32>,
    /// How many leads the member is behind (or, below 0, ahead of) an equal share by weight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deficit: Option<f64>,
    /// How many open leads, where a pool goes by that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<u64>,
    pub caps: Vec<CapState>,
}

/// How much of a cap is used now.
#[derive(Debug, Serialize, ToSchema)]
pub struct CapState {
    /// `minute`, `hour`, `day`, `week`, `month`, `open`; `rolling-day` of a rolling window; `day/source=fair` of one
    /// source's or category's leads.
    pub window: String,
    pub used: u64,
    pub limit: u32,
}

/// The pools with what each member was assigned, as the store counts it.
#[utoipa::path(
    get, path = "/v1/{workspace}/pools", tag = "configuration",
    responses((status = 200, body = PoolsBody)),
    security(("api_key" = ["config:read"]))
)]
pub async fn list_pools(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<PoolsBody>, Problem> {
    let call = Call::begin(&state, &request, Scope::ConfigRead)?;
    let pools = call.flow().pools(&call.workspace).await?;
    Ok(Json(PoolsBody { pools: pools.iter().map(of).collect() }))
}

fn of(view: &PoolView) -> PoolState {
    let all: u64 = view.members.iter().map(|member| member.assigned).sum();
    let members = view.members.iter().map(|member| MemberState {
        name: member.name.to_string(),
        configured: member.configured,
        assigned: member.assigned,
        credit: member.credit,
        share: ratio(member.assigned, all),
        last_turn: member.last_turn,
        away: member.away.clone(),
        weight: member.weight,
        deficit: member.deficit.and_then(|deficit| i32::try_from(deficit).ok()).map(thousandths),
        open: member.open,
        caps: member.caps.iter().map(cap).collect(),
    });
    PoolState {
        name: view.name.to_string(),
        method: view.method.as_str(),
        turns: view.turn,
        members: members.collect(),
    }
}

fn cap(view: &CapView) -> CapState {
    CapState { window: view.window.clone(), used: view.used, limit: view.limit }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

fn thousandths(number: i32) -> f64 {
    f64::from(number) / 1000.0
}

/// To four places; exact for every count a pool will see.
fn ratio(part: u64, whole: u64) -> f64 {
    let scaled = part.saturating_mul(10_000).checked_div(whole).unwrap_or(0);
    f64::from(u32::try_from(scaled).unwrap_or(u32::MAX)) / 10_000.0
}
