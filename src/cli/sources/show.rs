//! `lead-router sources presets`, `list` and `show`.

use std::io::{self, Write};

use clap::Args;

use super::{SourcesArgs, SourcesCommand, add, health, sign, snippet, test};
use crate::capture::{PresetSettings, Reveal};
use crate::cli::client::{ClientError, run_to_end};
use crate::cli::folder::{ConfigArgs, Env, Folder, missing};
use crate::cli::preset_list;
use crate::config::Workspace;
use crate::domain::{Name, Tier};

/// How one is used.
const ADD: &str = "lead-router sources add PRESET NAME";

/// Arguments of `sources show`.
#[derive(Debug, Clone, Args)]
pub struct ShowArgs {
    #[command(flatten)]
    pub config: ConfigArgs,
    /// The source
    #[arg(value_name = "NAME")]
    pub name: Name,
    /// Show its secret too
    #[arg(long)]
    pub reveal: bool,
}

/// Runs a subcommand. `false` = not done; the reason was said.
///
/// # Errors
/// If nothing can be written.
pub fn run(args: &SourcesArgs, env: &Env<'_>, out: &mut dyn Write) -> io::Result<bool> {
    run_to_end(async {
        match &args.command {
            SourcesCommand::Presets(config) => {
                preset_list::list::<PresetSettings>(config, env, out, ADD)
            }
            SourcesCommand::Add(args) => add::run(args, env, out),
            SourcesCommand::List(config) => list(config, env, out),
            SourcesCommand::Health(args) => health::run(args, env, out).await,
            SourcesCommand::Show(args) => show(args, env, out),
            SourcesCommand::Snippet(args) => snippet::run(args, env, out),
            SourcesCommand::Sign(args) => sign::run(args, env, out),
            SourcesCommand::Test(args) => test::run(args, env, out),
        }
    })
}

fn list(config: &ConfigArgs, env: &Env<'_>, out: &mut dyn Write) -> Result<(), ClientError> {
    let folder = config.open(env)?;
    let workspace = config.workspace(&folder)?;
    let base = folder.loaded.server.public_base();
    let width = workspace.sources.keys().map(|name| name.as_str().len()).max().unwrap_or(0);
    for (name, source) in &workspace.sources {
        let setup = source.setup(&base, &workspace.name, Reveal::Nothing);
        let state = if source.enabled() { "" } else { "  (switched off)" };
        let (name, preset) = (name.as_str(), source.preset().0.as_str());
        let proof = if source.is_public() { "public" } else { source.scheme().as_str() };
        let tier = match source.tier() {
            Tier::Confirmed => "",
            Tier::Experimental => "  (experimental)",
        };
        writeln!(out, "{name:width$}  {preset}  {proof}  {}{tier}{state}", setup.url)?;
    }
    public_url_note(out, &folder)
}

fn show(args: &ShowArgs, env: &Env<'_>, out: &mut dyn Write) -> Result<(), ClientError> {
    let folder = args.config.open(env)?;
    let workspace = args.config.workspace(&folder)?;
    let reveal = if args.reveal { Reveal::Secret } else { Reveal::Nothing };
    explain(out, &folder, &workspace, &args.name, reveal)?;
    let source = find(&workspace, &args.name)?;
    if !args.reveal && source.expose_secret().is_some() {
        writeln!(out, "\n--reveal shows the secret.")?;
    }
    Ok(())
}

/// One of the workspace's sources.
pub(super) fn find<'a>(
    workspace: &'a Workspace,
    name: &Name,
) -> Result<&'a crate::capture::Source, ClientError> {
    let names = workspace.sources.keys().map(Name::as_str);
    workspace.sources.get(name).ok_or_else(|| missing("source", name.as_str(), names))
}

/// What to paste where.
pub(super) fn explain(
    out: &mut dyn Write,
    folder: &Folder,
    workspace: &Workspace,
    name: &Name,
    reveal: Reveal,
) -> Result<(), ClientError> {
    let source = find(workspace, name)?;
    let base = folder.loaded.server.public_base();
    let setup = source.setup(&base, &workspace.name, reveal);
    writeln!(out, "{}\n", setup.text)?;
    if let Some(note) = source.setup_note() {
        writeln!(out, "{note}\n")?;
    }
    if !source.enabled() {
        writeln!(out, "It is switched off (`enabled: false`): it answers like an unknown one.\n")?;
    }
    writeln!(out, "Try it: lead-router sources sign {name} | bash")?;
    public_url_note(out, folder)
}

/// That an address is only good on this machine.
pub(super) fn public_url_note(out: &mut dyn Write, folder: &Folder) -> Result<(), ClientError> {
    if !folder.loaded.server.public_base().configured {
        writeln!(
            out,
            "\npublic_url is not set in {}: the URL above is good on this machine only. Set it to the address\nby which the internet reaches you, such as `public_url: https://inquiries.example.com`.",
            folder.shown("server.yaml")
        )?;
    }
    Ok(())
}
