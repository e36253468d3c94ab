//! `lead-router destinations presets`, `list` and `show`.

use std::io::{self, Write};

use clap::Args;

use super::{DestinationsArgs, DestinationsCommand, add, rotate, test};
use crate::cli::client::{ClientError, run_to_end};
use crate::cli::folder::{ConfigArgs, Env, Folder, missing};
use crate::cli::preset_list;
use crate::config::Workspace;
use crate::deliver::{Destination, DestinationPreset};
use crate::domain::Name;

/// The preset of destinations that name none.
const USUAL: &str = "standard-webhooks";

/// How one is used.
const ADD: &str = "lead-router destinations add PRESET NAME --url URL --queue QUEUE";

/// Arguments of `destinations show`.
#[derive(Debug, Clone, Args)]
pub struct ShowArgs {
    #[command(flatten)]
    pub config: ConfigArgs,
    /// The destination
    #[arg(value_name = "NAME")]
    pub name: Name,
    /// Show whole URL, secret and headers too
    #[arg(long)]
    pub reveal: bool,
}

/// Runs a subcommand. `false` = not done; the reason was said.
///
/// # Errors
/// If nothing can be written.
pub fn run(args: &DestinationsArgs, env: &Env<'_>, out: &mut dyn Write) -> io::Result<bool> {
    run_to_end(async {
        match &args.command {
            DestinationsCommand::Presets(config) => {
                preset_list::list::<DestinationPreset>(config, env, out, ADD)
            }
            DestinationsCommand::Add(args) => add::run(args, env, out),
            DestinationsCommand::List(config) => list(config, env, out),
            DestinationsCommand::Show(args) => show(args, env, out),
            DestinationsCommand::Rotate(args) => rotate::run(args, env, out),
            DestinationsCommand::Test(args) => test::run(args, env, out).await,
        }
    })
}

fn list(config: &ConfigArgs, env: &Env<'_>, out: &mut dyn Write) -> Result<(), ClientError> {
    let folder = config.open(env)?;
    let workspace = config.workspace(&folder)?;
    let width = workspace.destinations.keys().map(|name| name.as_str().len()).max().unwrap_or(0);
    for (name, destination) in &workspace.destinations {
        let router = &workspace.decide.router;
        let queues: Vec<&str> = router
            .queues()
            .filter(|queue| router.destinations(queue).contains(name))
            .map(Name::as_str)
            .collect();
        let queues = if queues.is_empty() { "no queue".to_owned() } else { queues.join(", ") };
        let name = name.as_str();
        let kind = destination.preset.as_ref().map_or(USUAL, Name::as_str);
        let tier = destination.tier.as_str();
        writeln!(out, "{name:width$}  {}  {queues}  {kind} ({tier})", destination.origin())?;
    }
    Ok(())
}

fn show(args: &ShowArgs, env: &Env<'_>, out: &mut dyn Write) -> Result<(), ClientError> {
    let folder = args.config.open(env)?;
    let workspace = args.config.workspace(&folder)?;
    explain(out, &folder, &workspace, &args.name, args.reveal)?;
    if !args.reveal {
        writeln!(out, "\n--reveal shows whole URL, secret and headers.")?;
    }
    Ok(())
}

/// One of the workspace's destinations.
pub(super) fn find<'a>(
    workspace: &'a Workspace,
    name: &Name,
) -> Result<&'a Destination, ClientError> {
    let names = workspace.destinations.keys().map(Name::as_str);
    let found = workspace.destinations.get(name).map(AsRef::as_ref);
    found.ok_or_else(|| missing("destination", name.as_str(), names))
}

/// What the receiver needs.
pub(super) fn explain(
    out: &mut dyn Write,
    folder: &Folder,
    workspace: &Workspace,
    name: &Name,
    reveal: bool,
) -> Result<(), ClientError> {
    let destination = find(workspace, name)?;
    let preset = destination.preset.as_ref().map_or(USUAL, Name::as_str);
    if let Some(preset) = folder.loaded.destination_presets.get(preset) {
        let (title, tier) = (&preset.title, preset.tier.as_str());
        writeln!(out, "{title} ({tier}), at {}\n", destination.origin())?;
        writeln!(out, "{}\n", destination.setup(preset, reveal))?;
    }
    writeln!(out, "Try it: lead-router destinations test {name}")?;
    Ok(())
}
