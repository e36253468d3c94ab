//! Which rules take inquiries and which never do.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::call::Call;
use super::given::query;
use crate::flow::{HITS_LAST, Hits, RuleHits, Tally};
use crate::http::keys::Scope;
use crate::http::problem::Problem;
use crate::http::state::HttpState;

/// How many inquiries to look at.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RulesQuery {
    /// The newest so many decided inquiries: 500 unless said otherwise, at most 5,000.
    #[param(maximum = 5000)]
    pub last: Option<usize>,
}

/// The routing rules in force with their hit counts.
#[derive(Debug, Serialize, ToSchema)]
pub struct RulesBody {
    /// Content hash of the configuration in force.
    pub configuration: String,
    /// How many inquiries were looked at; tests and what was filtered are not among them.
    pub inquiries: u64,
    /// When the oldest of them came.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<String>,
    pub rules: Vec<RuleHitsBody>,
    /// How many were kept back for a person by `do_not_route`.
    pub kept_back: u64,
    /// How many no rule won.
    pub fallback: u64,
    /// Repeats whose lead stayed where it was: no rule was asked.
    pub stayed: u64,
    /// Won by rules that are not there any more.
    pub gone: BTreeMap<String, u64>,
}

/// One rule.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleHitsBody {
    pub name: String,
    /// How many it won, as the records say.
    pub won: u64,
    /// What it says when every inquiry is asked, also those that a rule before it won.
    #[serde(flatten)]
    pub says: TallyBody,
    /// The same for each part of its condition.
    pub parts: Vec<PartHitsBody>,
}

/// One part of a rule's condition.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartHitsBody {
    #[schema(example = "company.employees is at least 1000")]
    pub part: String,
    #[serde(flatten)]
    pub says: TallyBody,
}

/// How often it said what.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct TallyBody {
    #[serde(rename = "match")]
    pub matched: u64,
    pub no_match: u64,
    pub missing: u64,
    pub error: u64,
}

/// The routing rules with their hit counts over the newest inquiries: how many each won, and what each of its clauses says of
/// them. The rules in force are asked on what is known now; nothing is written.
#[utoipa::path(
    get, path = "/v1/{workspace}/rules", tag = "configuration", params(RulesQuery),
    responses((status = 200, body = RulesBody)),
    security(("api_key" = ["config:read"]))
)]
pub async fn list_rules(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<RulesBody>, Problem> {
    let call = Call::begin(&state, &request, Scope::ConfigRead)?;
    let RulesQuery { last } = query(&request)?;
    let hits = call.flow().hits(&call.workspace, last.unwrap_or(HITS_LAST)).await?;
    Ok(Json(RulesBody::of(&call.workspace.hash, &hits)))
}

impl RulesBody {
    fn of(configuration: &str, hits: &Hits) -> Self {
        Self {
            configuration: configuration.to_owned(),
            inquiries: hits.inquiries,
            since: hits.since.map(|since| since.to_string()),
            rules: hits.rules.iter().map(RuleHitsBody::of).collect(),
            kept_back: hits.kept_back,
            fallback: hits.fallback,
            stayed: hits.stayed,
            gone: hits.gone.iter().map(|(rule, won)| (rule.to_string(), *won)).collect(),
        }
    }
}

impl RuleHitsBody {
    fn of(hits: &RuleHits) -> Self {
        let parts = hits.parts.iter();
        Self {
            name: hits.rule.to_string(),
            won: hits.won,
            says: TallyBody::of(hits.says),
            parts: parts
                .map(|(part, says)| PartHitsBody { part: part.clone(), says: TallyBody::of(*says) })
                .collect(),
        }
    }
}

impl TallyBody {
    fn of(tally: Tally) -> Self {
        let Tally { matched, no_match, missing, error } = tally;
        Self { matched, no_match, missing, error }
    }
}
