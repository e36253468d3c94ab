//! `lead-router worklists`: what waits for a person.

use std::io::{self, Write};

use clap::Args;

use super::client::{ClientError, ServiceArgs, good, print_line, run_to_end};
use crate::domain::Index;
use crate::flow::word;

/// Arguments of `worklists`.
#[derive(Debug, Clone, Args)]
pub struct WorklistsArgs {
    #[command(flatten)]
    pub service: ServiceArgs,
    /// held, triage, qualify, unconfirmed, review, refused, unreadable, retrieving, returned, filtered, tests or dead; without it, the counts
    #[arg(value_name = "LIST", value_parser = list)]
    pub list: Option<&'static str>,
    /// At most so many, newest first
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub limit: u32,
}

fn list(text: &str) -> Result<&'static str, String> {
    let mut known = Index::WORKLISTS.iter().map(word);
    known.find(|word| *word == text).ok_or_else(|| {
        let known: Vec<&str> = Index::WORKLISTS.iter().map(word).collect();
        format!("the worklists are {}", known.join(", "))
    })
}

/// Asks a running service. `false` = not done; the reason was said.
///
/// # Errors
/// If nothing can be written.
pub fn run(
    args: &WorklistsArgs,
    env: &dyn Fn(&str) -> Option<String>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    run_to_end(async {
        let (client, workspace) = args.service.open(env).await?;
        let base = format!("/v1/{workspace}/worklists");
        let Some(list) = args.list else {
            let body = good(client.get(&base).await?)?;
            for item in body["worklists"].as_array().map_or(&[][..], Vec::as_slice) {
                print_line(out, item, &["name", "count"])?;
            }
            return Ok(());
        };
        let body = good(client.get(&format!("{base}/{list}?limit={}", args.limit)).await?)?;
        let items = body["items"].as_array().map_or(&[][..], Vec::as_slice);
        if items.is_empty() {
            writeln!(out, "nothing waits there")?;
        }
        for item in items {
            let members = ["id", "since", "source", "reason", "name", "company", "count"];
            print_line(out, item, &members)?;
            if item["other"].is_object() {
                write!(out, "  and  ")?;
                print_line(out, &item["other"], &["id", "name", "company"])?;
            }
        }
        if body["next"].is_string() {
            writeln!(out, "there are more")?;
        }
        Ok::<(), ClientError>(())
    })
}
