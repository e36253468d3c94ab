//! `lead-router spend`: reports what was spent, from a file.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::client::{ServiceArgs, good, run_to_end};

/// Arguments of `spend`.
#[derive(Debug, Clone, Args)]
pub struct SpendArgs {
    /// CSV with the columns id, source, channel, campaign, from, to, amount, currency; or the same as a JSON array
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub service: ServiceArgs,
}

/// Sends the file to a running service. `false` = not done; the reason was said.
///
/// # Errors
/// If nothing can be written.
pub fn run(
    args: &SpendArgs,
    env: &dyn Fn(&str) -> Option<String>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    run_to_end(async {
        let rows = std::fs::read_to_string(&args.file)?;
        let (client, workspace) = args.service.open(env).await?;
        let is_json = rows.trim_start().starts_with(['[', '{']);
        let kind = if is_json { "application/json" } else { "text/csv" };
        let path = format!("/v1/{workspace}/spend");
        let taken = good(client.post_as(&path, &[("content-type", kind)], rows).await?)?;
        let count = |name: &str| taken[name].as_u64().unwrap_or(0);
        writeln!(
            out,
            "{} new, {} corrected, {} unchanged",
            count("new"),
            count("corrected"),
            count("unchanged")
        )?;
        Ok(())
    })
}
