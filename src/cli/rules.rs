//! `lead-router rules`: how many inquiries each rule won lately, and what its clauses said.

use std::io::{self, Write};

use clap::Args;
use serde_json::Value;

use super::client::{ServiceArgs, good, print, run_to_end};

/// Arguments of `rules`.
#[derive(Debug, Clone, Args)]
pub struct RulesArgs {
    /// Look at the newest so many inquiries, at most 5000
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub last: usize,
    /// Also each clause of each rule
    #[arg(long)]
    pub clauses: bool,
    /// Everything as JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub service: ServiceArgs,
}

/// Asks a running service. `false` = not done; the reason was said.
///
/// # Errors
/// If nothing can be written.
pub fn run(
    args: &RulesArgs,
    env: &dyn Fn(&str) -> Option<String>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    run_to_end(async {
        let (client, workspace) = args.service.open(env).await?;
        let path = format!("/v1/{workspace}/rules?last={}", args.last);
        let body = good(client.get(&path).await?)?;
        if args.json {
            return Ok(print(out, &body)?);
        }
        Ok(table(out, &body, args.clauses)?)
    })
}

fn table(out: &mut dyn Write, body: &Value, clauses: bool) -> io::Result<()> {
    writeln!(out, "the newest {} inquiries\n", body["inquiries"])?;
    writeln!(
        out,
        "{:>7} {:>7} {:>9} {:>8} {:>6}  rule",
        "won", "match", "no match", "missing", "error"
    )?;
    let listed = |value: &Value| value.as_array().cloned().unwrap_or_default();
    for rule in listed(&body["rules"]) {
        row(out, &rule["won"].to_string(), &rule, rule["name"].as_str().unwrap_or_default())?;
        for part in listed(&rule["parts"]).iter().filter(|_| clauses) {
            let words = format!("    {}", part["part"].as_str().unwrap_or_default());
            row(out, "", part, &words)?;
        }
    }
    let mut rest = |count: &Value, words: &str| {
        if count.as_u64().unwrap_or(0) == 0 {
            return Ok(());
        }
        writeln!(out, "{:>7} {:>33}  {words}", count.to_string(), "")
    };
    rest(&body["kept_back"], "(do_not_route: kept back for a person)")?;
    rest(&body["fallback"], "(no rule)")?;
    rest(&body["stayed"], "(repeats that stayed where their lead was: no rule was asked)")?;
    for (rule, count) in body["gone"].as_object().into_iter().flatten() {
        rest(count, &format!("{rule} (not there any more)"))?;
    }
    Ok(())
}

fn row(out: &mut dyn Write, won: &str, says: &Value, words: &str) -> io::Result<()> {
    let [matched, no, missing, error] =
        ["match", "no_match", "missing", "error"].map(|key| says[key].to_string());
    writeln!(out, "{won:>7} {matched:>7} {no:>9} {missing:>8} {error:>6}  {words}")
}
