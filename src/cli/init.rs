//! `lead-router init DIR`: a small commented workspace that works at once.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::client::{ClientError, run_to_end};
use super::folder::{Change, Env, Folder, SCHEMAS, quoted, write_all};
use super::keys::row;
use super::schemas;
use super::secrets::{Kind, fresh, place};
use crate::domain::Name;
use crate::http::keys::{Scope, mint};

/// Arguments of `init`.
#[derive(Debug, Clone, Args)]
pub struct InitArgs {
    /// The folder to write; must be empty or not there yet
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// What the workspace is to be called: a part of every URL
    #[arg(long, value_name = "NAME", default_value = "main")]
    pub workspace: Name,
}

/// The example that is written. Its workspace is called `main`.
#[derive(Debug, rust_embed::RustEmbed)]
#[folder = "config/starter"]
struct Example;

/// The destination in it.
const DESTINATION: &str = "crm";

/// What the key of the person who made the folder may do: all but copying the store.
const SCOPES: &[Scope] = &[
    Scope::InquiriesWrite,
    Scope::InquiriesRead,
    Scope::LeadsRead,
    Scope::Operate,
    Scope::DeliveriesRead,
    Scope::DeliveriesWrite,
    Scope::ConfigRead,
    Scope::ConfigWrite,
    Scope::Metrics,
];

/// Writes the folder. `false` = not done; the reason was said.
///
/// # Errors
/// If nothing can be written.
pub fn run(args: &InitArgs, env: &Env<'_>, out: &mut dyn Write) -> io::Result<bool> {
    run_to_end(async {
        let dir = &args.dir;
        must_be_empty(dir)?;
        let key = mint(rand::random());
        let change = files(&args.workspace, &key);
        write_all(dir, &change, env)?;
        schemas::write(&dir.join(SCHEMAS))?;
        writeln!(
            out,
            "{} is written. It works as it is; every file says what it is for:\n",
            dir.display()
        )?;
        for (path, _) in change.new.iter().chain(&change.secrets) {
            writeln!(out, "  {path}")?;
        }
        writeln!(out, "  {SCHEMAS}/ (for your editor: it completes, explains and checks)")?;
        writeln!(
            out,
            "\nYour API key, shown this once (keys.yaml holds its SHA-256):\n\n  {key}\n"
        )?;
        next(args, out)?;
        Ok(())
    })
}

fn must_be_empty(dir: &Path) -> Result<(), ClientError> {
    let refused = |why: &str| {
        let dir = dir.display();
        ClientError::Refused(format!("{dir} {why}: nothing was written; name another folder"))
    };
    match fs::read_dir(dir).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(refused("is not empty")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Err(refused("is a file")),
        Err(error) => Err(error.into()),
    }
}

/// The example with a workspace, a key and a secret of its own.
fn files(workspace: &Name, key: &str) -> Change {
    let mut change = Change::default();
    for path in Example::iter() {
        let Some(file) = Example::get(&path) else { continue };
        let text = String::from_utf8_lossy(&file.data).into_owned();
        let text = match &*path {
            "keys.yaml" => {
                let row = row(&Name::fixed("me"), key, SCOPES, &[]);
                text.replace("keys: []\n", &format!("keys:\n{row}"))
            }
            _ => text,
        };
        let text = text.replace("../../schemas/configuration/", &format!("{SCHEMAS}/"));
        change.new.push((renamed(&path, workspace), renamed(&text, workspace)));
    }
    change.new.sort();
    let crm = Name::fixed(DESTINATION);
    change.secrets.push((place(workspace, &crm, Kind::Signing), fresh(Kind::Signing)));
    change
}

/// The example's workspace under another name.
fn renamed(text: &str, workspace: &Name) -> String {
    ["workspaces/{}/", "/v1/{}/", "secrets/{}."].iter().fold(text.to_owned(), |text, form| {
        text.replace(&form.replace("{}", "main"), &form.replace("{}", workspace.as_str()))
    })
}

/// The next commands, to be pasted.
fn next(args: &InitArgs, out: &mut dyn Write) -> io::Result<()> {
    let dir = args.dir.display().to_string();
    let (config, store) = (quoted(&dir), quoted(&format!("embedded:{dir}/data")));
    let workspace = &args.workspace;
    writeln!(out, "Next, each in a terminal of its own:\n")?;
    writeln!(out, "  lead-router serve --config {config} --store {store}")?;
    writeln!(out, "  lead-router receive --config {config}")?;
    writeln!(
        out,
        "  curl http://127.0.0.1:8080/v1/{workspace}/inquiries/form -d name='Ina Quillfeather' -d email=ina@quillfeather.example --data-urlencode 'phone=+49 30 23125 101'"
    )?;
    writeln!(
        out,
        "\nThe second one plays your CRM: it prints the lead, and who owns it. Where any lead is, and why:\n"
    )?;
    writeln!(out, "  lead-router find ina@quillfeather.example")
}

/// The folder as `init` would write it, with everything filled in: for tests of what reads it.
///
/// # Errors
/// If it cannot be written, or does not load.
pub fn write(dir: &Path, workspace: &Name, env: &Env<'_>) -> Result<Folder, ClientError> {
    write_all(dir, &files(workspace, &mint(rand::random())), env)
}
