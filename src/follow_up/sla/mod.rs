//! Clocks that run until somebody acts: by which terms, when what is due, what a clock says, what a touch ends.
//!
//! A clock's terms are frozen in the outcome by which a lead comes to somebody; since when it runs and what it has
//! said stands in the lead. Everything due follows from both and the calendar of whoever has the lead.

mod attempt;
mod compile;
mod run;
mod settings;
mod shown;
mod touch;

pub use attempt::{attempt_due, attempt_says};
pub use compile::{OnBreach, Sla};
pub use run::{assigned, due, says};
pub use settings::{ClockSettings, OnBreachSettings, WhoseCalendar};
pub use shown::{Shown, calendar, shown};
pub use touch::heard;

#[cfg(test)]
mod tests;
