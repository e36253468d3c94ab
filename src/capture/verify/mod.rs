//! Does the request come from the source? Over the raw bytes, before anything is parsed; only a key
//! inside the body has to wait for the decoding.

mod basic;
mod jws;
mod key;
mod signature;
pub(super) mod standard_webhooks;
mod verifier;

pub(super) use jws::sign as sign_jws;
pub(super) use key::Places;
pub(super) use signature::hex;
pub(super) use standard_webhooks::sign;
pub(super) use verifier::{Verdict, Verifier};
