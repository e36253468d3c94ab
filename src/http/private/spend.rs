//! What was spent on sources and campaigns, as people and tools report it.

use std::collections::BTreeMap;

use actix_web::web::{Data, Json, Payload};
use actix_web::{HttpRequest, http::header};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::call::Call;
use crate::analyse::Day;
use crate::analyse::spend::{DAYS_MAX, Spend};
use crate::domain::{Channel, Currency, Label, Money, Name};
use crate::flow::{SPENDS_MAX, SpendRow};
use crate::http::body::{self, BodyError};
use crate::http::keys::Scope;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::HttpState;

/// Of one request.
const BYTES_MAX: usize = 2 * 1024 * 1024;
const ID_CHARS_MAX: usize = 100;

/// One sum for some days.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SpendBody {
    /// Recognises it when it is sent again; another sum under the same id replaces it. At most 100 characters.
    #[schema(example = "fair-2026")]
    pub id: String,
    /// The source it was spent on; without it only campaign, channel and totals count it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "fair")]
    pub source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// The first day.
    #[schema(example = "2026-02-01")]
    pub from: String,
    /// The last day, included; without it the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// `10000` or `99.95`; a number or a text.
    #[schema(value_type = f64)]
    pub amount: Value,
    #[schema(example = "EUR")]
    pub currency: String,
}

/// What became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SpendTaken {
    /// Rows that were not there before.
    pub new: usize,
    /// Rows that said something else before.
    pub corrected: usize,
    /// Rows that were there already, word for word.
    pub unchanged: usize,
}

/// Everything that was spent.
#[derive(Debug, Serialize, ToSchema)]
pub struct SpendList {
    pub rows: Vec<SpendBody>,
}

/// Reports what was spent: a JSON array (or one object), or CSV with a header of the same names; at most 5,000 rows. All of
/// them are taken or none. Safe to send again.
#[utoipa::path(
    post, path = "/v1/{workspace}/spend", tag = "reports", request_body = Vec<SpendBody>,
    responses((status = 200, body = SpendTaken)),
    security(("api_key" = ["reports:write"]))
)]
pub async fn report_spend(
    state: Data<HttpState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<Json<SpendTaken>, Problem> {
    let call = Call::begin(&state, &request, Scope::ReportsWrite)?;
    let body = body::read(payload, BYTES_MAX, state.limits.body_deadline).await;
    let body = body.map_err(|error| match error {
        BodyError::TooLarge => Problem::new(ProblemCode::TooLarge),
        BodyError::Slow => Problem::new(ProblemCode::Slow),
        BodyError::Broken => Problem::new(ProblemCode::BadRequest),
    })?;
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let said = match kind {
        Some(kind) if kind.starts_with("text/csv") => of_csv(&body)?,
        _ => of_json(&body)?,
    };
    if said.is_empty() || said.len() > SPENDS_MAX {
        return Err(wrong(format!("Send 1 to {SPENDS_MAX} rows.")));
    }
    let mut rows: BTreeMap<String, SpendRow> = BTreeMap::new();
    for (place, said) in said.iter().enumerate() {
        let row = read(said).map_err(|what| wrong(format!("Row {}: {what}.", place + 1)))?;
        // Of an id that comes twice the last one counts.
        rows.insert(row.id.clone(), row);
    }
    let rows: Vec<SpendRow> = rows.into_values().collect();
    let taken = call.flow().spend(&call.workspace.name, &rows, &call.actor).await?;
    let (new, corrected) = taken.ok_or_else(|| {
        Problem::saying(ProblemCode::Impossible, "There is no room for so many rows.")
    })?;
    Ok(Json(SpendTaken { new, corrected, unchanged: rows.len() - new - corrected }))
}

/// Everything that was spent, by id.
#[utoipa::path(
    get, path = "/v1/{workspace}/spend", tag = "reports",
    responses((status = 200, body = SpendList)),
    security(("api_key" = ["reports:read"]))
)]
pub async fn list_spend(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<SpendList>, Problem> {
    let call = Call::begin(&state, &request, Scope::ReportsRead)?;
    let rows = call.flow().spending(&call.workspace.name).await?;
    Ok(Json(SpendList { rows: rows.into_iter().map(shown).collect() }))
}

fn wrong(what: String) -> Problem {
    Problem::saying(ProblemCode::BadRequest, what)
}

fn of_json(body: &[u8]) -> Result<Vec<SpendBody>, Problem> {
    let malformed = |_| wrong("Send rows as the API's description has them.".to_owned());
    let said: Value = serde_json::from_slice(body).map_err(malformed)?;
    let rows = match said {
        Value::Array(rows) => rows,
        one => vec![one],
    };
    let mut read = Vec::with_capacity(rows.len());
    for (place, row) in rows.into_iter().enumerate() {
        let row = serde_json::from_value(row);
        read.push(row.map_err(|_| wrong(format!("Row {} has another form.", place + 1)))?);
    }
    Ok(read)
}

fn of_csv(body: &[u8]) -> Result<Vec<SpendBody>, Problem> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(body);
    let malformed = |_| wrong("The CSV cannot be read.".to_owned());
    let names = reader.headers().map_err(malformed)?.clone();
    let mut rows = Vec::new();
    for (place, record) in reader.records().enumerate() {
        let record = record.map_err(malformed)?;
        let cells = names.iter().zip(record.iter()).filter(|(_, cell)| !cell.is_empty());
        let row: Value = cells
            .map(|(name, cell)| (name.to_owned(), Value::String(cell.to_owned())))
            .collect::<serde_json::Map<_, _>>()
            .into();
        let row = serde_json::from_value(row);
        rows.push(row.map_err(|_| wrong(format!("Row {} has another form.", place + 1)))?);
    }
    Ok(rows)
}

