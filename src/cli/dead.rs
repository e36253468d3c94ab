//! What `lead-router deliveries` does with those that were given up: which, how many, many of them run again.

use std::io::Write;

use clap::Args;
use serde_json::Value;

use super::client::{ClientError, escaped, good, print, print_line};
use crate::domain::{DeliveryId, LeadId, Name};
use crate::egress::LocalClient;

/// The words of [`WhichArgs`], and what stands for all: one of these is said where no id is, and none beside one.
pub const WHICH: [&str; 9] =
    ["destination", "since", "until", "kind", "verdict", "problem", "event_type", "lead", "all"];

/// So many are replayed by one request.
const AT_ONCE: u32 = 200;

/// Which deliveries.
#[derive(Debug, Clone, Default, Args)]
pub struct WhichArgs {
    /// Only those of this destination
    #[arg(long, value_name = "NAME")]
    destination: Option<Name>,
    /// Only from this time on: RFC 3339, or how long ago (`3d`)
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Of dead ones: only those given up before this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Of dead ones: `fault` (could not be told) or `refusal` (the receiver said no)
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Of dead ones: the verdict of the newest attempt
    #[arg(long, value_name = "VERDICT")]
    verdict: Option<String>,
    /// Of dead ones: what the newest attempt met (`http_503`, `timeout`), or the receiver's code
    #[arg(long, value_name = "WORD")]
    problem: Option<String>,
    /// Of dead ones: the type of the event
    #[arg(long, value_name = "TYPE")]
    event_type: Option<String>,
    /// Of dead ones: whom they are about
    #[arg(long, value_name = "LEAD")]
    lead: Option<LeadId>,
}

impl WhichArgs {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let destination = self.destination.as_ref().map(ToString::to_string);
        let lead = self.lead.map(|id| id.to_string());
        [
            ("destination", destination),
            ("since", self.since.clone()),
            ("until", self.until.clone()),
            ("kind", self.kind.clone()),
            ("verdict", self.verdict.clone()),
            ("problem", self.problem.clone()),
            ("event_type", self.event_type.clone()),
            ("lead", lead),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect()
    }

    /// For the end of a query.
    pub fn query(&self) -> String {
        let pair = |(key, value): &(&str, String)| format!("&{key}={}", escaped(value));
        self.pairs().iter().map(pair).collect()
    }

    fn body(&self) -> Value {
        self.pairs().into_iter().map(|(key, value)| (key.to_owned(), Value::from(value))).collect()
    }
}

/// Many replayed.
pub struct Replay<'a> {
    pub client: &'a LocalClient,
    pub base: &'a str,
    pub which: &'a WhichArgs,
    /// At most so many.
    pub limit: Option<u32>,
}

impl Replay<'_> {
    /// A bounded number at a time, each behind the last one; after each it is said how far it is. What is given up again
    /// meanwhile is newer, and is not met twice.
    pub async fn run(&self, out: &mut dyn Write) -> Result<(), ClientError> {
        let (mut left, mut done) = (self.limit.unwrap_or(u32::MAX), 0);
        let mut before = Value::Null;
        while left > 0 {
            let mut wanted = self.which.body();
            wanted["limit"] = left.min(AT_ONCE).into();
            if before.is_string() {
                wanted["before"] = before;
            }
            let path = format!("{}/deliveries/replay", self.base);
            let body = good(self.client.post(&path, &wanted).await?)?;
            let ids = body["replayed"].as_array().map_or(&[][..], Vec::as_slice);
            for id in ids.iter().filter_map(Value::as_str) {
                writeln!(out, "{id}  replayed")?;
            }
            done += ids.len();
            left -= u32::try_from(ids.len()).unwrap_or(left).min(left);
            before = body["next"].clone();
            if !before.is_string() {
                break;
            }
            writeln!(out, "{done} replayed so far")?;
        }
        match done {
            0 => writeln!(out, "there is none to replay")?,
            _ => writeln!(out, "{done} replayed in all")?,
        }
        Ok(())
    }

    /// What it would do.
    pub async fn dry_run(&self, out: &mut dyn Write) -> Result<(), ClientError> {
        let mut wanted = self.which.body();
        wanted["dry_run"] = true.into();
        let path = format!("{}/deliveries/replay", self.base);
        let body = good(self.client.post(&path, &wanted).await?)?;
        let run = &body["dry_run"];
        for to in run["destinations"].as_array().map_or(&[][..], Vec::as_slice) {
            print_line(out, to, &["destination", "kind", "count"])?;
        }
        print_request(run, out)?;
        let more = if body["more"] == true { " or more" } else { "" };
        writeln!(out, "would replay {}{more}; nothing was sent", run["count"])?;
        Ok(())
    }
}

/// What replaying one would send.
pub async fn would_replay(
    client: &LocalClient,
    base: &str,
    id: &DeliveryId,
    out: &mut dyn Write,
) -> Result<(), ClientError> {
    let body = good(client.get(&format!("{base}/deliveries/{id}/request")).await?)?;
    print_request(&body, out)?;
    Ok(writeln!(out, "{id}  nothing was sent")?)
}

/// The request, if there is one; else why not.
fn print_request(body: &Value, out: &mut dyn Write) -> Result<(), ClientError> {
    match (&body["request"], &body["nothing"]) {
        (Value::Null, Value::String(why)) => writeln!(out, "nothing would be sent: {why}")?,
        (Value::Null, _) => {}
        (request, _) => print(out, request)?,
    }
    Ok(())
}

/// How many there are.
pub fn count(body: &Value, out: &mut dyn Write) -> Result<(), ClientError> {
    for of in body["destinations"].as_array().map_or(&[][..], Vec::as_slice) {
        print_line(out, of, &["destination", "kind", "count", "oldest"])?;
    }
    match body["elsewhere"].as_u64() {
        Some(0) | None => {}
        Some(count) => writeln!(out, "(not configured any more)  count={count}")?,
    }
    Ok(writeln!(out, "{} in all", body["total"])?)
}
