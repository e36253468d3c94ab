//! `lead-router deliveries`: what was given up, replayed or dropped; destinations paused or resumed.

use std::io::{self, Write};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::client::{ClientError, ServiceArgs, escaped, good, print, print_line, run_to_end};
use super::dead::{Replay, WHICH, WhichArgs, count, would_replay};
use super::export::print_lines;
use crate::domain::{DeliveryId, Name};
use crate::egress::LocalClient;

/// Arguments of `deliveries`.
#[derive(Debug, Clone, Args)]
pub struct DeliveriesArgs {
    #[command(flatten)]
    pub service: ServiceArgs,
    #[command(subcommand)]
    pub command: DeliveriesCommand,
}

/// What to do with them.
#[derive(Debug, Clone, Subcommand)]
pub enum DeliveriesCommand {
    /// List them by how they stand: dead ones (usually), waiting, leased, paused, lately delivered
    List {
        /// `dead`, `waiting`, `leased`, `paused` or `delivered`
        #[arg(long, value_name = "STATE", default_value = "dead")]
        state: String,
        #[command(flatten)]
        which: WhichArgs,
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = 100)]
        limit: u32,
    },
    /// Count dead ones, by destination and kind, with the age of the oldest
    Count,
    /// Print dead ones as JSON, one a line, newest first: ids, attempts and codes, nothing about a person
    Export {
        #[command(flatten)]
        which: WhichArgs,
        /// At most so many; without it all there are
        #[arg(long, value_name = "N")]
        limit: Option<u32>,
    },
    /// Show one with its attempts
    Show {
        #[arg(value_name = "DELIVERY")]
        id: DeliveryId,
    },
    /// Run dead ones again, under their ids
    Replay {
        #[arg(value_name = "DELIVERY", required_unless_present_any = WHICH, conflicts_with_all = WHICH)]
        ids: Vec<DeliveryId>,
        #[command(flatten)]
        which: WhichArgs,
        /// All there are
        #[arg(long)]
        all: bool,
        /// Only say what would be done
        #[arg(long)]
        dry_run: bool,
        /// At most so many
        #[arg(long, value_name = "N")]
        limit: Option<u32>,
    },
    /// Give dead ones up for good
    Drop {
        #[arg(value_name = "DELIVERY", required = true)]
        ids: Vec<DeliveryId>,
        /// Why: one word, kept in the journal and with the lead
        #[arg(long, value_name = "WORD")]
        reason: Name,
    },
    /// List destinations and how their queues look
    Destinations,
    /// Stop sending to a destination until it is resumed
    Pause {
        #[arg(value_name = "DESTINATION")]
        destination: Name,
    },
    /// Send to a paused destination again
    Resume {
        #[arg(value_name = "DESTINATION")]
        destination: Name,
    },
}

/// Members shown of each destination.
const DESTINATION: [&str; 10] = [
    "name",
    "state",
    "paused_reason",
    "paused_until",
    "ready",
    "delayed",
    "leased",
    "oldest_seconds",
    "preset",
    "tier",
];

/// Runs the command against a running service. `false` = not done; the reason was said.
///
/// # Errors
/// If nothing can be written.
pub fn run(
    args: &DeliveriesArgs,
    env: &dyn Fn(&str) -> Option<String>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    run_to_end(async {
        let (client, workspace) = args.service.open(env).await?;
        let base = format!("/v1/{workspace}");
        work(&client, &base, &args.command, out).await
    })
}

