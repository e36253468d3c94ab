//! `lead-router backfill`: pulls what a source's webhook missed, page by page, through a running service.

use std::io::{self, Write};
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::client::{ClientError, ServiceArgs, good, run_to_end};
use crate::domain::Name;

/// Whoever wants to be left alone for longer is asked again by hand.
const WAIT_MOST: u64 = 15 * 60;

/// Arguments of `backfill`.
#[derive(Debug, Clone, Args)]
pub struct BackfillArgs {
    #[command(flatten)]
    pub service: ServiceArgs,
    /// The source; its file gives the vendor's token under `retrieval`
    #[arg(value_name = "SOURCE")]
    pub source: Name,
    /// From this time on (2026-03-01, 2026-03-01T14:00:00Z, yesterday, 36h)
    #[arg(long, value_name = "TIME")]
    pub since: String,
    /// Until this time (usually now)
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Go on here: as it was printed when it stopped
    #[arg(long, value_name = "PAGE")]
    pub page: Option<String>,
}

/// Sums over all pages.
#[derive(Debug, Default)]
struct Sums {
    found: u64,
    taken: u64,
    retrieving: u64,
    known: u64,
    unreadable: u64,
}

/// Asks a running service, a line a page. What was known is nothing new, so it may be stopped, and run
/// again. `false` = not done; the reason was said.
///
/// # Errors
/// If nothing can be written.
pub fn run(
    args: &BackfillArgs,
    env: &dyn Fn(&str) -> Option<String>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    run_to_end(async {
        let (client, workspace) = args.service.open(env).await?;
        let path = format!("/v1/{workspace}/sources/{}/backfill", args.source);
        let mut asking = json!({ "since": args.since });
        let mut set = |key: &str, value: &Option<String>| {
            if let Some(value) = value {
                asking[key] = value.as_str().into();
            }
        };
        set("until", &args.until);
        set("page", &args.page);
        let mut sums = Sums::default();
        loop {
            let answer = client.post(&path, &asking).await?;
            let page = match good(answer) {
                Ok(page) => page,
                Err(error) => {
                    if let Some(page) = asking["page"].as_str() {
                        writeln!(out, "stopped; to go on: --page '{page}'")?;
                    }
                    return Err(error);
                }
            };
            if let Some(seconds) = page["wait_seconds"].as_u64() {
                let seconds = seconds.clamp(1, WAIT_MOST);
                writeln!(out, "the vendor wants to be left alone: going on in {seconds} seconds")?;
                out.flush()?;
                tokio::time::sleep(Duration::from_secs(seconds)).await;
            } else {
                sums.add(&page);
                writeln!(out, "{}", sums.line())?;
                out.flush()?;
            }
            let Some(next) = page["next"].as_str() else { break };
            // The same times for all pages, whatever "now" is by then.
            asking = json!({ "since": page["since"], "until": page["until"], "page": next });
        }
        writeln!(out, "done")?;
        Ok::<(), ClientError>(())
    })
}

impl Sums {
    fn add(&mut self, page: &Value) {
        let count = |key: &str| page[key].as_u64().unwrap_or_default();
        self.found += count("found");
        self.taken += count("taken");
        self.retrieving += count("retrieving");
        self.known += count("known");
        self.unreadable += count("unreadable");
    }

    fn line(&self) -> String {
        let part = |count: u64, words: String| if count > 0 { words } else { String::new() };
        let fetched = part(self.retrieving, format!(" ({} still to be fetched)", self.retrieving));
        let unread = part(self.unreadable, format!(", {} unreadable", self.unreadable));
        format!("{} found, {} taken{fetched}, {} known{unread}", self.found, self.taken, self.known)
    }
}
