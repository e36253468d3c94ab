//! `lead-router dispositions`: what sales says back, from the command line or a table.

use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Map, Value};

use super::client::{ClientError, ServiceArgs, escaped, good, print, print_line, run_to_end};
use crate::domain::{LeadId, Name};

/// Arguments of `dispositions`.
#[derive(Debug, Clone, Args)]
pub struct DispositionsArgs {
    #[command(flatten)]
    pub service: ServiceArgs,
    #[command(subcommand)]
    pub command: DispositionsCommand,
}

/// What to say.
#[derive(Debug, Clone, Subcommand)]
pub enum DispositionsCommand {
    /// Say one thing about one lead
    Say(Box<SayArgs>),
    /// Upload a table: a result for each row
    Upload {
        /// A CSV file with a header; `-` reads the standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The destination whose ids stand in the table, if no column says it
        #[arg(long, value_name = "NAME")]
        destination: Option<Name>,
    },
}

/// One thing said.
#[derive(Debug, Clone, Args)]
pub struct SayArgs {
    #[arg(value_name = "LEAD")]
    pub lead: LeadId,
    /// Such as accepted, contacted, qualified, won, lost, no_budget
    #[arg(value_name = "DISPOSITION")]
    pub disposition: String,
    /// When it happened, if not now: a time or a day
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// With `won`: what they bought for
    #[arg(long, value_name = "AMOUNT")]
    pub amount: Option<String>,
    #[arg(long, value_name = "CURRENCY")]
    pub currency: Option<String>,
    /// Why, in a word
    #[arg(long, value_name = "WORD")]
    pub reason: Option<String>,
    /// When it is worth another try
    #[arg(long, value_name = "DAY")]
    pub revisit_at: Option<String>,
}

/// Asks a running service. `false` = not done, or not all of it; the reasons were said.
///
/// # Errors
/// If nothing can be written.
pub fn run(
    args: &DispositionsArgs,
    env: &dyn Fn(&str) -> Option<String>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    run_to_end(async {
        let (client, workspace) = args.service.open(env).await?;
        let path = format!("/v1/{workspace}/dispositions");
        match &args.command {
            DispositionsCommand::Say(said) => {
                let body = good(client.post(&path, &said.body()).await?)?;
                Ok(print(out, &body)?)
            }
            DispositionsCommand::Upload { file, destination } => {
                let query = destination.as_ref().map_or_else(String::new, |name| {
                    format!("?destination={}", escaped(name.as_str()))
                });
                let table = [("content-type", "text/csv")];
                let answer = client.post_as(&format!("{path}{query}"), &table, read(file)?).await?;
                results(out, &good(answer)?)
            }
        }
    })
}

impl SayArgs {
    fn body(&self) -> Value {
        let mut body = Map::new();
        body.insert("lead_id".to_owned(), self.lead.to_string().into());
        body.insert("disposition".to_owned(), self.disposition.as_str().into());
        for (name, value) in [
            ("at", &self.at),
            ("amount", &self.amount),
            ("currency", &self.currency),
            ("reason", &self.reason),
            ("revisit_at", &self.revisit_at),
        ] {
            if let Some(value) = value {
                body.insert(name.to_owned(), value.as_str().into());
            }
        }
        Value::Object(body)
    }
}

fn read(file: &Path) -> Result<String, ClientError> {
    let mut text = String::new();
    if file.as_os_str() == "-" {
        io::stdin().read_to_string(&mut text)?;
    } else {
        text = std::fs::read_to_string(file)
            .map_err(|error| ClientError::Refused(format!("{}: {error}", file.display())))?;
    }
    Ok(text)
}

/// One line a row. Rows that were refused make it fail.
fn results(out: &mut dyn Write, body: &Value) -> Result<(), ClientError> {
    let rows = body["results"].as_array().map_or(&[][..], Vec::as_slice);
    let mut refused = 0;
    for (index, row) in rows.iter().enumerate() {
        write!(out, "{}  ", index + 1)?;
        if row["outcome"] == "success" {
            write!(out, "{}  ", row["status"].as_str().unwrap_or_default())?;
            print_line(out, &row["lead"], &["id", "stage", "queue", "owner"])?;
        } else {
            refused += 1;
            print_line(out, row, &["code", "detail"])?;
        }
    }
    if refused == 0 {
        return Ok(());
    }
    Err(ClientError::Refused(format!("{refused} of {} rows were refused", rows.len())))
}
