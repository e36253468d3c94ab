//! The `expr` clause: what structured clauses cannot say, as one bounded CEL expression.
//!
//! `cel` parses and evaluates; here it is decided what may be written. `syntax` parses and says mistakes with the place
//! marked, `check` and `calls` give every part a type and rewrite it (`tree`), `program` holds the result and evaluates
//! it, `functions` are all the functions there are.
//!
//! What differs from plain CEL, so that an expression means what the clause beside it means:
//! - names are the fields of conditions (`contact.country`, `answers["team size"]`); nothing else exists;
//! - texts are compared folded, literals in the expression too: `"DE"` is `"de"`;
//! - every number is a double, so `company.employees * 2` needs no `2.0`;
//! - a field without a value makes the clause *missing*, unless the other side of `&&`, `||` decides;
//! - everything has a type at load, so that at run time only a text that is no number can fail.
//!
//! Bounds: [`SOURCE_BYTES_MAX`], [`EXPR_DEPTH_MAX`], [`LOOPS_MAX`] loops (`all`, `exists`), never one inside another, and only
//! over lists that stand there or over one field's answers. So the work is at most the source times the answers.

mod calls;
mod check;
mod functions;
mod program;
mod syntax;
mod tree;

pub(super) use check::compile;
pub use functions::{FunctionRow, functions};
pub(super) use program::Program;

/// How many bytes an expression has.
pub const SOURCE_BYTES_MAX: usize = 2_000;
/// How deep its parts nest.
pub const EXPR_DEPTH_MAX: usize = 32;
/// How many loops (`all`, `exists`) it has.
pub const LOOPS_MAX: usize = 4;
