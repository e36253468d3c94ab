//! `application/x-www-form-urlencoded`: bracket keys (`fields[email][value]`), repeated keys and `name[]`.

use super::super::preset::Decoding;
use super::super::request::Request;
use super::super::source::Source;
use super::text::{charset, stated_charset, text_in, text_of};
use super::{DecodeError, Decoded, Reader};

/// Bytes of a component with `+` and `%xx` undone; what is no escape stays as it is.
#[must_use]
pub(in crate::capture) fn percent_decoded(raw: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => match (hex(tail.first()), hex(tail.get(1))) {
                (Some(high), Some(low)) => {
                    bytes.push(high * 16 + low);
                    rest = &tail[2..];
                }
                _ => bytes.push(b'%'),
            },
            other => bytes.push(other),
        }
    }
    bytes
}

fn hex(digit: Option<&u8>) -> Option<u8> {
    char::from(*digit?).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// In which a form says the charset that a browser sent it in (HTML).
pub(super) const CHARSET: &str = "_charset_";

/// Decodes a body.
pub(super) fn decode(
    body: &[u8],
    content_type: Option<&str>,
    mut reader: Reader,
) -> Result<Decoded, DecodeError> {
    let said = body.split(|byte| *byte == b'&').find_map(|pair| pair.strip_prefix(b"_charset_="));
    let said = said.and_then(|label| charset(&text_of(&percent_decoded(label))));
    let stated = said.or_else(|| stated_charset(content_type));
    let mut start = 0;
    for pair in body.split(|byte| *byte == b'&') {
        let end = start + pair.len();
        if !pair.is_empty() {
            let at = pair.iter().position(|byte| *byte == b'=');
            let (key, value) =
                at.map_or((pair, &pair[pair.len()..]), |at| (&pair[..at], &pair[at + 1..]));
            let key = text_in(&percent_decoded(key), stated);
            let value = text_in(&percent_decoded(value), stated);
            let span = end - (pair.len() - at.map_or(pair.len(), |at| at + 1))..end;
            reader.leaf(path_of(&key), vec![value], Some(span))?;
        }
        start = end + 1;
    }
    Ok(reader.finish())
}

/// `a[b][]` → `a`, `b`. A key whose brackets do not pair is one name.
pub(super) fn path_of(key: &str) -> Vec<String> {
    let whole = || vec![key.to_owned()];
    let Some((first, mut rest)) = key.split_once('[') else { return whole() };
    if first.is_empty() {
        return whole();
    }
    let mut path = vec![first.to_owned()];
    loop {
        let Some((inner, tail)) = rest.split_once(']') else { return whole() };
        if !inner.is_empty() {
            path.push(inner.to_owned());
        }
        match tail.strip_prefix('[') {
            Some(more) => rest = more,
            None if tail.is_empty() => return path,
            None => return whole(),
        }
    }
}

/// The decoded pairs of a form body as they were sent, for showing them again. `None` if the body is no
/// form or larger than the source takes.
#[must_use]
pub(in crate::capture) fn pairs_of(
    source: &Source,
    request: &Request,
) -> Option<Vec<(String, String)>> {
    let json = request.body.trim_ascii_start().starts_with(b"{");
    if json || request.body.len() > source.limits.body_bytes {
        return None;
    }
    match source.decoding(request.content_type, false)? {
        Decoding::Urlencoded => Some(
            request
                .body
                .split(|byte| *byte == b'&')
                .filter(|pair| !pair.is_empty())
                .map(|pair| {
                    let mut parts = pair.splitn(2, |byte| *byte == b'=');
                    let mut part = || text_of(&percent_decoded(parts.next().unwrap_or(b"")));
                    (part(), part())
                })
                .collect(),
        ),
        Decoding::Multipart => {
            let parts = super::multipart::parts(request.body, request.content_type?).ok()?;
            let fields = parts.into_iter().filter(|part| part.file.is_none());
            Some(fields.map(|part| (part.name, text_of(part.body))).collect())
        }
        _ => None,
    }
}
