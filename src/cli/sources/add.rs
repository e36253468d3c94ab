//! `lead-router sources add PRESET NAME`.

use std::io::Write;

use clap::Args;

use super::show::explain;
use crate::capture::{PresetSettings, Reveal, SchemeSettings};
use crate::cli::client::ClientError;
use crate::cli::folder::{Change, ConfigArgs, Env, missing, report, scalar};
use crate::cli::secrets::{Kind, fresh, place};
use crate::domain::Name;

/// Arguments of `sources add`.
#[derive(Debug, Clone, Args)]
pub struct AddArgs {
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Which vendor: see `lead-router sources presets`
    #[arg(value_name = "PRESET")]
    pub preset: Name,
    /// What the source is to be called: the last part of its URL
    #[arg(value_name = "NAME")]
    pub name: Name,
    /// A page's origin that may post by script, such as `https://www.example.com`; several times for several
    #[arg(long = "origin", value_name = "ORIGIN")]
    pub origins: Vec<String>,
    /// How it proves itself, if not in the preset's usual way
    #[arg(long, value_name = "SCHEME")]
    pub verify: Option<Name>,
}

/// Writes the source's file and its secret; nothing if the configuration would not load with them.
///
/// # Errors
/// If it is not done.
pub(super) fn run(args: &AddArgs, env: &Env<'_>, out: &mut dyn Write) -> Result<(), ClientError> {
    let folder = args.config.open(env)?;
    let workspace = args.config.workspace(&folder)?;
    let presets = &folder.loaded.presets;
    let names = presets.names().map(Name::as_str);
    let Some(preset) = presets.get(args.preset.as_str()) else {
        let names: Vec<&str> = names.collect();
        return Err(missing("preset", args.preset.as_str(), names.iter().copied()));
    };
    let path = format!("workspaces/{}/sources/{}.yaml", workspace.name, args.name);
    let mut change = Change::default();
    if let Some(kind) = secret_kind(args, preset) {
        change.secrets.push((place(&workspace.name, &args.name, kind), fresh(kind)));
    }
    let secret = change.secrets.first().map(|(path, _)| path.as_str());
    let text = text(args, preset, &workspace.name, secret);
    change.new.push((path.clone(), format!("{}{text}", folder.schema_line(&path))));
    let warnings = folder.apply(&change, env)?;
    report(out, &folder, &change, &warnings)?;
    let folder = args.config.open(env)?;
    let workspace = args.config.workspace(&folder)?;
    writeln!(out)?;
    explain(out, &folder, &workspace, &args.name, Reveal::Secret)
}

/// Which secret the scheme needs. An unknown scheme is refused when the file is checked.
fn secret_kind(args: &AddArgs, preset: &PresetSettings) -> Option<Kind> {
    let scheme = args.verify.as_ref().unwrap_or(&preset.verification.default);
    match preset.verification.schemes.get(scheme)? {
        SchemeSettings::None => None,
        SchemeSettings::StandardWebhooks => Some(Kind::Signing),
        SchemeSettings::Key { .. }
        | SchemeSettings::KeyInBody { .. }
        | SchemeSettings::Basic
        | SchemeSettings::Jws { .. }
        | SchemeSettings::Hmac(_)
        | SchemeSettings::Ed25519(_) => Some(Kind::Key),
    }
}

fn text(args: &AddArgs, preset: &PresetSettings, workspace: &Name, secret: Option<&str>) -> String {
    let AddArgs { name, origins, verify, .. } = args;
    let mut lines = vec![
        format!("# {}: {}.", preset.title, preset.summary),
        format!("# It posts to /v1/{workspace}/inquiries/{name}; what to paste where is said by"),
        format!("# `lead-router sources show {name}`."),
        format!("preset: {}", args.preset),
    ];
    if let Some(scheme) = verify {
        lines.push(format!("verify: {scheme}"));
    }
    if let Some(secret) = secret {
        lines.push(
            "# Two may stand here while the vendor changes from one to the other.".to_owned(),
        );
        lines.push(format!("secrets: [\"${{file:{secret}}}\"]"));
    }
    if !origins.is_empty() {
        let origins: Vec<String> = origins.iter().map(|origin| scalar(origin)).collect();
        lines.push("# Pages that may post by script and read the answer.".to_owned());
        lines.push(format!("origins: [{}]", origins.join(", ")));
    } else if secret.is_none() {
        lines.push("# Pages that may post by script and read the answer:".to_owned());
        lines.push("# origins: [\"https://www.example.com\"]".to_owned());
        lines.push("# Where the browser goes after the form:".to_owned());
        lines.push("# thanks_page: https://www.example.com/thanks".to_owned());
    }
    lines.push(String::new());
    lines.join("\n")
}
