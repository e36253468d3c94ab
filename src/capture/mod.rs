//! Capture: bytes and headers of one request → verified, decoded, mapped and checked submissions. Presets (YAML data, see
//! [`PresetSettings`]) say what a vendor's posts look like; there is no Rust per vendor but verification schemes.
//!
//! The way: [`capture`] checks method, size and encoding, verifies over the raw bytes (`verify/`), decodes to a flat list of
//! leaves (`decode/`), maps leaves to canonical fields, answers, consents and attribution (`map.rs`), and checks the result
//! against `schemas/inquiry.json` (`schema.rs`). Secrets leave this room in no output (`redact.rs`). [`acknowledge()`] says
//! afterwards what the caller is told. Whether there is enough to reach the person (the least inquiry) is judged in identify.

mod acknowledge;
mod asked;
mod campaign;
mod challenge;
mod confirmation;
mod content;
mod cors;
mod cost;
mod decode;
mod extend;
mod handshake;
mod limits;
mod map;
mod month_names;
mod names;
pub mod page;
mod preset;
mod proof;
mod proving;
mod redact;
mod request;
mod retrieval;
mod says;
mod schema;
mod scheme;
mod secret;
mod settings;
mod setup;
mod signed;
mod sorting;
mod source;
mod special;
mod stated_time;
mod take;
mod verify;

pub use acknowledge::{Acked, Acknowledgement, acknowledge, default_http};
pub use challenge::{Challenge, ChallengeProvider, ChallengeSettings, Challenged};
pub use confirmation::ConfirmationSettings;
pub use cors::Cors;
pub use cost::{Amount, CostSettings};
pub use handshake::Handshake;
pub use limits::Limits;
pub use preset::{
    ConsentSettings, Decoding, EmbeddedSettings, Family, ListSettings, PresetSettings, Presets,
    TechnicalSettings, TimeSettings,
};
pub use proof::{Post, ProofError, Proved};
pub use request::{Captured, Method, Refused, Request, RowProblem, Unreadable, Violation};
pub use retrieval::{
    AnswerSettings, AskSettings, BackfillSettings, BackfillWindow, CannotAsk, GrantSettings,
    Meaning, Page, ReferenceSettings, Retrieval, RetrievalSettings, SourceRetrievalSettings,
    StatedTime,
};
pub use says::{Part, Says, SaysPreset, SaysPresets, SaysSettings, WebhookSays};
pub use schema::INQUIRY_SCHEMA;
pub use scheme::{HandshakeSettings, SchemeSettings, SignatureSettings, VerificationSettings};
pub use secret::Secret;
pub use settings::{
    AcknowledgeSettings, Answered, DateOrder, ErrorBody, LimitSettings, RateSettings,
    SourceSettings,
};
pub use setup::{HIDDEN, PublicBase, Reveal, SampleSettings, Setup};
pub use signed::SigningKeys;
pub use sorting::Origin;
pub use source::Source;
pub use take::{capture, explain, redacted_body, redacted_rows};

#[cfg(test)]
mod tests;
