//! Phone numbers to E.164, by the first hint that applies: the number's own international prefix,
//! the contact's country, the source's default country. Without any, a local number stays ambiguous:
//! nobody's country is guessed.

use rlibphonenumber::{PhoneNumber, PhoneNumberFormat, PhoneNumberType, Region};

use super::text::technical;
use crate::domain::{Checked, Validity};

/// Fewer digits than this are no number anybody could call from elsewhere.
const DIGITS_MIN: usize = 5;
/// E.164 allows 15; an extension may follow.
const DIGITS_MAX: usize = 25;

/// A number as sent: valid in E.164 (an extension stays in the raw text), invalid, or ambiguous.
/// The countries are ISO alpha-2 codes.
pub(super) fn check(raw: &str, contact: Option<&str>, source: Option<&str>) -> Checked {
    let text = technical(raw);
    let text = without_prefix(&text);
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if !(DIGITS_MIN..=DIGITS_MAX).contains(&digits) || has_stray_letters(text) {
        return Checked::invalid(raw);
    }
    let text = without_extension(text);
    if text.starts_with('+') {
        return checked(raw, e164(text, None));
    }
    if let Some(rest) = text.strip_prefix("00")
        && let Some(value) = e164(&format!("+{rest}"), None)
    {
        return Checked::valid(raw, value);
    }
    // A country that is known decides: the next hint would only make a wrong number plausible.
    match contact.or(source).and_then(region) {
        Some(region) => checked(raw, e164(text, Some(region))),
        None if text.starts_with("00") => Checked::invalid(raw),
        None => Checked { validity: Validity::Ambiguous, ..Checked::invalid(raw) },
    }
}

fn checked(raw: &str, value: Option<String>) -> Checked {
    match value {
        Some(value) => Checked::valid(raw, value),
        None => Checked::invalid(raw),
    }
}

/// What programs put before a number: `p:` (Meta's exports), `tel:`, the apostrophe of spreadsheets,
/// and a bracket or `(+`.
fn without_prefix(text: &str) -> &str {
    let mut text = text;
    for prefix in ["p:", "tel:", "phone:", "'"] {
        if let Some(start) = text.get(..prefix.len())
            && start.eq_ignore_ascii_case(prefix)
        {
            text = text[prefix.len()..].trim_start();
        }
    }
    match text.strip_prefix('(') {
        Some(inner) if inner.starts_with('+') => inner,
        _ => text,
    }
}

/// Letters stand only where an extension begins (`ext. 12`, `x12`, `Durchwahl 12`): `+49a30…` is a
/// typing error, and dropping the letter would make another person's number of it.
fn has_stray_letters(text: &str) -> bool {
    let mut digits_before = 0;
    let mut seen = false;
    for c in text.chars() {
        if c.is_alphabetic() {
            seen = true;
            if digits_before < DIGITS_MIN {
                return true;
            }
        } else if c.is_ascii_digit() && !seen {
            digits_before += 1;
        }
    }
    text.split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
        .any(|word| !EXTENSIONS.contains(&word.to_lowercase().as_str()))
}

/// Words and abbreviations before an extension.
const EXTENSIONS: [&str; 24] = [
    "x",
    "ext",
    "extn",
    "extension",
    "durchwahl",
    "dw",
    "nebenstelle",
    "nst",
    "klappe",
    "kl",
    "poste",
    "int",
    "interno",
    "interne",
    "anexo",
    "ramal",
    "extensión",
    "toestel",
    "tst",
    "wew",
    "linka",
    "anknytning",
    "lokal",
    "доб",
];

/// Whether a number names an extension: more than E.164 can say.
pub(super) fn has_extension(raw: &str) -> bool {
    let text = technical(raw);
    let text = without_prefix(&text);
    !has_stray_letters(text) && without_extension(text).len() < text.len()
}

/// The number without what an extension's word begins. By a hyphen alone it is no extension: `23125-0` is dialled whole.
fn without_extension(text: &str) -> &str {
    let mut digits = 0;
    let begins = |(_, c): &(usize, char)| {
        digits += usize::from(c.is_ascii_digit());
        digits >= DIGITS_MIN && (c.is_alphabetic() || *c == '#')
    };
    let end = text.char_indices().find(begins).map_or(text.len(), |(at, _)| at);
    text[..end].trim_end_matches([' ', '.', ',', ';', ':', '(', '/', '-'])
}

/// Whether a number in E.164 is a mobile one for certain.
pub(super) fn is_mobile(number: &str) -> bool {
    PhoneNumber::parse(number, None)
        .is_ok_and(|number| number.get_type() == PhoneNumberType::Mobile)
}

fn region(code: &str) -> Option<Region> {
    Region::from_code(code).ok()
}

fn e164(text: &str, region: Option<Region>) -> Option<String> {
    let number = PhoneNumber::parse(text, region).ok()?;
    number.is_valid().then(|| number.format_as(PhoneNumberFormat::E164).into_owned())
}
