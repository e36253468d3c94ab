//! Where is my lead? One question, one answer.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json, Payload};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::call::Call;
use super::given::query;
use super::page::limit;
use super::view::{FoundView, RowView};
use crate::domain::Name;
use crate::flow::{Looked, ParseQuestionError, Question, RefusedBy};
use crate::http::keys::Scope;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::HttpState;

/// What to look for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AskedFor {
    /// An id (`inq_`, `lead_`, `dlv_`, `evt_`, `att_`, `req_`), a time (`2026-03-01`, `yesterday`,
    /// `14:30`, `2h`, `09:00..11:00`) or a source. What may be personal data is asked for by `POST`.
    pub q: Option<String>,
    /// Only from this time on; without `q` what happened then, oldest first.
    pub from: Option<String>,
    /// Only until this time (usually now).
    pub to: Option<String>,
    /// Only of this source.
    #[param(value_type = Option<String>)]
    pub source: Option<Name>,
    /// Instead: what happened behind the row at this `position`.
    pub after: Option<String>,
    /// At most so many rows: 1 to 200, usually 50.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// What to look for; in a body, because URLs end up in logs.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Asking {
    /// An e-mail address, a phone number in any spelling, an id of any kind (also another system's, or the
    /// id that the sender gave the event), a time, or a source.
    #[schema(example = "ina@quillfeather.example")]
    pub q: Option<String>,
    /// Only from this time on; without `q` what happened then, oldest first.
    pub from: Option<String>,
    /// Only until this time (usually now).
    pub to: Option<String>,
    /// Only of this source.
    #[schema(value_type = Option<String>)]
    pub source: Option<Name>,
    /// At most so many rows: 1 to 200, usually 50.
    #[schema(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundBody {
    /// What the question was taken for: `email`, `phone`, `inquiry`, `lead`, `delivery`, `event`,
    /// `attempt`, `request`, `batch`, `id`, `time`, `source`, `external_id`.
    #[schema(example = "email")]
    pub understood_as: &'static str,
    /// The answer in sentences, without personal text.
    pub in_words: Vec<String>,
    pub found: Vec<FoundView>,
    /// Rows of the journal, if the question was about a time, a source or a request.
    pub happened: Vec<RowView>,
    /// `after` for the rows behind these; absent = there are no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Where it was looked for beside the index: how many, of how many.
    pub looked_in: Vec<LookedView>,
    /// What was refused within the time: nothing of it is kept but these counts. Only if nothing was
    /// found, or the question was about a time or a source.
    pub refused: Vec<RefusedView>,
    /// What to try next, if nothing was found.
    pub try_next: Vec<String>,
}

/// One place where it was looked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct LookedView {
    /// `index`, or a worklist.
    #[schema(example = "unreadable")]
    pub place: &'static str,
    /// How many things were looked at, newest first.
    pub looked_at: u64,
    /// How many there are.
    pub of: u64,
}

/// What one source refused.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusedView {
    /// `(unknown)`: no configured source was named.
    pub source: String,
    pub count: u64,
    /// The most frequent reason: a code of problems.
    #[schema(example = "unauthenticated")]
    pub reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_reason: Option<String>,
}

