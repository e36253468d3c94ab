//! Outbound deliveries: one event for one destination, signed, sent, judged and retried.
//!
//! - [`sign`]: Standard Webhooks v1, both ways. - [`retry`]: when to try again; pure.
//! - [`Destination`]: what `destinations/*.yaml` says. - [`envelope`]: the body of an event.
//! - [`Courier`]: runs delivery jobs ([`JobRunner`](crate::domain::ports::JobRunner)).

mod attempt;
mod courier;
mod destination;
mod directory;
pub mod envelope;
mod headers;
mod preset;
pub mod retry;
mod settings;
pub mod sign;
mod specimen;
mod subject;
mod trial;
mod verdict;
mod words;

pub use courier::Courier;
pub use destination::{Destination, Fallback, check_fallbacks};
pub use directory::Directory;
pub use preset::{DestinationPreset, DestinationPresets};
pub use settings::{DestinationSettings, FallbackSettings, Masked, Payload};

pub use trial::{Trials, try_out};
pub use words::failure;

#[cfg(test)]
pub(crate) mod tests;
