//! `lead-router explain ID`: why a lead went where it went, in words that can be read aloud.

use std::io::{self, Write};

use clap::Args;
use serde_json::Value;

use super::client::{ClientError, ServiceArgs, escaped, good, print, run_to_end};
use crate::domain::{InquiryId, LeadId};

/// Arguments of `explain`.
#[derive(Debug, Clone, Args)]
pub struct ExplainArgs {
    /// An inquiry, or a lead: then its last inquiry
    #[arg(value_name = "ID")]
    pub id: String,
    /// Decide it again by another configuration: the hash of one that was in force, or `current`
    #[arg(long, value_name = "VERSION")]
    pub at: Option<String>,
    /// Everything as JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub service: ServiceArgs,
}

/// Asks a running service. `false` = not done; the reason was said.
///
/// # Errors
/// If nothing can be written.
pub fn run(
    args: &ExplainArgs,
    env: &dyn Fn(&str) -> Option<String>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    run_to_end(async {
        let (client, workspace) = args.service.open(env).await?;
        let id = if args.id.parse::<InquiryId>().is_ok() {
            args.id.clone()
        } else if args.id.parse::<LeadId>().is_ok() {
            let lead = good(client.get(&format!("/v1/{workspace}/leads/{}", args.id)).await?)?;
            let last = lead["touches"].as_array().and_then(|touches| touches.last());
            let last = last.unwrap_or(&lead["first_touch"])["inquiry"].as_str();
            last.ok_or(ClientError::Unknown)?.to_owned()
        } else {
            let said = "give the id of an inquiry (inq_…) or of a lead (lead_…); `lead-router find` finds it";
            return Err(ClientError::Refused(said.to_owned()));
        };
        let at = args.at.as_deref().map_or_else(String::new, |at| format!("?at={}", escaped(at)));
        let path = format!("/v1/{workspace}/inquiries/{id}/explanation{at}");
        let body = good(client.get(&path).await?)?;
        if args.json {
            return Ok(print(out, &body)?);
        }
        Ok(aloud(out, &body)?)
    })
}

fn aloud(out: &mut dyn Write, body: &Value) -> io::Result<()> {
    sentences(out, &body["sentences"], "")?;
    if body["changed_since"] == true {
        writeln!(
            out,
            "(Inquiries came after this one: reasons are looked up in what is known now.)"
        )?;
    }
    let again = &body["at"];
    let Some(by) = again["configuration"].as_str() else { return Ok(()) };
    writeln!(out, "\nBy configuration {by}, on what is known now:")?;
    let differences = again["differences"].as_array().map_or(&[][..], Vec::as_slice);
    if differences.is_empty() {
        return writeln!(out, "  the same.");
    }
    for difference in differences {
        let text = |key: &str| difference[key].as_str().unwrap_or_default();
        writeln!(out, "  {}: {} -> {}", text("what"), text("was"), text("would_be"))?;
    }
    writeln!(out)?;
    sentences(out, &again["sentences"], "  ")
}

fn sentences(out: &mut dyn Write, said: &Value, before: &str) -> io::Result<()> {
    let said = said.as_array().map_or(&[][..], Vec::as_slice);
    said.iter().try_for_each(|line| writeln!(out, "{before}{}", line.as_str().unwrap_or_default()))
}
