//! Conditions: parsed, checked against types, compiled once, evaluated cheaply. Pure.
//!
//! A condition is a structured clause (`{field: contact.country, in: [DE, AT]}`) or several joined
//! by `all`, `any` and `not`. Evaluation is total: it always answers, never allocates for values of
//! usual length, and says one of four things (see [`Says`]); what cannot be decided is never a match.
//! To add an operator: a row in `operator`, its test in `test`, its rows in the truth table.

mod condition;
mod source;
mod subject;

pub use condition::{Condition, Says};
pub use source::ConditionSource;
pub use subject::Subject;
