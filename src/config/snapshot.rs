//! The files of a configuration folder, read once: what is hashed, kept and parsed is the same bytes.

use std::collections::BTreeMap;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::tree::BYTES_MAX;
use super::{ConfigError, Position};
use crate::capture::{Presets, SaysPresets};
use crate::deliver::DestinationPresets;
use crate::domain::{Name, closest};

/// Files of a workspace that are not in a folder of their own.
const WORKSPACE_FILES: [&str; 5] =
    ["workspace.yaml", "qualification.yaml", "routing.yaml", "pools.yaml", "follow-up.yaml"];
/// Folders of a workspace; each YAML file in them is one thing, named as the file.
const WORKSPACE_FOLDERS: [&str; 2] = ["sources", "destinations"];
/// The folder of a workspace whose CSV files conditions name.
const LISTS: &str = "lists";
/// The folder of a workspace with its decision tables, as CSV or YAML.
const TABLES: &str = "tables";
/// The most bytes of a list or a table as CSV.
const CSV_BYTES_MAX: u64 = 16 << 20;
/// The folder of a workspace with its rule tests: no part of what a service runs by.
const TESTS: &str = "tests";
/// More files than this are a mistake.
const FILES_MAX: usize = 5_000;

/// The demo's configuration, in the binary.
#[derive(Debug, rust_embed::RustEmbed)]
#[folder = "config"]
struct DemoFiles;

/// The bytes of every file that counts, by path relative to the folder, with `/`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    pub files: BTreeMap<String, Vec<u8>>,
    /// What is wrong with the files as such: unreadable, too large, where nothing looks for them.
    pub errors: Vec<ConfigError>,
}

impl Snapshot {
    /// Reads a folder. YAML files where none is looked for are errors, for they would silently do
    /// nothing; hidden files and other kinds of file are passed over.
    #[must_use]
    pub fn read(dir: &Path) -> Self {
        let mut reader = Reader { dir, snapshot: Self::default() };
        reader.folder("", &|name| ["server.yaml", "keys.yaml"].contains(&name), true);
        reader.presets("presets", 0);
        for workspace in reader.folders("workspaces") {
            let at = format!("workspaces/{workspace}");
            if Name::parse(&workspace).is_err() {
                reader.error(&at, "a workspace's folder must be a name: lower-case letters, digits, `-`, `_`, `.`");
                continue;
            }
            reader.folder(&at, &|name| WORKSPACE_FILES.contains(&name), true);
            for folder in reader.folders(&at) {
                let inside = format!("{at}/{folder}");
                if WORKSPACE_FOLDERS.contains(&folder.as_str()) {
                    reader.folder(&inside, &|_| true, false);
                } else if folder == LISTS {
                    reader.lists(&inside);
                } else if folder == TABLES {
                    reader.tables(&inside);
                } else if folder != TESTS {
                    let near = closest(
                        &folder,
                        WORKSPACE_FOLDERS.into_iter().chain([LISTS, TABLES, TESTS]),
                    );
                    reader.stray(&inside, near);
                }
            }
        }
        if reader.snapshot.files.is_empty() && reader.snapshot.errors.is_empty() {
            reader.error(".", "there is no configuration here: no server.yaml, no workspaces");
        }
        reader.snapshot
    }

