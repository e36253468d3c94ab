//! What goes out, and what comes back.

use std::time::Duration;

use async_trait::async_trait;

/// How a request is made. Events of our own are posted; vendors want others too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OutboundMethod {
    #[default]
    Post,
    Get,
    Put,
    Patch,
}

/// One outbound request, ready to send: bytes signed are bytes sent.
#[derive(Debug, Clone)]
pub struct OutboundRequest {
    pub method: OutboundMethod,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: bytes::Bytes,
    /// One deadline over name lookup, connect, headers and body.
    pub deadline: Duration,
    /// Whether the answer's headers are of use: nobody reads a delivery's.
    pub wants_headers: bool,
    /// So much of the answer's body is read.
    pub answer_max: usize,
}

impl OutboundRequest {
    /// As much as is read of an answer about one event: 64 KiB.
    pub const ANSWER_BYTES: usize = 64 * 1024;
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboundAnswer {
    pub status: u16,
    pub retry_after: Option<String>,
    /// Those that are text, if they were wanted; else none.
    pub headers: Vec<(String, String)>,
    /// At most as much as was asked for; the rest was not read.
    pub body: bytes::Bytes,
}

/// Why there was no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    #[error("timeout")]
    Timeout,
    #[error("dns")]
    Dns,
    #[error("connect")]
    Connect,
    #[error("tls")]
    Tls,
    #[error("cut")]
    Cut,
    /// The guard refused the URL or every/any resolved address.
    #[error("blocked_address")]
    Blocked,
    #[error("body_too_large")]
    BodyTooLarge,
    #[error("bad_request")]
    BadRequest,
}

/// The only way out.
#[async_trait]
pub trait Transport: Send + Sync {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundAnswer, OutboundError>;
}
