//! The form in which texts are compared: trimmed, NFKC, lower case, `ß` as `ss`.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// Texts up to this many bytes are folded without allocating.
const INLINE_BYTES: usize = 128;

/// A folded text, on the stack where it fits.
pub(super) enum Folded<'a> {
    /// It was folded already.
    Same(&'a str),
    Inline([u8; INLINE_BYTES], usize),
    Heap(String),
}

impl Folded<'_> {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Same(text) => text,
            // Only whole characters are ever written, so this cannot fail.
            Self::Inline(bytes, length) => std::str::from_utf8(&bytes[..*length]).unwrap_or(""),
            Self::Heap(text) => text,
        }
    }

    fn push_lower(&mut self, ch: char) {
        match ch {
            'ß' | 'ẞ' => {
                self.push('s');
                self.push('s');
            }
            // Lower-casing a capital sigma gives this one wherever it stands.
            'ς' => self.push('σ'),
            _ => ch.to_lowercase().for_each(|lower| self.push(lower)),
        }
    }

    fn push(&mut self, ch: char) {
        match self {
            Self::Inline(bytes, length) if *length + ch.len_utf8() <= INLINE_BYTES => {
                *length += ch.encode_utf8(&mut bytes[*length..]).len();
            }
            Self::Heap(text) => text.push(ch),
            Self::Same(_) | Self::Inline(..) => {
                let mut text = String::with_capacity(4 * INLINE_BYTES);
                text.push_str(self.as_str());
                text.push(ch);
                *self = Self::Heap(text);
            }
        }
    }
}

/// Folds a text for comparing.
pub(super) fn fold(text: &str) -> Folded<'_> {
    let text = text.trim();
    if text.is_ascii() {
        let bytes = text.as_bytes();
        if !bytes.iter().any(u8::is_ascii_uppercase) {
            return Folded::Same(text);
        }
        if bytes.len() > INLINE_BYTES {
            return Folded::Heap(text.to_ascii_lowercase());
        }
        let mut inline = [0; INLINE_BYTES];
        inline[..bytes.len()].copy_from_slice(bytes);
        inline[..bytes.len()].make_ascii_lowercase();
        return Folded::Inline(inline, bytes.len());
    }
    let mut folded = Folded::Inline([0; INLINE_BYTES], 0);
    // Most texts are normalised already, and asking is much cheaper than doing it.
    if is_nfkc_quick(text.chars()) == IsNormalized::Yes {
        text.chars().for_each(|ch| folded.push_lower(ch));
    } else {
        text.nfkc().for_each(|ch| folded.push_lower(ch));
    }
    folded
}
