//! Text as people see it (NFC, nothing invisible, capped) and as keys see it (folded).

use unicode_normalization::UnicodeNormalization;

/// Characters of a value that is one line: names, titles, cities, campaign values.
pub(super) const LINE_CHARS_MAX: usize = 500;
/// Characters of a value that may be many lines: messages, free answers.
pub(super) const BLOCK_CHARS_MAX: usize = 10_000;

/// The last control of ASCII.
const DELETE: u8 = 0x7f;

/// Cleans values and remembers whether any had to be cut.
#[derive(Debug, Default)]
pub(super) struct Scrub {
    pub(super) truncated: bool,
}

impl Scrub {
    /// One line: NFC, no controls, bidi marks or zero-width characters, single spaces. `None` if no
    /// letter or digit is left.
    pub(super) fn line(&mut self, text: &str) -> Option<String> {
        if text.is_ascii() {
            let joined = joined_ascii(text, |b| b > b' ' && b != DELETE);
            return self.cut(joined, LINE_CHARS_MAX).filter(|text| says_something(text));
        }
        self.cut(any_line(text), LINE_CHARS_MAX).filter(|text| says_something(text))
    }

    /// Many lines: as [`Self::line`], but line ends, tabs and joiners stay.
    pub(super) fn block(&mut self, text: &str) -> Option<String> {
        // Nothing to compose or to drop: as it is.
        if text.bytes().all(|b| (b' '..DELETE).contains(&b) || matches!(b, b'\n' | b'\t')) {
            return self.cut(text.trim().to_owned(), BLOCK_CHARS_MAX);
        }
        self.cut(any_block(text), BLOCK_CHARS_MAX)
    }

    /// The text as sent, only capped: for raw values.
    pub(super) fn raw<'t>(&mut self, text: &'t str) -> &'t str {
        if text.len() <= LINE_CHARS_MAX {
            return text;
        }
        match text.char_indices().nth(LINE_CHARS_MAX) {
            Some((end, _)) => {
                self.truncated = true;
                &text[..end]
            }
            None => text,
        }
    }

    fn cut(&mut self, mut text: String, max: usize) -> Option<String> {
        if text.len() > max
            && let Some((end, _)) = text.char_indices().nth(max)
        {
            self.truncated = true;
            text.truncate(end);
            text.truncate(text.trim_end().len());
        }
        if text.is_empty() { None } else { Some(text) }
    }
}

// What the short ways for ASCII are held to by tests.

pub(super) fn any_line(text: &str) -> String {
    let visible = text.chars().filter(|c| !is_invisible(*c)).map(|c| match c {
        c if c.is_control() => ' ',
        c => c,
    });
    let composed: String = visible.nfc().collect();
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn any_block(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let visible =
        text.chars().filter(|c| matches!(c, '\u{200C}' | '\u{200D}') || !is_invisible(*c));
    let composed: String =
        visible.filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).nfc().collect();
    composed.trim().to_owned()
}

pub(super) fn any_technical(text: &str) -> String {
    text.chars().filter(|c| !is_invisible(*c)).nfkc().collect::<String>().trim().to_owned()
}

pub(super) fn any_fold(text: &str) -> String {
    let plain = deunicode::deunicode(&any_technical(text)).to_ascii_lowercase();
    let spaced: String = plain
        .chars()
        .filter(|c| !matches!(c, '\'' | '`'))
        .map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' })
        .collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The runs of bytes that count, joined by single spaces. For ASCII, which needs no composing and has
/// nothing invisible but controls.
fn joined_ascii(text: &str, counts: impl Fn(u8) -> bool) -> String {
    let mut joined = String::with_capacity(text.len());
    for run in text.split(|c: char| u8::try_from(c).is_ok_and(|b| !counts(b))) {
        if !run.is_empty() {
            if !joined.is_empty() {
                joined.push(' ');
            }
            joined.push_str(run);
        }
    }
    joined
}

/// Characters that take part in no text a person typed: zero-width, bidi controls, tags, soft hyphen.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E007F}')
}

/// A value of dashes and dots, or the word a program writes for nothing, says nothing.
fn says_something(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
        && !matches!(text, "null" | "undefined" | "n/a" | "N/A" | "NaN")
}

/// NFKC without invisible characters, trimmed: for values of a technical form (addresses, numbers).
pub(super) fn technical(text: &str) -> String {
    if text.is_ascii() { text.trim().to_owned() } else { any_technical(text) }
}

/// What of a text counts when names are compared: NFKC, transliterated to ASCII, lower-case,
/// letters and digits, everything else one space.
pub(super) fn fold(text: &str) -> String {
    if !text.bytes().all(|b| (b' '..DELETE).contains(&b)) {
        return any_fold(text);
    }
    let counts = |b: u8| b.is_ascii_alphanumeric();
    let mut folded = if text.contains(['\'', '`']) {
        joined_ascii(&text.replace(['\'', '`'], ""), counts)
    } else {
        joined_ascii(text, counts)
    };
    folded.make_ascii_lowercase();
    folded
}
