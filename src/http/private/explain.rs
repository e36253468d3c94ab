//! Why an inquiry was decided as it was, and what another configuration would do with it.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::call::{Call, part};
use super::given::query;
use crate::decide::{Reconsidered, RuleReason};
use crate::domain::InquiryId;
use crate::flow::{Explanation, NoExplanation, Version};
use crate::http::keys::Scope;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::HttpState;

/// Which configuration to ask as well.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExplainQuery {
    /// The hash of a configuration that was in force, or `current`: what it would decide.
    pub at: Option<String>,
}

/// A decision explained. Nothing about the person is in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExplanationBody {
    #[schema(example = "inq_0190a1b2c3d4e5f60718293a4b5c6d7e")]
    pub inquiry: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<String>,
    #[schema(example = "routed")]
    pub status: &'static str,
    /// The configuration that decided.
    pub configuration: String,
    pub configuration_is_current: bool,
    /// Inquiries came after this one: reasons are looked up in what is known of the lead now.
    pub changed_since: bool,
    /// To be read aloud.
    pub sentences: Vec<String>,
    /// Each rule up to the winner. Rules behind it were not asked.
    pub rules: Vec<RuleReasonBody>,
    /// Members who were passed over, and why.
    pub passed_over: Vec<PassedOver>,
    /// What the other configuration would do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<AgainBody>,
}

/// What a rule said, and what kept it from matching.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleReasonBody {
    pub rule: String,
    /// `match`, `no_match`, `missing`, `error` or `not_asked`.
    pub says: &'static str,
    /// Empty where what is known has changed since.
    pub because: Vec<PartBody>,
}

/// One part of a condition.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartBody {
    #[schema(example = "company.employees is at least 1000")]
    pub part: String,
    /// `no_match`, `missing` or `error`.
    pub says: &'static str,
}

/// Somebody who did not get the lead.
#[derive(Debug, Serialize, ToSchema)]
pub struct PassedOver {
    pub member: String,
    pub reason: String,
}

/// A decision by another configuration, on what is known now. Nobody was picked and nothing written.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgainBody {
    pub configuration: String,
    /// What would be different; empty = nothing that this can know. Owners are not compared.
    pub differences: Vec<DifferenceBody>,
    pub sentences: Vec<String>,
}

/// One difference.
#[derive(Debug, Serialize, ToSchema)]
pub struct DifferenceBody {
    #[schema(example = "queue")]
    pub what: &'static str,
    pub was: String,
    pub would_be: String,
}

/// Why an inquiry was decided as it was: the record in words, which part of which rule was not so, who was passed over;
/// with `at`, what another configuration would decide, kept in the store by its hash.
#[utoipa::path(
    get, path = "/v1/{workspace}/inquiries/{id}/explanation", tag = "inquiries",
    params(ExplainQuery),
    responses((status = 200, body = ExplanationBody)),
    security(("api_key" = ["inquiries:read"]))
)]
pub async fn explain_inquiry(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<ExplanationBody>, Problem> {
    let call = Call::begin(&state, &request, Scope::InquiriesRead)?;
    let id: InquiryId = part(&request, "id")?;
    let ExplainQuery { at } = query(&request)?;
    let version = at.map(|at| match at.as_str() {
        "current" => Version::Current,
        _ => Version::Hash(at),
    });
    let explained = call.flow().explain(&call.workspace, id, version.as_ref()).await;
    match explained {
        Ok(explained) => Ok(Json(ExplanationBody::of(&explained))),
        Err(NoExplanation::NoInquiry) => Err(Problem::new(ProblemCode::NotFound)),
        Err(error @ NoExplanation::NoVersion) => {
            Err(Problem::saying(ProblemCode::NotFound, format!("{error}.")))
        }
        Err(NoExplanation::Unavailable(error)) => Err(error.into()),
    }
}

impl ExplanationBody {
    fn of(explained: &Explanation) -> Self {
        let (entry, record) = (&explained.entry, &explained.entry.record);
        let capped = explained.receipt.iter().flat_map(|receipt| &receipt.capped);
        let capped = capped.map(|capped| PassedOver {
            member: capped.member.to_string(),
            reason: format!("capped {}", capped.why()).trim_end().to_owned(),
        });
        let ruled_out = record.ruled_out.iter().map(|(member, reason)| PassedOver {
            member: member.to_string(),
            reason: reason.clone(),
        });
        Self {
            inquiry: entry.inquiry.id.to_string(),
            lead: entry.lead.map(|lead| lead.to_string()),
            status: entry.status().as_str(),
            configuration: record.config.clone(),
            configuration_is_current: explained.is_current,
            changed_since: explained.changed_since,
            sentences: explained.sentences.clone(),
            rules: explained.rules.iter().map(RuleReasonBody::of).collect(),
            passed_over: ruled_out.chain(capped).collect(),
            at: explained.again.as_ref().map(AgainBody::of),
        }
    }
}

impl RuleReasonBody {
    fn of(reason: &RuleReason) -> Self {
        let part = |(part, says): &(String, char)| PartBody {
            part: part.clone(),
            says: super::view::says(*says),
        };
        Self {
            rule: reason.rule.to_string(),
            says: super::view::says(reason.says),
            because: reason.because.iter().map(part).collect(),
        }
    }
}

impl AgainBody {
    fn of(again: &Reconsidered) -> Self {
        let difference = |(what, was, would_be): &(&'static str, String, String)| DifferenceBody {
            what,
            was: was.clone(),
            would_be: would_be.clone(),
        };
        Self {
            configuration: again.configuration.clone(),
            differences: again.differences.iter().map(difference).collect(),
            sentences: again.sentences.clone(),
        }
    }
}
