//! `lists/*.csv` and `tables/*.csv`, `tables/*.yaml` of a workspace: what conditions name by `in_list` and rules by
//! `table`.

use super::load::Loader;
use super::{ConfigError, Position, shape, tree};
use crate::domain::SettingProblem;
use crate::rules::{Lists, Sheet, SheetProblem, TableFile};

/// Before the path of a problem in a table's file.
const IN_TABLE: &str = "tables/";

/// Whether a room found a problem in the file of a table.
pub(super) fn in_table(problem: &SettingProblem) -> bool {
    problem.path.starts_with(IN_TABLE)
}

impl Loader<'_> {
    /// The lists and tables of a workspace. One that cannot be read is noted, and known as such.
    pub(super) fn lists(&mut self, inside: &str) -> Lists {
        let mut lists = Lists::default();
        let snapshot = self.snapshot;
        for (path, bytes) in &snapshot.files {
            let Some(rest) = path.strip_prefix(inside) else { continue };
            if let Some(file) = rest.strip_prefix("lists/") {
                let Some(name) = file.strip_suffix(".csv") else { continue };
                let sheet = self.sheet(path, Sheet::csv(bytes));
                lists.insert(name, sheet);
            } else if let Some(file) = rest.strip_prefix(IN_TABLE) {
                let (name, sheet) = match (file.strip_suffix(".csv"), file.strip_suffix(".yaml")) {
                    (Some(name), _) => (name, self.sheet(path, Sheet::csv(bytes))),
                    (_, Some(name)) => (name, self.written(path, bytes)),
                    _ => continue,
                };
                if lists.table(name).is_some() {
                    let message = format!("there are two tables `{name}`: one as CSV, one as YAML");
                    self.found.push(ConfigError::new(path, Position::START, message));
                }
                lists.insert_table(name, sheet);
            }
        }
        lists
    }

    fn sheet(&mut self, path: &str, read: Result<Sheet, Vec<SheetProblem>>) -> Option<Sheet> {
        read.map_err(|problems| {
            self.found.extend(problems.into_iter().map(|problem| {
                let at = Position { line: problem.line, column: problem.column };
                ConfigError::new(path, at, problem.message).suggesting(problem.suggestion)
            }));
        })
        .ok()
    }

    /// A table written as YAML.
    fn written(&mut self, path: &str, bytes: &[u8]) -> Option<Sheet> {
        let read = tree::parse(path, bytes)
            .and_then(|tree| shape::read::<TableFile>(path, &tree).map(|file| (tree, file)));
        let (tree, file) = match read {
            Ok(read) => read,
            Err(found) => {
                self.found.extend(found);
                return None;
            }
        };
        let at = |path: &str| {
            let at = tree.position(path);
            (at.line, at.column)
        };
        let header = file.columns.into_iter().enumerate();
        let header = header.map(|(n, text)| (text, at(&format!("columns[{n}]")))).collect();
        let rows = file.rows.into_iter().enumerate().map(|(row, cells)| {
            let cells = cells.into_iter().enumerate();
            cells.map(|(n, cell)| (cell.0, at(&format!("rows[{row}][{n}]")))).collect()
        });
        let lines = std::iter::once(header).chain(rows).collect();
        self.sheet(path, Sheet::of_cells(lines))
    }

    /// Problems that a room found in tables: `tables/NAME:LINE:COLUMN`.
    pub(super) fn of_tables(
        &self,
        inside: &str,
        problems: impl IntoIterator<Item = SettingProblem>,
    ) -> Vec<ConfigError> {
        let located = |problem: SettingProblem| {
            let mut parts = problem.path.rsplitn(3, ':');
            let mut number = || parts.next().and_then(|n| n.parse().ok()).unwrap_or(0);
            let (column, line) = (number(), number());
            let name = parts.next().unwrap_or_default();
            let csv = format!("{inside}{name}.csv");
            let known = self.snapshot.files.contains_key(&csv);
            let file = if known { csv } else { format!("{inside}{name}.yaml") };
            ConfigError::of_problem(&file, Position { line, column }, problem)
        };
        problems.into_iter().map(located).collect()
    }

    /// Tables that no rule names.
    pub(super) fn unused_tables(&mut self, inside: &str, lists: &Lists, named: &[&str]) {
        let unused = lists.tables().filter(|name| !named.contains(name));
        let problems = unused.map(|name| {
            let path = format!("{IN_TABLE}{name}:1:1");
            SettingProblem::new(path, "no rule of routing.yaml names this table")
        });
        let found = self.of_tables(inside, problems);
        self.found.extend(found.into_iter().map(ConfigError::warning));
    }
}
