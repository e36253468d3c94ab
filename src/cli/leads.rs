//! `lead-router leads`: one lead, and what a person does with it.

use std::io::{self, Write};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::client::{ServiceArgs, good, print, run_to_end};
use crate::domain::{LeadId, Name};

/// Arguments of `leads`.
#[derive(Debug, Clone, Args)]
pub struct LeadsArgs {
    #[command(flatten)]
    pub service: ServiceArgs,
    #[command(subcommand)]
    pub command: LeadsCommand,
}

/// What to do with it.
#[derive(Debug, Clone, Subcommand)]
pub enum LeadsCommand {
    /// Show it with its touches, score and deliveries
    Show {
        #[arg(value_name = "LEAD")]
        id: LeadId,
    },
    /// Hand it to a member, into a queue, or both
    Assign {
        #[arg(value_name = "LEAD")]
        id: LeadId,
        #[arg(long, value_name = "NAME", required_unless_present = "queue")]
        member: Option<Name>,
        #[arg(long, value_name = "NAME")]
        queue: Option<Name>,
    },
    /// Try again for one that waits in triage
    Release {
        #[arg(value_name = "LEAD")]
        id: LeadId,
    },
    /// Qualify and route it afresh
    Redecide {
        #[arg(value_name = "LEAD")]
        id: LeadId,
    },
    /// Merge it into another one of the same person
    Merge {
        #[arg(value_name = "LEAD")]
        id: LeadId,
        /// The one that stays
        #[arg(long, value_name = "LEAD")]
        into: LeadId,
    },
    /// Part it from the one it was merged into
    Unmerge {
        #[arg(value_name = "LEAD")]
        id: LeadId,
    },
    /// Say that it is not the same person as another one
    Distinguish {
        #[arg(value_name = "LEAD")]
        id: LeadId,
        /// The other one
        #[arg(long, value_name = "LEAD")]
        from: LeadId,
    },
    /// Give it up; it is kept
    Discard {
        #[arg(value_name = "LEAD")]
        id: LeadId,
        /// Why: one word, kept in the journal
        #[arg(long, value_name = "WORD")]
        reason: Option<Name>,
    },
}

/// Asks a running service. `false` = not done; the reason was said.
///
/// # Errors
/// If nothing can be written.
pub fn run(
    args: &LeadsArgs,
    env: &dyn Fn(&str) -> Option<String>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    run_to_end(async {
        let (client, workspace) = args.service.open(env).await?;
        let base = format!("/v1/{workspace}/leads");
        let body = match &args.command {
            LeadsCommand::Show { id } => client.get(&format!("{base}/{id}")).await?,
            LeadsCommand::Assign { id, member, queue } => {
                let body = said(&[("member", member.as_ref()), ("queue", queue.as_ref())]);
                client.post(&format!("{base}/{id}/assign"), &body).await?
            }
            LeadsCommand::Release { id } => {
                client.post(&format!("{base}/{id}/release"), &json!({})).await?
            }
            LeadsCommand::Redecide { id } => {
                client.post(&format!("{base}/{id}/redecide"), &json!({})).await?
            }
            LeadsCommand::Merge { id, into } => {
                let body = json!({"into": into.to_string()});
                client.post(&format!("{base}/{id}/merge"), &body).await?
            }
            LeadsCommand::Unmerge { id } => {
                client.post(&format!("{base}/{id}/unmerge"), &json!({})).await?
            }
            LeadsCommand::Distinguish { id, from } => {
                let body = json!({"from": from.to_string()});
                client.post(&format!("{base}/{id}/distinguish"), &body).await?
            }
            LeadsCommand::Discard { id, reason } => {
                let body = said(&[("reason", reason.as_ref())]);
                client.post(&format!("{base}/{id}/discard"), &body).await?
            }
        };
        Ok(print(out, &good(body)?)?)
    })
}

fn said(members: &[(&str, Option<&Name>)]) -> Value {
    members
        .iter()
        .filter_map(|(member, name)| {
            Some(((*member).to_owned(), Value::from(name.as_ref()?.as_str())))
        })
        .collect::<serde_json::Map<_, _>>()
        .into()
}
