//! `lead-router keys new`: makes an API key, shows it once, and adds its row to `keys.yaml` or prints it.

use std::io::{self, Write};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand};

use super::client::{ClientError, run_to_end};
use super::edit::appended;
use super::folder::{Change, ConfigArgs, Env, report};
use crate::domain::Name;
use crate::http::keys::{Scope, fingerprint, mint};

/// The file of keys in a configuration folder.
const FILE: &str = "keys.yaml";

/// Arguments of `keys`.
#[derive(Debug, Clone, Args)]
pub struct KeysArgs {
    #[command(subcommand)]
    pub command: KeysCommand,
}

/// What to do with keys.
#[derive(Debug, Clone, Subcommand)]
pub enum KeysCommand {
    /// Make a key
    New(NewArgs),
}

/// Arguments of `keys new`.
#[derive(Debug, Clone, Args)]
pub struct NewArgs {
    /// Whose it is
    #[arg(long)]
    pub name: Name,
    /// What it may do; several times for several
    #[arg(long = "scope", value_name = "SCOPE", required = true, value_parser = scopes())]
    pub scopes: Vec<Scope>,
    /// Where it may do it; several times for several. Default: every workspace
    #[arg(long = "workspace", value_name = "NAME")]
    pub workspaces: Vec<Name>,
    /// Add the row to keys.yaml instead of printing it
    #[arg(long)]
    pub write: bool,
    /// Configuration folder, for --write
    #[arg(long, value_name = "DIR", env = "LEAD_ROUTER_CONFIG", default_value = ".")]
    pub config: std::path::PathBuf,
}

/// Makes a key; shows or writes its row. `random` gives its bytes. `false` = not done; the reason was
/// said, and no key was shown.
///
/// # Errors
/// If `out` cannot be written.
pub fn run(
    args: &KeysArgs,
    random: [u8; 32],
    env: &Env<'_>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    run_to_end(async {
        let KeysCommand::New(new) = &args.command;
        let key = mint(random);
        let row = row(&new.name, &key, &new.scopes, &new.workspaces);
        if new.write {
            add(new, &row, env, out)?;
        }
        writeln!(out, "The key, shown this once:\n\n  {key}\n")?;
        if !new.write {
            writeln!(out, "The row for {FILE} in the configuration folder (or say --write):\n")?;
            write!(out, "keys:\n{row}")?;
            writeln!(out)?;
        }
        writeln!(out, "It opens:")?;
        for scope in &new.scopes {
            writeln!(out, "  {:18}{}", scope.as_str(), scope.meaning())?;
        }
        writeln!(
            out,
            "\nSend it as `Authorization: Bearer lrk_…`. A running service takes a new row over"
        )?;
        writeln!(out, "within two seconds.")?;
        Ok(())
    })
}

/// Adds the row to the file, if the configuration loads with it.
fn add(new: &NewArgs, row: &str, env: &Env<'_>, out: &mut dyn Write) -> Result<(), ClientError> {
    let folder = ConfigArgs { config: new.config.clone(), workspace: None }.open(env)?;
    let mut change = Change::default();
    match folder.text(FILE) {
        None => change.new.push((FILE.to_owned(), format!("keys:\n{row}"))),
        Some(before) => {
            let after = appended(FILE, &before, "keys", row).ok_or_else(|| {
                ClientError::Refused(format!(
                    "{} is written in a way that is not changed by itself; add this to its `keys`:\n\n{row}",
                    folder.shown(FILE)
                ))
            })?;
            change.edited.push((FILE.to_owned(), after));
        }
    }
    let warnings = folder.apply(&change, env)?;
    report(out, &folder, &change, &warnings)?;
    writeln!(out)?;
    Ok(())
}

/// The row of `keys.yaml`, as an item of its list.
pub fn row(name: &Name, key: &str, scopes: &[Scope], workspaces: &[Name]) -> String {
    let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
    let row = format!(
        "  - name: \"{name}\"\n    sha256: \"{}\"\n    scopes: [\"{}\"]\n",
        fingerprint(key),
        scopes.join("\", \"")
    );
    if workspaces.is_empty() {
        return row;
    }
    let names: Vec<&str> = workspaces.iter().map(Name::as_str).collect();
    format!("{row}    workspaces: [\"{}\"]\n", names.join("\", \""))
}

/// Thirty-two bytes that nobody can guess.
#[must_use]
pub fn random() -> [u8; 32] {
    rand::random()
}

/// The known scopes, each with what it opens, as `--help` shows them.
fn scopes() -> impl clap::builder::TypedValueParser<Value = Scope> {
    let words =
        Scope::ALL.iter().map(|scope| PossibleValue::new(scope.as_str()).help(scope.meaning()));
    PossibleValuesParser::new(words).try_map(|text| Scope::parse(&text).ok_or("this is no scope"))
}
