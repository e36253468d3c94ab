//! `lead-router sources health`: how each source is, as the running service sees it.

use std::io::Write;

use clap::Args;
use serde_json::Value;

use crate::cli::client::{ClientError, ServiceArgs, good};
use crate::cli::folder::Env;

/// Arguments of `sources health`.
#[derive(Debug, Clone, Args)]
pub struct HealthArgs {
    #[command(flatten)]
    pub service: ServiceArgs,
}

/// A line each: name, a word, and what came and what did not. Then what named no source that is there.
///
/// # Errors
/// If no service answers, or nothing can be written.
pub(super) async fn run(
    args: &HealthArgs,
    env: &Env<'_>,
    out: &mut dyn Write,
) -> Result<(), ClientError> {
    let (client, workspace) = args.service.open(env).await?;
    let body = good(client.get(&format!("/v1/{workspace}/sources")).await?)?;
    let sources = body["sources"].as_array().map_or(&[][..], Vec::as_slice);
    let text = |source: &Value, key: &str| source[key].as_str().unwrap_or_default().to_owned();
    let width = sources.iter().map(|source| text(source, "name").len()).max().unwrap_or(0);
    for source in sources {
        let (name, word) = (text(source, "name"), text(source, "health"));
        writeln!(out, "{name:width$}  {word:8}  {}", text(source, "in_words"))?;
    }
    let week = body["unknown"]["counts"]["week"].as_object();
    let strays: u64 = week.into_iter().flatten().filter_map(|(_, count)| count.as_u64()).sum();
    if strays > 0 {
        writeln!(
            out,
            "\n{strays} requests of the last seven days named no source that is there: a mistyped URL somewhere"
        )?;
    }
    Ok(())
}