    /// The demo's configuration.
    #[must_use]
    pub fn demo() -> Self {
        let read = |path: std::borrow::Cow<'static, str>| {
            let counts =
                ["server.yaml", "keys.yaml"].contains(&&*path) || path.starts_with("workspaces/");
            let list =
                path.ends_with(".csv") && (path.contains("/lists/") || path.contains("/tables/"));
            let test = path.contains("/tests/");
            if !counts || test || !(list || path.ends_with(".yaml")) {
                return None;
            }
            Some((path.to_string(), DemoFiles::get(&path)?.data.into_owned()))
        };
        Self { files: DemoFiles::iter().filter_map(read).collect(), errors: Vec::new() }
    }

    /// The names of the workspaces, from their folders.
    #[must_use]
    pub fn workspaces(&self) -> Vec<Name> {
        let mut names: Vec<Name> = self
            .files
            .keys()
            .filter_map(|path| path.strip_prefix("workspaces/")?.split('/').next())
            .filter_map(|name| Name::parse(name).ok())
            .collect();
        names.dedup();
        names
    }

    /// The files of one workspace by their path in it, and the presets (the shipped ones, with the
    /// deployment's own over them): what its hash covers and its bundle keeps.
    #[must_use]
    pub fn of_workspace(&self, workspace: &Name) -> BTreeMap<String, Vec<u8>> {
        let inside = format!("workspaces/{workspace}/");
        let shipped = [
            ("presets/sources/", Presets::shipped_files()),
            ("presets/destinations/", DestinationPresets::shipped_files()),
            ("presets/dispositions/", SaysPresets::shipped_files()),
        ];
        let placed = |(folder, files): (&str, Vec<(String, Vec<u8>)>)| {
            let folder = folder.to_owned();
            files.into_iter().map(move |(name, bytes)| (format!("{folder}{name}"), bytes))
        };
        let mut files: BTreeMap<String, Vec<u8>> = shipped.into_iter().flat_map(placed).collect();
        files.extend(self.files.iter().filter_map(|(path, bytes)| {
            let path = match path.strip_prefix(&inside) {
                Some(path) => path,
                None if path.starts_with("presets/") => path,
                None => return None,
            };
            Some((path.to_owned(), bytes.clone()))
        }));
        files
    }

    /// The files of a workspace, as [`bundle`] kept them.
    #[must_use]
    pub fn of_bundle(workspace: &Name, bundle: &[u8]) -> Option<Self> {
        let texts: BTreeMap<String, String> = serde_json::from_slice(bundle).ok()?;
        let place = |path: String| {
            if path.starts_with("presets/") {
                return path;
            }
            format!("workspaces/{workspace}/{path}")
        };
        let files = texts.into_iter().map(|(path, text)| (place(path), text.into_bytes()));
        Some(Self { files: files.collect(), errors: Vec::new() })
    }

    /// The hash of everything.
    #[must_use]
    pub fn hash(&self) -> String {
        hash(&self.files)
    }
}

/// SHA-256 over the sorted (path, bytes), lengths before both; the first 32 hexadecimal digits. The
/// bytes are those of the files, before anything is filled in, so secrets are never in it.
#[must_use]
pub fn hash(files: &BTreeMap<String, Vec<u8>>) -> String {
    let mut hasher = Sha256::new();
    for (path, bytes) in files {
        for part in [path.as_bytes(), bytes.as_slice()] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
    }
    let mut text = hex(&hasher.finalize());
    text.truncate(32);
    text
}

/// The files as one JSON object (path → text), for keeping under the hash.
#[must_use]
pub fn bundle(files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let texts: serde_json::Map<String, serde_json::Value> = files
        .iter()
        .map(|(path, bytes)| (path.clone(), String::from_utf8_lossy(bytes).into()))
        .collect();
    serde_json::Value::Object(texts).to_string().into_bytes()
}

/// Lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

struct Reader<'a> {
    dir: &'a Path,
    snapshot: Snapshot,
}

