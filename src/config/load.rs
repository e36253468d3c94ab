//! A folder of files to a [`Loaded`], or everything that is wrong with it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::interpolate::{self, Values};
use super::tree::{self, Node};
use super::{ConfigError, Position, ServerSettings, Severity, Snapshot, Workspace, shape, shown};
use crate::capture::Presets;
use crate::decide::Configuration;
use crate::deliver::DestinationPresets;
use crate::domain::{Name, SettingProblem};
use crate::egress::Guard;
use crate::http::configuration::ShownFile;
use crate::http::keys::{KeyRing, KeysFile};

/// Keys of source and destination files that hold secrets.
const SECRETS: [&str; 8] = [
    "secret",
    "secrets",
    "key",
    "token",
    "password",
    "authorization",
    "client_secret",
    "refresh_token",
];

/// A configuration that is good.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub server: ServerSettings,
    pub keys: KeyRing,
    pub workspaces: BTreeMap<Name, std::sync::Arc<Workspace>>,
    /// What sources may name: the shipped presets with the deployment's own over them.
    pub presets: Presets,
    /// The same for destinations.
    pub destination_presets: DestinationPresets,
    /// Content hash of all files: 32 hexadecimal digits.
    pub hash: String,
    /// What `check --strict` refuses.
    pub warnings: Vec<ConfigError>,
    /// Every value, and where it comes from.
    pub shown: std::sync::Arc<Vec<ShownFile>>,
}

/// Loads a folder. `env` gives environment variables by name and, in the demo, its own values as
/// `demo:NAME` ([`super::DemoValues::get`]).
///
/// # Errors
/// Every error of every file, by file and place, with the warnings among them.
pub fn load(dir: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Loaded, Vec<ConfigError>> {
    load_snapshot(&Snapshot::read(dir), dir, env).0
}

/// Loads files that were read before. Gives the files that `${file:…}` named in either case.
pub fn load_snapshot(
    snapshot: &Snapshot,
    dir: &Path,
    env: &dyn Fn(&str) -> Option<String>,
) -> (Result<Loaded, Vec<ConfigError>>, BTreeSet<PathBuf>) {
    let mut loader = Loader {
        snapshot,
        values: Values { env, dir, files: BTreeSet::new() },
        found: snapshot.errors.clone(),
        guard: None,
    };
    let names = snapshot.workspaces();
    if names.is_empty() && snapshot.errors.is_empty() {
        let message = "there is no workspace: no folder in workspaces/ with a YAML file";
        loader.found.push(ConfigError::new("workspaces", Position::default(), message));
    }
    let server = loader.server();
    let keys = loader.keys(&names.iter().cloned().collect());
    let presets = loader.presets();
    let receivers = loader.destination_presets();
    let crms = loader.says_presets();
    let workspaces: BTreeMap<Name, _> = names
        .iter()
        .filter_map(|name| {
            let workspace = loader.workspace(name, &presets, &receivers, &crms)?;
            Some((name.clone(), std::sync::Arc::new(workspace)))
        })
        .collect();
    if server.as_ref().is_some_and(|server| server.public_url.is_none()) {
        loader.links_without_address(&workspaces);
        loader.confirmations_without_address(&workspaces);
    }
    let mut found = loader.found;
    let secret_files = loader.values.files;
    found.sort();
    found.dedup();
    match (server, keys) {
        (Some(server), Some(keys)) if found.iter().all(|f| f.severity == Severity::Warning) => {
            let hash = snapshot.hash();
            let shown = std::sync::Arc::new(shown::all(snapshot, dir, env));
            (
                Ok(Loaded {
                    server,
                    keys,
                    workspaces,
                    presets,
                    destination_presets: receivers,
                    hash,
                    warnings: found,
                    shown,
                }),
                secret_files,
            )
        }
        _ => (Err(found), secret_files),
    }
}

/// A workspace's configuration of the past, from the bundle that was kept of it: what its records are
/// explained by. It sends nothing: destinations are known by name only. `None` if this version cannot
/// read it any more.
#[must_use]
pub fn recompile(
    workspace: &Name,
    hash: &str,
    bundle: &[u8],
    dir: &Path,
    env: &dyn Fn(&str) -> Option<String>,
) -> Option<Configuration> {
    let snapshot = Snapshot::of_bundle(workspace, bundle)?;
    let mut loader = Loader {
        snapshot: &snapshot,
        values: Values { env, dir, files: BTreeSet::new() },
        found: Vec::new(),
        guard: None,
    };
    loader.past(workspace, hash)
}

/// One file, read: its tree stays for finding places.
pub(super) struct Read<T> {
    pub(super) path: String,
    pub(super) tree: Node,
    pub(super) settings: T,
}

pub(super) struct Loader<'a> {
    pub(super) snapshot: &'a Snapshot,
    values: Values<'a>,
    pub(super) found: Vec<ConfigError>,
    /// What the server lets out; lets nothing special out while it is unknown.
    pub(super) guard: Option<Guard>,
}

impl Loader<'_> {
    /// Parses, fills in and shapes one file; a missing one is an empty map. `None` = noted.
    pub(super) fn read<T: DeserializeOwned>(&mut self, path: &str) -> Option<Read<T>> {
        let bytes = self.snapshot.files.get(path).map_or(&[][..], Vec::as_slice);
        let mut tree = match tree::parse(path, bytes) {
            Ok(tree) => tree,
            Err(found) => {
                self.found.extend(found);
                return None;
            }
        };
        let secret_kind = path.contains("/sources/") || path.contains("/destinations/");
        if path.starts_with("workspaces/") && secret_kind {
            interpolate::written_out(path, &tree, &SECRETS, &mut self.found);
        }
        interpolate::left_as_is(path, &tree, &mut self.found);
        let before = self.found.len();
        interpolate::fill(path, &mut tree, &mut self.values, &mut self.found);
        let filled = self.found.len() == before;
        match shape::read(path, &tree) {
            Ok(settings) if filled => Some(Read { path: path.to_owned(), tree, settings }),
            Ok(_) => None,
            Err(found) => {
                self.found.extend(found);
                None
            }
        }
    }

    /// Notes what is not wrong but most likely not meant.
    pub(super) fn warn<T>(&mut self, read: &Read<T>, problems: &[SettingProblem]) {
        self.found.extend(problems.iter().cloned().map(|problem| {
            let at = read.tree.position(&problem.path);
            ConfigError::of_problem(&read.path, at, problem).warning()
        }));
    }

    /// Notes a room's problems at their places.
    pub(super) fn problems<T>(&mut self, read: &Read<T>, problems: Vec<SettingProblem>) {
        self.found.extend(problems.into_iter().map(|problem| {
            ConfigError::of_problem(&read.path, read.tree.position(&problem.path), problem)
        }));
    }

    fn server(&mut self) -> Option<ServerSettings> {
        let read: Read<ServerSettings> = self.read("server.yaml")?;
        self.problems(&read, read.settings.problems());
        self.guard = Guard::compile(&read.settings.egress).ok();
        Some(read.settings)
    }

    fn keys(&mut self, workspaces: &BTreeSet<Name>) -> Option<KeyRing> {
        if !self.snapshot.files.contains_key("keys.yaml") {
            return Some(KeyRing::default());
        }
        let read: Read<KeysFile> = self.read("keys.yaml")?;
        KeyRing::compile(&read.settings, workspaces)
            .map_err(|problems| self.problems(&read, problems))
            .ok()
    }
}
