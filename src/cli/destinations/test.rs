//! `lead-router destinations test NAME`: request, answer and verdict of one marked test event.

use std::io::Write;
use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};

use super::show::find;
use crate::app::{RandomMint, SystemClock};
use crate::cli::client::{ClientArgs, ClientError, WorkspaceArgs, good};
use crate::cli::folder::{ConfigArgs, Env};
use crate::deliver::{Ways, try_out};
use crate::domain::Name;
use crate::domain::ports::{Clock as _, Mint as _};
use crate::egress::{Egress, Guard, SystemResolver};
use crate::http::private::TrialBody;

/// Arguments of `destinations test`.
#[derive(Debug, Clone, Args)]
pub struct TestArgs {
    #[command(flatten)]
    pub client: ClientArgs,
    #[command(flatten)]
    pub workspace: WorkspaceArgs,
    /// The destination
    #[arg(value_name = "NAME")]
    pub name: Name,
    /// Send from here with this configuration folder instead of asking a running service
    #[arg(long, value_name = "DIR")]
    pub offline: Option<std::path::PathBuf>,
}

/// Sends the test. A destination that does not take it is no success.
///
/// # Errors
/// If nothing was sent, or it was not taken.
pub(super) async fn run(
    args: &TestArgs,
    env: &Env<'_>,
    out: &mut dyn Write,
) -> Result<(), ClientError> {
    let body = if let Some(dir) = &args.offline {
        let workspace = args.workspace.given().cloned();
        let config = ConfigArgs { config: dir.clone(), workspace };
        by_itself(&config, &args.name, env).await?
    } else {
        let client = args.client.client(env)?;
        let workspace = args.workspace.name(&client).await?;
        let path = format!("/v1/{workspace}/destinations/{}/test", args.name);
        good(client.post(&path, &json!({})).await?)?
    };
    print(out, &body)?;
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    if body["taken"].as_bool() == Some(true) {
        return Ok(());
    }
    Err(ClientError::Refused(format!("{} {}", text("words"), text("advice"))))
}

async fn by_itself(config: &ConfigArgs, name: &Name, env: &Env<'_>) -> Result<Value, ClientError> {
    let folder = config.open(env)?;
    let workspace = config.workspace(&folder)?;
    let destination = find(&workspace, name)?;
    let guard = Guard::compile(&folder.loaded.server.egress).unwrap_or_default();
    let egress = Egress::new(guard, Arc::new(SystemResolver))
        .map_err(|error| ClientError::Refused(error.to_string()))?;
    let (id, now) = (RandomMint::default().mint(), SystemClock::default().now());
    let ways = Ways::alone(Arc::new(egress), Arc::new(SystemClock::default()));
    let report = try_out(&ways, &workspace.name, destination, id, now).await;
    serde_json::to_value(TrialBody::from(report))
        .map_err(|error| ClientError::Refused(error.to_string()))
}

/// Request and answer as they went over the wire, and the verdict.
fn print(out: &mut dyn Write, body: &Value) -> std::io::Result<()> {
    let pairs = |value: &Value| {
        let pairs = value.as_object().into_iter().flatten();
        pairs
            .map(|(k, v)| (k.clone(), v.as_str().unwrap_or_default().to_owned()))
            .collect::<Vec<_>>()
    };
    writeln!(
        out,
        "> POST {} (path not shown)",
        body["request"]["to"].as_str().unwrap_or_default()
    )?;
    for (name, value) in pairs(&body["request"]["headers"]) {
        writeln!(out, "> {name}: {value}")?;
    }
    let sent = serde_json::to_string_pretty(&body["request"]["body"]).unwrap_or_default();
    sent.lines().try_for_each(|line| writeln!(out, "> {line}"))?;
    writeln!(out)?;
    let answer = &body["answer"];
    if let Some(status) = answer["status"].as_u64() {
        writeln!(out, "< HTTP {status}")?;
        for (name, value) in pairs(&answer["headers"]) {
            writeln!(out, "< {name}: {value}")?;
        }
        let text = answer["body"].as_str().unwrap_or_default();
        text.lines().try_for_each(|line| writeln!(out, "< {line}"))?;
        if answer["truncated"].as_bool() == Some(true) {
            writeln!(out, "< … (the rest is not shown)")?;
        }
    } else {
        writeln!(out, "< no answer: {}", body["error"].as_str().unwrap_or_default())?;
    }
    for (name, id) in pairs(&body["kept"]) {
        writeln!(out, "it gave: {name} {id}")?;
    }
    let word = body["verdict"].as_str().unwrap_or_default();
    writeln!(
        out,
        "\n{word} after {} ms: {}",
        body["took_ms"],
        body["words"].as_str().unwrap_or_default()
    )
}
