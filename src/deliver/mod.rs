//! Outbound deliveries: one event for one destination, signed, sent, judged and retried.
//!
//! - [`sign`]: Standard Webhooks v1, both ways. - [`retry`]: when to try again; pure.
//! - [`Call`]: how a vendor is told, as data. - [`Destination`]: what `destinations/*.yaml` says. - [`envelope`]: the body of an event.
//! - [`Courier`]: runs delivery jobs ([`JobRunner`](crate::domain::ports::JobRunner)).

mod attempt;
mod breaker;
mod call;
mod checks;
mod courier;
mod destination;
mod directory;
pub mod envelope;
mod headers;
mod preset;
pub mod retry;
mod sending;
mod settings;
pub mod sign;
mod specimen;
mod subject;
mod subset;
mod trial;
mod verdict;
mod words;

pub use call::{
    AnswerSettings, AuthSettings, BasicSettings, Call, CallSettings, Meaning, MethodWord,
    StepSettings, WithSettings,
};
pub use courier::Courier;
pub use destination::{Around, Destination, Fallback, check_fallbacks};
pub use directory::{Directory, Lines};
pub use preset::{DestinationPreset, DestinationPresets};
pub use settings::{
    ConsentChannel, DestinationSettings, FallbackSettings, Masked, Payload, RetiringSettings,
    WithValues,
};

pub use trial::{Trials, try_out};
pub use words::failure;

#[cfg(test)]
pub(crate) mod tests;
