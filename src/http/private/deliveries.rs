//! Deliveries: list those given up, read one, replay, drop.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json, Payload};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::call::{Call, part};
use super::given::query;
use super::page::Paging;
use super::view::DeliveryView;
use super::which::with_which;
use crate::domain::{DeliveryId, Name};
use crate::flow::{Redriven, Standing, Wanted};
use crate::http::keys::Scope;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::HttpState;

with_which! {
    /// Which deliveries.
    #[derive(Debug, Deserialize, IntoParams)]
    #[serde(deny_unknown_fields)]
    #[into_params(parameter_in = Query)]
    Listing {
        /// `dead` (usually): given up. `waiting`, `leased`: in line, in hand. `paused`: in line at a destination
        /// that takes nothing now. `delivered`: lately, among the leads written last.
        #[param(example = "dead")]
        state: Option<String>,
        /// Of dead ones: an RFC 3339 time, or `next` of the page before: only what was given up earlier.
        before: Option<String>,
        /// At most so many: 1 to 200, usually 50.
        #[param(minimum = 1, maximum = 200)]
        limit: Option<u32>,
    }
}

/// A page of deliveries.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveriesBody {
    /// Dead and delivered ones newest first, others by when they are due.
    pub items: Vec<DeliveryView>,
    /// How many were looked at for it.
    pub looked_at: usize,
    /// How many stand so in all, at the destination that was named or at all; absent where nobody counts
    /// them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
    /// `before` for the next page; absent = that was all. A page may be short of items and still have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Deliveries by how they stand. Dead ones have a list and go page by page; of the others at most `limit`
/// are looked up through the queues, or through the leads written last: `looked_at` and `of` say how far.
#[utoipa::path(
    get, path = "/v1/{workspace}/deliveries", tag = "deliveries", params(Listing),
    responses((status = 200, body = DeliveriesBody)),
    security(("api_key" = ["deliveries:read"]))
)]
pub async fn list_deliveries(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<DeliveriesBody>, Problem> {
    let call = Call::begin(&state, &request, Scope::DeliveriesRead)?;
    let listing: Listing = query(&request)?;
    let bad = |detail: &str| Problem::saying(ProblemCode::BadRequest, detail);
    let standing = listing.state.as_deref().map_or(Some(Standing::Dead), Standing::parse);
    let standing = standing
        .ok_or_else(|| bad("`state` is `dead`, `waiting`, `leased`, `paused` or `delivered`."))?;
    let paging = Paging { before: listing.before.clone(), limit: listing.limit };
    let (before, which) = (paging.before()?, listing.which(call.flow().now())?);
    let narrowed = before.is_some() || which.until.is_some() || !which.is_plain();
    if narrowed && standing != Standing::Dead {
        return Err(bad(
            "Only dead ones have pages, and are told apart by more than `destination` and `since`.",
        ));
    }
    let wanted = Wanted { which, before, limit: paging.limit()? };
    let listed = call.flow().deliveries(&call.workspace, standing, &wanted).await?;
    Ok(Json(DeliveriesBody {
        items: listed.items.iter().map(DeliveryView::of).collect(),
        looked_at: listed.looked_at,
        of: listed.of,
        next: listed.next.map(|cursor| cursor.to_string()),
    }))
}

/// One delivery with its attempts, dead, alive or lately done.
#[utoipa::path(
    get, path = "/v1/{workspace}/deliveries/{id}", tag = "deliveries",
    responses((status = 200, body = DeliveryView)),
    security(("api_key" = ["deliveries:read"]))
)]
pub async fn read_delivery(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<DeliveryView>, Problem> {
    let call = Call::begin(&state, &request, Scope::DeliveriesRead)?;
    delivery(&call, part(&request, "id")?).await
}

/// Runs a dead delivery again, under its id and sequence.
#[utoipa::path(
    post, path = "/v1/{workspace}/deliveries/{id}/replay", tag = "deliveries",
    responses((status = 200, body = DeliveryView)),
    security(("api_key" = ["deliveries:write"]))
)]
pub async fn replay_delivery(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<DeliveryView>, Problem> {
    let call = Call::begin(&state, &request, Scope::DeliveriesWrite)?;
    let id: DeliveryId = part(&request, "id")?;
    let replayed = call.flow().replay(&call.workspace, id, &call.actor).await?;
    redriven(&call, id, replayed).await
}

/// Why a delivery is given up for good.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Dropping {
    /// One word of your choice (lower-case letters, digits, `-`, `_`, `.`): kept in the journal and with the lead.
    #[schema(value_type = String, example = "told-by-phone")]
    pub reason: Option<Name>,
}

/// Gives a dead delivery up for good, for a reason that stays.
#[utoipa::path(
    post, path = "/v1/{workspace}/deliveries/{id}/drop", tag = "deliveries",
    request_body = Dropping, responses((status = 200, body = DeliveryView)),
    security(("api_key" = ["deliveries:write"]))
)]
pub async fn drop_delivery(
    state: Data<HttpState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<Json<DeliveryView>, Problem> {
    let call = Call::begin(&state, &request, Scope::DeliveriesWrite)?;
    let Dropping { reason } = call.given(payload).await?;
    let Some(reason) = reason else {
        let detail = "Say why with `reason`: one word, kept with the lead.";
        return Err(Problem::saying(ProblemCode::BadRequest, detail));
    };
    let id: DeliveryId = part(&request, "id")?;
    let dropped = call.flow().drop_delivery(&call.workspace, id, &reason, &call.actor).await?;
    redriven(&call, id, dropped).await
}

/// The delivery as it is now, or why nothing was done.
async fn redriven(
    call: &Call,
    id: DeliveryId,
    done: Redriven,
) -> Result<Json<DeliveryView>, Problem> {
    match done {
        Redriven::Done => delivery(call, id).await,
        Redriven::NotDead => Err(Problem::saying(
            ProblemCode::Impossible,
            "The delivery was not given up: only dead ones can be replayed or dropped.",
        )),
        Redriven::Missing => Err(Problem::new(ProblemCode::NotFound)),
    }
}

async fn delivery(call: &Call, id: DeliveryId) -> Result<Json<DeliveryView>, Problem> {
    let view = call.flow().delivery(&call.workspace.name, id).await?;
    let view = view.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    Ok(Json(DeliveryView::of(&view)))
}
