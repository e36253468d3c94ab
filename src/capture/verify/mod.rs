//! Does the request come from the source? Over the raw bytes, before anything is parsed; only a key
//! inside the body has to wait for the decoding.

mod key;
mod standard_webhooks;
mod verifier;

pub(super) use standard_webhooks::sign;
pub(super) use verifier::{Verdict, Verifier};
