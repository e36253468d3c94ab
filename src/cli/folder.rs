//! A configuration folder that commands write to: whatever they add is checked with all the rest
//! before anything of it is there.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::client::ClientError;
use crate::config::schemas;
use crate::config::{ConfigError, DemoValues, Loaded, Snapshot, Workspace, load_snapshot};
use crate::domain::{Name, closest};

/// Which folder, and which workspace in it.
#[derive(Debug, Clone, Args)]
pub struct ConfigArgs {
    /// Configuration folder
    #[arg(long, value_name = "DIR", env = "LEAD_ROUTER_CONFIG", default_value = ".")]
    pub config: PathBuf,
    /// Workspace; may be left out where there is only one
    #[arg(long, value_name = "NAME", env = "LEAD_ROUTER_WORKSPACE")]
    pub workspace: Option<Name>,
}

/// Where a folder has the schemas for editors, if it has them.
pub const SCHEMAS: &str = ".schemas";

/// Environment variables by name.
pub type Env<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// A folder that loads.
#[derive(Debug)]
pub struct Folder {
    pub dir: PathBuf,
    pub snapshot: Snapshot,
    pub loaded: Loaded,
}

/// What a command wants to write. Paths are relative to the folder, with `/`.
#[derive(Debug, Default)]
pub struct Change {
    /// Secrets: readable by their owner only.
    pub secrets: Vec<(String, String)>,
    /// Files that must not be there yet.
    pub new: Vec<(String, String)>,
    /// Files that are there, and their whole new text.
    pub edited: Vec<(String, String)>,
}

impl ConfigArgs {
    /// Whether a folder was named, or the one we are in holds a configuration.
    pub fn is_there(&self) -> bool {
        let here = ["server.yaml", "workspaces", "presets"];
        self.config != Path::new(".") || here.iter().any(|name| Path::new(name).exists())
    }

    /// Reads the folder.
    ///
    /// # Errors
    /// Everything that is wrong with it: what is added to a broken configuration cannot be checked.
    pub fn open(&self, env: &Env<'_>) -> Result<Folder, ClientError> {
        let snapshot = Snapshot::read(&self.config);
        let loaded = try_load(&snapshot, &self.config, env).0.map_err(|found| {
            let said = lines(&found);
            ClientError::Refused(format!(
                "{said}\nthe configuration in {} does not load",
                self.config.display()
            ))
        })?;
        Ok(Folder { dir: self.config.clone(), snapshot, loaded })
    }

    /// The workspace that was named, else the only one.
    ///
    /// # Errors
    /// If there is none of that name, or several and none was named.
    pub fn workspace(&self, folder: &Folder) -> Result<Arc<Workspace>, ClientError> {
        let all = &folder.loaded.workspaces;
        let names: Vec<&str> = all.keys().map(Name::as_str).collect();
        match (&self.workspace, names.as_slice()) {
            (Some(name), _) => all
                .get(name)
                .cloned()
                .ok_or_else(|| missing("workspace", name.as_str(), names.iter().copied())),
            (None, [_]) => all.values().next().cloned().ok_or(ClientError::Unknown),
            (None, _) => Err(ClientError::Workspace(names.join(", "))),
        }
    }
}

/// `there is no … ` with what was probably meant, else what there is.
pub fn missing<'a>(
    kind: &str,
    given: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> ClientError {
    let more = match closest(given, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are: {}", known.collect::<Vec<_>>().join(", ")),
    };
    ClientError::Refused(format!("there is no {kind} `{given}`: {more}"))
}

/// Loads what was read. Gives the files that `${file:…}` named in either case.
pub fn try_load(
    snapshot: &Snapshot,
    dir: &Path,
    env: &Env<'_>,
) -> (Result<Loaded, Vec<ConfigError>>, BTreeSet<PathBuf>) {
    // The demo's own values exist only while it runs; reading its files needs some.
    let demo = DemoValues { receiver: "http://127.0.0.1:9".to_owned() };
    load_snapshot(snapshot, dir, &|name| demo.get(name).or_else(|| env(name)))
}

