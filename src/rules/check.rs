//! From a condition as written to one that can be evaluated: every mistake is found, each with its
//! path, one sentence and where possible what was meant.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::condition::{Clause, Condition, Interval, Node};
use super::expr;
use super::field::{FieldType, fields};
use super::list::Lists;
use super::operand::Operands;
use super::operator::{OperatorRow, operators};
use super::reader::Reader;
use super::source::Raw;
use super::{DEPTH_MAX, LIST_MAX, NODES_MAX};
use crate::domain::SettingProblem;

const JOINS: [&str; 3] = ["all", "any", "not"];

/// Checks and compiles.
pub(super) fn compile(source: &Raw, lists: &Lists) -> Result<Condition, Vec<SettingProblem>> {
    let mut check = Check { lists, problems: Vec::new(), fields: BTreeSet::new(), nodes: 0 };
    let root = check.node(source, "", 1);
    match root {
        Some(root) if check.problems.is_empty() => {
            Ok(Condition { root, fields: check.fields.into_iter().collect() })
        }
        _ => Err(check.problems),
    }
}

struct Check<'a> {
    lists: &'a Lists,
    problems: Vec<SettingProblem>,
    fields: BTreeSet<String>,
    nodes: usize,
}

impl Check<'_> {
    /// Notes a problem; the answer is that there is nothing to go on with.
    fn refuse<T>(&mut self, problem: SettingProblem) -> Option<T> {
        self.problems.push(problem);
        None
    }

    fn node(&mut self, raw: &Raw, path: &str, depth: usize) -> Option<Node> {
        self.nodes += 1;
        if self.nodes == NODES_MAX + 1 {
            let message = format!("a condition has at most {NODES_MAX} clauses");
            return self.refuse(SettingProblem::new(path, message));
        }
        if self.nodes > NODES_MAX {
            return None;
        }
        if depth > DEPTH_MAX {
            let message = format!("conditions nest at most {DEPTH_MAX} deep");
            return self.refuse(SettingProblem::new(path, message));
        }
        let Raw::Map(entries) = raw else {
            let message = format!(
                "a condition is a mapping such as {{field: contact.country, is: DE}}, not {}",
                raw.kind()
            );
            let mut problem = SettingProblem::new(path, message);
            if matches!(raw, Raw::List(_)) {
                problem.suggestion = Some("write `all: [...]` or `any: [...]`".to_owned());
            }
            return self.refuse(problem);
        };
        let joined = entries.iter().find(|(key, _)| JOINS.contains(&key.as_str()) || key == "expr");
        match joined {
            Some((key, value)) => self.join(entries, key, value, path, depth),
            None => self.clause(entries, path),
        }
    }

    fn join(
        &mut self,
        entries: &[(String, Raw)],
        key: &str,
        value: &Raw,
        path: &str,
        depth: usize,
    ) -> Option<Node> {
        if let [_, _, ..] = entries {
            let message = format!("`{key}` stands alone; join it with the rest by `all` or `any`");
            return self.refuse(SettingProblem::new(path, message));
        }
        let below = below(path, key);
        match (key, value) {
            ("expr", Raw::Text(source)) => match expr::compile(source, &below, &mut self.fields) {
                Ok(program) => Some(Node::Expr(Arc::new(program))),
                Err(problems) => {
                    self.problems.extend(problems);
                    None
                }
            },
            ("expr", other) => {
                let message = format!("`expr` needs an expression as a text, not {}", other.kind());
                let mut problem = SettingProblem::new(below, message);
                problem.suggestion = Some("put it in quotes".to_owned());
                self.refuse(problem)
            }
            ("not", node) => Some(Node::Not(Box::new(self.node(node, &below, depth + 1)?))),
            (_, Raw::List(items)) if items.is_empty() => self.refuse(SettingProblem::new(
                below,
                format!("`{key}` needs at least one condition"),
            )),
            (_, Raw::List(items)) if items.len() > LIST_MAX => {
                let message = format!("a list has at most {LIST_MAX} elements");
                self.refuse(SettingProblem::new(below, message))
            }
            (_, Raw::List(items)) => {
                let nodes: Vec<_> = items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| self.node(item, &format!("{below}[{index}]"), depth + 1))
                    .collect();
                let nodes = nodes.into_iter().collect::<Option<Vec<_>>>()?;
                if key == "all" {
                    self.contradictions(items, &nodes, &below)?;
                    return Some(Node::All(nodes));
                }
                Some(Node::Any(nodes))
            }
            _ => {
                let message = format!("`{key}` needs a list of conditions, not {}", value.kind());
                self.refuse(SettingProblem::new(below, message))
            }
        }
    }

    /// Numeric clauses on one field that no number can satisfy together.
    fn contradictions(&mut self, items: &[Raw], nodes: &[Node], path: &str) -> Option<()> {
        let mut ranges: BTreeMap<&str, Interval> = BTreeMap::new();
        for (index, (item, node)) in items.iter().zip(nodes).enumerate() {
            let Node::Clause(clause @ Clause { negative: false, .. }) = node else { continue };
            // Of several answers, each may satisfy another clause.
            if clause.reader.kind() != FieldType::Number {
                continue;
            }
            let (Some(interval), Some(field)) = (clause.test.interval(), field_of(item)) else {
                continue;
            };
            let range = ranges.entry(field).or_insert(interval);
            *range = range.and(interval);
            if range.is_empty() {
                let message =
                    format!("no number satisfies this and the clauses on `{field}` before it");
                return self.refuse(SettingProblem::new(format!("{path}[{index}]"), message));
            }
        }
        Some(())
    }

    fn clause(&mut self, entries: &[(String, Raw)], path: &str) -> Option<Node> {
        let before = self.problems.len();
        let mut field = None;
        let mut operator: Option<(&OperatorRow, &Raw)> = None;
        let mut seen = BTreeSet::new();
        for (key, value) in entries {
            if !seen.insert(key.as_str()) {
                let message = format!("`{key}` stands here twice");
                self.problems.push(SettingProblem::new(below(path, key), message));
            } else if key == "field" {
                field = self.field(value, path);
            } else if let Some(row) = operators().iter().find(|row| row.name == key) {
                if let Some((first, _)) = operator.replace((row, value)) {
                    self.problems.push(two_operators(path, first.name, row.name));
                }
            } else {
                let known =
                    operators().iter().map(|row| row.name).chain(["field", "expr"]).chain(JOINS);
                let problem = SettingProblem::new(
                    below(path, key),
                    format!(
                        "`{key}` is neither `field`, `all`, `any`, `not`, `expr` nor an operator"
                    ),
                );
                self.problems.push(problem.suggest(key, known));
            }
        }
        if self.problems.len() > before {
            return None;
        }
        let (Some(reader), Some((row, value))) = (field, operator) else {
            return self.refuse(SettingProblem::new(
                path,
                if seen.contains("field") {
                    "a clause needs an operator, such as `is` or `exists`"
                } else {
                    "a clause needs `field`"
                },
            ));
        };
        self.operator(reader, row, value, path)
    }

    fn field(&mut self, value: &Raw, path: &str) -> Option<Reader> {
        let path = below(path, "field");
        let Raw::Text(name) = value else {
            let message = format!("`field` needs the path of a field, not {}", value.kind());
            return self.refuse(SettingProblem::new(path, message));
        };
        if let Some(reader) = Reader::parse(name) {
            self.fields.insert(name.clone());
            return Some(reader);
        }
        self.refuse(unknown_field(&path, name))
    }

    fn operator(
        &mut self,
        reader: Reader,
        row: &OperatorRow,
        value: &Raw,
        path: &str,
    ) -> Option<Node> {
        let below = below(path, row.name);
        let kind = reader.kind();
        if !row.types.contains(&kind) {
            let takes: Vec<&str> = operators()
                .iter()
                .filter(|row| row.types.contains(&kind))
                .map(|row| row.name)
                .collect();
            let message = format!("`{}` cannot be asked of {}", row.name, kind.phrase());
            let mut problem = SettingProblem::new(below, message);
            problem.suggestion = Some(format!("it takes {}", takes.join(", ")));
            return self.refuse(problem);
        }
        let mut operands = Operands {
            path: &below,
            reader: &reader,
            lists: self.lists,
            problems: &mut self.problems,
        };
        let (test, negative) = operands.test(row, value)?;
        if let Some(interval) = test.interval().filter(|_| !negative) {
            let (least, most) = reader.bounds();
            if interval.and(Interval::closed(least, most)).is_empty() {
                let message = if interval.is_empty() {
                    "the lower end lies above the upper one".to_owned()
                } else {
                    let upper =
                        if most.is_finite() { format!(" or above {most}") } else { String::new() };
                    format!("this never matches: the field is never below {least}{upper}")
                };
                let mut problem = SettingProblem::new(below, message);
                if kind == FieldType::Number && most <= 1.0 {
                    problem.suggestion = Some("0.6 stands for 60 %".to_owned());
                }
                return self.refuse(problem);
            }
        }
        Some(Node::Clause(Clause { reader, test, negative }))
    }
}

/// That there is no such field, and which one was probably meant.
pub(super) fn unknown_field(path: &str, name: &str) -> SettingProblem {
    let known: Vec<&str> = fields().iter().map(|row| row.path).collect();
    let mut problem = SettingProblem::new(path, format!("there is no field `{name}`"));
    // `budget` for `need.budget` is not close in letters.
    let last = known.iter().find(|path| path.rsplit('.').next() == Some(name));
    problem = problem.suggest(name, known.iter().copied());
    if let Some(last) = last {
        problem.suggestion = Some(format!("did you mean `{last}`?"));
    }
    problem
}

fn two_operators(path: &str, first: &str, second: &str) -> SettingProblem {
    let message = format!("a clause has one operator; this one has `{first}` and `{second}`");
    let mut problem = SettingProblem::new(below(path, second), message);
    problem.suggestion =
        Some("write two clauses under `all`, or `between: [low, high]`".to_owned());
    problem
}

fn field_of(item: &Raw) -> Option<&str> {
    let Raw::Map(entries) = item else { return None };
    entries.iter().find_map(|(key, value)| match value {
        Raw::Text(name) if key == "field" => Some(name.as_str()),
        _ => None,
    })
}

fn below(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}
