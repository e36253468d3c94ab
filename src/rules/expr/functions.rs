//! All the functions an expression can call.
#![expect(
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    reason = "an overload has the signature the interpreter calls it by"
)]

use std::any::Any;
use std::sync::{Arc, LazyLock};

use cel::common::types::{CelBool, CelDouble, CelString, LIST_TYPE, STRING_TYPE, Type};
use cel::common::value::{CowVal, StaticVal, Val};
use cel::{DeclarationError, Env, ExecutionError};
use regex::Regex;

use crate::rules::quantity;

/// A function, as the documentation lists it.
#[derive(Debug, Clone, Copy)]
pub struct FunctionRow {
    /// As it is called.
    pub form: &'static str,
    pub meaning: &'static str,
}

const ROWS: &[FunctionRow] = &[
    FunctionRow { form: "has(field)", meaning: "there is a value" },
    FunctionRow {
        form: "re(text, \"pattern\")",
        meaning: "the regular expression matches somewhere in the text, whatever the case; compiled once, at load",
    },
    FunctionRow {
        form: "number(text)",
        meaning: "the number a text states, read as numeric operators read answers; an error if it states none",
    },
    FunctionRow {
        form: "size(text)",
        meaning: "how many characters it has; of `each(…)` or a list, how many elements",
    },
    FunctionRow {
        form: "each(field)",
        meaning: "all answers given under a key (ticked boxes), as a list of texts; missing without one",
    },
    FunctionRow { form: "text.contains(part)", meaning: "the part occurs in it" },
    FunctionRow { form: "text.startsWith(part)", meaning: "begins with the part" },
    FunctionRow { form: "text.endsWith(part)", meaning: "ends with the part" },
    FunctionRow {
        form: "list.exists(x, condition)",
        meaning: "the condition, which names the element `x`, holds for one of them",
    },
    FunctionRow { form: "list.all(x, condition)", meaning: "it holds for all of them" },
];

/// Every function, in the order of the documentation.
#[must_use]
pub fn functions() -> &'static [FunctionRow] {
    ROWS
}

/// The bare name of a row, as it stands in a call.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(super::tree::name_of)
}

/// Nothing of CEL's own library: only what [`functions`] lists. Shared by all expressions.
pub(super) static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut env = Env::default().with_optional_support(false);
    // The names differ, so nothing is declared twice; what were not declared would not load.
    let _ = declare(&mut env);
    Arc::new(env)
});

fn declare(env: &mut Env) -> Result<(), DeclarationError> {
    let text = || STRING_TYPE.to_owned();
    env.add_overload("re", "re", vec![text(), PATTERN.to_owned()], re)?;
    env.add_overload("number", "number", vec![text()], number)?;
    env.add_overload("size", "size_text", vec![text()], size_of_text)?;
    env.add_overload("size", "size_list", vec![LIST_TYPE.to_owned()], size_of_list)?;
    env.add_member_overload("contains", "contains", text(), vec![text()], contains)?;
    env.add_member_overload("startsWith", "starts_with", text(), vec![text()], starts_with)?;
    env.add_member_overload("endsWith", "ends_with", text(), vec![text()], ends_with)?;
    Ok(())
}

static PATTERN: Type = Type::new_unspecified_type("pattern");

/// A compiled regular expression as a value of the interpreter.
#[derive(Debug, Clone)]
pub(super) struct Pattern(pub(super) Regex);

impl Val for Pattern {
    fn get_type(&self) -> &Type {
        &PATTERN
    }

    fn cel_type() -> &'static Type {
        &PATTERN
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for Pattern {}

type Given<'b, 'v> = Vec<CowVal<'b, 'v>>;
type Answer<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;

fn text<'a>(args: &'a [CowVal<'_, '_>], at: usize) -> Result<&'a str, ExecutionError> {
    let text = args.get(at).and_then(|value| value.downcast_ref::<CelString>());
    text.map(CelString::inner)
        .ok_or_else(|| ExecutionError::invalid_argument_count(at + 1, args.len()))
}

fn flag<'b, 'v>(flag: bool) -> Answer<'b, 'v> {
    Ok(CowVal::owned(CelBool::from(flag)))
}

#[expect(clippy::cast_precision_loss, reason = "texts and lists are far shorter than 2^53")]
fn count<'b, 'v>(count: usize) -> Answer<'b, 'v> {
    Ok(CowVal::owned(CelDouble::from(count as f64)))
}

fn re<'b, 'v>(args: Given<'b, 'v>) -> Answer<'b, 'v> {
    let pattern = args.get(1).and_then(|value| value.downcast_ref::<Pattern>());
    let pattern = pattern.ok_or_else(|| ExecutionError::invalid_argument_count(2, args.len()))?;
    flag(pattern.0.is_match(text(&args, 0)?))
}

fn number<'b, 'v>(args: Given<'b, 'v>) -> Answer<'b, 'v> {
    let stated = quantity(text(&args, 0)?);
    let stated = stated.ok_or_else(|| ExecutionError::function_error("number", "states none"))?;
    Ok(CowVal::owned(CelDouble::from(stated)))
}

fn size_of_text<'b, 'v>(args: Given<'b, 'v>) -> Answer<'b, 'v> {
    count(text(&args, 0)?.chars().count())
}

fn size_of_list<'b, 'v>(args: Given<'b, 'v>) -> Answer<'b, 'v> {
    let sizer = args.first().and_then(|list| list.as_sizer());
    let size = sizer.map_or(0, |sizer| *sizer.size().inner());
    count(usize::try_from(size).unwrap_or(0))
}

fn contains<'b, 'v>(args: Given<'b, 'v>) -> Answer<'b, 'v> {
    flag(text(&args, 0)?.contains(text(&args, 1)?))
}

fn starts_with<'b, 'v>(args: Given<'b, 'v>) -> Answer<'b, 'v> {
    flag(text(&args, 0)?.starts_with(text(&args, 1)?))
}

fn ends_with<'b, 'v>(args: Given<'b, 'v>) -> Answer<'b, 'v> {
    flag(text(&args, 0)?.ends_with(text(&args, 1)?))
}
