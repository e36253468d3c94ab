//! What people and tools may say back about a lead.

mod compile;
mod settings;

pub use compile::Dispositions;
pub use settings::DispositionSettings;
