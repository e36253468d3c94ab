//! Whether whoever one condition takes, another takes too: as far as structured clauses prove it.

use std::sync::Arc;

use super::condition::{Clause, Condition, Interval, Node, Says, Test};
use super::field::Value;
use super::reader::Reader;

impl Condition {
    /// Whether it can be proved that `other` matches wherever this one does. `false` = not proved: expressions and
    /// negated groups are not looked into.
    #[must_use]
    pub fn implies(&self, other: &Self) -> bool {
        implies(&self.root, &other.root)
    }
}

fn implies(narrow: &Node, wide: &Node) -> bool {
    match (narrow, wide) {
        (_, Node::All(parts)) => parts.iter().all(|part| implies(narrow, part)),
        (Node::Any(ways), _) => ways.iter().all(|way| implies(way, wide)),
        (_, Node::Any(ways)) if ways.iter().any(|way| implies(narrow, way)) => true,
        (Node::All(parts), _) => {
            parts.iter().any(|part| implies(part, wide)) || within(parts, wide)
        }
        _ => match (clause(narrow), clause(wide)) {
            (Some(narrow), Some(wide)) => narrow.implies(&wide),
            _ => false,
        },
    }
}

/// Several clauses on one number: what they let through together.
fn within(parts: &[Node], wide: &Node) -> bool {
    let Some(wide) = clause(wide).filter(|wide| !wide.negative && !wide.many()) else {
        return false;
    };
    let mut whole = Interval::closed(f64::NEG_INFINITY, f64::INFINITY);
    let mut several = 0;
    for part in parts.iter().filter_map(clause) {
        if part.negative || !part.reader.is(wide.reader) {
            continue;
        }
        if let Some(interval) = part.test.interval() {
            whole = whole.and(interval);
            several += 1;
        }
    }
    several > 1 && covers(wide.test, &Test::Within(whole))
}

/// A clause; a negated one is its opposite.
#[derive(Clone, Copy)]
struct Plain<'a> {
    reader: &'a Reader,
    test: &'a Test,
    negative: bool,
}

fn plain(clause: &Clause, turned: bool) -> Plain<'_> {
    let Clause { reader, test, negative } = clause;
    Plain { reader, test, negative: *negative != turned }
}

fn clause(node: &Node) -> Option<Plain<'_>> {
    match node {
        Node::Clause(clause) => Some(plain(clause, false)),
        Node::Not(node) => match &**node {
            Node::Clause(clause) => Some(plain(clause, true)),
            _ => None,
        },
        _ => None,
    }
}

impl Plain<'_> {
    /// Whether the field may have several values.
    fn many(&self) -> bool {
        matches!(self.reader, Reader::Answer { .. })
    }

    fn implies(&self, wide: &Plain<'_>) -> bool {
        if !self.reader.is(wide.reader) {
            return false;
        }
        let (mine, theirs) = (self.test, wide.test);
        match (self.negative, wide.negative) {
            // Every other clause wants a value.
            (_, false) if matches!(theirs, Test::Exists) => {
                !(self.negative && matches!(mine, Test::Exists))
            }
            (_, true) if matches!(theirs, Test::Exists) => {
                self.negative && matches!(mine, Test::Exists)
            }
            _ if matches!(mine, Test::Exists) => false,
            (false, false) => covers(theirs, mine),
            (true, true) => covers(mine, theirs),
            (false, true) => !self.many() && apart(mine, theirs),
            (true, false) => match (mine, theirs) {
                (Test::Flag(mine), Test::Flag(theirs)) => mine != theirs,
                _ => false,
            },
        }
    }
}

/// Whether `wide` is true of every value that `narrow` is true of.
fn covers(wide: &Test, narrow: &Test) -> bool {
    match (narrow, wide) {
        (Test::Within(narrow), Test::Within(wide)) => wide.and(*narrow) == *narrow,
        (Test::Listed(narrow), Test::Listed(wide)) => Arc::ptr_eq(narrow, wide) || narrow == wide,
        (Test::StartsWith(narrow), Test::StartsWith(wide)) => narrow.starts_with(wide.as_str()),
        (Test::EndsWith(narrow), Test::EndsWith(wide)) => narrow.ends_with(wide.as_str()),
        (
            Test::StartsWith(narrow) | Test::EndsWith(narrow) | Test::Contains(narrow),
            Test::Contains(wide),
        ) => narrow.contains(wide.as_str()),
        _ => said(narrow, wide).is_some_and(|mut all| all.all(Says::is_match)),
    }
}

/// Whether `other` is false of every value that `test` is true of.
fn apart(test: &Test, other: &Test) -> bool {
    said(test, other).is_some_and(|mut all| all.all(|says| says == Says::NoMatch))
}

/// What `of` says about each value that `test` is true of, if they can be counted.
fn said<'a>(test: &'a Test, of: &'a Test) -> Option<Box<dyn Iterator<Item = Says> + 'a>> {
    Some(match test {
        Test::Equals(word) => Box::new(std::iter::once(of.evaluate(Value::Text(word)))),
        Test::OneOf(words) => Box::new(words.iter().map(|word| of.evaluate(Value::Text(word)))),
        Test::Flag(flag) => Box::new(std::iter::once(of.evaluate(Value::Flag(*flag)))),
        Test::Numbers(all) => Box::new(all.iter().map(|one| of.evaluate(Value::Number(*one)))),
        _ => return None,
    })
}
