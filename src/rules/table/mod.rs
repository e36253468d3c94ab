//! Decision tables: rows of conditions and what each row assigns, in a sheet that people keep.
//!
//! ```text
//! contact.country,contact.postal_code starts_with,company.employees,queue,pool,member
//! DE,8,,sales,dach,                 # an empty cell (or *) is true of everybody
//! DE,803,1000..,sales,,mia          # a range of numbers, open at one end
//! AT | CH,,,sales,alps,             # one of several
//! ```
//!
//! `header` reads the column names, `column` the cells below one and the ids they get, `compile` puts rows in the
//! order in which they win and indexes them, `lookup` finds the row. Each row stands in the index once, under its
//! rarest cell: so the cost follows the rows that could match, not the rows there are.

mod cell;
mod column;
mod compile;
mod file;
mod header;
mod lookup;
mod ranges;

use std::sync::Arc;

pub use compile::Policy;
pub use file::TableFile;
pub use lookup::Found;

use column::Column;

/// A compiled table. Cheap to share, never changed.
#[derive(Debug, Clone)]
pub struct Table(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    columns: Vec<Column>,
    /// Per row in the order in which they win: its cells, one per column.
    cells: Vec<Cell>,
    /// The line in the file.
    lines: Vec<u32>,
    /// Which of `assigned`.
    outcomes: Vec<u32>,
    assigned: Vec<Assigned>,
    /// What the rows are called, if the table says so.
    names: Vec<Box<str>>,
    /// Cells with several values.
    sets: Vec<Box<[u32]>>,
    /// Per column, the rows that stand under each id, in their order.
    housed: Vec<Postings>,
    /// The first row without any condition.
    always: Option<u32>,
    warnings: Vec<super::SheetProblem>,
}

/// What a row assigns; what it leaves empty, the rule says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assigned {
    pub queue: Option<String>,
    pub pool: Option<String>,
    pub member: Option<String>,
    /// Line and column of each of them, in the first row that says so.
    pub places: [(u32, u32); 3],
}

/// One condition: an id of the column, an index into `sets`, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cell(u32);

/// A cell's ids.
#[derive(Debug, Clone, Copy)]
enum Asks<'a> {
    Nothing,
    One(u32),
    OneOf(&'a [u32]),
}

/// Rows by id: one long list, cut into pieces.
#[derive(Debug, Clone, Default)]
struct Postings {
    ends: Vec<u32>,
    rows: Vec<u32>,
}
