//! A checked expression and its answer.

use std::fmt;

use cel::common::ast::IdedExpr;
use cel::common::types::{CelBool, CelDouble, CelList, CelString};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::{Context, ExecutionError, Value as CelValue};

use super::functions::{ENVIRONMENT, Pattern};
use crate::rules::Subject;
use crate::rules::condition::Says;
use crate::rules::field::{FieldType, Value};
use crate::rules::fold::{Folded, fold};
use crate::rules::reader::{Reader, answers};

/// What a name in the rewritten tree stands for: the value of a field, whether there is one, all its
/// answers, or a pattern. Written as a letter before its number; people cannot write such names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    Value,
    Known,
    Each,
    Pattern,
}

impl Names {
    /// The name in the tree.
    pub(super) fn spell(self, index: usize) -> String {
        let letter = match self {
            Self::Value => 'v',
            Self::Known => 'k',
            Self::Each => 'e',
            Self::Pattern => 'p',
        };
        format!("#{letter}{index}")
    }

    /// Which one it is, if the name is of this kind.
    pub(super) fn index(self, name: &str) -> Option<usize> {
        Self::read(name).filter(|(names, _)| *names == self).map(|(_, index)| index)
    }

    fn read(name: &str) -> Option<(Self, usize)> {
        let mut rest = name.strip_prefix('#')?.chars();
        let names = match rest.next()? {
            'v' => Self::Value,
            'k' => Self::Known,
            'e' => Self::Each,
            _ => Self::Pattern,
        };
        Some((names, rest.as_str().parse().ok()?))
    }
}

/// An expression, checked and rewritten.
pub(in crate::rules) struct Program {
    pub(super) root: IdedExpr,
    pub(super) readers: Vec<Reader>,
    pub(super) patterns: Vec<Pattern>,
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program").field("readers", &self.readers).finish_non_exhaustive()
    }
}

impl Program {
    /// What it says. Only the fields it comes to are read.
    pub(in crate::rules) fn evaluate(&self, subject: &Subject<'_>) -> Says {
        let values = Values { program: self, subject: Some(subject) };
        match self.run(&values) {
            Ok(Some(flag)) => Says::of(flag),
            Err(ExecutionError::UndeclaredReference(_)) => Says::Missing,
            Ok(None) | Err(_) => Says::Error,
        }
    }

    /// Runs it on made-up values of the right types. The checker has seen every part before; this holds it to
    /// what the interpreter really does.
    pub(super) fn rehearse(&self) -> Result<(), String> {
        match self.run(&Values { program: self, subject: None }) {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err("it is neither true nor false".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn run(&self, values: &Values<'_>) -> Result<Option<bool>, ExecutionError> {
        let mut context = Context::with_env(ENVIRONMENT.clone());
        context.set_variable_resolver(values);
        let value = CelValue::resolve_val(&self.root, &context)?;
        Ok(value.downcast_ref::<CelBool>().map(|flag| *flag.inner()))
    }
}

/// Gives the interpreter the value behind a name when it asks for it.
struct Values<'a> {
    program: &'a Program,
    /// `None` = made-up values.
    subject: Option<&'a Subject<'a>>,
}

impl Values<'_> {
    fn read(&self, reader: &Reader) -> Value<'_> {
        match (self.subject, reader.kind()) {
            (Some(subject), _) => reader.read(subject),
            (None, FieldType::Number) => Value::Number(1.0),
            (None, FieldType::Flag) => Value::Flag(true),
            (None, _) => Value::Text("1"),
        }
    }

    fn each(&self, reader: &Reader) -> Option<CowVal<'_, '_>> {
        let mut list: Vec<Box<dyn Val + '_>> = Vec::new();
        match (self.subject, reader) {
            (Some(subject), Reader::Answer { key, .. }) => {
                for answer in answers(key, subject) {
                    if let Value::Text(text) = answer {
                        list.push(Box::new(folded(text)));
                    }
                }
            }
            _ => list.push(Box::new(CelString::from("1"))),
        }
        (!list.is_empty()).then(|| CowVal::owned(CelList::from(list)))
    }
}

impl VariableResolver for Values<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        let (names, index) = Names::read(variable)?;
        if names == Names::Pattern {
            return Some(CowVal::Borrowed(self.program.patterns.get(index)?));
        }
        let reader = self.program.readers.get(index)?;
        match (names, self.read(reader)) {
            (Names::Known, value) => Some(CowVal::owned(CelBool::from(value != Value::Missing))),
            (Names::Each, _) => self.each(reader),
            (_, Value::Missing) => None,
            (_, Value::Text(text)) => Some(CowVal::owned(folded(text))),
            (_, Value::Number(number)) => Some(CowVal::owned(CelDouble::from(number))),
            (_, Value::Flag(flag)) => Some(CowVal::owned(CelBool::from(flag))),
        }
    }
}

/// A text as it is compared; borrowed where it was folded already.
fn folded(text: &str) -> CelString<'_> {
    match fold(text) {
        Folded::Same(text) => CelString::from(text),
        other => CelString::from(other.as_str().to_owned()),
    }
}
