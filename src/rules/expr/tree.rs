//! Reading and building parts of an expression's tree.

use cel::common::ast::{
    CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, operators as op,
};
use cel::common::types::CelBool;

use super::check::Part;
use super::functions::FunctionRow;

/// What a loop has found so far.
const RESULT: &str = "@result";

/// The path that names, selections and `["keys"]` spell, if they do: `answers["team size"]` is
/// `answers.team size`.
pub(super) fn spelled(expr: &IdedExpr) -> Option<String> {
    match &expr.expr {
        Expr::Ident(name) => Some(name.clone()),
        Expr::Select(select) if !select.test => {
            Some(format!("{}.{}", spelled(&select.operand)?, select.field))
        }
        Expr::Call(call) if call.func_name == op::INDEX => {
            let [of, key] = call.args.as_slice() else { return None };
            let Expr::Literal(LiteralValue::String(key)) = &key.expr else { return None };
            Some(format!("{}.{}", spelled(of)?, key.inner()))
        }
        _ => None,
    }
}

/// The first name of a path.
pub(super) fn root_of(expr: &IdedExpr) -> u64 {
    match &expr.expr {
        Expr::Select(select) => root_of(&select.operand),
        Expr::Call(call) => call.args.first().map_or(expr.id, root_of),
        _ => expr.id,
    }
}

/// The bare name of a function, as it stands in a call.
pub(super) fn name_of(row: &FunctionRow) -> &'static str {
    let name = row.form.split('(').next().unwrap_or_default();
    name.rsplit('.').next().unwrap_or_default()
}

/// The same call of the parts as they were rewritten.
pub(super) fn again(id: u64, call: &CallExpr, parts: Vec<Part>) -> IdedExpr {
    let args = parts.into_iter().map(|(_, part)| part).collect();
    let call = CallExpr { func_name: call.func_name.clone(), target: None, args };
    IdedExpr { id, expr: Expr::Call(call) }
}

/// `all` (or else `exists`) as CEL's macros expand it: goes on until the answer is certain.
pub(super) fn looping(
    id: u64,
    all: bool,
    list: IdedExpr,
    element: &str,
    condition: IdedExpr,
) -> IdedExpr {
    let part = |expr| IdedExpr { id, expr };
    let call = |name: &str, args| {
        part(Expr::Call(CallExpr { func_name: name.to_owned(), target: None, args }))
    };
    let result = || part(Expr::Ident(RESULT.to_owned()));
    let open = if all { result() } else { call(op::LOGICAL_NOT, vec![result()]) };
    let join = if all { op::LOGICAL_AND } else { op::LOGICAL_OR };
    part(Expr::Comprehension(Box::new(ComprehensionExpr {
        iter_range: list,
        iter_var: element.to_owned(),
        iter_var2: None,
        accu_var: RESULT.to_owned(),
        accu_init: part(Expr::Literal(LiteralValue::Boolean(CelBool::from(all)))),
        loop_cond: call(op::NOT_STRICTLY_FALSE, vec![open]),
        loop_step: call(join, vec![result(), condition]),
        result: result(),
    })))
}
