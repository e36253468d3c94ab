//! Lists that clauses name by `in_list`: sheets, indexed by the column that is asked for.
//!
//! An entry is compared as the field's own values are: texts folded, countries by code, words of the closed list,
//! numbers as numbers. For `company.domain` and `company.website` an entry stands for its domain and everything
//! below it; for `contact.email` an entry without a local part (`acme.example`, `@acme.example`) stands for all
//! addresses there.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::condition::{Test, Texts};
use super::field::FieldType;
use super::operand::Operands;
use super::quantity::quantity;
use super::reader::Reader;
use super::sheet::Sheet;
use super::source::Raw;
use crate::domain::{Field, SettingProblem, closest};

/// More mistakes among the entries of one list are not named one by one.
const NAMED_MAX: usize = 5;

/// The files of a workspace that conditions and rules name: lists by `in_list`, decision tables by `table`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lists {
    /// `None` = there is one, but it could not be read; that was said where it was read.
    by_name: BTreeMap<String, Option<Sheet>>,
    pub(super) tables: BTreeMap<String, Option<Sheet>>,
    /// Entries made ready before: a list that many clauses name is in memory once.
    ready: RefCell<BTreeMap<Ready, Arc<Entries>>>,
}

/// List, column, and how its entries are compared.
type Ready = (String, usize, &'static str, By);

impl Lists {
    /// Adds a list, or that one could not be read.
    pub fn insert(&mut self, name: &str, list: Option<Sheet>) {
        self.by_name.insert(name.to_owned(), list);
    }

    /// The list of that name: `None` = there is none, `Some(None)` = it could not be read.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Option<&Sheet>> {
        self.by_name.get(name).map(Option::as_ref)
    }

    /// The names of all lists.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    /// Adds a decision table, or that one could not be read.
    pub fn insert_table(&mut self, name: &str, table: Option<Sheet>) {
        self.tables.insert(name.to_owned(), table);
    }

    /// A decision table, if there is one of that name; inside nothing if it could not be read.
    pub fn table(&self, name: &str) -> Option<Option<&Sheet>> {
        self.tables.get(name).map(Option::as_ref)
    }

    /// The names of the decision tables.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.tables.keys().map(String::as_str)
    }

    /// How many lists there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Whether there are no lists.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }
}

impl Operands<'_> {
    /// `in_list: NAME` or `in_list: { list: NAME, column: NAME }`.
    pub(super) fn listed(&mut self, value: &Raw) -> Option<Test> {
        let (name, column) = self.named(value)?;
        let lists = self.lists;
        let Some(list) = lists.by_name.get(name) else {
            let known = lists.by_name.keys().map(String::as_str);
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

    fn column(&mut self, name: &str, list: &Sheet, asked: Option<&str>) -> Option<usize> {
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

    fn entries(&mut self, name: &str, list: &Sheet, column: usize) -> Option<Test> {
        let before = self.problems.len();
        let kind = self.reader.kind();
        let by = By::of(self.reader);
        // The words that a field can have are its own.
        let ready = (kind != FieldType::Word).then(|| (name.to_owned(), column, kind.phrase(), by));
        if let Some(found) =
            ready.as_ref().and_then(|key| self.lists.ready.borrow().get(key).cloned())
        {
            return Some(Test::Listed(found));
        }
        let mut texts = Texts::default();
        let mut numbers = Vec::new();
        let mut wrong = 0_usize;
        for row in &list.rows {
            let cell = row.cells.get(column).filter(|cell| !cell.is_empty());
            let Some(cell) = cell else { continue };
            let so_far = self.problems.len();
            if kind == FieldType::Number {
                match cell.parse().ok().filter(|n: &f64| n.is_finite()).or_else(|| quantity(cell)) {
                    Some(number) => numbers.push(number + 0.0),
                    None => {
                        self.problems.push(SettingProblem::new(self.path, "this is no number"));
                    }
                }
            } else if let Some(text) = self.word(&Raw::Text(cell.to_owned()), self.path) {
                texts.insert(by.entry(text).into_boxed_str());
            }
            if self.problems.len() > so_far {
                wrong += 1;
                if wrong > NAMED_MAX {
                    self.problems.truncate(so_far);
                } else if let Some(problem) = self.problems.last_mut() {
                    problem.message =
                        format!("lists/{name}.csv, line {}: {}", row.line, problem.message);
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
        let entries = Arc::new(Entries { texts, by });
        if let Some(key) = ready {
            self.lists.ready.borrow_mut().insert(key, Arc::clone(&entries));
        }
        Some(Test::Listed(entries))
    }
}

/// The entries of a list, made ready for one type of field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entries {
    texts: Texts,
    by: By,
}

/// How an entry stands for values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum By {
    /// For itself.
    Whole,
    /// For a domain and what is below it.
    Domain,
    /// For an address; without a local part, for all at the domain.
    Address,
}

impl By {
    pub(super) fn of(reader: &Reader) -> Self {
        match reader {
            Reader::Derived(field) if field.row.path == "company.domain" => Self::Domain,
            Reader::Canonical(Field::Website) => Self::Domain,
            Reader::Canonical(Field::Email) => Self::Address,
            _ => Self::Whole,
        }
    }

    /// An entry (folded) in the form it is looked up by.
    pub(super) fn entry(self, text: String) -> String {
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

impl By {
    /// Whether something among what a value (folded) stands under is found: the value itself, its domain, the
    /// domains above that; the longest first.
    pub(super) fn any(self, text: &str, mut found: impl FnMut(&str) -> bool) -> bool {
        let domain = match self {
            Self::Whole => return found(text),
            Self::Domain => host(text),
            Self::Address if found(text) => return true,
            Self::Address => text.rsplit_once('@').map_or("", |(_, domain)| domain),
        };
        let mut rest = Some(domain).filter(|domain| !domain.is_empty());
        while let Some(domain) = rest {
            if found(domain) {
                return true;
            }
            rest = domain.split_once('.').map(|(_, parent)| parent);
        }
        false
    }
}

impl Entries {
    /// Whether a value (folded) is among them.
    pub(super) fn hold(&self, text: &str) -> bool {
        self.by.any(text, |key| self.texts.contains(key))
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
