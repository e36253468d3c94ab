//! `lead-router destinations add PRESET NAME`.

use std::io::Write;

use clap::Args;

use super::show::explain;
use super::vendor;
use crate::cli::client::ClientError;
use crate::cli::edit::listed;
use crate::cli::folder::{Change, ConfigArgs, Env, Folder, missing, report, scalar};
use crate::cli::secrets::{Kind, fresh, place};
use crate::config::Workspace;
use crate::deliver::DestinationPreset;
use crate::domain::Name;

/// Arguments of `destinations add`.
#[derive(Debug, Clone, Args)]
pub struct AddArgs {
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Which kind of receiver: see `lead-router destinations presets`
    #[arg(value_name = "PRESET")]
    pub preset: Name,
    /// What the destination is to be called
    #[arg(value_name = "NAME")]
    pub name: Name,
    /// Where the receiver takes its events; vendors that are at one place for everybody need none
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// What the preset asks for, such as `token=…`; several times for several. Secrets are written into files
    /// of their own; `token=${env:NAME}` stays as it is
    #[arg(long = "with", value_name = "KEY=VALUE")]
    pub with: Vec<String>,
    /// A queue whose leads go there; several times for several
    #[arg(long = "queue", value_name = "QUEUE")]
    pub queues: Vec<Name>,
    /// Deliver test leads there too
    #[arg(long)]
    pub tests: bool,
}

/// Writes the destination's file and its secrets, and names it in the queues; nothing if the
/// configuration would not load with all that.
///
/// # Errors
/// If it is not done.
pub(super) fn run(args: &AddArgs, env: &Env<'_>, out: &mut dyn Write) -> Result<(), ClientError> {
    let folder = args.config.open(env)?;
    let workspace = args.config.workspace(&folder)?;
    let presets = &folder.loaded.destination_presets;
    let Some(preset) = presets.get(args.preset.as_str()) else {
        return Err(missing("preset", args.preset.as_str(), presets.names().map(Name::as_str)));
    };
    let change = change(args, preset, &folder, &workspace)?;
    let warnings = folder.apply(&change, env)?;
    report(out, &folder, &change, &warnings)?;
    let folder = args.config.open(env)?;
    let workspace = args.config.workspace(&folder)?;
    writeln!(out)?;
    explain(out, &folder, &workspace, &args.name, true)?;
    let for_alerts = preset.events.iter().any(|event| event.starts_with("alert."));
    if args.queues.is_empty() && !for_alerts {
        let routing = folder.shown(&format!("workspaces/{}/routing.yaml", workspace.name));
        writeln!(
            out,
            "\nNo queue names it yet, so nothing goes there. In {routing}:\n\n  queues:\n    sales: {{ destinations: [{}] }}",
            args.name
        )?;
    }
    Ok(())
}

fn change(
    args: &AddArgs,
    preset: &DestinationPreset,
    folder: &Folder,
    workspace: &Workspace,
) -> Result<Change, ClientError> {
    let mut change = Change::default();
    let signing = place(&workspace.name, &args.name, Kind::Signing);
    if preset.request.is_none() {
        change.secrets.push((signing.clone(), fresh(Kind::Signing)));
    }
    let with = vendor::asked(args, preset, &workspace.name, &mut change)?;
    let wants_key = preset.headers.values().any(|value| value.contains("{key}"));
    let key = place(&workspace.name, &args.name, Kind::Key);
    if wants_key {
        change.secrets.push((key.clone(), fresh(Kind::Key)));
    }
    let path = format!("workspaces/{}/destinations/{}.yaml", workspace.name, args.name);
    let text = text(args, preset, &with, &signing, &key);
    change.new.push((path.clone(), format!("{}{text}", folder.schema_line(&path))));
    if !args.queues.is_empty() {
        let path = format!("workspaces/{}/routing.yaml", workspace.name);
        let routing = folder.text(&path).unwrap_or_default();
        change.edited.push((path.clone(), with_queues(args, &folder.shown(&path), routing)?));
    }
    Ok(change)
}

/// The routing with the destination in each queue. Comments and everything else stay as they are; a
/// file that is not written in a way that allows that is left to its owner.
fn with_queues(args: &AddArgs, path: &str, mut routing: String) -> Result<String, ClientError> {
    for queue in &args.queues {
        let place = ["queues", queue.as_str(), "destinations"];
        routing = listed("routing.yaml", &routing, &place, args.name.as_str()).ok_or_else(|| {
            ClientError::Refused(format!(
                "{path}: queue `{queue}` has no list of destinations that can be added to by itself; nothing was written. Say it without --queue and add `{}` there:\n\n  queues:\n    {queue}: {{ destinations: [{}] }}",
                args.name, args.name
            ))
        })?;
    }
    Ok(routing)
}

fn text(
    args: &AddArgs,
    preset: &DestinationPreset,
    with: &[String],
    signing: &str,
    key: &str,
) -> String {
    let mut lines = vec![
        format!("# {}: {}.", preset.title, preset.summary),
        "# What the receiver needs is said by".to_owned(),
        format!(
            "# `lead-router destinations show {}`; try it with `destinations test`.",
            args.name
        ),
        format!("preset: {}", args.preset),
    ];
    lines.extend(args.url.iter().map(|url| format!("url: {}", scalar(url))));
    if preset.request.is_none() {
        lines.push(
            "# All of them sign: two may stand here while the receiver changes from one to the other."
                .to_owned(),
        );
        lines.push(format!("secrets: [\"${{file:{signing}}}\"]"));
    }
    lines.extend(with.iter().cloned());
    if !preset.headers.is_empty() {
        lines.push("headers:".to_owned());
        for (name, value) in &preset.headers {
            let value = value.replace("{key}", &format!("${{file:{key}}}"));
            lines.push(format!("  {name}: {}", scalar(&value)));
        }
    }
    if !preset.events.is_empty() {
        let events: Vec<String> = preset.events.iter().map(|event| scalar(event)).collect();
        lines.push(format!("events: [{}]", events.join(", ")));
    }
    if args.tests {
        lines.push("# Test leads go there too, with `data.test`.".to_owned());
        lines.push("tests: true".to_owned());
    }
    lines.push(String::new());
    lines.join("\n")
}
