//! Tables of figures: the same for JSON, CSV, the command line, HTML and the console.

mod calibration;
mod costs;
mod csv;
mod fairness;
mod funnel;
mod goals;
mod kind;
mod material;
mod page;
mod plot;
mod reasons;
mod speed;
mod table;
mod terms;

pub use costs::{Rate, Rates};
pub use fairness::{Share, fairness};
pub use goals::Goals;
pub use kind::Report;
pub use material::{By, Material};
pub use plot::{gathered, sparkline};
pub use table::{Cell, Column, Row, Table, Unit};
pub use terms::Terms;