/// By an id, a time or a source. What may be personal data (an e-mail address, a phone number, another
/// system's id) is asked for by `POST`: URLs end up in logs.
#[utoipa::path(
    get, path = "/v1/{workspace}/find", tag = "leads", params(AskedFor),
    responses((status = 200, body = FoundBody)),
    security(("api_key" = ["leads:read"]))
)]
pub async fn find(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<FoundBody>, Problem> {
    let call = Call::begin(&state, &request, Scope::LeadsRead)?;
    let AskedFor { q, from, to, source, after, limit } = query(&request)?;
    if let Some(after) = after {
        if q.is_some() || from.is_some() || to.is_some() || source.is_some() {
            return Err(bad("`after` stands alone."));
        }
        return go_on(&call, &after, limit).await;
    }
    let asking = Asking { q, from, to, source, limit };
    let question = question(&call, &asking)?;
    if question.asked.is_personal() {
        return Err(bad(
            "An e-mail address, a phone number or another system's id belongs in a body: POST it.",
        ));
    }
    answer(&call, &question, asking.limit).await
}

/// Everything behind an e-mail address, a phone number, an id, a time or a source: leads, inquiries, what
/// was kept aside, deliveries in words; and where it was looked for, what was refused, and what to try
/// next, if there is nothing.
#[utoipa::path(
    post, path = "/v1/{workspace}/find", tag = "leads", operation_id = "find_by_body",
    request_body = Asking, responses((status = 200, body = FoundBody)),
    security(("api_key" = ["leads:read"]))
)]
pub async fn ask(
    state: Data<HttpState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<Json<FoundBody>, Problem> {
    let call = Call::begin(&state, &request, Scope::LeadsRead)?;
    let asking: Asking = call.given(payload).await?;
    let question = question(&call, &asking)?;
    answer(&call, &question, asking.limit).await
}

fn question(call: &Call, asking: &Asking) -> Result<Question, Problem> {
    let (from, to) = (asking.from.as_deref(), asking.to.as_deref());
    let source = asking.source.as_ref();
    let now = call.flow().now();
    Question::parse(asking.q.as_deref(), from, to, source, &call.workspace, now)
        .map_err(|error: ParseQuestionError| bad(format!("{error}.")))
}

async fn answer(
    call: &Call,
    question: &Question,
    given: Option<u32>,
) -> Result<Json<FoundBody>, Problem> {
    let (flow, workspace) = (call.flow(), &call.workspace);
    let findings = flow.find(workspace, question, limit(given)?).await?;
    let mut found = Vec::with_capacity(findings.found.len());
    for one in findings.found {
        found.push(FoundView::of(one, flow, workspace).await?);
    }
    let happened: Vec<RowView> =
        findings.happened.iter().map(|(entry, row)| RowView::of(entry, row)).collect();
    let next = happened.last().filter(|_| findings.more).map(|row| row.position.clone());
    Ok(Json(FoundBody {
        understood_as: findings.understood_as,
        in_words: findings.in_words,
        found,
        happened,
        next,
        looked_in: findings.looked.iter().map(LookedView::of).collect(),
        refused: findings.refused.iter().map(RefusedView::of).collect(),
        try_next: findings.try_next,
    }))
}

/// The rows behind one.
async fn go_on(call: &Call, after: &str, given: Option<u32>) -> Result<Json<FoundBody>, Problem> {
    let limit = limit(given)?;
    let after = position(after).ok_or_else(|| bad("`after` is the `position` of a row."))?;
    let rows = call.flow().happened(&call.workspace.name, after, limit).await?;
    let happened: Vec<RowView> = rows.iter().map(|(entry, row)| RowView::of(entry, row)).collect();
    let next = happened.last().filter(|_| happened.len() == limit);
    let next = next.map(|row| row.position.clone());
    Ok(Json(FoundBody {
        understood_as: "time",
        in_words: Vec::new(),
        found: Vec::new(),
        happened,
        next,
        looked_in: Vec::new(),
        refused: Vec::new(),
        try_next: Vec::new(),
    }))
}

fn bad(detail: impl Into<String>) -> Problem {
    Problem::saying(ProblemCode::BadRequest, detail)
}

fn position(text: &str) -> Option<(u64, u64)> {
    let (ms, n) = text.split_once('-')?;
    Some((ms.parse().ok()?, n.parse().ok()?))
}

impl LookedView {
    fn of(looked: &Looked) -> Self {
        Self { place: looked.place, looked_at: looked.at, of: looked.of }
    }
}

impl RefusedView {
    fn of(refused: &RefusedBy) -> Self {
        Self {
            source: refused.source.clone(),
            count: refused.count,
            reason: refused.reason.clone(),
            last_at: refused.last_at.map(|at| at.to_string()),
            last_reason: refused.last_reason.clone(),
        }
    }
}
