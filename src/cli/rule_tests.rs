//! Reading `workspaces/NAME/tests/*.yaml`.

use std::path::Path;

use crate::config::{ConfigError, Loaded, Position, shape, tree};
use crate::domain::Name;
use crate::simulate::{self, Business, Case, CaseFile};

/// One test, and where it stands.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) workspace: Name,
    /// Relative to the configuration folder.
    pub(super) file: String,
    pub(super) line: u32,
    /// What the file says for all its cases.
    pub(super) settings: CaseFile,
    pub(super) case: Case,
}

impl Found {
    pub(super) fn holds(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let of = [self.case.name.as_str(), self.file.as_str(), self.workspace.as_str()];
        of.iter().any(|name| name.to_lowercase().contains(&text))
    }
}

/// All tests, and everything that is wrong with them as written.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) found: Vec<Found>,
    pub(super) errors: Vec<ConfigError>,
}

/// Reads the tests of all workspaces, by workspace, file and place.
pub(super) fn read(dir: &Path, loaded: &Loaded) -> Read {
    let mut read = Read::default();
    for (name, workspace) in &loaded.workspaces {
        let business = Business { configuration: &workspace.decide, sources: &workspace.sources };
        let folder = format!("workspaces/{name}/tests");
        for file in files(&dir.join(&folder)) {
            let path = format!("{folder}/{file}");
            if file.strip_suffix(".yaml").is_none() {
                let message = "a rule test is a `.yaml` file: this would silently do nothing";
                read.errors.push(ConfigError::new(&path, Position::default(), message));
                continue;
            }
            match std::fs::read(dir.join(&path)) {
                Ok(bytes) => read.file(name, &business, &path, &bytes),
                Err(error) => {
                    let message = format!("cannot be read: {}", error.kind());
                    read.errors.push(ConfigError::new(&path, Position::default(), message));
                }
            }
        }
    }
    read
}

/// Sorted names of the files in a folder; hidden ones are passed over.
fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
    names.sort();
    names
}

impl Read {
    fn file(&mut self, workspace: &Name, business: &Business<'_>, path: &str, bytes: &[u8]) {
        let shaped = tree::parse(path, bytes)
            .and_then(|tree| shape::read::<CaseFile>(path, &tree).map(|file| (tree, file)));
        let (tree, file) = match shaped {
            Ok(shaped) => shaped,
            Err(found) => return self.errors.extend(found),
        };
        let at = |at: &str| tree.position(at);
        if let Err(problem) = simulate::start(&file) {
            let place = at(&problem.path);
            return self.errors.push(ConfigError::of_problem(path, place, problem));
        }
        for (index, case) in file.cases.iter().enumerate() {
            let here = format!("cases[{index}]");
            for problem in simulate::check(business, &file, case) {
                let problem = problem.below(&here);
                let place = at(&problem.path);
                self.errors.push(ConfigError::of_problem(path, place, problem));
            }
            self.found.push(Found {
                workspace: workspace.clone(),
                file: path.to_owned(),
                line: at(&here).line,
                settings: CaseFile { at: file.at.clone(), cases: Vec::new() },
                case: case.clone(),
            });
        }
    }
}
