//! A new signing secret for a destination, made while the service runs.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::web::{Data, Json, Payload};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::{Call, part};
use crate::domain::Name;
use crate::domain::ports::{NotRotated, RotateSecret};
use crate::http::keys::Scope;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::HttpState;

/// Long enough for all replicas to see it, and no longer than any receiver needs to change over.
const KEEP: std::ops::RangeInclusive<Duration> =
    Duration::from_mins(1)..=Duration::from_hours(30 * 24);
const KEEP_USUAL: &str = "24h";

/// How it is to be made.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RotateOrder {
    /// How long the old secrets sign beside it, from `1m` to 30 days (24 h).
    #[schema(example = "24h")]
    keep: Option<String>,
    /// A key pair (Ed25519, `v1a`): the receiver gets only its public half.
    key_pair: bool,
}

/// What the receiver needs.
#[derive(Serialize, ToSchema)]
pub struct RotatedBody {
    /// `whsec_…`, or the public key `whpk_…`. It is shown now and never again.
    pub secret: String,
    /// Until then the old ones sign too.
    #[schema(value_type = String, format = DateTime)]
    pub old_until: String,
}

/// Makes a new signing secret, kept sealed in the store; all replicas sign with it within seconds, with the old
/// ones beside it until a time. It counts until the secrets of the destination's file are changed.
#[utoipa::path(
    post, path = "/v1/{workspace}/destinations/{name}/rotate", tag = "deliveries",
    request_body = RotateOrder,
    responses((status = 200, body = RotatedBody)),
    security(("api_key" = ["config:write"]))
)]
pub async fn rotate_secret(
    state: Data<HttpState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<Json<RotatedBody>, Problem> {
    let call = Call::begin(&state, &request, Scope::ConfigWrite)?;
    let name: Name = part(&request, "name")?;
    let order: RotateOrder = call.given(payload).await?;
    let keep = order.keep.as_deref().unwrap_or(KEEP_USUAL).trim().parse::<jiff::SignedDuration>();
    let keep = keep.ok().and_then(|keep| Duration::try_from(keep).ok());
    let keep = keep.filter(|keep| KEEP.contains(keep)).ok_or_else(|| {
        let detail = "`keep` is a duration such as `24h`, from a minute to 30 days.";
        Problem::saying(ProblemCode::BadRequest, detail)
    })?;
    let rotation = state.rotation.get().ok_or_else(|| Problem::new(ProblemCode::Unavailable))?;
    if !call.workspace.decide.destinations.contains_key(&name) {
        return Err(Problem::new(ProblemCode::NotFound));
    }
    // Noted before it is done: what cannot be noted is not done.
    call.flow().note_rotation(&call.workspace, &name, &call.actor).await?;
    let wanted = RotateSecret { keep, key_pair: order.key_pair, random: rand::random() };
    match rotation.rotate(&call.workspace.name, &name, wanted).await {
        Ok(done) => {
            let (secret, old_until) = (done.secret, done.old_until.to_string());
            Ok(Json(RotatedBody { secret, old_until }))
        }
        Err(NotRotated::Missing) => Err(Problem::new(ProblemCode::NotFound)),
        Err(NotRotated::Store(_)) => Err(Problem::new(ProblemCode::Unavailable)),
        Err(NotRotated::Unsigned | NotRotated::TooMany) => {
            let detail = "It is sent no signature, or five secrets sign already.";
            Err(Problem::saying(ProblemCode::Impossible, detail))
        }
    }
}