fn lines(found: &[ConfigError]) -> String {
    found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

impl Folder {
    /// A path in the folder, as people type it.
    pub fn shown(&self, path: &str) -> String {
        self.dir.join(path).display().to_string()
    }

    /// The line by which an editor finds a file's schema, if the folder has the schemas.
    pub fn schema_line(&self, path: &str) -> String {
        let Some(name) = schemas::of(path) else { return String::new() };
        if !self.dir.join(SCHEMAS).join(name).exists() {
            return String::new();
        }
        let up = "../".repeat(path.matches('/').count());
        format!("# yaml-language-server: $schema={up}{SCHEMAS}/{name}\n")
    }

    /// The text of one of its files.
    pub fn text(&self, path: &str) -> Option<String> {
        String::from_utf8(self.snapshot.files.get(path)?.clone()).ok()
    }

    /// Writes a change if the configuration loads with it, and nothing of it otherwise. Gives the
    /// warnings that were not there before.
    ///
    /// # Errors
    /// If something would be overwritten, the configuration would not load, or the disk refuses.
    pub fn apply(&self, change: &Change, env: &Env<'_>) -> Result<Vec<ConfigError>, ClientError> {
        let added = change.secrets.iter().chain(&change.new);
        for (path, _) in added {
            if self.dir.join(path).symlink_metadata().is_ok() {
                let path = self.shown(path);
                return Err(ClientError::Refused(format!(
                    "{path} is there already: nothing was written"
                )));
            }
        }
        // `${file:…}` reads the secrets from their places: they come first, and go again if need be.
        let mut written = Written::default();
        for (path, text) in &change.secrets {
            written.secret(&self.dir.join(path), text)?;
        }
        let mut snapshot = self.snapshot.clone();
        for (path, text) in change.new.iter().chain(&change.edited) {
            snapshot.files.insert(path.clone(), text.clone().into_bytes());
        }
        let loaded = try_load(&snapshot, &self.dir, env).0.map_err(|found| {
            ClientError::Refused(format!("{}\nnothing was written", lines(&found)))
        })?;
        for (path, text) in &change.new {
            written.file(&self.dir.join(path), text)?;
        }
        for (path, text) in &change.edited {
            replace(&self.dir.join(path), text)?;
        }
        written.stays();
        let before: BTreeSet<&ConfigError> = self.loaded.warnings.iter().collect();
        Ok(loaded.warnings.iter().filter(|found| !before.contains(found)).cloned().collect())
    }
}

/// Writes a folder that is not there yet.
///
/// # Errors
/// If it would not load, or the disk refuses.
pub fn write_all(dir: &Path, change: &Change, env: &Env<'_>) -> Result<Folder, ClientError> {
    fs::create_dir_all(dir)?;
    let mut written = Written::default();
    for (path, text) in &change.secrets {
        written.secret(&dir.join(path), text)?;
    }
    for (path, text) in &change.new {
        written.file(&dir.join(path), text)?;
    }
    let folder = ConfigArgs { config: dir.to_owned(), workspace: None }.open(env)?;
    written.stays();
    Ok(folder)
}

/// Says what was written, and what now deserves a look.
///
/// # Errors
/// If `out` cannot be written.
pub fn report(
    out: &mut dyn Write,
    folder: &Folder,
    change: &Change,
    warnings: &[ConfigError],
) -> io::Result<()> {
    for (path, _) in &change.new {
        writeln!(out, "wrote    {}", folder.shown(path))?;
    }
    for (path, _) in &change.edited {
        writeln!(out, "changed  {}", folder.shown(path))?;
    }
    for (path, _) in &change.secrets {
        writeln!(
            out,
            "secret   {} (readable by you only; keep it out of git)",
            folder.shown(path)
        )?;
    }
    warnings.iter().try_for_each(|found| writeln!(out, "{found}"))
}

/// What was made so far; gone again when dropped, unless it is to stay.
#[derive(Default)]
struct Written(Vec<PathBuf>);

impl Written {
    fn secret(&mut self, path: &Path, text: &str) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            private_folder(folder)?;
        }
        let mut file = private_file(path)?;
        self.0.push(path.to_owned());
        file.write_all(text.as_bytes())?;
        file.sync_all()
    }

    fn file(&mut self, path: &Path, text: &str) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        self.0.push(path.to_owned());
        replace(path, text)
    }

    fn stays(mut self) {
        self.0.clear();
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        for path in &self.0 {
            // What could not be made need not be removed.
            drop(fs::remove_file(path));
        }
    }
}

/// Whole or not at all: a running service looks at the folder every two seconds. The half-written
/// file is hidden, and hidden files are passed over.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.partial"));
    fs::write(&beside, text)?;
    fs::rename(&beside, path)
}

/// A folder that only its owner may look into; one that is there stays as it is.
fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// A new file that only its owner may read.
fn private_file(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A word as a shell reads it back: quoted if it has to be.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@=+,%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A text as a scalar in double quotes: JSON is YAML.
pub fn scalar(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_back_what_was_quoted() {
        assert_eq!(quoted("leads/data"), "leads/data");
        assert_eq!(quoted("my leads"), "'my leads'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
