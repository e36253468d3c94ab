//! Reports: how far inquiries came, what they cost, how soon people dealt with them.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value, json};
use utoipa::{IntoParams, ToSchema};

use super::call::{Call, part};
use super::given::query;
use crate::analyse::Day;
use crate::analyse::report::{By, Cell, Report, Row, Table};
use crate::flow::{AskedReport, Lag};
use crate::http::keys::Scope;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::HttpState;

/// Days of a report when nothing is said, today included.
pub const DAYS_USUAL: i32 = 30;
/// And at most.
const DAYS_MAX: i32 = 1_100;

/// Which part of it.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReportQuery {
    /// The first day, such as `2026-02-01`; usually the last thirty days.
    pub from: Option<String>,
    /// The last day; usually today.
    pub to: Option<String>,
    /// `all`, `source`, `channel`, `campaign`, `source/campaign`, `medium`, `category`, `pool`, `owner`, `version`, `score` or `day`.
    pub by: Option<String>,
    /// `first` (usual) or `latest`: for which of a lead's inquiries counts what became of it.
    pub attribution: Option<String>,
    /// `json` (usual), `csv` or `html`: one page with plots that needs nothing else.
    pub format: Option<String>,
    /// With each row's main count for every day.
    pub series: Option<bool>,
}

/// A report's figures.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportBody {
    #[schema(example = "costs")]
    pub report: &'static str,
    pub title: &'static str,
    #[schema(example = "2026-02-01")]
    pub from: String,
    #[schema(example = "2026-02-28")]
    pub to: String,
    #[schema(example = "source")]
    pub by: &'static str,
    /// `first` or `latest`.
    pub attribution: &'static str,
    pub as_of: AsOfBody,
    pub columns: Vec<ColumnBody>,
    /// One object for each value: `value`, and a figure under each column's name; `null` where there is nothing to say.
    #[schema(value_type = Vec<Object>)]
    pub rows: Vec<Value>,
    #[schema(value_type = Vec<Object>)]
    pub totals: Vec<Value>,
    /// What was to be reached in this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub goals: Option<Value>,
}

/// What a report counts.
#[derive(Debug, Serialize, ToSchema)]
pub struct AsOfBody {
    /// The place of the last journal row that is counted.
    #[schema(example = "1767225600000-0")]
    pub position: String,
    /// How many rows are counted.
    pub rows: u64,
    /// How long ago the first row was written that is not.
    pub behind_seconds: u64,
    /// False while reports are being made anew.
    pub complete: bool,
}

/// One column.
#[derive(Debug, Serialize, ToSchema)]
pub struct ColumnBody {
    pub name: &'static str,
    /// `count`, `share` (a part of one), `amount` (in the row's currency), `seconds`, `times`, `text`.
    pub unit: String,
}

/// What somebody asked for.
#[derive(Debug)]
pub struct Wanted {
    pub asked: AskedReport,
    pub format: &'static str,
    series: bool,
}

impl Wanted {
    /// Reads the query; days that are not said end today.
    ///
    /// # Errors
    /// If it names what there is not.
    pub fn of(report: Report, said: &ReportQuery, today: Day) -> Result<Self, Problem> {
        let wrong = |what: &str| Problem::saying(ProblemCode::BadRequest, what.to_owned());
        let day = |text: &Option<String>| text.as_deref().map(str::parse::<Day>).transpose();
        let last = day(&said.to).map_err(|_| wrong("`to` is a day such as 2026-02-28."))?;
        let last = last.unwrap_or(today);
        let first = day(&said.from).map_err(|_| wrong("`from` is a day such as 2026-02-01."))?;
        let first = first.unwrap_or(last.plus(1 - DAYS_USUAL));
        if first > last || last.number() - first.number() >= DAYS_MAX {
            return Err(wrong("`from` is not after `to`, and at most three years before it."));
        }
        let by = match said.by.as_deref() {
            None => report.usual(),
            Some(text) => By::parse(text).ok_or_else(|| {
                let all: Vec<&str> = By::all().map(By::as_str).collect();
                wrong(&format!("`by` is one of {}.", all.join(", ")))
            })?,
        };
        let latest = match said.attribution.as_deref() {
            None | Some("first") => false,
            Some("latest") => true,
            Some(_) => return Err(wrong("`attribution` is first or latest.")),
        };
        let format = match said.format.as_deref() {
            None | Some("json") => "json",
            Some("csv") => "csv",
            Some("html") => "html",
            Some(_) => return Err(wrong("`format` is json, csv or html.")),
        };
        let asked = AskedReport { report, by, first, last, latest };
        Ok(Self { asked, format, series: said.series.unwrap_or(false) })
    }

