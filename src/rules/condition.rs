//! A compiled condition and its answer.

use std::sync::Arc;

use regex::Regex;

use super::expr::Program;
use super::field::Value;
use super::fold::fold;
use super::list::{Entries, Lists};
use super::quantity::quantity;
use super::reader::{Reader, answers};
use super::{ConditionSource, Subject, check};
use crate::domain::SettingProblem;

/// What a condition says about a subject. Only [`Says::Match`] is a match.
///
/// Joined conditions answer as Kleene's logic has it, whatever their order: `all` is no match if one
/// says so, `any` is a match if one says so; else an error, else something missing decides; `not`
/// turns a match and a no round and leaves the other two alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Says {
    Match,
    NoMatch,
    /// The field it asks for is not known: neither a match nor a no.
    Missing,
    /// The value is there but cannot be judged (a text where a number was needed).
    Error,
}

impl Says {
    /// Whether it is a match.
    #[must_use]
    pub fn is_match(self) -> bool {
        self == Self::Match
    }

    /// The letter in [`crate::domain::Record::rules`].
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Match => 'y',
            Self::NoMatch => 'n',
            Self::Missing => 'm',
            Self::Error => 'e',
        }
    }

    pub(super) fn of(matched: bool) -> Self {
        if matched { Self::Match } else { Self::NoMatch }
    }

    fn negated(self) -> Self {
        match self {
            Self::Match => Self::NoMatch,
            Self::NoMatch => Self::Match,
            other => other,
        }
    }

    /// The answer of conditions of which `deciding` settles the whole.
    fn joined(answers: impl Iterator<Item = Self>, deciding: Self) -> Self {
        let mut joined = deciding.negated();
        for says in answers {
            if says == deciding {
                return deciding;
            }
            if says == Self::Error || (says == Self::Missing && joined != Self::Error) {
                joined = says;
            }
        }
        joined
    }
}

/// A condition ready to be evaluated.
#[derive(Debug, Clone)]
pub struct Condition {
    pub(super) root: Node,
    pub(super) fields: Vec<String>,
}

impl Condition {
    /// Checks and compiles a condition; `lists` are those it may name. All mistakes at once, paths relative to the
    /// condition.
    pub fn compile(source: &ConditionSource, lists: &Lists) -> Result<Self, Vec<SettingProblem>> {
        check::compile(&source.0, lists)
    }

    /// What it says about the subject. Total; an error is never a match.
    #[must_use]
    pub fn evaluate(&self, subject: &Subject<'_>) -> Says {
        self.root.evaluate(subject)
    }

    /// The paths of the fields it asks for, sorted, each once.
    #[must_use]
    pub fn fields(&self) -> &[String] {
        &self.fields
    }
}

#[derive(Debug, Clone)]
pub(super) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Clause(Clause),
    Expr(Arc<Program>),
}

impl Node {
    pub(super) fn evaluate(&self, subject: &Subject<'_>) -> Says {
        match self {
            Self::All(nodes) => {
                Says::joined(nodes.iter().map(|node| node.evaluate(subject)), Says::NoMatch)
            }
            Self::Any(nodes) => {
                Says::joined(nodes.iter().map(|node| node.evaluate(subject)), Says::Match)
            }
            Self::Not(node) => node.evaluate(subject).negated(),
            Self::Clause(clause) => clause.evaluate(subject),
            Self::Expr(program) => program.evaluate(subject),
        }
    }
}

/// One field, one operator, one value. Where the field has several answers (ticked boxes), it
/// matches if one of them does, and a negative operator if none of them does.
#[derive(Debug, Clone)]
pub(super) struct Clause {
    pub(super) reader: Reader,
    pub(super) test: Test,
    /// The operator is the negative one of its kind (`is_not`, `not_in`, `exists: false`).
    pub(super) negative: bool,
}

/// A set of folded texts. Hashed by fixed-size state per process; only ever asked for membership.
pub(super) type Texts = ahash::AHashSet<Box<str>>;

