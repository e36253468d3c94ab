//! Conditions: parsed, checked against types, compiled once, evaluated cheaply. Pure.
//!
//! A condition is a structured clause (`{field: contact.country, in: [DE, AT]}`), an expression (`{expr: "…"}`, see
//! `expr`) or several joined by `all`, `any` and `not`. Clauses may name lists kept as CSV files (`list`). Evaluation is total: it always answers, does not allocate for values of
//! usual length, and says one of four things (see [`Says`]); what cannot be decided is never a match.
//!
//! `source` (as written) → `check` with `operand` (types, limits, mistakes) → `condition` (answers).
//! To add an operator: a row in `operator`, its case in `operand`, its rows in the truth table.
//! To add a field: a row in `field`, which `reader` reads. Texts are compared folded (`fold`); `quantity` reads numbers
//! out of what people type.

mod because;
mod check;
mod condition;
mod expr;
mod field;
mod fold;
mod implied;
mod in_words;
mod index;
mod list;
mod named;
mod operand;
mod operator;
mod parts;
mod quantity;
mod reader;
mod sheet;
mod source;
mod subject;
mod table;

pub use because::Fact;
pub use condition::{Condition, Says};
pub use expr::{EXPR_DEPTH_MAX, FunctionRow, LOOPS_MAX, SOURCE_BYTES_MAX, functions};
pub use field::{CAMPAIGN, FieldRow, FieldType, PAGE, fields};
pub use index::{Index, Sifted};
pub use list::Lists;
pub use named::Named;
pub use operator::{Operand, Operator, OperatorRow, operators};
pub use quantity::quantity;
pub use sheet::{COLUMNS_MAX, ROWS_MAX, Sheet, SheetProblem};
pub use source::ConditionSource;
pub use subject::Subject;
pub use table::{Assigned, Found, Policy, Table, TableFile};

/// How deep conditions nest.
pub const DEPTH_MAX: usize = 16;
/// How many elements a list of values or conditions has.
pub const LIST_MAX: usize = 10_000;
/// How many clauses and joins one condition has in all.
pub const NODES_MAX: usize = 10_000;
/// How many bytes a text to compare with has.
pub const TEXT_MAX: usize = 1_000;
/// How many bytes a regular expression has as written.
pub const PATTERN_BYTES_MAX: usize = 1_000;
/// How many bytes it may take compiled.
pub const PATTERN_PROGRAM_MAX: usize = 1 << 20;

#[cfg(test)]
pub(crate) mod example;
#[cfg(test)]
mod tests;
