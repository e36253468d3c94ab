//! Gives every part of an expression a type, finds every mistake, and rewrites what is right so that the
//! interpreter needs no names of ours: fields become numbered names, literals are folded.

use std::collections::BTreeSet;

use cel::common::ast::{Expr, IdedExpr, ListExpr, LiteralValue, operators as op};
use cel::common::types::{CelDouble, CelString};

use super::EXPR_DEPTH_MAX;
use super::functions::Pattern;
use super::program::{Names, Program};
use super::syntax::{Parsed, parse};
use super::tree::{root_of, spelled};
use crate::domain::SettingProblem;
use crate::rules::check::unknown_field;
use crate::rules::field::FieldType;
use crate::rules::fold::fold;
use crate::rules::reader::Reader;

/// The type of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Number,
    Flag,
    Texts,
    Numbers,
}

impl Type {
    pub(super) fn phrase(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Flag => "true or false",
            Self::Texts => "a list of texts",
            Self::Numbers => "a list of numbers",
        }
    }
}

/// Checks and compiles an expression. Notes the fields it asks for.
pub(in crate::rules) fn compile(
    source: &str,
    path: &str,
    fields: &mut BTreeSet<String>,
) -> Result<Program, Vec<SettingProblem>> {
    let parsed = parse(source, path)?;
    let mut check = Check {
        parsed: &parsed,
        path,
        fields,
        problems: Vec::new(),
        readers: Vec::new(),
        patterns: Vec::new(),
        bound: None,
        loops: 0,
        depth: 0,
        too_deep: false,
    };
    let root = check.wanted(&parsed.root, Type::Flag);
    if let Some((_, root)) = root
        && check.problems.is_empty()
    {
        let program = Program { root, readers: check.readers, patterns: check.patterns };
        return match program.rehearse() {
            Ok(()) => Ok(program),
            Err(why) => {
                let message = format!("this expression cannot be evaluated: {why}");
                Err(vec![SettingProblem::new(path, message)])
            }
        };
    }
    Err(check.problems)
}

/// A part: its type and what the interpreter gets.
pub(super) type Part = (Type, IdedExpr);

pub(super) struct Check<'a> {
    pub(super) parsed: &'a Parsed,
    pub(super) path: &'a str,
    pub(super) fields: &'a mut BTreeSet<String>,
    pub(super) problems: Vec<SettingProblem>,
    pub(super) readers: Vec<Reader>,
    pub(super) patterns: Vec<Pattern>,
    /// The name of the element in the loop around, with its type.
    pub(super) bound: Option<(String, Type)>,
    pub(super) loops: usize,
    pub(super) depth: usize,
    /// That it is too deep was said.
    too_deep: bool,
}

