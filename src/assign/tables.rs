//! Rules that ask a decision table: every row has its way.

use super::compile::Ways;
use super::router::Stop;
use super::settings::{TableSettings, TargetSettings};
use crate::domain::SettingProblem;
use crate::rules::{Assigned, Lists, Policy, Sheet, SheetProblem, Table};

/// A rule's table with the ways of its rows.
#[derive(Debug, Clone)]
pub(super) struct RuleTable {
    name: String,
    pub(super) rows: Table,
    /// By [`Table::outcome`].
    pub(super) ways: Vec<Vec<Stop>>,
}

/// Problems in a table's file have paths of this form: `tables/NAME:LINE:COLUMN`.
pub(super) fn place(name: &str, line: u32, column: u32) -> String {
    format!("tables/{name}:{line}:{column}")
}

impl RuleTable {
    /// The way of a row.
    pub(super) fn way(&self, row: u32) -> Option<&Vec<Stop>> {
        self.ways.get(self.rows.outcome(row))
    }

    /// Its file, as people call it.
    pub(super) fn file(&self) -> String {
        format!("tables/{}", self.name)
    }

    pub(super) fn in_words(&self) -> String {
        let headings: Vec<&str> = self.rows.headings().collect();
        let rows = self.rows.rows();
        format!("where the row of table {} says: {rows} rows by {}", self.name, headings.join(", "))
    }

    /// Rows that can never win.
    pub(super) fn warnings(&self) -> impl Iterator<Item = SettingProblem> {
        self.rows.warnings().iter().cloned().map(|problem| located(&self.name, problem))
    }
}

/// A table's problem with its place as path.
fn located(name: &str, problem: SheetProblem) -> SettingProblem {
    let SheetProblem { line, column, message, suggestion } = problem;
    SettingProblem { path: place(name, line, column), message, suggestion }
}

/// Compiles the table that a rule names; `rest` is what its rows leave empty.
pub(super) fn compile(
    settings: &TableSettings,
    rest: &TargetSettings,
    lists: &Lists,
    rule: &str,
    ways: &mut Ways<'_>,
) -> Option<RuleTable> {
    let path = format!("{rule}.table");
    let policy = policy(settings, &path, ways);
    let sheet = sheet(settings, lists, &path, ways)?;
    let before = ways.findings.problems.len();
    if rest.queue.is_some() || rest.pool.is_some() || rest.member.is_some() {
        // What is to happen if nobody can be picked may wait for a row's pool.
        let picks = rest.pool.is_some() || rest.member.is_some();
        let otherwise = rest.otherwise.clone().filter(|_| picks);
        ways.target(&TargetSettings { otherwise, ..rest.clone() }, &format!("{rule}.assign"));
    }
    // What is wrong there is said there, not again for every row.
    let sound = ways.findings.problems.len() == before;
    let rows = match Table::compile(sheet, policy?) {
        Ok(rows) => rows,
        Err(problems) => {
            let problems = problems.into_iter().map(|problem| located(&settings.name, problem));
            ways.findings.problems.extend(problems);
            return None;
        }
    };
    let assigned = rows.assigned().iter().filter(|_| sound);
    let ways = assigned.map(|assigned| way(&settings.name, assigned, rest, ways)).collect();
    Some(RuleTable { name: settings.name.clone(), rows, ways })
}

fn policy(settings: &TableSettings, path: &str, ways: &mut Ways<'_>) -> Option<Policy> {
    let Some(given) = &settings.policy else { return Some(Policy::default()) };
    let found = Policy::WORDS.iter().find(|(word, _)| word == given);
    if found.is_none() {
        let message = format!("`{given}` is neither `first` nor `most_specific`");
        let problem = SettingProblem::new(format!("{path}.match"), message);
        let words = Policy::WORDS.iter().map(|(word, _)| *word);
        ways.findings.problems.push(problem.suggest(given, words));
    }
    found.map(|(_, policy)| *policy)
}

fn sheet<'a>(
    settings: &TableSettings,
    lists: &'a Lists,
    path: &str,
    ways: &mut Ways<'_>,
) -> Option<&'a Sheet> {
    let name = settings.name.as_str();
    if let Some(found) = lists.table(name) {
        return found;
    }
    let otherwise = format!("tables are files: tables/{name}.csv");
    let problem = SettingProblem::new(path, format!("there is no table `{name}`"));
    ways.findings.problems.push(problem.suggest_or(name, lists.tables(), Some(otherwise)));
    None
}

/// The way of what a row assigns, with the rule's own words for what it leaves empty.
fn way(name: &str, row: &Assigned, rest: &TargetSettings, ways: &mut Ways<'_>) -> Vec<Stop> {
    let [queue, pool, member] = row.places;
    let first = match (&row.queue, &row.pool, &row.member) {
        (Some(_), ..) => queue,
        (None, Some(_), _) => pool,
        _ => member,
    };
    let target = TargetSettings {
        queue: row.queue.clone().or_else(|| rest.queue.clone()),
        pool: match &row.member {
            // A member is looked for in the row's own pool, else in all.
            Some(_) => row.pool.clone(),
            None => row.pool.clone().or_else(|| rest.pool.clone()),
        },
        member: row.member.clone().or_else(|| rest.member.clone().filter(|_| row.pool.is_none())),
        skills: rest.skills.clone(),
        assign_within: rest.assign_within.clone(),
        hold: rest.hold.clone(),
        otherwise: None,
    };
    let picks = target.pool.is_some() || target.member.is_some();
    let otherwise = rest.otherwise.clone().filter(|_| picks);
    let target = TargetSettings { otherwise, ..target };
    let before = ways.findings.problems.len();
    let stops = ways.target(&target, "");
    for problem in &mut ways.findings.problems[before..] {
        let at = match problem.path.as_str() {
            ".queue" => queue,
            ".pool" => pool,
            ".member" => member,
            _ => first,
        };
        problem.path = place(name, at.0, at.1);
    }
    stops
}
