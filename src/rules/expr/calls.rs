//! Operators, functions and loops: what each takes and gives.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators as op};

use super::LOOPS_MAX;
use super::check::{Check, Part, Type};
use super::functions::{Pattern, functions, names};
use super::program::Names;
use super::tree::{again, looping, name_of};
use crate::domain::SettingProblem;
use crate::rules::operand::{pattern, possible};
use crate::rules::reader::Reader;
use crate::rules::{FieldRow, fields};

impl Check<'_> {
    pub(super) fn call(&mut self, expr: &IdedExpr, call: &CallExpr) -> Option<Part> {
        let id = expr.id;
        let both = |check: &mut Self, wanted: Type, gives: Type| {
            let parts: Vec<_> = call.args.iter().map(|arg| check.wanted(arg, wanted)).collect();
            let parts = parts.into_iter().collect::<Option<Vec<Part>>>()?;
            Some((gives, again(id, call, parts)))
        };
        match (call.func_name.as_str(), call.target.as_deref(), call.args.as_slice()) {
            (op::LOGICAL_AND | op::LOGICAL_OR | op::LOGICAL_NOT, ..) => {
                both(self, Type::Flag, Type::Flag)
            }
            (op::LESS | op::LESS_EQUALS | op::GREATER | op::GREATER_EQUALS, ..) => {
                both(self, Type::Number, Type::Flag)
            }
            (op::SUBSTRACT | op::MULTIPLY | op::DIVIDE | op::NEGATE, ..) => {
                both(self, Type::Number, Type::Number)
            }
            (op::MODULO, ..) => self.refuse(id, "there is no remainder here", ""),
            (op::ADD | op::EQUALS | op::NOT_EQUALS, _, [left, right]) => {
                self.alike(id, call, left, right)
            }
            (op::IN, _, [one, list]) => self.member_of(id, call, one, list),
            (op::CONDITIONAL, _, [asked, yes, no]) => self.either(id, call, asked, yes, no),
            ("has", None, [field]) => {
                let index = self.reader(field)?;
                Some((Type::Flag, Self::named(Names::Known, index, id)))
            }
            ("each", None, [field]) => self.each(id, field),
            ("re", None, [text, written]) => self.re(id, call, text, written),
            ("number", None, [_]) => both(self, Type::Text, Type::Number),
            ("size", None, [sized]) => {
                let (kind, part) = self.part(sized)?;
                if matches!(kind, Type::Number | Type::Flag) {
                    return self.refuse(sized.id, &format!("{} has no size", kind.phrase()), "");
                }
                Some((Type::Number, again(id, call, vec![(kind, part)])))
            }
            ("contains" | "startsWith" | "endsWith", Some(text), [part]) => {
                let text = self.wanted(text, Type::Text);
                let part = self.wanted(part, Type::Text);
                let mut expr = again(id, call, vec![part?]);
                if let Expr::Call(call) = &mut expr.expr {
                    call.target = Some(Box::new(text?.1));
                }
                Some((Type::Flag, expr))
            }
            ("all" | "exists", Some(list), [name, condition]) => {
                self.each_of(id, call.func_name == "all", list, name, condition)
            }
            _ => self.no_such_call(id, call),
        }
    }

    /// `+`, `==` and `!=`: both sides of one type.
    fn alike(
        &mut self,
        id: u64,
        call: &CallExpr,
        left: &IdedExpr,
        right: &IdedExpr,
    ) -> Option<Part> {
        let (one, other) = (self.part(left), self.part(right));
        let (one, other) = (one?, other?);
        let adds = call.func_name == op::ADD;
        if one.0 != other.0 {
            let numeric =
                [one.0, other.0].contains(&Type::Number) && [one.0, other.0].contains(&Type::Text);
            let hint =
                if numeric { "write `number(…)` to read the number a text states" } else { "" };
            let message =
                format!("{} and {} cannot be put together", one.0.phrase(), other.0.phrase());
            return self.refuse(id, &message, hint);
        }
        if matches!(one.0, Type::Texts | Type::Numbers) || (adds && one.0 == Type::Flag) {
            return self.refuse(id, &format!("this cannot be asked of {}", one.0.phrase()), "");
        }
        if !adds {
            self.possible(&one.1, right)?;
            self.possible(&other.1, left)?;
        }
        let gives = if adds { one.0 } else { Type::Flag };
        Some((gives, again(id, call, vec![one, other])))
    }

    fn member_of(
        &mut self,
        id: u64,
        call: &CallExpr,
        one: &IdedExpr,
        list: &IdedExpr,
    ) -> Option<Part> {
        let (found, within) = (self.part(one), self.part(list));
        let (found, within) = (found?, within?);
        match (found.0, within.0) {
            (Type::Text, Type::Texts) | (Type::Number, Type::Numbers) => {}
            (of, r#in) => {
                let message = format!("{} cannot be in {}", of.phrase(), r#in.phrase());
                return self.refuse(id, &message, "");
            }
        }
        if let Expr::List(list) = &list.expr {
            for element in &list.elements {
                self.possible(&found.1, element)?;
            }
        }
        Some((Type::Flag, again(id, call, vec![found, within])))
    }

    /// A literal compared with a field that has only certain words (a category, a country) is one of them.
    fn possible(&mut self, field: &IdedExpr, literal: &IdedExpr) -> Option<()> {
        let Expr::Literal(LiteralValue::String(text)) = &literal.expr else { return Some(()) };
        let Expr::Ident(name) = &field.expr else { return Some(()) };
        let Some(reader) = Names::Value.index(name).and_then(|index| self.readers.get(index))
        else {
            return Some(());
        };
        match possible(self.path, reader, text.inner()) {
            None => Some(()),
            Some(problem) => {
                let suggestion = problem.suggestion.unwrap_or_default();
                self.refuse(literal.id, &problem.message, &suggestion)
            }
        }
    }

    fn either(
        &mut self,
        id: u64,
        call: &CallExpr,
        asked: &IdedExpr,
        yes: &IdedExpr,
        no: &IdedExpr,
    ) -> Option<Part> {
        let asked = self.wanted(asked, Type::Flag);
        let (yes, no) = (self.part(yes), self.part(no));
        let (asked, yes, no) = (asked?, yes?, no?);
        if yes.0 != no.0 {
            let message = format!("one way gives {}, the other {}", yes.0.phrase(), no.0.phrase());
            return self.refuse(id, &message, "");
        }
        Some((yes.0, again(id, call, vec![asked, yes, no])))
    }

    fn each(&mut self, id: u64, field: &IdedExpr) -> Option<Part> {
        let index = self.reader(field)?;
        if !matches!(self.readers[index], Reader::Answer { .. }) {
            let message = "only answers can be several: `each(answers.interests)`";
            return self.refuse(id, message, "");
        }
        Some((Type::Texts, Self::named(Names::Each, index, id)))
    }

    fn re(
        &mut self,
        id: u64,
        call: &CallExpr,
        text: &IdedExpr,
        written: &IdedExpr,
    ) -> Option<Part> {
        let text = self.wanted(text, Type::Text);
        let Expr::Literal(LiteralValue::String(literal)) = &written.expr else {
            let message = "the pattern has to stand here as a text, so that it is compiled at load";
            return self.refuse(written.id, message, "");
        };
        match pattern(literal.inner()) {
            Ok(regex) => self.patterns.push(Pattern(regex)),
            Err((message, suggestion)) => {
                let suggestion = if suggestion.is_empty() { "" } else { "write `has(field)`" };
                return self.refuse(written.id, &message, suggestion);
            }
        }
        let named = Self::named(Names::Pattern, self.patterns.len() - 1, written.id);
        Some((Type::Flag, again(id, call, vec![text?, (Type::Text, named)])))
    }

    /// `list.all(x, …)` and `list.exists(x, …)`.
    fn each_of(
        &mut self,
        id: u64,
        all: bool,
        list: &IdedExpr,
        name: &IdedExpr,
        condition: &IdedExpr,
    ) -> Option<Part> {
        self.loops += 1;
        if self.loops > LOOPS_MAX {
            let message = format!("an expression has at most {LOOPS_MAX} loops (`all`, `exists`)");
            return self.refuse(id, &message, "");
        }
        if self.bound.is_some() {
            return self.refuse(id, "a loop cannot stand inside another", "");
        }
        let list = self.part(list)?;
        let element = match list.0 {
            Type::Texts => Type::Text,
            Type::Numbers => Type::Number,
            other => {
                let hint = "several answers: `each(answers.interests)`";
                return self.refuse(id, &format!("{} has no elements", other.phrase()), hint);
            }
        };
        let Expr::Ident(bound) = &name.expr else {
            return self.refuse(name.id, "a name for the element is needed here, such as `x`", "");
        };
        let begins = |row: &FieldRow| row.path.split('.').next() == Some(bound);
        if fields().iter().any(begins) {
            return self.refuse(
                name.id,
                &format!("`{bound}` is a field; call the element `x`"),
                "",
            );
        }
        self.bound = Some((bound.clone(), element));
        let condition = self.wanted(condition, Type::Flag);
        self.bound = None;
        Some((Type::Flag, looping(id, all, list.1, bound, condition?.1)))
    }

    fn no_such_call(&mut self, id: u64, call: &CallExpr) -> Option<Part> {
        let name = call.func_name.as_str();
        if name == "matches" {
            let hint = "write `re(text, \"pattern\")`, which is compiled once";
            return self.refuse(id, "`matches` compiles its pattern at every call", hint);
        }
        if ["map", "filter", "exists_one"].contains(&name) {
            return self.refuse(
                id,
                &format!("there is no `{name}` here"),
                "loops are `all` and `exists`",
            );
        }
        if let Some(row) = functions().iter().find(|row| name_of(row) == name) {
            return self.refuse(id, &format!("it is called as `{}`", row.form), "");
        }
        let problem = SettingProblem::new(self.path, format!("there is no function `{name}`"));
        let problem = problem.suggest(name, names());
        let suggestion = problem.suggestion.unwrap_or_default();
        self.refuse(id, &problem.message, &suggestion)
    }
}
