//! Reports: figures with plots, of any time and by anything.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::refusal::Refusal;
use super::shell::Shell;
use super::visit::Visit;
use crate::analyse::report::{By, Report, Row, Table, Unit};
use crate::http::keys::Scope;
use crate::http::private::{ReportQuery, Wanted};

#[derive(Template)]
#[template(path = "reports.html")]
struct ReportsPage {
    shell: Shell,
    /// Name, label, whether it is this one.
    reports: Vec<(&'static str, String, bool)>,
    title: &'static str,
    about: String,
    name: &'static str,
    from: String,
    to: String,
    /// Name, whether it is chosen.
    bys: Vec<(&'static str, bool)>,
    latest: bool,
    wrong: Option<&'static str>,
    by: &'static str,
    columns: Vec<(String, bool)>,
    rows: Vec<(String, Vec<(String, bool)>)>,
    ends: Vec<(String, Vec<(String, bool)>)>,
    /// Ours, with what strangers sent escaped in it.
    plots: String,
    /// All figures of a row stand beside each other where the page is wide.
    few: bool,
}

/// As many columns as a wide page has room for.
const COLUMNS_BESIDE_MAX: usize = 12;

/// The page of one report; without a name that of the funnel.
pub async fn reports_page(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&request, Scope::ReportsRead)?;
    let name = request.match_info().get("name").unwrap_or("funnel");
    let report = Report::parse(name).ok_or(Refusal::NotFound)?;
    let said = web::Query::<ReportQuery>::from_query(request.query_string());
    let said = said.map(web::Query::into_inner).unwrap_or_default();
    let today = visit.flow().today(&visit.workspace);
    let usual = || Wanted::of(report, &ReportQuery::default(), today);
    let asked = Wanted::of(report, &said, today);
    let wrong = asked.is_err().then_some("That is no time or no order: these are the usual ones.");
    let wanted = asked.or_else(|_| usual()).map_err(|_| Refusal::NotFound)?;
    let (table, lag) = visit.flow().report(&visit.workspace, wanted.asked).await?;
    let (by, latest) = (wanted.asked.by.as_str(), wanted.asked.latest);
    let (from, to) = (wanted.asked.first.to_string(), wanted.asked.last.to_string());
    let lines = |rows: &mut dyn Iterator<Item = &Row>| rows.map(|row| line(&table, row)).collect();
    Ok(visit.page(&ReportsPage {
        shell: visit.shell("Reports", "reports").await?,
        reports: Report::ALL
            .iter()
            .map(|one| (one.as_str(), one.as_str().replace('-', " "), *one == report))
            .collect(),
        title: report.title(),
        about: wanted.about(lag),
        name: report.as_str(),
        from,
        to,
        bys: By::all().map(|one| (one.as_str(), one == wanted.asked.by)).collect(),
        latest,
        wrong,
        by,
        columns: table
            .columns
            .iter()
            .map(|column| (column.name.replace('_', " "), column.unit != Unit::Text))
            .collect(),
        rows: lines(&mut table.rows.iter()),
        ends: lines(&mut table.totals.iter().chain(&table.goals)),
        plots: table.plots(by),
        few: table.columns.len() <= COLUMNS_BESIDE_MAX,
    }))
}

fn line(table: &Table, row: &Row) -> (String, Vec<(String, bool)>) {
    let cells = row.cells.iter().zip(&table.columns);
    let shown =
        |(cell, column): (&crate::analyse::report::Cell, &crate::analyse::report::Column)| {
            (cell.shown(column.unit), column.unit != Unit::Text)
        };
    (row.value.clone(), cells.map(shown).collect())
}
