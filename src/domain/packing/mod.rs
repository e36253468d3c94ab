//! JSON as it lies in the store: what every value says again and again (names of fields, words of closed lists,
//! ids, times) as one or two bytes, numbers of their kind as bytes. A lead takes about half the room, and
//! every byte costs: in memory, in the append-only file, and in the script, which reads each of them
//! several times.
//!
//! A packed value begins with 1, then come codes and plain text, as they follow each other in the JSON:
//!
//! - bytes that no UTF-8 JSON text holds (controls, `C0`, `C1`, `F5` to `FF`) are codes, all others stand for
//!   themselves;
//! - 0 to 5: an id in quotes, its prefix known, 16 bytes follow; 6: 32 hexadecimal digits in quotes, 16 bytes;
//!   7: a time in quotes, milliseconds in 6 bytes;
//! - 8 to 1F, `C0`, `C1`: the first 26 phrases of `phrases.txt`; `F5` to `FF` and one byte: the others.
//!
//! What is not JSON of an object is kept as it is, after a 0 if it begins with 0. **`phrases.txt` may
//! only be added to, at its end**: values written long ago name phrases by their place.
//!
//! Leads, inquiries, jobs and rows are handed to the store packed ([`packed`]) or as JSON; it gives back JSON.

mod forms;
mod numbers;
mod pack;
mod phrases;
mod unpack;
mod write;

pub(super) use forms::{DIGITS, MILLIS, Packed};
pub use pack::{pack, pack_to};
pub use unpack::{read, unpack};
pub use write::{Unwritable, packed};

const PACKED: u8 = 1;
const AS_IT_IS: u8 = 0;

#[cfg(test)]
mod tests;
