//! What a token endpoint is asked, and what its answer says.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::form_urlencoded::Serializer;

use super::turns::TokenError;
use crate::domain::ports::{OutboundAnswer, OutboundError, OutboundMethod, OutboundRequest};

/// No token is longer.
const TOKEN_BYTES_MAX: usize = 16 * 1024;
const CODE_BYTES_MAX: usize = 60;

/// How a token is had. Printing it shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenRequest {
    pub url: String,
    /// Everything but the refresh token, names and values.
    pub pairs: Vec<(String, String)>,
    /// User and password, where the endpoint wants them so.
    pub basic: Option<(String, String)>,
    /// Asked by GET, with everything in the query.
    pub by_query: bool,
    /// The first one; the endpoint may give others in its place.
    pub refresh_token: Option<String>,
    /// How long a token lives whose answer does not say it.
    pub lives: Duration,
}

impl fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRequest").finish_non_exhaustive()
    }
}

/// What the endpoint gave.
pub(super) struct Given {
    pub(super) access: String,
    pub(super) refresh: Option<String>,
    pub(super) lives: Option<Duration>,
}

impl TokenRequest {
    /// Names what is asked: a token that was had otherwise (another client, another secret) is not ours.
    pub(super) fn fingerprint(&self) -> String {
        let mut digest = Sha256::new();
        let mut add = |text: &str| {
            digest.update((text.len() as u64).to_be_bytes());
            digest.update(text);
        };
        add(&self.url);
        for (name, value) in &self.pairs {
            add(name);
            add(value);
        }
        for text in self.basic.iter().flat_map(|(user, password)| [user, password]) {
            add(text);
        }
        add(self.refresh_token.as_deref().unwrap_or_default());
        URL_SAFE_NO_PAD.encode(digest.finalize())
    }

    /// The request, with a newer refresh token than the configured one, if there is one.
    pub(in crate::egress) fn outbound(
        &self,
        newer: Option<&str>,
        deadline: Duration,
    ) -> OutboundRequest {
        let mut form = Serializer::new(String::new());
        form.extend_pairs(&self.pairs);
        if let Some(refresh) = newer.or(self.refresh_token.as_deref()) {
            form.append_pair("refresh_token", refresh);
        }
        let form = form.finish();
        let mut headers = vec![("accept".to_owned(), "application/json".to_owned())];
        if let Some((user, password)) = &self.basic {
            let pair = STANDARD.encode(format!("{user}:{password}"));
            headers.push(("authorization".to_owned(), format!("Basic {pair}")));
        }
        let (method, url, body) = if self.by_query {
            let joint = if self.url.contains('?') { '&' } else { '?' };
            (OutboundMethod::Get, format!("{}{joint}{form}", self.url), Bytes::new())
        } else {
            let kind = "application/x-www-form-urlencoded".to_owned();
            headers.push(("content-type".to_owned(), kind));
            (OutboundMethod::Post, self.url.clone(), Bytes::from(form))
        };
        OutboundRequest {
            method,
            url,
            headers,
            body,
            deadline,
            wants_headers: false,
            answer_max: OutboundRequest::ANSWER_BYTES,
        }
    }
}

/// Reads an answer; an error may come with HTTP 200.
pub(super) fn read(answer: Result<OutboundAnswer, OutboundError>) -> Result<Given, TokenError> {
    let answer = answer.map_err(TokenError::Unanswered)?;
    let status = answer.status;
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let code = body["error"].as_str().filter(|code| is_code(code)).map(str::to_owned);
    let number = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
    match (status, body["access_token"].as_str()) {
        (200..=299, Some(access)) if is_token(access) => Ok(Given {
            access: access.to_owned(),
            refresh: body["refresh_token"].as_str().filter(|t| is_token(t)).map(str::to_owned),
            lives: number(&body["expires_in"]).map(Duration::from_secs).filter(|l| !l.is_zero()),
        }),
        (429, _) => Err(TokenError::Limited { status }),
        (200..=299, _) if code.is_none() => Err(TokenError::Odd { status }),
        (200..=299 | 400..=499, _) => Err(TokenError::Refused { status: Some(status), code }),
        _ => Err(TokenError::Odd { status }),
    }
}

/// What can stand in a header.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.len() <= TOKEN_BYTES_MAX && text.bytes().all(|b| b.is_ascii_graphic())
}

/// A plain word: nothing that may hold more than it should.
fn is_code(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_-.".contains(&b);
    !text.is_empty() && text.len() <= CODE_BYTES_MAX && text.bytes().all(plain)
}
