//! JSON as it lies in Redis: what every value says again and again (names of fields, words of closed lists,
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
//! What is not JSON of an object is kept as it is, after a 0 if it begins with 0 or 1. **`phrases.txt` may
//! only be added to, at its end**: values written long ago name phrases by their place.

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::domain::ports::StoreError;
use crate::domain::{Key, Stored, Timestamp};
use crate::store::step::{JobValue, look};

const PACKED: u8 = 1;
const AS_IT_IS: u8 = 0;

/// With the opening quote; the place is the code.
const IDS: [&[u8]; 6] = [b"\"inq_", b"\"lead_", b"\"dlv_", b"\"evt_", b"\"att_", b"\"req_"];
const HEX: u8 = 6;
const TIME: u8 = 7;
const FIRST_SHORT: u8 = 8;
/// Phrases with a code of one byte.
const SHORT: usize = 26;
const FIRST_LONG: u8 = 0xf5;

/// Phrases that begin with the quote at a text's end are no longer than this (`"},{"`).
const END_MAX: usize = 5;
const DIGITS: usize = 32;
/// In quotes.
const TIME_TEXT: usize = 26;

struct Phrases {
    list: Vec<&'static [u8]>,
    /// Those of four bytes and more, by their first four bytes' [`slot`], longest first.
    long: Vec<Vec<Phrase>>,
    /// Those of three bytes.
    short: Vec<Phrase>,
}

#[derive(Clone)]
struct Phrase {
    text: &'static [u8],
    code: usize,
    /// Its first eight bytes, and which of them it has.
    start: u64,
    mask: u64,
}

const SLOTS: usize = 1024;

/// A place of its own for most beginnings; others share one, which costs a comparison.
fn slot(start: u64) -> usize {
    let mixed = (start & 0xffff_ffff).wrapping_mul(0x9e37_79b1) >> 22;
    usize::try_from(mixed).unwrap_or(0) % SLOTS
}

/// The first eight bytes as a number, zeros where there are fewer.
fn start_of(text: &[u8]) -> u64 {
    if let Some(eight) = text.first_chunk::<8>() {
        return u64::from_le_bytes(*eight);
    }
    let mut eight = [0; 8];
    eight[..text.len()].copy_from_slice(text);
    u64::from_le_bytes(eight)
}

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let list: Vec<&[u8]> = include_str!("phrases.txt").lines().map(str::as_bytes).collect();
    let (mut long, mut short) = (vec![Vec::new(); SLOTS], Vec::new());
    for (code, text) in list.iter().copied().enumerate() {
        let mask = if text.len() < 8 { (1 << (8 * text.len())) - 1 } else { u64::MAX };
        let phrase = Phrase { text, code, start: start_of(text), mask };
        if text.len() > 3 { long[slot(phrase.start)].push(phrase) } else { short.push(phrase) }
    }
    for phrases in &mut long {
        phrases.sort_by_key(|phrase: &Phrase| std::cmp::Reverse(phrase.text.len()));
    }
    Phrases { list, long, short }
});

/// Bytes that neither begin a phrase nor are codes: they stand for themselves.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0_u8;
    loop {
        plain[byte as usize] = !is_code(byte) && !may_begin(byte);
        if byte == u8::MAX {
            break plain;
        }
        byte += 1;
    }
};

const fn is_code(byte: u8) -> bool {
    byte < b' ' || matches!(byte, 0xc0 | 0xc1) || byte >= FIRST_LONG
}

/// Whether phrases may begin with it.
const fn may_begin(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric() && byte != b' '
}

