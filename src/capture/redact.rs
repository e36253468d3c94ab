//! Secrets out of bodies that are kept: by their place where the body could be parsed, and by their value
//! everywhere, in every form in which it may be written.

use std::ops::Range;

use super::secret::Secret;

/// What stands where a secret stood.
pub(super) const MARK: &str = "[redacted]";

/// The body with the given places and all known secrets replaced.
#[must_use]
pub(super) fn redacted(body: &[u8], spans: &[Range<usize>], secrets: &[Secret]) -> Vec<u8> {
    let mut spans: Vec<&Range<usize>> =
        spans.iter().filter(|span| span.end <= body.len()).collect();
    spans.sort_by_key(|span| span.start);
    let mut kept = Vec::with_capacity(body.len());
    let mut at = 0;
    for span in spans {
        if span.start < at || span.start > span.end {
            continue;
        }
        kept.extend_from_slice(&body[at..span.start]);
        if body.get(span.start) == Some(&b'"') {
            kept.extend_from_slice(format!("\"{MARK}\"").as_bytes());
        } else {
            kept.extend_from_slice(MARK.as_bytes());
        }
        at = span.end;
    }
    kept.extend_from_slice(&body[at..]);
    for form in secrets.iter().flat_map(forms) {
        kept = replaced(kept, &form);
    }
    kept
}

/// A text with all known secrets replaced.
#[must_use]
pub(super) fn scrubbed(mut text: String, secrets: &[Secret]) -> String {
    for secret in secrets {
        if text.contains(secret.text()) {
            text = text.replace(secret.text(), MARK);
        }
    }
    text
}

/// How a secret may be written in a body: plain, percent-encoded, escaped for JSON, in UTF-16.
fn forms(secret: &Secret) -> Vec<Vec<u8>> {
    let text = secret.text();
    let form: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    let json = serde_json::to_string(text).unwrap_or_default();
    let json = json.trim_matches('"').to_owned();
    let mut forms = vec![
        text.as_bytes().to_vec(),
        lower_escapes(&form).into_bytes(),
        form.replace('+', "%20").into_bytes(),
        form.into_bytes(),
        json.replace('/', "\\/").into_bytes(),
        json.into_bytes(),
        text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    ];
    forms.sort();
    forms.dedup();
    forms
}

/// `%2F` as `%2f`; everything else as it is.
fn lower_escapes(form: &str) -> String {
    let mut parts = form.split('%');
    let mut lower = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let (digits, rest) = part.split_at(part.len().min(2));
        lower.push('%');
        lower.push_str(&digits.to_ascii_lowercase());
        lower.push_str(rest);
    }
    lower
}

fn replaced(body: Vec<u8>, wanted: &[u8]) -> Vec<u8> {
    let Some(first) = wanted.first() else { return body };
    let mut kept = Vec::with_capacity(body.len());
    let mut rest = body.as_slice();
    let mut found = false;
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        kept.extend_from_slice(&rest[..at]);
        if rest[at..].starts_with(wanted) {
            kept.extend_from_slice(MARK.as_bytes());
            rest = &rest[at + wanted.len()..];
            found = true;
        } else {
            kept.push(*first);
            rest = &rest[at + 1..];
        }
    }
    if !found {
        return body;
    }
    kept.extend_from_slice(rest);
    kept
}
