//! `lead-router report`: figures as a table with small plots, as CSV, JSON, or one HTML page.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use super::client::{ServiceArgs, escaped, good, print, run_to_end};
use crate::analyse::report::{Cell, Unit, sparkline};

/// Arguments of `report`.
#[derive(Debug, Clone, Args)]
pub struct ReportArgs {
    /// funnel, activity, costs, speed, business-speed, sla, follow-up, fairness, reasons or calibration; `rebuild` has all sums made anew
    #[arg(value_name = "NAME", default_value = "funnel")]
    pub name: String,
    /// all, source, channel, campaign, source/campaign, medium, category, pool, owner, version, score or day
    #[arg(long, value_name = "WHAT")]
    pub by: Option<String>,
    /// The first day, such as 2026-02-01; usually the last thirty days
    #[arg(long, value_name = "DAY")]
    pub from: Option<String>,
    /// The last day; usually today
    #[arg(long, value_name = "DAY")]
    pub to: Option<String>,
    /// For which of a lead's inquiries counts what became of it: first or latest
    #[arg(long, value_name = "WHICH")]
    pub attribution: Option<String>,
    /// As CSV
    #[arg(long, conflicts_with_all = ["json", "html"])]
    pub csv: bool,
    /// As JSON
    #[arg(long, conflicts_with = "html")]
    pub json: bool,
    /// As one page with plots, into a file
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// At most so many rows of the table
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub top: usize,
    #[command(flatten)]
    pub service: ServiceArgs,
}

/// Asks a running service. `false` = not done; the reason was said.
///
/// # Errors
/// If nothing can be written.
pub fn run(
    args: &ReportArgs,
    env: &dyn Fn(&str) -> Option<String>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    run_to_end(async {
        let (client, workspace) = args.service.open(env).await?;
        if args.name == "rebuild" {
            let path = format!("/v1/{workspace}/reports/rebuild");
            good(client.post(&path, &Value::Null).await?)?;
            return Ok(writeln!(
                out,
                "begun: reports say that they are not complete until it is done"
            )?);
        }
        let format = match (&args.html, args.csv) {
            (Some(_), _) => "html",
            (None, true) => "csv",
            (None, false) => "json",
        };
        let body = good(client.get(&path(args, workspace.as_str(), format)).await?)?;
        match (&args.html, args.csv || args.json) {
            (Some(file), _) => {
                std::fs::write(file, body.as_str().unwrap_or_default())?;
                writeln!(out, "{}", file.display())?;
            }
            (None, true) if args.csv => write!(out, "{}", body.as_str().unwrap_or_default())?,
            (None, true) => print(out, &body)?,
            (None, false) => table(out, &body, args.top)?,
        }
        Ok(())
    })
}

fn path(args: &ReportArgs, workspace: &str, format: &str) -> String {
    let asked = [
        ("by", &args.by),
        ("from", &args.from),
        ("to", &args.to),
        ("attribution", &args.attribution),
    ];
    let mut path = format!(
        "/v1/{workspace}/reports/{}?format={format}&series={}",
        escaped(&args.name),
        format == "json" && !args.json
    );
    for (name, value) in asked {
        if let Some(value) = value {
            path = format!("{path}&{name}={}", escaped(value));
        }
    }
    path
}

/// Widths of the small plots.
const POINTS: usize = 24;

fn table(out: &mut dyn Write, body: &Value, top: usize) -> io::Result<()> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    writeln!(
        out,
        "{}, {} to {}, for the {} inquiry",
        text(&body["title"]),
        text(&body["from"]),
        text(&body["to"]),
        text(&body["attribution"])
    )?;
    if body["as_of"]["complete"] == false {
        writeln!(out, "not complete: the sums are being made anew")?;
    }
    writeln!(out)?;
    let listed = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let columns: Vec<(String, Unit)> = listed(&body["columns"])
        .iter()
        .map(|column| (text(&column["name"]), unit(&text(&column["unit"]))))
        .collect();
    let rows = listed(&body["rows"]);
    let more = rows.len().saturating_sub(top);
    let ends: Vec<Value> =
        listed(&body["totals"]).into_iter().chain(body.get("goals").cloned()).collect();
    let mut lines = vec![head(&text(&body["by"]), &columns)];
    lines.extend(rows.iter().take(top).chain(&ends).map(|row| line(row, &columns)));
    let widths: Vec<usize> = (0..=columns.len())
        .map(|place| lines.iter().map(|line| line[place].chars().count()).max().unwrap_or(0))
        .collect();
    for line in &lines {
        let mut shown = format!("{:<width$}", line[0], width = widths[0]);
        for (place, (_, unit)) in columns.iter().enumerate() {
            let (cell, width) = (&line[place + 1], widths[place + 1]);
            shown = match unit {
                Unit::Text => format!("{shown}  {cell:<width$}"),
                _ => format!("{shown}  {cell:>width$}"),
            };
        }
        if let Some(plot) = line.last().filter(|_| line.len() > columns.len() + 1) {
            shown = format!("{shown}  {plot}");
        }
        writeln!(out, "{}", shown.trim_end())?;
    }
    if more > 0 {
        writeln!(out, "… and {more} more: --top")?;
    }
    Ok(())
}

fn head(by: &str, columns: &[(String, Unit)]) -> Vec<String> {
    let names = columns.iter().map(|(name, _)| name.replace('_', " "));
    std::iter::once(by.to_owned()).chain(names).collect()
}

fn line(row: &Value, columns: &[(String, Unit)]) -> Vec<String> {
    let mut line = vec![row["value"].as_str().unwrap_or_default().to_owned()];
    line.extend(columns.iter().map(|(name, unit)| figure(&row[name.as_str()], *unit)));
    let series: Vec<i64> =
        row["series"].as_array().into_iter().flatten().filter_map(Value::as_i64).collect();
    if series.len() > 1 {
        line.push(sparkline(&series, POINTS));
    }
    line
}

fn unit(name: &str) -> Unit {
    match name {
        "share" => Unit::Share,
        "amount" => Unit::Amount,
        "seconds" => Unit::Seconds,
        "times" => Unit::Times,
        "text" => Unit::Text,
        _ => Unit::Count,
    }
}

/// As the service's own pages show it.
fn figure(value: &Value, unit: Unit) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "figures are far below 2^53")]
    let times = |by: f64| value.as_f64().map(|number| (number * by).round() as i64);
    let cell = match (value, unit) {
        (Value::Null, _) => Some(Cell::Blank),
        (Value::String(text), _) => Some(Cell::Text(text.clone())),
        (_, Unit::Share | Unit::Times) => times(10_000.0).map(Cell::Share),
        (_, Unit::Amount) => times(100.0).map(Cell::Amount),
        (_, Unit::Seconds) => {
            value.as_u64().and_then(|seconds| u32::try_from(seconds).ok()).map(Cell::Seconds)
        }
        _ => value.as_i64().map(Cell::Count),
    };
    cell.unwrap_or(Cell::Blank).shown(unit)
}
