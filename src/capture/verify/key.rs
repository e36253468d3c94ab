//! A static key: in a header, a query parameter, the path or the body. Every configured secret is
//! compared, in constant time.

use subtle::{Choice, ConstantTimeEq};

use super::super::decode::form::percent_decoded;
use super::super::request::Request;
use super::super::secret::Secret;

/// Bytes of an unparsable body searched for a key: comparing at every offset is not free.
const SEARCHED_BYTES_MAX: usize = 16 * 1024;

/// Where a key may stand.
#[derive(Clone)]
pub(in crate::capture) struct Places {
    /// Names of headers, in lower case.
    pub(in crate::capture) headers: Vec<String>,
    /// The word before a key in `authorization`.
    pub(in crate::capture) word: String,
    /// Names of query parameters.
    pub(in crate::capture) query: Vec<String>,
    /// Behind the source in the path.
    pub(in crate::capture) path: bool,
}

/// Whether `given` is one of the secrets; all are compared.
pub(super) fn is_one_of(secrets: &[Secret], given: &[u8]) -> bool {
    secrets.iter().fold(false, |known, secret| secret.matches(given) | known)
}

/// Whether the request carries one of the secrets in one of the places.
pub(super) fn present(request: &Request, places: &Places, secrets: &[Secret]) -> bool {
    let Places { headers, word, query, path } = places;
    let in_headers = headers.iter().filter_map(|name| {
        let value = request.header(name)?.trim();
        Some(if name == "authorization" { behind(word, value)? } else { value })
    });
    if in_headers.into_iter().any(|value| is_one_of(secrets, value.as_bytes())) {
        return true;
    }
    let pairs = request.query.unwrap_or("").split('&').filter_map(|pair| pair.split_once('='));
    for (name, value) in pairs {
        let known = query.iter().any(|known| known == name);
        if known && is_one_of(secrets, &percent_decoded(value.as_bytes())) {
            return true;
        }
    }
    *path && request.path_secret.is_some_and(|given| is_one_of(secrets, given.as_bytes()))
}

/// Whether one of the secrets stands anywhere in the first [`SEARCHED_BYTES_MAX`] bytes.
pub(super) fn somewhere(secrets: &[Secret], body: &[u8]) -> bool {
    let body = &body[..body.len().min(SEARCHED_BYTES_MAX)];
    secrets.iter().any(|secret| {
        let wanted = secret.text().as_bytes();
        let found = body
            .windows(wanted.len())
            .fold(Choice::from(0), |found, window| found | window.ct_eq(wanted));
        found.into()
    })
}

fn behind<'a>(word: &str, value: &'a str) -> Option<&'a str> {
    let (scheme, key) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case(word).then_some(key.trim())
}
