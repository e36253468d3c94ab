//! Lists that clauses name by `in_list`: tables with a header line, indexed by the column that is asked for.
//!
//! An entry is compared as the field's own values are: texts folded, countries by code, words of the closed list,
//! numbers as numbers. For `company.domain` and `company.website` an entry stands for its domain and everything
//! below it; for `contact.email` an entry without a local part (`acme.example`, `@acme.example`) stands for all
//! addresses there.

use std::collections::BTreeMap;

use super::condition::{Test, Texts};
use super::field::FieldType;
use super::operand::Operands;
use super::quantity::quantity;
use super::reader::Reader;
use super::source::Raw;
use crate::domain::{Field, SettingProblem, closest};

/// How many rows a list has.
pub const LIST_ROWS_MAX: usize = 50_000;
/// How many columns.
pub const LIST_COLUMNS_MAX: usize = 64;
/// More mistakes among the entries of one list are not named one by one.
const NAMED_MAX: usize = 5;

/// What is wrong with the file of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListProblem {
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
    pub message: String,
    pub suggestion: Option<String>,
}

/// One list: a table with a header line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct List {
    columns: Vec<String>,
    /// Line and cells of each row that is not blank.
    rows: Vec<(u64, Vec<String>)>,
}

impl List {
    /// Reads a table: UTF-8, commas (or semicolons, if the first line has them and no comma), cells quoted where
    /// needed, the first line names the columns.
    ///
    /// # Errors
    /// Everything that is wrong: columns without a name or of the same name, rows of another length, no rows, too
    /// many.
    pub fn parse(bytes: &[u8]) -> Result<Self, Vec<ListProblem>> {
        let problem = |line: u64, column: usize, message: String| ListProblem {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
            message,
            suggestion: None,
        };
        let text = std::str::from_utf8(bytes)
            .map_err(|_| vec![problem(1, 1, "the file is not UTF-8 text".to_owned())])?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let first = text.lines().next().unwrap_or_default();
        let delimiter = if first.contains(';') && !first.contains(',') { b';' } else { b',' };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let mut list = Self::default();
        let mut problems = Vec::new();
        for record in reader.records() {
            let Ok(record) = record else {
                problems.push(problem(1, 1, "this is no table".to_owned()));
                break;
            };
            let line = record.position().map_or(1, csv::Position::line);
            if record.iter().all(str::is_empty) {
                continue;
            }
            let cells: Vec<String> = record.iter().map(str::to_owned).collect();
            if list.columns.is_empty() {
                let place = |at| place_of(text, line, at, char::from(delimiter));
                for (at, message) in header_problems(&cells) {
                    problems.push(problem(line, place(at), message));
                }
                list.columns = cells;
            } else if cells.len() == list.columns.len() {
                list.rows.push((line, cells));
            } else {
                let (found, wanted) = (cells.len(), list.columns.len());
                let message = format!("this row has {found} cells; there are {wanted} columns");
                problems.push(problem(line, 1, message));
            }
            if list.rows.len() > LIST_ROWS_MAX {
                problems.push(problem(line, 1, format!("a list has at most {LIST_ROWS_MAX} rows")));
                break;
            }
        }
        if problems.is_empty() && list.rows.is_empty() {
            let message = if list.columns.is_empty() {
                "the list is empty: its first line names the columns"
            } else {
                "the list has no rows below its header line"
            };
            problems.push(problem(1, 1, message.to_owned()));
        }
        if problems.is_empty() { Ok(list) } else { Err(problems) }
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// The place of a column in each row.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|known| known.eq_ignore_ascii_case(name))
    }

    /// Line and cells of each row.
    pub fn cells(&self) -> impl Iterator<Item = (u64, &[String])> {
        self.rows.iter().map(|(line, cells)| (*line, cells.as_slice()))
    }
}

/// Where the `at`-th cell of a line begins, in characters from 1.
fn place_of(text: &str, line: u64, at: usize, delimiter: char) -> usize {
    let index = usize::try_from(line).unwrap_or(1).saturating_sub(1);
    let (mut cell, mut quoted) = (0, false);
    for (place, c) in text.lines().nth(index).unwrap_or_default().chars().enumerate() {
        if cell == at {
            return place + 1;
        }
        quoted ^= c == '"';
        cell += usize::from(c == delimiter && !quoted);
    }
    1
}

