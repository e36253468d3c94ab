//! HTTP Basic (RFC 7617): the secret is the password, with any user's name, or the name without one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::request::Request;
use super::super::secret::Secret;
use super::key::is_one_of;

/// Bytes of the header's value.
const VALUE_BYTES_MAX: usize = 1024;

/// Whether the request carries one of the secrets.
pub(super) fn present(request: &Request, secrets: &[Secret]) -> bool {
    let given = || {
        let value = request.header("authorization")?.trim();
        let (scheme, encoded) = value.split_once(' ')?;
        let usable = scheme.eq_ignore_ascii_case("basic") && encoded.len() <= VALUE_BYTES_MAX;
        STANDARD.decode(encoded.trim()).ok().filter(|_| usable)
    };
    let Some(given) = given() else { return false };
    let Some(colon) = given.iter().position(|byte| *byte == b':') else { return false };
    let (user, password) = (&given[..colon], &given[colon + 1..]);
    is_one_of(secrets, if password.is_empty() { user } else { password })
}
