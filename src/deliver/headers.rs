//! Which headers a destination may add: those that neither the protocol nor the contract uses, each once.

use std::collections::BTreeSet;

use super::settings::Masked;
use crate::domain::SettingProblem;

pub(super) const COUNT_MAX: usize = 20;
pub(super) const NAME_BYTES_MAX: usize = 100;
pub(super) const VALUE_BYTES_MAX: usize = 4096;

/// Those of one connection alone (RFC 9110, 7.6.1), those that frame the message, and those that we set.
const FORBIDDEN: &[&str] = &[
    "accept-encoding",
    "connection",
    "cookie",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "te",
    "trailer",
    "traceparent",
    "tracestate",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-request-id",
];
const FORBIDDEN_PREFIXES: &[&str] = &["content-", "proxy-", "webhook-"];

/// Checks the added headers; gives them with lower-case names. Problems never hold a value.
pub(super) fn check<'a>(
    headers: impl ExactSizeIterator<Item = (&'a str, &'a str)>,
) -> Result<Vec<(String, Masked)>, Vec<SettingProblem>> {
    let mut problems = Vec::new();
    if headers.len() > COUNT_MAX {
        let message = format!("at most {COUNT_MAX} headers may be added");
        problems.push(SettingProblem::new("headers", message));
    }
    let (mut checked, mut known) = (Vec::new(), BTreeSet::new());
    for (name, value) in headers {
        let path = format!("headers.{name}");
        let name = name.to_ascii_lowercase();
        let spelt = spelt(&name);
        let twice = known.contains(&spelt).then(|| "this header is there already".to_owned());
        let problem = name_problem(&name, &spelt).or(twice).or_else(|| value_problem(value));
        if let Some(message) = problem {
            problems.push(SettingProblem::new(path, message));
        }
        known.insert(spelt);
        checked.push((name, Masked::new(value)));
    }
    if problems.is_empty() { Ok(checked) } else { Err(problems) }
}

/// What a name comes to where headers become variables (CGI, WSGI): `_` and `-` are one there.
fn spelt(name: &str) -> String {
    name.replace('_', "-")
}

fn name_problem(name: &str, spelt: &str) -> Option<String> {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.bytes().all(token) {
        return Some(format!("a header name is a token of at most {NAME_BYTES_MAX} characters"));
    }
    let is_reserved = FORBIDDEN.contains(&spelt)
        || FORBIDDEN_PREFIXES.iter().any(|prefix| spelt.starts_with(prefix));
    is_reserved.then(|| "this header is set by the protocol or by lead-router itself".to_owned())
}

fn value_problem(value: &str) -> Option<String> {
    let visible = |b: u8| b == b'\t' || (b' '..=b'~').contains(&b);
    (value.len() > VALUE_BYTES_MAX || !value.bytes().all(visible)).then(|| {
        format!("a header value is visible ASCII text of at most {VALUE_BYTES_MAX} characters")
    })
}
