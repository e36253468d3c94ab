//! `lead-router members`: who gets leads, and who is away.

use std::io::{self, Write};

use clap::{Args, Subcommand};
use serde_json::json;

use super::client::{ServiceArgs, good, print, run_to_end};
use crate::domain::Name;

/// Arguments of `members`.
#[derive(Debug, Clone, Args)]
pub struct MembersArgs {
    #[command(flatten)]
    pub service: ServiceArgs,
    #[command(subcommand)]
    pub command: MembersCommand,
}

/// What to say about a member.
#[derive(Debug, Clone, Subcommand)]
pub enum MembersCommand {
    /// Show the pools: shares, caps, who is away and why
    List,
    /// Give somebody nothing more until resumed
    Pause {
        #[arg(value_name = "MEMBER")]
        member: Name,
    },
    /// Give somebody leads again, whatever the configuration says
    Resume {
        #[arg(value_name = "MEMBER")]
        member: Name,
    },
    /// Add days off, both included
    TimeOff {
        #[arg(value_name = "MEMBER")]
        member: Name,
        /// The first day, such as 2026-08-01
        #[arg(value_name = "DAY")]
        from: String,
        /// The last day; without it only the first
        #[arg(value_name = "DAY")]
        to: Option<String>,
    },
    /// Take back the days off that were added
    ClearTimeOff {
        #[arg(value_name = "MEMBER")]
        member: Name,
    },
}

/// Asks a running service. `false` = not done; the reason was said.
///
/// # Errors
/// If nothing can be written.
pub fn run(
    args: &MembersArgs,
    env: &dyn Fn(&str) -> Option<String>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    run_to_end(async {
        let (client, workspace) = args.service.open(env).await?;
        let base = format!("/v1/{workspace}/members");
        let body = match &args.command {
            MembersCommand::List => client.get(&format!("/v1/{workspace}/pools")).await?,
            MembersCommand::Pause { member } => {
                client.post(&format!("{base}/{member}/pause"), &json!({})).await?
            }
            MembersCommand::Resume { member } => {
                client.post(&format!("{base}/{member}/resume"), &json!({})).await?
            }
            MembersCommand::TimeOff { member, from, to } => {
                let days = json!({ "from": from, "to": to });
                client.post(&format!("{base}/{member}/time-off"), &days).await?
            }
            MembersCommand::ClearTimeOff { member } => {
                client.post(&format!("{base}/{member}/clear-time-off"), &json!({})).await?
            }
        };
        Ok(print(out, &good(body)?)?)
    })
}
