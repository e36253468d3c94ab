//! What is read.

use super::numbers::{DIGITS, HEX, IDS, TIME};
use super::phrases::{FIRST_LONG, FIRST_SHORT, SHORT, phrase};
use super::{AS_IT_IS, PACKED};
use serde::de::DeserializeOwned;

use crate::domain::Timestamp;

/// What was packed; `None` if that cannot be read.
#[must_use]
pub fn unpack(packed: Vec<u8>) -> Option<Vec<u8>> {
    match packed.first() {
        Some(&PACKED) => unpacked(&packed[1..]),
        Some(&AS_IT_IS) => Some(packed[1..].to_vec()),
        _ => Some(packed),
    }
}

/// Reads a value that may be packed; `None` if it is another one.
#[must_use]
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    serde_json::from_slice(&unpack(bytes.to_vec())?).ok()
}

fn unpacked(mut packed: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(packed.len() * 2);
    while let Some((&byte, rest)) = packed.split_first() {
        packed = rest;
        match byte {
            0..=HEX => {
                let digits = take::<16>(&mut packed)?;
                let prefix = IDS.get(usize::from(byte)).copied().unwrap_or(b"\"");
                out.extend_from_slice(prefix);
                let mut text = [0; DIGITS];
                let id = uuid::Uuid::from_bytes(digits).simple();
                out.extend_from_slice(id.encode_lower(&mut text).as_bytes());
                out.push(b'"');
            }
            TIME => {
                let low = take::<6>(&mut packed)?;
                let mut millis = [0; 8];
                millis[2..].copy_from_slice(&low);
                let time = Timestamp::from_millis(i64::from_be_bytes(millis));
                out.extend_from_slice(format!("\"{time}\"").as_bytes());
            }
            FIRST_SHORT..b' ' => out.extend_from_slice(phrase(usize::from(byte - FIRST_SHORT))?),
            0xc0 | 0xc1 => out.extend_from_slice(phrase(usize::from(byte - 0xc0) + 24)?),
            FIRST_LONG.. => {
                let [low] = take::<1>(&mut packed)?;
                let code = usize::from(byte - FIRST_LONG) * 256 + usize::from(low);
                out.extend_from_slice(phrase(SHORT + code)?);
            }
            _ => out.push(byte),
        }
    }
    Some(out)
}

fn take<const N: usize>(from: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = from.split_first_chunk::<N>()?;
    *from = rest;
    Some(*taken)
}
