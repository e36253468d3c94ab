//! `lead-router find`: where is my lead?

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::client::{ServiceArgs, good, print, print_line, run_to_end};
use crate::domain::Name;

/// Arguments of `find`.
#[derive(Debug, Clone, Args)]
pub struct FindArgs {
    #[command(flatten)]
    pub service: ServiceArgs,
    /// An e-mail address, a phone number, an id of any kind, a time (2026-03-01, yesterday, 14:30, 2h,
    /// 09:00..11:00), or a source
    #[arg(value_name = "WHAT", required_unless_present_any = ["from", "source"])]
    pub what: Option<String>,
    /// Only from this time on; without WHAT: what happened then, oldest first
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Only until this time (usually now)
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    /// Only of this source
    #[arg(long, value_name = "NAME")]
    pub source: Option<Name>,
    /// At most so many rows of what happened
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub limit: u32,
    /// How to answer
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// For people or for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// In sentences
    Text,
    /// The whole answer of the API
    Json,
}

/// Asks a running service. `false` = not done; the reason was said.
///
/// # Errors
/// If nothing can be written.
pub fn run(
    args: &FindArgs,
    env: &dyn Fn(&str) -> Option<String>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    run_to_end(async {
        let (client, workspace) = args.service.open(env).await?;
        let mut asking = json!({"limit": args.limit});
        let source = args.source.as_ref().map(ToString::to_string);
        let given = [
            ("q", args.what.clone()),
            ("from", args.from.clone()),
            ("to", args.to.clone()),
            ("source", source),
        ];
        for (key, value) in given {
            if let Some(value) = value {
                asking[key] = value.into();
            }
        }
        // In the body: what was asked for may be personal data, and URLs end up in logs.
        let body = good(client.post(&format!("/v1/{workspace}/find"), &asking).await?)?;
        match args.format {
            Format::Json => print(out, &body)?,
            Format::Text => tell(&body, out)?,
        }
        Ok(())
    })
}

/// Members of a row that are shown.
const MEMBERS: [&str; 14] = [
    "at",
    "fact",
    "inquiry",
    "lead",
    "source",
    "status",
    "category",
    "queue",
    "owner",
    "rule",
    "actor",
    "delivery",
    "destination",
    "reason",
];

/// What was found, each thing with what is said of it below; then what happened; then the rest.
fn tell(body: &Value, out: &mut dyn Write) -> io::Result<()> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    for item in list(&body["found"]) {
        let kind = item["kind"].as_str().unwrap_or_default();
        let parts = ["name", "company"].map(|member| item[member].as_str());
        let who = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        writeln!(out, "{}", [kind, who.as_str()].join(" ").trim_end())?;
        let said = match &item["in_words"] {
            Value::String(text) => vec![text.clone().into()],
            said => list(said),
        };
        for line in said {
            writeln!(out, "  {}", line.as_str().unwrap_or_default())?;
        }
    }
    for row in list(&body["happened"]) {
        print_line(out, &row, &MEMBERS)?;
    }
    if list(&body["found"]).is_empty() {
        for line in list(&body["in_words"]) {
            writeln!(out, "{}", line.as_str().unwrap_or_default())?;
        }
    }
    for line in list(&body["try_next"]) {
        writeln!(out, "try: {}", line.as_str().unwrap_or_default())?;
    }
    Ok(())
}
