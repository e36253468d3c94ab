//! Reading a request's body: within a size, within a time, never inflated.

use std::time::Duration;

use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::StreamExt as _;

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyError {
    TooLarge,
    /// It did not arrive in time.
    Slow,
    /// The connection broke, or the framing is wrong.
    Broken,
}

/// Reads a body of at most `bytes_max`, within `deadline` from now. actix bounds only the time of
/// the head, so this is where a slow body ends.
pub async fn read(
    payload: Payload,
    bytes_max: usize,
    deadline: Duration,
) -> Result<Bytes, BodyError> {
    tokio::time::timeout(deadline, collect(payload, bytes_max))
        .await
        .unwrap_or(Err(BodyError::Slow))
}

async fn collect(mut payload: Payload, bytes_max: usize) -> Result<Bytes, BodyError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| BodyError::Broken)?;
        if body.len() + chunk.len() > bytes_max {
            return Err(BodyError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