/// What is wrong is said without repeating it.
fn read(said: &SpendBody) -> Result<SpendRow, &'static str> {
    let id = said.id.trim();
    if id.is_empty() || id.chars().count() > ID_CHARS_MAX {
        return Err("`id` has 1 to 100 characters");
    }
    let source = said.source.as_deref().map(Name::parse).transpose();
    let source = source.map_err(|_| "`source` is the name of a source")?;
    let channel = said.channel.as_deref().map(|text| Channel::parse(text).ok_or(()));
    let channel = channel.transpose().map_err(|()| "there is no such `channel`")?;
    let day = |text: &str| text.parse::<Day>();
    let from = day(&said.from).map_err(|_| "`from` is a day such as 2026-02-01")?;
    let to = said.to.as_deref().map_or(Ok(from), day);
    let to = to.map_err(|_| "`to` is a day such as 2026-02-28")?;
    if to < from || to.number() - from.number() >= DAYS_MAX {
        return Err("`to` is not before `from`, and at most ten years after it");
    }
    let currency = Currency::parse(&said.currency).ok_or("`currency` is three letters")?;
    let amount = match &said.amount {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return Err("`amount` is a number"),
    };
    let amount = Money::parse(&amount, currency)
        .ok_or("`amount` is a number such as 99.95, at most three digits behind the point")?;
    let campaign = said.campaign.as_deref().and_then(Label::of);
    let (from, to) = (from.number(), to.number());
    let spend = Spend { source, channel, campaign, from, to, amount };
    Ok(SpendRow { id: id.to_owned(), spend })
}

fn shown(row: SpendRow) -> SpendBody {
    let SpendRow { id, spend } = row;
    SpendBody {
        id,
        source: spend.source.map(|name| name.to_string()),
        channel: spend.channel.map(|channel| channel.to_string()),
        campaign: spend.campaign.map(|label| label.to_string()),
        from: Day::from_number(spend.from).to_string(),
        to: Some(Day::from_number(spend.to).to_string()),
        amount: spend.amount.amount().parse().map_or(Value::Null, Value::Number),
        currency: spend.amount.currency.to_string(),
    }
}
