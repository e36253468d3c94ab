//! `lead-router find`: where is my lead?

use std::io::{self, Write};

use clap::Args;

use super::client::{ClientArgs, WorkspaceArgs, escaped, good, print, print_line, run_to_end};

/// Arguments of `find`.
#[derive(Debug, Clone, Args)]
pub struct FindArgs {
    #[command(flatten)]
    pub client: ClientArgs,
    #[command(flatten)]
    pub workspace: WorkspaceArgs,
    /// An e-mail address, a phone number, or the id of an inquiry, lead or delivery
    #[arg(value_name = "WHAT", required_unless_present = "from")]
    pub what: Option<String>,
    /// Instead: what happened from this time on (RFC 3339), oldest first
    #[arg(long, value_name = "TIME", conflicts_with = "what")]
    pub from: Option<String>,
    /// At most so many rows
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub limit: u32,
}

/// Asks a running service. `false` = not done; the reason was said.
///
/// # Errors
/// If nothing can be written.
pub fn run(
    args: &FindArgs,
    env: &dyn Fn(&str) -> Option<String>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    run_to_end(async {
        let client = args.client.client(env)?;
        let workspace = args.workspace.name(&client).await?;
        let limit = args.limit;
        let query = match (&args.what, &args.from) {
            (Some(what), _) => format!("q={}", escaped(what)),
            (None, from) => {
                format!("from={}&limit={limit}", escaped(from.as_deref().unwrap_or_default()))
            }
        };
        let body = good(client.get(&format!("/v1/{workspace}/find?{query}")).await?)?;
        for item in body["found"].as_array().map_or(&[][..], Vec::as_slice) {
            print(out, item)?;
        }
        let members = [
            "at",
            "fact",
            "inquiry",
            "lead",
            "source",
            "status",
            "category",
            "queue",
            "owner",
            "rule",
            "actor",
            "destination",
            "reason",
        ];
        for row in body["happened"].as_array().map_or(&[][..], Vec::as_slice) {
            print_line(out, row, &members)?;
        }
        if args.what.is_some() && body["found"].as_array().is_none_or(Vec::is_empty) {
            writeln!(out, "nothing is found under that")?;
        }
        Ok(())
    })
}
