//! `lead-router export`: everything that happened, as CloudEvents, one a line.

use std::io::{self, Write};

use clap::Args;
use serde_json::Value;

use super::client::{ClientArgs, WorkspaceArgs, escaped, good, run_to_end};

/// Arguments of `export`.
#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    /// Go on behind this event's `position`; without it from the first one on
    #[arg(long, value_name = "POSITION")]
    pub after: Option<String>,
    /// At most so many events; without it all there are
    #[arg(long, value_name = "N")]
    pub limit: Option<u32>,
    #[command(flatten)]
    pub client: ClientArgs,
    #[command(flatten)]
    pub workspace: WorkspaceArgs,
}

/// Events asked for at once.
const PAGE: u32 = 10_000;

/// Asks a running service, page after page. `false` = not done; the reason was said.
///
/// # Errors
/// If nothing can be written.
pub fn run(
    args: &ExportArgs,
    env: &dyn Fn(&str) -> Option<String>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    run_to_end(async {
        let client = args.client.client(env)?;
        let workspace = args.workspace.name(&client).await?;
        let (mut after, mut left) = (args.after.clone(), args.limit.unwrap_or(u32::MAX));
        while left > 0 {
            let page = left.min(PAGE);
            let mut path = format!("/v1/{workspace}/export?limit={page}");
            if let Some(after) = &after {
                path = format!("{path}&after={}", escaped(after));
            }
            let lines = match good(client.get(&path).await?)? {
                Value::String(lines) => lines,
                Value::Null => break,
                // A single line is JSON by itself.
                one => format!("{one}\n"),
            };
            write!(out, "{lines}")?;
            let count = u32::try_from(lines.lines().count()).unwrap_or(u32::MAX);
            let last = lines.lines().last().and_then(|line| serde_json::from_str(line).ok());
            let last: Value = last.unwrap_or_default();
            after = last["position"].as_str().map(str::to_owned);
            if count < page || after.is_none() {
                break;
            }
            left -= count;
        }
        Ok(())
    })
}