/// The bytes for the store.
pub(super) fn pack(plain: &[u8]) -> Cow<'_, [u8]> {
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
pub(super) fn pack_to(plain: &[u8], out: &mut Vec<u8>) {
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

impl Phrases {
    /// The quote that ends a text, and a bracket behind it, often stand before a longer phrase than they begin: how
    /// many bytes before it, its length and its code.
    fn behind_end(&self, text: &[u8], otherwise: usize) -> Option<(usize, usize, usize)> {
        let brackets = usize::from(text.get(1) == Some(&b'}'));
        (1..=1 + brackets).find_map(|before| {
            let (phrase, code) = self.longest(text.get(before..)?)?;
            (phrase.len() > otherwise + before).then_some((before, phrase.len(), code))
        })
    }

    fn longest(&self, text: &[u8]) -> Option<(&'static [u8], usize)> {
        let start = start_of(text);
        let is_there = |phrase: &&Phrase| {
            start & phrase.mask == phrase.start
                && (phrase.text.len() <= 8 || text.starts_with(phrase.text))
        };
        let long = self.long[slot(start)].iter().find(is_there);
        long.or_else(|| self.short.iter().find(is_there)).map(|it| (it.text, it.code))
    }
}

fn write_code(code: usize, out: &mut Vec<u8>) {
    // The number of phrases is far below what two bytes can say; a test looks.
    let byte = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
    match code {
        0..24 => out.push(FIRST_SHORT + byte(code)),
        24 | 25 => out.push(0xc0 + byte(code - 24)),
        _ => {
            let code = code - SHORT;
            out.extend([FIRST_LONG + byte(code / 256), byte(code % 256)]);
        }
    }
}

/// An id, digits or a time in quotes; how many bytes it took.
fn pack_number(text: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let second = *text.get(1)?;
    // Most texts are none of these: the second byte tells.
    if !matches!(second, b'0'..=b'9' | b'a'..=b'f' | b'i' | b'l' | b'r') {
        return None;
    }
    if !second.is_ascii_digit()
        && matches!((text.get(4), text.get(5)), (Some(b'_'), _) | (_, Some(b'_')))
    {
        for (code, prefix) in (0..).zip(IDS) {
            if text.starts_with(prefix) {
                let digits = hex(&text[prefix.len()..])?;
                out.push(code);
                out.extend(digits);
                return Some(prefix.len() + DIGITS + 1);
            }
        }
    }
    if let Some(millis) = time(text) {
        out.push(TIME);
        out.extend_from_slice(&millis.to_be_bytes()[2..]);
        return Some(TIME_TEXT);
    }
    let digits = hex(text.get(1..)?)?;
    out.push(HEX);
    out.extend(digits);
    Some(1 + DIGITS + 1)
}

/// The milliseconds of a time in quotes, in exactly the form in which times are written.
fn time(text: &[u8]) -> Option<u64> {
    const FORM: &[u8; TIME_TEXT] = b"\"0000-00-00T00:00:00.000Z\"";
    let text: &[u8; TIME_TEXT] = text.first_chunk()?;
    if text[TIME_TEXT - 1] != b'"' {
        return None;
    }
    let fits = text.iter().zip(FORM).all(|(byte, form)| match form {
        b'0' => byte.is_ascii_digit(),
        _ => byte == form,
    });
    if !fits {
        return None;
    }
    let number = |from: usize, to: usize| {
        text[from..to].iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
    };
    let (year, month, day) = (number(1, 5), number(6, 8), number(9, 11));
    let (hour, minute, second) = (number(12, 14), number(15, 17), number(18, 20));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    if !(1970..9999).contains(&year) || !(1..=days).contains(&day) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Days since the epoch, counting years from March (Howard Hinnant's algorithm).
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = 365 * year + year / 4 - year / 100 + year / 400 + of_year - 719_468;
    Some((((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + number(21, 24))
}

/// Sixteen bytes of as many pairs of lower-case digits, if the closing quote follows.
fn hex(text: &[u8]) -> Option<[u8; 16]> {
    let digits = text.get(..DIGITS).filter(|_| text.get(DIGITS) == Some(&b'"'))?;
    let value = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = value(pair[0])? << 4 | value(pair[1])?;
    }
    Some(bytes)
}

/// What was packed.
pub(super) fn unpack(stored: Vec<u8>) -> Result<Vec<u8>, StoreError> {
    match stored.first() {
        Some(&PACKED) => unpacked(&stored[1..])
            .ok_or_else(|| StoreError::Corrupt("a packed value that cannot be read".to_owned())),
        Some(&AS_IT_IS) => Ok(stored[1..].to_vec()),
        _ => Ok(stored),
    }
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

fn phrase(code: usize) -> Option<&'static [u8]> {
    PHRASES.list.get(code).copied()
}

fn take<const N: usize>(from: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = from.split_first_chunk::<N>()?;
    *from = rest;
    Some(*taken)
}

/// Whether bodies under that key lie packed.
pub(super) fn packs(key: &Key) -> bool {
    matches!(key, Key::Lead(_) | Key::Inquiry(_))
}

/// The body of a value put under that key.
pub(super) fn pack_body<'a>(key: &Key, body: &'a [u8]) -> Cow<'a, [u8]> {
    if packs(key) { pack(body) } else { Cow::Borrowed(body) }
}

/// A value as the port shows it.
pub(super) fn stored(key: &Key, bytes: Vec<u8>) -> Result<Stored, StoreError> {
    let mut stored = look::stored(key, bytes)?;
    if packs(key) {
        stored.body = unpack(stored.body)?;
    }
    Ok(stored)
}

/// A job's value.
pub(super) fn job(bytes: &[u8]) -> Result<JobValue, StoreError> {
    let mut job = JobValue::read(bytes)?;
    job.state = unpack(job.state)?;
    job.body = unpack(job.body)?;
    Ok(job)
}

/// A value as the other engine would hold it, `letter` being its key's; for dumps.
pub(super) fn plain(letter: Option<&u8>, bytes: Vec<u8>) -> Result<Vec<u8>, StoreError> {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn round(plain: &[u8]) -> usize {
        let stored = pack(plain).into_owned();
        let length = stored.len();
        assert_eq!(unpack(stored).unwrap(), plain, "{}", String::from_utf8_lossy(plain));
        length
    }

    #[test]
    fn phrases_can_be_told_apart_and_found() {
        let list = &PHRASES.list;
        assert!(list.len() <= SHORT + 11 * 256, "{}", list.len());
        for (code, phrase) in list.iter().enumerate() {
            assert!(phrase.len() >= 3, "{code}");
            assert!(!phrase.iter().any(|byte| is_code(*byte)) && phrase.is_ascii());
            assert!(may_begin(phrase[0]), "{}", String::from_utf8_lossy(phrase));
            assert_eq!(list.iter().position(|other| other == phrase), Some(code), "twice");
            assert_eq!(PHRASES.longest(phrase), Some((*phrase, code)));
            let inside = [b"{", *phrase, b"}"].concat();
            assert!(
                round(&inside) <= 5 + phrase.len().min(2),
                "{}",
                String::from_utf8_lossy(phrase)
            );
        }
    }

    #[test]
    fn what_we_store_takes_about_half() {
        let lead = include_bytes!("packing_sample.json").trim_ascii_end();
        let packed = round(lead);
        assert!(packed * 100 <= lead.len() * 58, "{packed} of {}", lead.len());
    }

    #[test]
    fn odd_ids_times_and_bytes_come_back() {
        for odd in [
            "",
            "{",
            "{}",
            "\u{0}",
            "\u{1}",
            "\u{1}\u{ff}",
            "{\u{0}}",
            "{\"a\":\"\u{7f}\"}",
            r#"{"at":"2026-02-30T00:00:00.000Z"}"#,
            r#"{"at":"2026-02-28T00:00:00.000+"}"#,
            r#"{"at":"1969-12-31T23:59:59.999Z"}"#,
            r#"{"at":"9999-12-30T22:00:00.000Z"}"#,
            r#"{"at":"2026-02-28t00:00:00.000Z"}"#,
            r#"{"id":"inq_01A20211df5a7703b6a6fa2200000000"}"#,
            r#"{"id":"inq_01a20211df5a7703b6a6fa22000000000"}"#,
            r#"{"id":"inq_"#,
            r#"{"k":"0000"#,
            r#"{"at":"2026-11-22T07:04:15.478Z"#,
            r#"{"at":"2024-02-29T23:59:60.000Z"}"#,
            r#"{"at":"2023-02-29T00:00:00.000Z"}"#,
            r#"{"at":"2024-13-01T24:00:00.000Z"}"#,
            r#"{"at":"0000-00-00T00:00:00.000Z"}"#,
        ] {
            round(odd.as_bytes());
        }
        round(&[b'{', 0xc0, 0xff, 0xf5]);
        for broken in [&[1, 0][..], &[1, 7, 0], &[1, 0xf5], &[1, 0xff, 0xff], &[1, 6, 1, 2]] {
            assert!(unpack(broken.to_vec()).is_err(), "{broken:?}");
        }
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[0-9a-f]{32}|(inq|lead|dlv|evt|att|req)_[0-9a-f]{31,33}".prop_map(Value::from),
            (0..253_402_207_200_000_i64)
                .prop_map(|millis| Timestamp::from_millis(millis).to_string().into()),
        ];
        let key = "[a-z_]{1,8}|status|stage|category|queue|contact|email|raw|value|validity|at|key";
        leaf.prop_recursive(4, 40, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((key, inner), 0..6)
                    .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
            ]
        })
    }

    #[test]
    fn times_are_read_as_they_are_written() {
        let mut millis = 0_i64;
        while millis < 253_370_764_800_000 {
            let text = format!("\"{}\"", Timestamp::from_millis(millis));
            assert_eq!(time(text.as_bytes()), u64::try_from(millis).ok(), "{text}");
            millis += 86_399_999 * 3;
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn json_comes_back_as_it_was(value in json()) {
            round(value.to_string().as_bytes());
        }

        #[test]
        fn any_bytes_come_back(bytes in prop::collection::vec(any::<u8>(), 0..60), json: bool) {
            let bytes = if json { [&b"{"[..], &bytes].concat() } else { bytes };
            round(&bytes);
        }

        #[test]
        fn any_bytes_are_unpacked_or_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            bytes.insert(0, PACKED);
            let _ = unpack(bytes);
        }
    }
}
