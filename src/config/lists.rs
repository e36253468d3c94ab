//! `lists/*.csv` of a workspace: what conditions name by `in_list`.

use super::load::Loader;
use super::{ConfigError, Position};
use crate::rules::{List, Lists};

impl Loader<'_> {
    /// The lists of a workspace. One that cannot be read is noted, and known as such.
    pub(super) fn lists(&mut self, inside: &str) -> Lists {
        let folder = format!("{inside}lists/");
        let mut lists = Lists::default();
        for (path, bytes) in &self.snapshot.files {
            let Some(name) = path.strip_prefix(&folder).and_then(|file| file.strip_suffix(".csv"))
            else {
                continue;
            };
            match List::parse(bytes) {
                Ok(list) => lists.insert(name, Some(list)),
                Err(problems) => {
                    lists.insert(name, None);
                    self.found.extend(problems.into_iter().map(|problem| {
                        let at = Position { line: problem.line, column: problem.column };
                        ConfigError::new(path, at, problem.message).suggesting(problem.suggestion)
                    }));
                }
            }
        }
        lists
    }
}