fn header_problems(columns: &[String]) -> Vec<(usize, String)> {
    let mut problems = Vec::new();
    if columns.len() > LIST_COLUMNS_MAX {
        problems.push((0, format!("a list has at most {LIST_COLUMNS_MAX} columns")));
    }
    for (at, column) in columns.iter().enumerate() {
        if column.is_empty() {
            problems.push((at, "this column has no name".to_owned()));
        } else if columns[..at].iter().any(|other| other.eq_ignore_ascii_case(column)) {
            problems.push((at, format!("there are two columns `{column}`")));
        }
    }
    problems
}

/// The lists of a workspace, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lists {
    /// `None` = there is one, but it could not be read; that was said where it was read.
    lists: BTreeMap<String, Option<List>>,
}

impl Lists {
    /// Adds a list, or that one could not be read.
    pub fn insert(&mut self, name: &str, list: Option<List>) {
        self.lists.insert(name.to_owned(), list);
    }

    /// The list of that name: `None` = there is none, `Some(None)` = it could not be read.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Option<&List>> {
        self.lists.get(name).map(Option::as_ref)
    }

    /// The names of all.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.lists.keys().map(String::as_str)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lists.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }
}

impl Operands<'_> {
    /// `in_list: NAME` or `in_list: { list: NAME, column: NAME }`.
    pub(super) fn listed(&mut self, value: &Raw) -> Option<Test> {
        let (name, column) = self.named(value)?;
        let lists = self.lists;
        let Some(list) = lists.lists.get(name) else {
            let known = lists.lists.keys().map(String::as_str);
            let otherwise = format!("lists are files: lists/{name}.csv");
            let problem = SettingProblem::new(self.path, format!("there is no list `{name}`"));
            self.problems.push(problem.suggest_or(name, known, Some(otherwise)));
            return None;
        };
        let list = list.as_ref()?;
        let column = self.column(name, list, column)?;
        self.entries(name, list, column)
    }

    fn named<'v>(&mut self, value: &'v Raw) -> Option<(&'v str, Option<&'v str>)> {
        match value {
            Raw::Text(name) => return Some((name, None)),
            Raw::Map(entries) => {
                let mut name = None;
                let mut column = None;
                for (key, value) in entries {
                    match (key.as_str(), value) {
                        ("list", Raw::Text(text)) => name = Some(text.as_str()),
                        ("column", Raw::Text(text)) => column = Some(text.as_str()),
                        ("list" | "column", other) => {
                            let path = format!("{}.{key}", self.path);
                            let message = format!("a name is needed here, not {}", other.kind());
                            return self.refuse(&path, message, "put it in quotes");
                        }
                        _ => {
                            let path = format!("{}.{key}", self.path);
                            let problem = SettingProblem::new(path, format!("unknown key `{key}`"));
                            self.problems.push(problem.suggest(key, ["list", "column"]));
                            return None;
                        }
                    }
                }
                if let Some(name) = name {
                    return Some((name, column));
                }
            }
            _ => {}
        }
        let suggestion = "write `in_list: NAME` or `in_list: { list: NAME, column: NAME }`";
        self.refuse(self.path, "the name of a list is needed here", suggestion)
    }

    fn column(&mut self, name: &str, list: &List, asked: Option<&str>) -> Option<usize> {
        let all = list.columns.join(", ");
        match asked {
            None if list.columns.len() == 1 => Some(0),
            None => {
                let message = format!("the list `{name}` has several columns: {all}");
                let suggestion = format!("write {{ list: {name}, column: {} }}", list.columns[0]);
                self.refuse(self.path, message, &suggestion)
            }
            Some(asked) => {
                let found = list.columns.iter().position(|known| known.eq_ignore_ascii_case(asked));
                if found.is_none() {
                    let path = format!("{}.column", self.path);
                    let message = format!("the list `{name}` has no column `{asked}`, but {all}");
                    let near = closest(asked, list.columns.iter().map(String::as_str));
                    let suggestion = near.map(|near| format!("did you mean `{near}`?"));
                    return self.refuse(&path, message, &suggestion.unwrap_or_default());
                }
                found
            }
        }
    }

    fn entries(&mut self, name: &str, list: &List, column: usize) -> Option<Test> {
        let before = self.problems.len();
        let kind = self.reader.kind();
        let by = By::of(self.reader);
        let mut texts = Texts::default();
        let mut numbers = Vec::new();
        let mut wrong = 0_usize;
        for (line, cells) in &list.rows {
            let Some(cell) = cells.get(column).filter(|cell| !cell.is_empty()) else { continue };
            let so_far = self.problems.len();
            if kind == FieldType::Number {
                match cell.parse().ok().filter(|n: &f64| n.is_finite()).or_else(|| quantity(cell)) {
                    Some(number) => numbers.push(number + 0.0),
                    None => {
                        self.problems.push(SettingProblem::new(self.path, "this is no number"));
                    }
                }
            } else if let Some(text) = self.word(&Raw::Text(cell.clone()), self.path) {
                texts.insert(by.entry(text).into_boxed_str());
            }
            if self.problems.len() > so_far {
                wrong += 1;
                if wrong > NAMED_MAX {
                    self.problems.truncate(so_far);
                } else if let Some(problem) = self.problems.last_mut() {
                    problem.message = format!("lists/{name}.csv, line {line}: {}", problem.message);
                }
            }
        }
        if wrong > NAMED_MAX {
            let message = format!("lists/{name}.csv has {} more such entries", wrong - NAMED_MAX);
            self.problems.push(SettingProblem::new(self.path, message));
        }
        if self.problems.len() > before {
            return None;
        }
        if texts.is_empty() && numbers.is_empty() {
            let message = format!("this column of the list `{name}` is empty: it matches nothing");
            return self.refuse(self.path, message, "");
        }
        if kind == FieldType::Number {
            numbers.sort_by(f64::total_cmp);
            return Some(Test::Numbers(numbers));
        }
        Some(Test::Listed(Entries { texts, by }))
    }
}

