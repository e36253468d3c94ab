//! `lead-router inquiries`: one inquiry, its record, and what a person does with one that was not
//! understood or was filtered.

use std::io::{self, Write};

use clap::{Args, Subcommand};
use serde_json::json;

use super::client::{ServiceArgs, good, print, run_to_end};
use crate::domain::InquiryId;

/// Arguments of `inquiries`.
#[derive(Debug, Clone, Args)]
pub struct InquiriesArgs {
    #[command(flatten)]
    pub service: ServiceArgs,
    #[command(subcommand)]
    pub command: InquiriesCommand,
}

/// What to do with it.
#[derive(Debug, Clone, Subcommand)]
pub enum InquiriesCommand {
    /// Show what arrived and what became of it
    Show {
        #[arg(value_name = "INQUIRY")]
        id: InquiryId,
    },
    /// Say in words why it was decided as it was
    Record {
        #[arg(value_name = "INQUIRY")]
        id: InquiryId,
        /// The whole record as JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a body that could not be read
    Body {
        #[arg(value_name = "INQUIRY")]
        id: InquiryId,
    },
    /// Read a body again with the configuration of now
    Reprocess {
        #[arg(value_name = "INQUIRY")]
        id: InquiryId,
    },
    /// Give up a body that could not be read
    Discard {
        #[arg(value_name = "INQUIRY")]
        id: InquiryId,
    },
    /// A filtered one was no spam: decide it
    Release {
        #[arg(value_name = "INQUIRY")]
        id: InquiryId,
    },
    /// A filtered one was spam: remove it
    Remove {
        #[arg(value_name = "INQUIRY")]
        id: InquiryId,
    },
}

/// Asks a running service. `false` = not done; the reason was said.
///
/// # Errors
/// If nothing can be written.
pub fn run(
    args: &InquiriesArgs,
    env: &dyn Fn(&str) -> Option<String>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    run_to_end(async {
        let (client, workspace) = args.service.open(env).await?;
        let base = format!("/v1/{workspace}");
        let nothing = json!({});
        let answer = match &args.command {
            InquiriesCommand::Show { id } => client.get(&format!("{base}/inquiries/{id}")).await?,
            InquiriesCommand::Record { id, json } => {
                let body = good(client.get(&format!("{base}/inquiries/{id}/record")).await?)?;
                if *json {
                    return Ok(print(out, &body)?);
                }
                for sentence in body["sentences"].as_array().map_or(&[][..], Vec::as_slice) {
                    writeln!(out, "{}", sentence.as_str().unwrap_or_default())?;
                }
                return Ok(());
            }
            InquiriesCommand::Body { id } => client.get(&format!("{base}/unreadable/{id}")).await?,
            InquiriesCommand::Reprocess { id } => {
                client.post(&format!("{base}/unreadable/{id}/reprocess"), &nothing).await?
            }
            InquiriesCommand::Discard { id } => {
                client.delete(&format!("{base}/unreadable/{id}")).await?
            }
            InquiriesCommand::Release { id } => {
                client.post(&format!("{base}/filtered/{id}/release"), &nothing).await?
            }
            InquiriesCommand::Remove { id } => {
                client.delete(&format!("{base}/filtered/{id}")).await?
            }
        };
        Ok(print(out, &good(answer)?)?)
    })
}
