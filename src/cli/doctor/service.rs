//! The running service: ready, of this version, with these files in force, and nothing left lying.

use serde_json::Value;

use super::report::Report;
use crate::cli::client::{ClientArgs, good};
use crate::cli::folder::{Env, Folder};
use crate::egress::LocalClient;

/// A delivery older than this is late.
const LATE_SECONDS: u64 = 15 * 60;

/// A client of the service that runs here or was named, if one answers.
pub(super) async fn find(args: &ClientArgs, env: &Env<'_>) -> Option<LocalClient> {
    let client = args.client(env).ok()?;
    client.get("/healthz").await.ok().filter(|answer| answer.body["status"] == "alive")?;
    Some(client)
}

/// Asks it everything.
pub(super) async fn examine(client: &LocalClient, folder: Option<&Folder>, report: &mut Report) {
    ready(client, report).await;
    version(client, report).await;
    let Some(configuration) = ask(client, "/v1/configuration", report).await else { return };
    in_force(&configuration, folder, report);
    for name in configuration["workspaces"].as_object().into_iter().flat_map(|all| all.keys()) {
        waiting(client, name, report).await;
        queues(client, name, report).await;
    }
}

async fn ready(client: &LocalClient, report: &mut Report) {
    let check = "service";
    let said = client.get("/readyz").await.ok();
    match said.as_ref().and_then(|answer| answer.body["status"].as_str()) {
        Some("ready") => report.ok(check, "ready"),
        Some("degraded") => report.broken(
            check,
            "degraded: its store does not answer, inquiries get 503",
            "start the store; nothing that was acknowledged is lost",
        ),
        Some(other) => report.warn(check, other, "wait, and look again"),
        None => report.broken(check, "does not say how it is", "look at its log"),
    }
}

async fn version(client: &LocalClient, report: &mut Report) {
    let (check, ours) = ("version", env!("CARGO_PKG_VERSION"));
    let described = client.get("/openapi.json").await.ok();
    let theirs = described.as_ref().and_then(|answer| answer.body["info"]["version"].as_str());
    match theirs {
        Some(theirs) if theirs == ours => report.ok(check, format!("{ours}, as this program")),
        Some(theirs) => report.warn(
            check,
            format!("the service is {theirs}, this program {ours}"),
            "use the same one for both",
        ),
        None => report.warn(check, "the service does not say its version", "look at its log"),
    }
}

/// Asks; notes a refusal.
async fn ask(client: &LocalClient, path: &str, report: &mut Report) -> Option<Value> {
    let answer = client.get(path).await.ok()?;
    match good(answer) {
        Ok(body) => Some(body),
        Err(error) => {
            let mend =
                "a key with the scopes config:read, leads:read and deliveries:read sees everything";
            report.warn("service", format!("{path}: {error}"), mend);
            None
        }
    }
}

fn in_force(configuration: &Value, folder: Option<&Folder>, report: &mut Report) {
    let check = "in force";
    if let Some(refused) = configuration["refused"].as_array() {
        let first = refused.first().and_then(Value::as_str).unwrap_or_default();
        let what = format!(
            "the files as they are now were refused, an older configuration is in force: {first}"
        );
        return report.broken(check, what, "mend the files: `lead-router check DIR`");
    }
    let Some(folder) = folder else { return };
    if configuration["hash"].as_str() == Some(&folder.loaded.hash) {
        report.ok(check, "the configuration in these files");
    } else {
        report.warn(
            check,
            "another configuration than in these files",
            "wait two seconds; else the service reads another folder than --config",
        );
    }
}

/// What waits for people.
async fn waiting(client: &LocalClient, workspace: &str, report: &mut Report) {
    let path = format!("/v1/{workspace}/worklists");
    let Some(body) = ask(client, &path, report).await else { return };
    let mut clean = true;
    for list in body["worklists"].as_array().into_iter().flatten() {
        let name = list["name"].as_str().unwrap_or_default();
        let count = list["count"].as_u64().unwrap_or(0);
        if count > 0 && matches!(name, "held" | "unreadable" | "dead") {
            clean = false;
            let what =
                format!("{count} on the list `{name}`{}", oldest(client, workspace, name).await);
            let mend = format!("lead-router worklists --workspace {workspace} {name}");
            report.warn(format!("worklists {workspace}"), what, mend);
        }
    }
    if clean {
        report.ok(format!("worklists {workspace}"), "nothing is dead, held or unreadable");
    }
}

/// Since when the oldest item waits, if that can be told.
async fn oldest(client: &LocalClient, workspace: &str, list: &str) -> String {
    let path = format!("/v1/{workspace}/worklists/{list}?limit=200");
    let body = client.get(&path).await.map(|answer| answer.body).unwrap_or_default();
    let items = body["items"].as_array().map_or(&[][..], Vec::as_slice);
    let times = items.iter().filter_map(|item| item["since"].as_str());
    times.min().map(|at| format!(", the oldest since {at}")).unwrap_or_default()
}

async fn queues(client: &LocalClient, workspace: &str, report: &mut Report) {
    let path = format!("/v1/{workspace}/destinations");
    let Some(body) = ask(client, &path, report).await else { return };
    let mut clean = true;
    for destination in body["destinations"].as_array().into_iter().flatten() {
        let name = destination["name"].as_str().unwrap_or_default();
        let check = format!("queue {workspace}/{name}");
        if destination["state"] == "paused" {
            clean = false;
            let why = destination["paused_reason"].as_str().unwrap_or("unknown");
            let mend = format!("lead-router deliveries --workspace {workspace} resume {name}");
            report.warn(check, format!("paused ({why}): deliveries wait"), mend);
        } else if let Some(seconds) = destination["oldest_seconds"].as_u64()
            && seconds > LATE_SECONDS
        {
            clean = false;
            let what = format!("the oldest delivery waits for {} min", seconds / 60);
            report.warn(check, what, format!("lead-router destinations test {name}"));
        }
    }
    if clean {
        report.ok(format!("queues {workspace}"), "no destination is paused or late");
    }
}
