//! What is written.

use std::borrow::Cow;

use super::numbers::pack_number;
use super::phrases::{END_MAX, PHRASES, PLAIN, is_code, write_code};
use super::{AS_IT_IS, PACKED};

/// The bytes packed; what is packed already stays as it is.
#[must_use]
pub fn pack(bytes: &[u8]) -> Cow<'_, [u8]> {
    match bytes.first() {
        Some(b'{' | &AS_IT_IS) => {
            let mut out = Vec::with_capacity(bytes.len() * 5 / 8 + 16);
            pack_to(bytes, &mut out);
            Cow::Owned(out)
        }
        _ => Cow::Borrowed(bytes),
    }
}

/// The bytes packed, behind what is there.
pub fn pack_to(bytes: &[u8], out: &mut Vec<u8>) {
    match bytes.first() {
        Some(b'{') => {
            let before = out.len();
            out.push(PACKED);
            if pack_run(bytes, out) {
                return;
            }
            out.truncate(before);
        }
        Some(&AS_IT_IS) => out.push(AS_IT_IS),
        _ => {}
    }
    out.extend_from_slice(bytes);
}

/// Part of a JSON text. `false` if it holds a byte that is a code.
pub(super) fn pack_run(plain: &[u8], out: &mut Vec<u8>) -> bool {
    let phrases = &*PHRASES;
    let mut rest = plain;
    loop {
        let run = rest.iter().position(|byte| !PLAIN[usize::from(*byte)]).unwrap_or(rest.len());
        let (plain, from) = rest.split_at(run);
        out.extend_from_slice(plain);
        let Some(&byte) = from.first() else { return true };
        let number = if byte == b'"' { pack_number(from, out) } else { None };
        let taken = if let Some(taken) = number {
            taken
        } else if let Some((phrase, code)) = phrases.longest(from) {
            if byte == b'"'
                && phrase.len() <= END_MAX
                && let Some((before, better, code)) = phrases.behind_end(from, phrase.len())
            {
                out.extend_from_slice(&from[..before]);
                write_code(code, out);
                before + better
            } else {
                write_code(code, out);
                phrase.len()
            }
        } else if is_code(byte) {
            return false;
        } else {
            out.push(byte);
            1
        };
        rest = &from[taken..];
    }
}
