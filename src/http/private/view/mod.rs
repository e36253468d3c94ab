//! Stored things as the private API shows them: names instead of indexes, times and ids as text,
//! scores in points. What is said of a person is in them; who may see it, the scope says.

mod delivery;
mod inquiry;
mod lead;
mod row;
mod score;
mod waiting;

pub use delivery::{DeliveryView, in_queue};
pub use inquiry::{BodyView, InquiryView, RecordView};
pub use lead::{LeadState, LeadView};
pub use row::RowView;
pub use score::QualificationView;
pub use waiting::WaitingView;

use crate::domain::Timestamp;

/// Per mille as a fraction of one.
fn fraction(per_mille: u16) -> f64 {
    f64::from(per_mille) / 1000.0
}

/// Whole seconds from then to now.
fn age(since: Timestamp, now: Timestamp) -> u64 {
    now.since(since).as_secs()
}
