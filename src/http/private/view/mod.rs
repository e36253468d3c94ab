//! Stored things as the private API shows them: names instead of indexes, times and ids as text,
//! scores in points. What is said of a person is in them; who may see it, the scope says.

mod clock;
mod confirmation;
mod delivery;
mod finding;
mod found;
mod inquiry;
mod lead;
mod nurture;
mod row;
mod said;
mod score;
mod waiting;

pub use clock::ClockView;
pub use confirmation::ConfirmationView;
pub use delivery::{DeliveryView, in_queue};
pub use finding::{FindingView, OpenView, TriesView};
pub use found::FoundView;
pub use inquiry::{BodyView, InquiryView, RecordView, says};
pub use lead::{AccountView, ColleagueView, LeadState, LeadView};
pub use nurture::NurtureView;
pub use row::RowView;
pub use said::SaidView;
pub use score::QualificationView;
pub use waiting::WaitingView;