/// The entries of a list, made ready for one type of field.
#[derive(Debug, Clone)]
pub(super) struct Entries {
    texts: Texts,
    by: By,
}

/// How an entry stands for values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// For itself.
    Whole,
    /// For a domain and what is below it.
    Domain,
    /// For an address; without a local part, for all at the domain.
    Address,
}

impl By {
    fn of(reader: &Reader) -> Self {
        match reader {
            Reader::Derived(field) if field.row.path == "company.domain" => Self::Domain,
            Reader::Canonical(Field::Website) => Self::Domain,
            Reader::Canonical(Field::Email) => Self::Address,
            _ => Self::Whole,
        }
    }

    /// An entry (folded) in the form it is looked up by.
    fn entry(self, text: String) -> String {
        match self {
            Self::Whole => text,
            Self::Domain => ascii(host(&text)),
            Self::Address => match text.strip_prefix('@').unwrap_or(&text) {
                rest if rest.contains('@') => rest.to_owned(),
                domain => ascii(host(domain)),
            },
        }
    }
}

impl Entries {
    /// Whether a value (folded) is among them.
    pub(super) fn hold(&self, text: &str) -> bool {
        let domain = match self.by {
            By::Whole => return self.texts.contains(text),
            By::Domain => host(text),
            By::Address if self.texts.contains(text) => return true,
            By::Address => text.rsplit_once('@').map_or("", |(_, domain)| domain),
        };
        let mut rest = Some(domain).filter(|domain| !domain.is_empty());
        while let Some(domain) = rest {
            if self.texts.contains(domain) {
                return true;
            }
            rest = domain.split_once('.').map(|(_, parent)| parent);
        }
        false
    }
}

/// The host in a domain or web address as people write it.
fn host(text: &str) -> &str {
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let text = text.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let text = text.strip_prefix("*.").unwrap_or(text);
    let text = text.strip_prefix("www.").unwrap_or(text);
    text.trim_matches('.')
}

/// Domains are known in their ASCII form.
fn ascii(domain: &str) -> String {
    idna::domain_to_ascii(domain).unwrap_or_else(|_| domain.to_owned())
}