#[derive(Debug, Clone)]
pub(super) enum Test {
    Exists,
    Flag(bool),
    Equals(String),
    OneOf(Texts),
    Listed(Arc<Entries>),
    Contains(String),
    StartsWith(String),
    EndsWith(String),
    Matches(Regex),
    /// Sorted.
    Numbers(Vec<f64>),
    Within(Interval),
}

impl Clause {
    fn evaluate(&self, subject: &Subject<'_>) -> Says {
        let says = match &self.reader {
            Reader::Answer { key, .. } => {
                let mut given = answers(key, subject).peekable();
                if given.peek().is_none() {
                    self.test.evaluate(Value::Missing)
                } else {
                    Says::joined(given.map(|value| self.test.evaluate(value)), Says::Match)
                }
            }
            reader => self.test.evaluate(reader.read(subject)),
        };
        if self.negative { says.negated() } else { says }
    }
}

impl Test {
    pub(super) fn evaluate(&self, value: Value<'_>) -> Says {
        match (self, value) {
            (Self::Exists, value) => Says::of(value != Value::Missing),
            (_, Value::Missing) => Says::Missing,
            (Self::Flag(wanted), Value::Flag(flag)) => Says::of(*wanted == flag),
            (Self::Numbers(_) | Self::Within(_), Value::Text(text)) => {
                quantity(text).map_or(Says::Error, |number| self.number(number))
            }
            (_, Value::Number(number)) => self.number(number),
            (_, Value::Text(text)) => self.text(fold(text).as_str()),
            (_, Value::Flag(_)) => Says::Error,
        }
    }

    fn number(&self, number: f64) -> Says {
        match self {
            Self::Numbers(numbers) => {
                // A negative zero is found as zero.
                let number = number + 0.0;
                Says::of(numbers.binary_search_by(|known| known.total_cmp(&number)).is_ok())
            }
            Self::Within(interval) => Says::of(interval.holds(number)),
            _ => Says::Error,
        }
    }

    fn text(&self, text: &str) -> Says {
        match self {
            Self::Equals(wanted) => Says::of(text == wanted),
            Self::OneOf(texts) => Says::of(texts.contains(text)),
            Self::Listed(entries) => Says::of(entries.hold(text)),
            Self::Contains(part) => Says::of(text.contains(part.as_str())),
            Self::StartsWith(part) => Says::of(text.starts_with(part.as_str())),
            Self::EndsWith(part) => Says::of(text.ends_with(part.as_str())),
            Self::Matches(pattern) => Says::of(pattern.is_match(text)),
            _ => Says::Error,
        }
    }

    /// The numbers it lets through, if it is about numbers.
    pub(super) fn interval(&self) -> Option<Interval> {
        match self {
            Self::Within(interval) => Some(*interval),
            Self::Numbers(numbers) => Some(Interval {
                low: *numbers.first()?,
                low_included: true,
                high: *numbers.last()?,
                high_included: true,
            }),
            _ => None,
        }
    }
}

/// A range of numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Interval {
    pub(super) low: f64,
    pub(super) low_included: bool,
    pub(super) high: f64,
    pub(super) high_included: bool,
}

impl Interval {
    pub(super) fn closed(low: f64, high: f64) -> Self {
        Self { low, low_included: true, high, high_included: true }
    }

    fn holds(&self, number: f64) -> bool {
        (number > self.low || (self.low_included && number >= self.low))
            && (number < self.high || (self.high_included && number <= self.high))
    }

    /// Whether no number is in it.
    pub(super) fn is_empty(&self) -> bool {
        self.low > self.high
            || (self.low >= self.high && !(self.low_included && self.high_included))
    }

    /// The numbers in both.
    pub(super) fn and(self, other: Self) -> Self {
        let (low, low_included) = if other.low > self.low {
            (other.low, other.low_included)
        } else if self.low > other.low {
            (self.low, self.low_included)
        } else {
            (self.low, self.low_included && other.low_included)
        };
        let (high, high_included) = if other.high < self.high {
            (other.high, other.high_included)
        } else if self.high < other.high {
            (self.high, self.high_included)
        } else {
            (self.high, self.high_included && other.high_included)
        };
        Self { low, low_included, high, high_included }
    }
}
