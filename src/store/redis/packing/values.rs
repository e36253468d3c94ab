//! Which values lie packed, and how the port shows them.

use std::borrow::Cow;

use super::pack::pack;
use super::unpack::unpack;
use crate::domain::ports::StoreError;
use crate::domain::{Key, Stored};
use crate::store::step::{JobValue, look};

/// Whether bodies under that key lie packed.
pub(in crate::store::redis) fn packs(key: &Key) -> bool {
    matches!(key, Key::Lead(_) | Key::Inquiry(_))
}

/// The body of a value put under that key.
pub(in crate::store::redis) fn pack_body<'a>(key: &Key, body: &'a [u8]) -> Cow<'a, [u8]> {
    if packs(key) { pack(body) } else { Cow::Borrowed(body) }
}

/// A value as the port shows it.
pub(in crate::store::redis) fn stored(key: &Key, bytes: Vec<u8>) -> Result<Stored, StoreError> {
    let mut stored = look::stored(key, bytes)?;
    if packs(key) {
        stored.body = unpack(stored.body)?;
    }
    Ok(stored)
}

/// A job's value.
pub(in crate::store::redis) fn job(bytes: &[u8]) -> Result<JobValue, StoreError> {
    let mut job = JobValue::read(bytes)?;
    job.state = unpack(job.state)?;
    job.body = unpack(job.body)?;
    Ok(job)
}

/// A value as the other engine would hold it, `letter` being its key's; for dumps.
pub(in crate::store::redis) fn plain(
    letter: Option<&u8>,
    bytes: Vec<u8>,
) -> Result<Vec<u8>, StoreError> {
    match letter {
        Some(b'l' | b'i') => {
            let length =
                bytes.get(8..10).map_or(0, |two| usize::from(two[0]) << 8 | usize::from(two[1]));
            let Some((before, body)) = bytes.split_at_checked(10 + length) else {
                return Ok(bytes);
            };
            Ok([before, &unpack(body.to_vec())?].concat())
        }
        Some(b'j') => Ok(job(&bytes)?.encode()),
        _ => Ok(bytes),
    }
}
