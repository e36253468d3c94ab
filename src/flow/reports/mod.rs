//! Reports: the journal folded into sums behind everybody's back, what was spent, tables made of both, and the
//! journal itself for whoever keeps figures elsewhere.

mod export;
mod project;
mod read;
mod spend;

pub use export::{Exported, ParsePositionError, Position};
pub use project::{Lag, Step};
pub use read::AskedReport;
pub use spend::{SPENDS_MAX, SpendRow};
