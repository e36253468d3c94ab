//! A value written packed at once: the same JSON as its text would say, without the text in between.
//!
//! What a record's type says (names of fields, words of closed lists, brackets) comes in runs that are the same in
//! every record; each run is packed once and remembered. What the record itself holds is written as it is, and
//! nothing that may identify a person is remembered.

use std::cell::RefCell;
use std::fmt;
use std::io::Write;

use ahash::AHashMap;
use serde::ser::{self, Serialize};

use super::PACKED;
use super::numbers::pack_number;
use super::pack::pack_run;

/// Runs that a thread remembers: far more than our types have. Names that people chose are in some of them, so
/// when it is full it begins anew.
const RUNS_MAX: usize = 2048;
/// Texts of so many lower-case letters may be words of ours, and are packed with what stands around them.
const WORD_MAX: usize = 20;
/// Ends that many addresses have, whosever they are: of the phrases, longer ones first.
const ENDS: [&str; 3] = ["@gmail.com", ".com", ".example"];
/// The longest text in quotes that is packed as a number: an id.
const NUMBER_MAX: usize = 40;

/// What each run is packed.
type Runs = AHashMap<Box<[u8]>, Box<[u8]>>;

thread_local! {
    /// Nothing but time depends on it.
    static RUNS: RefCell<Runs> = RefCell::new(Runs::new());
}

/// A map with other keys than texts, or a value that says it cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unwritable(String);

impl ser::Error for Unwritable {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// The value's JSON, packed.
///
/// # Errors
/// [`Unwritable`] if a map has other keys than texts, or a value says that it cannot be written.
pub fn packed<T: Serialize>(value: &T) -> Result<Vec<u8>, Unwritable> {
    let mut writer = Writer {
        out: Vec::with_capacity(1024),
        run: Vec::with_capacity(128),
        was_text: false,
        is_personal: false,
        code: None,
    };
    writer.out.push(PACKED);
    value.serialize(&mut writer)?;
    writer.flush();
    Ok(writer.out)
}

pub(super) struct Writer {
    pub(super) out: Vec<u8>,
    /// What was said since the last text or number of the record itself.
    pub(super) run: Vec<u8>,
    /// The last value was a text.
    pub(super) was_text: bool,
    /// The value at hand may identify a person: none of its words are remembered.
    pub(super) is_personal: bool,
    /// The code of the bytes at hand.
    pub(super) code: Option<u8>,
}

impl Writer {
    pub(super) fn flush(&mut self) {
        if self.run.is_empty() {
            return;
        }
        let (run, out) = (&self.run, &mut self.out);
        RUNS.with_borrow_mut(|runs| {
            if let Some(packed) = runs.get(run.as_slice()) {
                out.extend_from_slice(packed);
                return;
            }
            let from = out.len();
            pack_run(run, out);
            if runs.len() >= RUNS_MAX {
                runs.clear();
            }
            runs.insert(run.as_slice().into(), out[from..].into());
        });
        self.run.clear();
    }

    pub(super) fn say(&mut self, text: &str) {
        self.run.extend_from_slice(text.as_bytes());
    }

    pub(super) fn integer<N: TryInto<u16> + Copy + fmt::Display>(&mut self, number: N) {
        // Small numbers and a full share are often said: they are packed with what stands around them.
        if !matches!(number.try_into(), Ok(0..10 | 1000)) {
            self.flush();
        }
        let place = if self.run.is_empty() { &mut self.out } else { &mut self.run };
        // Writing to memory does not fail.
        let _ = write!(place, "{number}");
    }

    pub(super) fn text(&mut self, text: &str) {
        self.was_text = true;
        if !self.is_personal && is_word(text) {
            self.run.push(b'"');
            self.say(text);
            self.run.push(b'"');
        } else if !self.says_number(text) {
            self.run.push(b'"');
            // Most addresses begin and end as others do.
            let begins = if text.starts_with("https://") { "https://".len() } else { 0 };
            let ends = begins + usual_end(&text[begins..]);
            self.say(&text[..begins]);
            self.flush();
            escape(&text[begins..ends], &mut self.out);
            self.say(&text[ends..]);
            self.run.push(b'"');
        }
    }

    /// An id, digits or a time as their bytes.
    pub(super) fn number(&mut self, code: u8, bytes: &[u8]) {
        self.was_text = true;
        self.flush();
        self.out.push(code);
        self.out.extend_from_slice(bytes);
    }

    /// A text that says an id, digits or a time; `false` if it says none of these.
    fn says_number(&mut self, text: &str) -> bool {
        let bytes = text.as_bytes();
        if !matches!(bytes.len(), 24 | 32 | 36 | 37) || !bytes[bytes.len() - 2].is_ascii_hexdigit()
        {
            return false;
        }
        let mut quoted = [b'"'; NUMBER_MAX];
        quoted[1..=bytes.len()].copy_from_slice(bytes);
        let quoted = &quoted[..bytes.len() + 2];
        let mut number = Vec::new();
        if pack_number(quoted, &mut number) != Some(quoted.len()) {
            return false;
        }
        self.flush();
        self.out.extend_from_slice(&number);
        true
    }
}

fn is_word(text: &str) -> bool {
    let letters = text.strip_prefix("need.").unwrap_or(text);
    let is_letter = |byte: &u8| byte.is_ascii_lowercase() || matches!(*byte, b'_' | b' ');
    text.len() <= WORD_MAX && letters.as_bytes().iter().all(is_letter)
}

/// Where one of [`ENDS`] begins, else the text's end.
fn usual_end(text: &str) -> usize {
    ENDS.iter().find_map(|end| text.strip_suffix(end)).map_or(text.len(), str::len)
}

/// A text as it stands between quotes, escaped as `serde_json` does.
fn escape(text: &str, out: &mut Vec<u8>) {
    let is_plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| !is_plain(*byte)) {
        out.extend_from_slice(&rest[..at]);
        out.push(b'\\');
        match rest[at] {
            byte @ (b'"' | b'\\') => out.push(byte),
            8 => out.push(b'b'),
            9 => out.push(b't'),
            10 => out.push(b'n'),
            12 => out.push(b'f'),
            13 => out.push(b'r'),
            byte => out.extend_from_slice(format!("u{byte:04x}").as_bytes()),
        }
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

/// How many runs this thread remembers.
#[cfg(test)]
pub(super) fn remembered() -> usize {
    RUNS.with_borrow(|runs| runs.len())
}
