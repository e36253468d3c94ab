//! `lead-router keys new`: makes an API key, shows it once, and prints the row for `keys.yaml`.

use std::io::{self, Write};

use clap::{Args, Subcommand};

use crate::domain::Name;
use crate::http::keys::{Scope, fingerprint, mint};

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
    #[arg(long = "scope", value_name = "SCOPE", required = true, value_parser = scope)]
    pub scopes: Vec<Scope>,
    /// Where; several times for several. Default: every workspace
    #[arg(long = "workspace", value_name = "NAME")]
    pub workspaces: Vec<Name>,
}

/// Prints a new key and its row. `random` gives its bytes.
///
/// # Errors
/// If `out` cannot be written.
pub fn run(args: &KeysArgs, random: [u8; 32], out: &mut dyn Write) -> io::Result<()> {
    let KeysCommand::New(new) = &args.command;
    let key = mint(random);
    let scopes: Vec<&str> = new.scopes.iter().map(|scope| scope.as_str()).collect();
    writeln!(out, "The key, shown this once:\n\n  {key}\n\nThe row to add to keys.yaml:\n")?;
    writeln!(out, "keys:")?;
    writeln!(out, "  - name: \"{}\"", new.name)?;
    writeln!(out, "    sha256: \"{}\"", fingerprint(&key))?;
    writeln!(out, "    scopes: [\"{}\"]", scopes.join("\", \""))?;
    if !new.workspaces.is_empty() {
        let names: Vec<&str> = new.workspaces.iter().map(Name::as_str).collect();
        writeln!(out, "    workspaces: [\"{}\"]", names.join("\", \""))?;
    }
    Ok(())
}

/// Thirty-two bytes that nobody can guess.
#[must_use]
pub fn random() -> [u8; 32] {
    rand::random()
}

fn scope(text: &str) -> Result<Scope, String> {
    Scope::parse(text).ok_or_else(|| {
        let known: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
        format!("known scopes: {}", known.join(", "))
    })
}
