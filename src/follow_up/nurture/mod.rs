//! How leads are watched that are not for sales yet, or no more.

mod compile;
mod settings;

pub use compile::Nurture;
pub use settings::{NurtureSettings, Stops};
