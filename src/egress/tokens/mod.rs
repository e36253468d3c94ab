//! Access tokens of OAuth 2 (RFC 6749: client credentials, refresh token): asked for once per expiry, whatever the
//! number of replicas, kept sealed in the store, renewed before they end.
//!
//! Who needs a token looks in this process's memory, then in the store. If there is none that is good, it takes the
//! turn (one commit against the version that was seen), asks the token endpoint through the guarded
//! client, and writes what came; the others wait for that. A turn ends by itself, so that the death of a
//! process delays nobody for long; a refusal is remembered for a while, so that a wrong secret is not
//! tried by every delivery.

mod asking;
mod granted;
mod kept;
mod turns;

pub use asking::TokenRequest;
pub use turns::{TokenError, Tokens, Told};