async fn work(
    client: &LocalClient,
    base: &str,
    command: &DeliveriesCommand,
    out: &mut dyn Write,
) -> Result<(), ClientError> {
    match command {
        DeliveriesCommand::List { state, which, limit } => {
            let wanted = format!("state={}{}", escaped(state), which.query());
            list(client, base, &wanted, *limit, out).await
        }
        DeliveriesCommand::Count => {
            count(&good(client.get(&format!("{base}/deliveries/dead")).await?)?, out)
        }
        DeliveriesCommand::Export { which, limit } => {
            let path =
                format!("{base}/deliveries/export?{}&", which.query().trim_start_matches('&'));
            print_lines(client, &path, ("before", None), *limit, out).await
        }
        DeliveriesCommand::Show { id } => {
            let body = good(client.get(&format!("{base}/deliveries/{id}")).await?)?;
            Ok(print(out, &body)?)
        }
        DeliveriesCommand::Replay { ids, which, dry_run, limit, .. } if ids.is_empty() => {
            let replay = Replay { client, base, which, limit: *limit };
            if *dry_run { replay.dry_run(out).await } else { replay.run(out).await }
        }
        DeliveriesCommand::Replay { ids, dry_run, .. } => {
            for id in ids {
                if *dry_run {
                    would_replay(client, base, id, out).await?;
                    continue;
                }
                good(client.post(&format!("{base}/deliveries/{id}/replay"), &json!({})).await?)?;
                writeln!(out, "{id}  replayed")?;
            }
            Ok(())
        }
        DeliveriesCommand::Drop { ids, reason } => {
            let body = json!({"reason": reason});
            for id in ids {
                good(client.post(&format!("{base}/deliveries/{id}/drop"), &body).await?)?;
                writeln!(out, "{id}  dropped")?;
            }
            Ok(())
        }
        DeliveriesCommand::Destinations => {
            let body = good(client.get(&format!("{base}/destinations")).await?)?;
            destinations(&body, out)
        }
        DeliveriesCommand::Pause { destination } => {
            let path = format!("{base}/destinations/{destination}/pause");
            destinations(&good(client.post(&path, &json!({})).await?)?, out)
        }
        DeliveriesCommand::Resume { destination } => {
            let path = format!("{base}/destinations/{destination}/resume");
            destinations(&good(client.post(&path, &json!({})).await?)?, out)
        }
    }
}

/// Pages until `limit` are shown; then how far it was looked, where that is not all there is.
async fn list(
    client: &LocalClient,
    base: &str,
    wanted: &str,
    limit: u32,
    out: &mut dyn Write,
) -> Result<(), ClientError> {
    let mut left = limit;
    let mut before: Option<String> = None;
    let (mut shown, mut of) = (0, None);
    while left > 0 {
        let mut path = format!("{base}/deliveries?{wanted}&limit={}", left.min(200));
        path.extend(before.as_ref().map(|before| format!("&before={before}")));
        let body = good(client.get(&path).await?)?;
        let items = body["items"].as_array().map_or(&[][..], Vec::as_slice);
        for item in items {
            let mut line = item.clone();
            line["last"] = last(item);
            print_line(
                out,
                &line,
                &[
                    "id",
                    "state",
                    "destination",
                    "event_type",
                    "lead",
                    "due",
                    "ended_at",
                    "tried",
                    "kind",
                    "last",
                ],
            )?;
        }
        shown += items.len() as u64;
        of = body["of"].as_u64();
        left -= u32::try_from(items.len()).unwrap_or(left).min(left);
        before = body["next"].as_str().map(str::to_owned);
        if before.is_none() {
            break;
        }
    }
    match of {
        Some(of) if of > shown => writeln!(out, "{shown} of {of}")?,
        _ if shown == 0 => writeln!(out, "there is none")?,
        _ => {}
    }
    Ok(())
}

/// What the newest attempt met: a status, or a word.
fn last(item: &Value) -> Value {
    let attempt = item["attempts"].as_array().and_then(|all| all.last());
    attempt.map_or(Value::Null, |last| match &last["http_status"] {
        Value::Null => last["error"].clone(),
        status => status.clone(),
    })
}

fn destinations(body: &Value, out: &mut dyn Write) -> Result<(), ClientError> {
    for item in body["destinations"].as_array().map_or(&[][..], Vec::as_slice) {
        print_line(out, item, &DESTINATION)?;
    }
    Ok(())
}
