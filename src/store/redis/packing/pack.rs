//! What is written.

use std::borrow::Cow;

use super::numbers::pack_number;
use super::phrases::{END_MAX, PHRASES, PLAIN, is_code, write_code};
use super::{AS_IT_IS, PACKED};

/// The bytes for the store.
pub(in crate::store::redis) fn pack(plain: &[u8]) -> Cow<'_, [u8]> {
    match plain.first() {
        Some(b'{' | &(PACKED | AS_IT_IS)) => {
            let mut out = Vec::with_capacity(plain.len() * 5 / 8 + 16);
            pack_to(plain, &mut out);
            Cow::Owned(out)
        }
        _ => Cow::Borrowed(plain),
    }
}

/// The bytes for the store, behind what is there.
pub(in crate::store::redis) fn pack_to(plain: &[u8], out: &mut Vec<u8>) {
    let before = out.len();
    if plain.first() == Some(&b'{') {
        if packed(plain, out) {
            return;
        }
        out.truncate(before);
    }
    if let Some(&(PACKED | AS_IT_IS)) = plain.first() {
        out.push(AS_IT_IS);
    }
    out.extend_from_slice(plain);
}

/// `false` if it holds a byte that is a code.
fn packed(plain: &[u8], out: &mut Vec<u8>) -> bool {
    let phrases = &*PHRASES;
    out.push(PACKED);
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
