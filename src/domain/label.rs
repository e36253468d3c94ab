//! Texts of strangers that reports group by, governed: one spelling, bounded, nobody's address.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The name of a campaign or medium as reports show it: lower-case, spaces single, at most
/// [`Label::CHARS_MAX`] characters. What looks like an e-mail address or a phone number is
/// [`Label::MASKED`] instead: such values come from mailing tools that put the recipient into the link.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Label(String);

impl Label {
    /// Enough for any campaign that people name; the rest is cut.
    pub const CHARS_MAX: usize = 64;
    /// What stands for a value that is somebody's address.
    pub const MASKED: &'static str = "(masked)";

    /// Governs a text; `None` if nothing is left of it.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        if is_address(text) {
            return Some(Self(Self::MASKED.to_owned()));
        }
        let words = text.split(|c: char| c.is_whitespace() || c.is_control());
        let mut label = String::with_capacity(text.len().min(Self::CHARS_MAX));
        for word in words.filter(|word| !word.is_empty()) {
            if !label.is_empty() {
                label.push(' ');
            }
            label.extend(word.chars().flat_map(char::to_lowercase));
            if label.chars().count() >= Self::CHARS_MAX {
                break;
            }
        }
        let label: String = label.chars().take(Self::CHARS_MAX).collect();
        let label = label.trim_end();
        (!label.is_empty()).then(|| Self(label.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An e-mail address anywhere in it, or a phone number: digits behind a plus or a nought, or in groups,
/// as many as phones have. Bare digits are the ids that ad platforms give to campaigns.
fn is_address(text: &str) -> bool {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    if text.contains('@') || lower.contains("%40") {
        return true;
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let apart = |c: char| matches!(c, ' ' | '-' | '.' | '/' | '(' | ')' | '+');
    let only = text.chars().all(|c| c.is_ascii_digit() || apart(c));
    let prefixed = text.starts_with(['+', '0', '(']);
    let grouped = text.contains(apart);
    (only && prefixed && digits >= 7)
        || (only && grouped && digits >= 9)
        || text.split('+').skip(1).any(|rest| leading_digits(rest) >= 8)
}

/// How many digits a text begins with, what stands between groups left out.
fn leading_digits(text: &str) -> usize {
    let number = |c: &char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '.' | '(' | ')');
    text.chars().take_while(number).filter(char::is_ascii_digit).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(text: &str) -> Option<String> {
        Label::of(text).map(|label| label.as_str().to_owned())
    }

    #[test]
    fn one_campaign_has_one_spelling() {
        for spelling in ["Spring Sale", " spring  sale ", "SPRING\tSALE", "spring\u{0}sale"] {
            assert_eq!(label(spelling).as_deref(), Some("spring sale"), "{spelling:?}");
        }
        for kept in ["10000000000", "2026-02-28", "q1/2026", "spring+sale", "v2.0 (b)"] {
            assert_eq!(label(kept).as_deref(), Some(kept));
        }
        for nothing in ["", "  ", "\u{0}\n"] {
            assert_eq!(label(nothing), None);
        }
        let long = "ü".repeat(500);
        assert_eq!(label(&long).unwrap().chars().count(), Label::CHARS_MAX);
    }

    #[test]
    fn somebodys_address_is_no_campaign() {
        for address in [
            "someone@mail.example",
            "re: someone%40mail.example",
            "+44 20 7946 0000",
            "020 7946 0000",
            "(0)20-7946-0000",
            "0049301234567",
            "news+442079460000",
            "555 010 0000",
        ] {
            assert_eq!(label(address).as_deref(), Some(Label::MASKED), "{address}");
        }
    }
}
