//! Outbound deliveries: one event for one destination, signed, sent, judged and retried.
//!
//! - [`sign`]: Standard Webhooks v1, both ways. - [`retry`]: when to try again; pure.
//! - [`Call`]: how a vendor is told, as data. - [`Destination`]: what `destinations/*.yaml` says. - [`envelope`]: the body of an event.
//! - [`Ways`]: out, with a token where one is wanted.
//! - [`Courier`]: runs delivery jobs ([`JobRunner`](crate::domain::ports::JobRunner)).

mod after;
mod attempt;
mod breaker;
mod call;
mod checks;
mod courier;
mod destination;
mod directory;
pub mod envelope;
mod gathered;
mod headers;
mod masking;
mod oauth;
mod preset;
mod preview;
pub mod retry;
mod rotation;
mod sending;
mod settings;
pub mod sign;
mod specimen;
mod subject;
mod subset;
mod trial;
mod verdict;
mod ways;
mod words;

pub use call::{
    AnswerSettings, AuthSettings, BasicSettings, BatchSettings, Call, CallSettings, Meaning,
    MethodWord, SplitSettings, StepSettings, WithSettings,
};
pub use courier::Courier;
pub use destination::{Around, Destination, Fallback, check_fallbacks};
pub use directory::{Directory, Lines, Link};
pub use oauth::{ClientWord, GrantWord, OauthSettings};
pub use preset::{DestinationPreset, DestinationPresets};
pub use preview::Previews;
pub use rotation::Rotator;
pub use settings::{
    ConsentChannel, DestinationSettings, FallbackSettings, GatherSettings, Masked, Payload,
    RetiringSettings, WithValues,
};

pub use trial::{TrialEnd, Trials, try_out, try_together};
pub use ways::Ways;
pub use words::failure;

#[cfg(test)]
pub(crate) mod tests;
