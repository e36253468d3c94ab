//! Phrases: what JSON of ours says again and again, each with its code.

use std::sync::LazyLock;

pub(super) const FIRST_SHORT: u8 = 8;

/// Phrases with a code of one byte.
pub(super) const SHORT: usize = 26;

pub(super) const FIRST_LONG: u8 = 0xf5;

/// Phrases that begin with the quote at a text's end are no longer than this (`"},{"`).
pub(super) const END_MAX: usize = 5;

pub(super) struct Phrases {
    pub(super) list: Vec<&'static [u8]>,
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

pub(super) static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
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
pub(super) const PLAIN: [bool; 256] = {
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

pub(super) const fn is_code(byte: u8) -> bool {
    byte < b' ' || matches!(byte, 0xc0 | 0xc1) || byte >= FIRST_LONG
}

/// Whether phrases may begin with it.
pub(super) const fn may_begin(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric() && byte != b' '
}

impl Phrases {
    /// The quote that ends a text, and a bracket behind it, often stand before a longer phrase than they begin: how
    /// many bytes before it, its length and its code.
    pub(super) fn behind_end(
        &self,
        text: &[u8],
        otherwise: usize,
    ) -> Option<(usize, usize, usize)> {
        let brackets = usize::from(text.get(1) == Some(&b'}'));
        (1..=1 + brackets).find_map(|before| {
            let (phrase, code) = self.longest(text.get(before..)?)?;
            (phrase.len() > otherwise + before).then_some((before, phrase.len(), code))
        })
    }

    pub(super) fn longest(&self, text: &[u8]) -> Option<(&'static [u8], usize)> {
        let start = start_of(text);
        let is_there = |phrase: &&Phrase| {
            start & phrase.mask == phrase.start
                && (phrase.text.len() <= 8 || text.starts_with(phrase.text))
        };
        let long = self.long[slot(start)].iter().find(is_there);
        long.or_else(|| self.short.iter().find(is_there)).map(|it| (it.text, it.code))
    }
}

pub(super) fn write_code(code: usize, out: &mut Vec<u8>) {
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

pub(super) fn phrase(code: usize) -> Option<&'static [u8]> {
    PHRASES.list.get(code).copied()
}