    /// Of which time, by what, as of when, in words.
    #[must_use]
    pub fn about(&self, lag: Lag) -> String {
        let AskedReport { by, first, last, latest, .. } = self.asked;
        let touch = if latest { "latest" } else { "first" };
        let incomplete = if lag.rebuilding { "; being made anew, not complete" } else { "" };
        format!(
            "{first} to {last}, by {}, for the {touch} inquiry; {} journal rows counted{incomplete}",
            by.as_str(),
            lag.rows
        )
    }
}

/// One report: `funnel`, `activity`, `costs`, `speed`, `business-speed`, `sla`, `follow-up`, `fairness`, `reasons` or `calibration`. It counts what
/// was committed before it was asked for.
#[utoipa::path(
    get, path = "/v1/{workspace}/reports/{name}", tag = "reports", params(ReportQuery),
    responses((status = 200, body = ReportBody)),
    security(("api_key" = ["reports:read"]))
)]
pub async fn read_report(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let call = Call::begin(&state, &request, Scope::ReportsRead)?;
    let name: String = part(&request, "name")?;
    let report = Report::parse(&name).ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let said: ReportQuery = query(&request)?;
    let wanted = Wanted::of(report, &said, call.flow().today(&call.workspace))?;
    let (table, lag) = call.flow().report(&call.workspace, wanted.asked).await?;
    let by = wanted.asked.by.as_str();
    Ok(match wanted.format {
        "csv" => HttpResponse::Ok().content_type("text/csv; charset=utf-8").body(table.csv(by)),
        "html" => HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .insert_header((
                "content-security-policy",
                "default-src 'none'; style-src 'unsafe-inline'",
            ))
            .body(table.page(by, &wanted.about(lag))),
        _ => HttpResponse::Ok().json(body(&table, &wanted, lag)),
    })
}

/// Has all sums of reports made anew from the journal's first row on. It goes on by itself; meanwhile reports say that they are
/// not complete. Needed only if an audit says that sums and journal differ.
#[utoipa::path(
    post, path = "/v1/{workspace}/reports/rebuild", tag = "reports",
    responses((status = 202, body = AsOfBody)),
    security(("api_key" = ["reports:write"]))
)]
pub async fn rebuild_reports(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let call = Call::begin(&state, &request, Scope::ReportsWrite)?;
    call.flow().rebuild_reports(&call.workspace).await?;
    let lag = call.flow().report_lag(&call.workspace).await?;
    Ok(HttpResponse::Accepted().json(as_of(lag)))
}

fn body(table: &Table, wanted: &Wanted, lag: Lag) -> ReportBody {
    let AskedReport { by, first, last, latest, .. } = wanted.asked;
    let row = |row: &Row| object(table, row, wanted.series);
    ReportBody {
        report: table.report.as_str(),
        title: table.report.title(),
        from: first.to_string(),
        to: last.to_string(),
        by: by.as_str(),
        attribution: if latest { "latest" } else { "first" },
        as_of: as_of(lag),
        columns: table
            .columns
            .iter()
            .map(|column| ColumnBody {
                name: column.name,
                unit: format!("{:?}", column.unit).to_lowercase(),
            })
            .collect(),
        rows: table.rows.iter().map(row).collect(),
        totals: table.totals.iter().map(row).collect(),
        goals: table.goals.as_ref().map(row),
    }
}

fn as_of(lag: Lag) -> AsOfBody {
    AsOfBody {
        position: format!("{}-{}", lag.position.0, lag.position.1),
        rows: lag.rows,
        behind_seconds: lag.behind.as_secs(),
        complete: !lag.rebuilding,
    }
}

fn object(table: &Table, row: &Row, series: bool) -> Value {
    let mut object = Map::new();
    object.insert("value".to_owned(), Value::String(row.value.clone()));
    for (column, cell) in table.columns.iter().zip(&row.cells) {
        object.insert(column.name.to_owned(), figure(cell));
    }
    if series {
        object.insert("series".to_owned(), json!(row.series));
    }
    Value::Object(object)
}

/// Numbers are written as they are, to the last digit.
fn figure(cell: &Cell) -> Value {
    match cell {
        Cell::Blank => Value::Null,
        Cell::Text(text) => Value::String(text.clone()),
        number => number.plain().parse::<Number>().map_or(Value::Null, Value::Number),
    }
}
