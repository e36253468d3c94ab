//! `lead-router people`: what a person may ask for: everything that is held about them, and to be forgotten.

use std::io::{self, Write};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::client::{ServiceArgs, good, print, run_to_end};
use crate::domain::Name;

/// Arguments of `people`.
#[derive(Debug, Clone, Args)]
pub struct PeopleArgs {
    #[command(flatten)]
    pub service: ServiceArgs,
    #[command(subcommand)]
    pub command: PeopleCommand,
}

/// What is asked for.
#[derive(Debug, Clone, Subcommand)]
pub enum PeopleCommand {
    /// Everything that is held about a person, as JSON
    Access {
        #[command(flatten)]
        whom: WhomArgs,
    },
    /// Forget a person. Without --yes it only says what would go
    Erase {
        #[command(flatten)]
        whom: WhomArgs,
        /// Why: one word, kept in the journal
        #[arg(long, value_name = "WORD")]
        reason: Option<Name>,
        /// Do it. It cannot be undone
        #[arg(long)]
        yes: bool,
    },
}

/// Who is meant.
#[derive(Debug, Clone, Args)]
pub struct WhomArgs {
    /// An e-mail address, a phone number, another system's id, or the id of a lead or an inquiry
    #[arg(value_name = "WHOM")]
    pub whom: String,
    /// Everybody who is found, if they are several
    #[arg(long)]
    pub all: bool,
}

/// Asks a running service. `false` = not done; the reason was said.
///
/// # Errors
/// If nothing can be written.
pub fn run(
    args: &PeopleArgs,
    env: &dyn Fn(&str) -> Option<String>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    run_to_end(async {
        let (client, workspace) = args.service.open(env).await?;
        // In the body: who is meant is personal data, and URLs end up in logs.
        match &args.command {
            PeopleCommand::Access { whom } => {
                let asking = json!({"q": whom.whom, "all": whom.all});
                let body = client.post(&format!("/v1/{workspace}/access"), &asking).await?;
                print(out, &good(body)?)?;
            }
            PeopleCommand::Erase { whom, reason, yes } => {
                let mut asking = json!({"q": whom.whom, "all": whom.all, "dry_run": !yes});
                if let Some(reason) = reason {
                    asking["reason"] = reason.as_str().into();
                }
                let body = client.post(&format!("/v1/{workspace}/erasures"), &asking).await?;
                tell(&good(body)?, out)?;
            }
        }
        Ok(())
    })
}

fn tell(body: &Value, out: &mut dyn Write) -> io::Result<()> {
    let dry = body["dry_run"].as_bool().unwrap_or_default();
    let list = |member: &str| -> Vec<String> {
        let all = body[member].as_array().into_iter().flatten();
        all.filter_map(|one| one.as_str().map(str::to_owned)).collect()
    };
    let count = |member: &str| body[member].as_u64().unwrap_or_default();
    let leads = list("leads");
    writeln!(
        out,
        "{}: {} record(s), {} inquiries, {} set aside, {} unread bodies",
        if dry { "would go" } else { "gone" },
        leads.len(),
        count("inquiries"),
        count("set_aside"),
        count("bodies"),
    )?;
    leads.iter().try_for_each(|lead| writeln!(out, "  {lead}"))?;
    let told = list("told");
    if !told.is_empty() {
        writeln!(out, "told of them before: {}", told.join(", "))?;
    }
    if dry {
        writeln!(out, "nothing was done: say --yes to do it; it cannot be undone")?;
    }
    Ok(())
}