impl Check<'_> {
    pub(super) fn refuse<T>(&mut self, part: u64, message: &str, suggestion: &str) -> Option<T> {
        let mut problem = SettingProblem::new(self.path, self.parsed.marked(part, message));
        problem.suggestion = (!suggestion.is_empty()).then(|| suggestion.to_owned());
        self.problems.push(problem);
        None
    }

    /// A part that has to be of a type.
    pub(super) fn wanted(&mut self, expr: &IdedExpr, wanted: Type) -> Option<Part> {
        let (found, part) = self.part(expr)?;
        if found == wanted {
            return Some((found, part));
        }
        let hint = match (found, wanted) {
            (Type::Text, Type::Number) => "write `number(…)` to read the number a text states",
            (Type::Text, Type::Flag) => "compare it, or write `has(…)`",
            _ => "",
        };
        let message = format!("{} is needed here, not {}", wanted.phrase(), found.phrase());
        self.refuse(expr.id, &message, hint)
    }

    pub(super) fn part(&mut self, expr: &IdedExpr) -> Option<Part> {
        if self.depth == EXPR_DEPTH_MAX {
            if std::mem::replace(&mut self.too_deep, true) {
                return None;
            }
            let message = format!("expressions nest at most {EXPR_DEPTH_MAX} deep");
            return self.refuse(expr.id, &message, "join several `expr` clauses by `all` or `any`");
        }
        self.depth += 1;
        let part = self.inside(expr);
        self.depth -= 1;
        part
    }

    fn inside(&mut self, expr: &IdedExpr) -> Option<Part> {
        match &expr.expr {
            Expr::Literal(literal) => self.literal(expr.id, literal),
            Expr::Ident(name) if self.bound.as_ref().is_some_and(|(bound, _)| bound == name) => {
                Some((self.bound.as_ref()?.1, expr.clone()))
            }
            Expr::Ident(_) | Expr::Select(_) => self.field(expr),
            Expr::List(list) => self.list(expr.id, list),
            Expr::Call(call) if call.func_name == op::INDEX => self.field(expr),
            Expr::Call(call) => self.call(expr, call),
            Expr::Map(_) | Expr::Struct(_) => self.refuse(expr.id, "there are no maps here", ""),
            Expr::Comprehension(_) | Expr::Unspecified => {
                self.refuse(expr.id, "this cannot stand here", "")
            }
        }
    }

    fn literal(&mut self, id: u64, literal: &LiteralValue) -> Option<Part> {
        #[expect(clippy::cast_precision_loss, reason = "numbers in conditions stay below 2^53")]
        let (kind, literal) = match literal {
            LiteralValue::Boolean(_) => (Type::Flag, literal.clone()),
            LiteralValue::Double(_) => (Type::Number, literal.clone()),
            LiteralValue::Int(n) => {
                (Type::Number, LiteralValue::Double(CelDouble::from(*n.inner() as f64)))
            }
            LiteralValue::UInt(n) => {
                (Type::Number, LiteralValue::Double(CelDouble::from(*n.inner() as f64)))
            }
            LiteralValue::String(text) => {
                let folded = fold(text.inner()).as_str().to_owned();
                (Type::Text, LiteralValue::String(CelString::from(folded)))
            }
            LiteralValue::Null => {
                return self.refuse(id, "there is no null here", "ask `has(field)`");
            }
            LiteralValue::Bytes(_) => return self.refuse(id, "there are no bytes here", ""),
        };
        Some((kind, IdedExpr { id, expr: Expr::Literal(literal) }))
    }

    fn list(&mut self, id: u64, list: &ListExpr) -> Option<Part> {
        let before = self.problems.len();
        let parts: Vec<Option<Part>> = list.elements.iter().map(|item| self.part(item)).collect();
        if self.problems.len() > before {
            return None;
        }
        let parts: Vec<Part> = parts.into_iter().flatten().collect();
        let kind = match parts.first() {
            Some((Type::Text, _)) => Type::Texts,
            Some((Type::Number, _)) => Type::Numbers,
            Some(_) => return self.refuse(id, "a list holds texts or numbers", ""),
            None => return self.refuse(id, "an empty list matches nothing", ""),
        };
        if parts.iter().any(|(other, _)| *other != parts[0].0) {
            return self.refuse(id, "all elements of a list are of one type", "");
        }
        let elements = parts.into_iter().map(|(_, part)| part).collect();
        Some((kind, IdedExpr { id, expr: Expr::List(ListExpr::new(elements)) }))
    }

    /// The reader behind a path of names, by its number.
    pub(super) fn reader(&mut self, expr: &IdedExpr) -> Option<usize> {
        let Some(path) = spelled(expr) else {
            let message = "the path of a field is needed here, such as contact.country";
            return self.refuse(expr.id, message, "a key with blanks: answers[\"team size\"]");
        };
        let Some(reader) = Reader::parse(&path) else {
            let unknown = unknown_field(self.path, &path);
            let suggestion = unknown.suggestion.unwrap_or_default();
            return self.refuse(root_of(expr), &unknown.message, &suggestion);
        };
        self.fields.insert(path);
        self.readers.push(reader);
        Some(self.readers.len() - 1)
    }

    pub(super) fn named(names: Names, index: usize, id: u64) -> IdedExpr {
        IdedExpr { id, expr: Expr::Ident(names.spell(index)) }
    }

    fn field(&mut self, expr: &IdedExpr) -> Option<Part> {
        let index = self.reader(expr)?;
        let kind = match self.readers[index].kind() {
            FieldType::Number => Type::Number,
            FieldType::Flag => Type::Flag,
            _ => Type::Text,
        };
        Some((kind, Self::named(Names::Value, index, expr.id)))
    }
}
