//! `lead-router export`: everything that happened, as CloudEvents, one a line.

use std::io::{self, Write};

use clap::Args;
use serde_json::Value;

use super::client::{ClientError, ServiceArgs, escaped, good, run_to_end};
use crate::egress::LocalClient;

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
    pub service: ServiceArgs,
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
        let (client, workspace) = args.service.open(env).await?;
        let after = args.after.as_ref().map(|after| format!("&after={}", escaped(after)));
        let path = format!("/v1/{workspace}/export?");
        print_lines(&client, &path, ("after", after), args.limit, out).await
    })
}

/// Prints lines that end in their `position`, page after page, each asked for behind the last line's; `from` = what such
/// a place is called there, and how the first page's is asked for.
///
/// # Errors
/// If the service does not answer, or nothing can be written.
pub(super) async fn print_lines(
    client: &LocalClient,
    path: &str,
    from: (&str, Option<String>),
    limit: Option<u32>,
    out: &mut dyn Write,
) -> Result<(), ClientError> {
    let (mut from, name) = (from.1, from.0);
    let mut left = limit.unwrap_or(u32::MAX);
    while left > 0 {
        let page = left.min(PAGE);
        let place = from.as_deref().unwrap_or_default();
        let lines = match good(client.get(&format!("{path}limit={page}{place}")).await?)? {
            Value::String(lines) => lines,
            Value::Null => break,
            // A single line is JSON by itself.
            one => format!("{one}\n"),
        };
        write!(out, "{lines}")?;
        let count = u32::try_from(lines.lines().count()).unwrap_or(u32::MAX);
        let last = lines.lines().last().and_then(|line| serde_json::from_str(line).ok());
        let last: Value = last.unwrap_or_default();
        from = last["position"].as_str().map(|at| format!("&{name}={}", escaped(at)));
        if count < page || from.is_none() {
            break;
        }
        left -= count;
    }
    Ok(())
}
