//! The only way out: an HTTP client behind a guard against requests to private addresses.
//!
//! [`Guard`] judges URLs and every resolved address by a table; [`Egress`] is the
//! [`Transport`](crate::domain::ports::Transport) that connects to vetted addresses only, under one
//! deadline and with a cap on the body. [`Tokens`] has access tokens of OAuth 2, shared by all replicas. [`LocalClient`] is apart from it: unguarded, for the
//! command line to reach the private listener of a running service.

mod client;
mod deny;
mod guard;
mod local_client;
mod resolver;
mod tokens;

pub use client::{Egress, EgressError, install_crypto};
pub use deny::is_public;
pub use guard::{EgressSettings, Guard, Refusal};
pub use local_client::{LocalAnswer, LocalClient, LocalError};
pub use resolver::SystemResolver;
pub use tokens::{TokenError, TokenRequest, Tokens, Told};

#[cfg(test)]
mod tests;