impl Reader<'_> {
    fn error(&mut self, path: &str, message: &str) {
        self.snapshot.errors.push(ConfigError::new(path, Position::default(), message));
    }

    fn stray(&mut self, path: &str, near: Option<&str>) {
        let message = "nothing looks for this here: it would silently do nothing";
        let suggestion = near.map(|near| format!("did you mean `{near}`?"));
        self.snapshot
            .errors
            .push(ConfigError::new(path, Position::default(), message).suggesting(suggestion));
    }

    /// Sorted names in a folder: (name, is it a folder). A missing folder is empty.
    fn names(&mut self, folder: &str) -> Vec<(String, bool)> {
        let entries = match std::fs::read_dir(self.dir.join(folder)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !folder.is_empty() => {
                return Vec::new();
            }
            Err(error) => {
                self.error(
                    if folder.is_empty() { "." } else { folder },
                    &format!("the folder cannot be read: {}", error.kind()),
                );
                return Vec::new();
            }
        };
        let mut names: Vec<(String, bool)> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            // Hidden: editors' files, git's, and the `..data` of Kubernetes.
            .filter(|name| !name.starts_with('.'))
            .map(|name| {
                let is_folder = self.dir.join(folder).join(&name).is_dir();
                (name, is_folder)
            })
            .collect();
        names.sort();
        names
    }

    fn folders(&mut self, folder: &str) -> Vec<String> {
        let names = self.names(folder);
        names.into_iter().filter(|(_, is_folder)| *is_folder).map(|(name, _)| name).collect()
    }

    /// Reads the YAML files of a folder that `wanted` takes; others are errors.
    fn folder(&mut self, folder: &str, wanted: &dyn Fn(&str) -> bool, known: bool) {
        for (name, is_folder) in self.names(folder) {
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            let stem = name.strip_suffix(".yaml");
            match stem {
                _ if is_folder => {}
                Some(stem) if wanted(&name) => {
                    if Name::parse(stem).is_err() {
                        self.error(&path, "the file's name must be a name: lower-case letters, digits, `-`, `_`, `.`");
                    }
                    self.file(&path);
                }
                Some(_) if known => {
                    let names = WORKSPACE_FILES.into_iter().chain(["server.yaml", "keys.yaml"]);
                    self.stray(&path, closest(&name, names));
                }
                _ if Path::new(&name)
                    .extension()
                    .is_some_and(|end| end.eq_ignore_ascii_case("yml")) =>
                {
                    let message = "nothing looks for `.yml` here: it would silently do nothing";
                    let error = ConfigError::new(&path, Position::default(), message);
                    self.snapshot.errors.push(error.suggesting(Some("call it `.yaml`".to_owned())));
                }
                _ => {}
            }
        }
    }

    /// Reads the CSV files of a folder; others are errors.
    fn lists(&mut self, folder: &str) {
        for (name, is_folder) in self.names(folder) {
            let path = format!("{folder}/{name}");
            match name.strip_suffix(".csv") {
                Some(stem) if !is_folder => {
                    if Name::parse(stem).is_err() {
                        self.error(&path, "the file's name must be a name: lower-case letters, digits, `-`, `_`, `.`");
                    }
                    self.file(&path);
                }
                _ => {
                    let message = "a list is a CSV file: this would silently do nothing";
                    let error = ConfigError::new(&path, Position::default(), message);
                    let error = error.suggesting(Some("call it `.csv`".to_owned()));
                    self.snapshot.errors.push(error);
                }
            }
        }
    }

    /// Reads the CSV and YAML files of a folder; others are errors.
    fn tables(&mut self, folder: &str) {
        for (name, is_folder) in self.names(folder) {
            let path = format!("{folder}/{name}");
            match name.strip_suffix(".csv").or_else(|| name.strip_suffix(".yaml")) {
                Some(stem) if !is_folder => {
                    if Name::parse(stem).is_err() {
                        self.error(&path, "the file's name must be a name: lower-case letters, digits, `-`, `_`, `.`");
                    }
                    self.file(&path);
                }
                _ => {
                    let message = "a table is a CSV or YAML file: this would silently do nothing";
                    let error = ConfigError::new(&path, Position::default(), message);
                    let error = error.suggesting(Some("call it `.csv` or `.yaml`".to_owned()));
                    self.snapshot.errors.push(error);
                }
            }
        }
    }

    /// Everything below `presets/`.
    fn presets(&mut self, folder: &str, depth: u8) {
        for (name, is_folder) in self.names(folder) {
            let path = format!("{folder}/{name}");
            if is_folder && depth < 3 {
                self.presets(&path, depth + 1);
            } else if !is_folder {
                self.file(&path);
            }
        }
    }

    fn file(&mut self, path: &str) {
        if self.snapshot.files.len() >= FILES_MAX {
            return self.error(path, "there are more than 5,000 files");
        }
        let full = self.dir.join(path);
        let csv = Path::new(path).extension().is_some_and(|end| end == "csv");
        let (most, said) =
            if csv { (CSV_BYTES_MAX, "16 MiB") } else { (BYTES_MAX as u64, "1 MiB") };
        // Sizes first, so that a huge file is not read into memory.
        match std::fs::metadata(&full) {
            Ok(meta) if meta.len() > most => {
                return self.error(path, &format!("the file is larger than {said}"));
            }
            _ => {}
        }
        match std::fs::read(&full) {
            Ok(bytes) => {
                self.snapshot.files.insert(path.to_owned(), bytes);
            }
            Err(error) => self.error(path, &format!("cannot be read: {}", error.kind())),
        }
    }
}
