//! Names of people: tidied for reading, split with care, folded for comparing.

use super::text::fold;
use crate::domain::{Contact, Pii, Seen};

/// Words before a name that are no part of it (folded).
const HONORIFICS: &[&str] = &[
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "dr",
    "med",
    "rer",
    "prof",
    "professor",
    "sir",
    "herr",
    "frau",
    "hr",
    "fr",
    "herrn",
    "dipl",
    "ing",
    "mme",
    "mlle",
    "monsieur",
    "madame",
    "sig",
    "signora",
    "sra",
    "srta",
    "dhr",
    "mevr",
];
/// Words behind a name that are no part of it (folded).
const SUFFIXES: &[&str] =
    &["jr", "sr", "phd", "ph d", "md", "mba", "msc", "bsc", "ii", "iii", "iv", "esq", "cpa", "dds"];
/// Words with which a last name begins (lower-case).
const PARTICLES: &[&str] = &[
    "von", "vom", "zu", "zum", "zur", "van", "den", "der", "de", "del", "della", "delle", "di",
    "da", "do", "dos", "das", "du", "des", "la", "le", "las", "los", "ter", "ten", "te", "'t",
    "af", "av", "el", "al", "bin", "ibn", "dal", "dello", "degli", "dei", "auf", "op",
];
/// Words that join two last names to one (lower-case).
const JOINERS: &[&str] = &["y", "e", "i"];
/// More words than this are no name one could split.
const SPLIT_WORDS_MAX: usize = 6;

/// Title case, if everything is capitals; anything else is left as it was written.
pub(super) fn tidy(name: &str) -> String {
    let shouts = name.chars().any(char::is_uppercase)
        && !name.chars().any(char::is_lowercase)
        && name.split(|c: char| !c.is_alphabetic()).any(|word| word.chars().count() >= 3);
    if !shouts {
        return name.to_owned();
    }
    let words: Vec<&str> = name.split(' ').collect();
    let last = words.len() - 1;
    let cased = words.iter().enumerate().map(|(at, word)| {
        let lower = word.to_lowercase();
        if at < last && PARTICLES.contains(&lower.as_str()) {
            lower
        } else if matches!(*word, "II" | "III" | "IV") {
            (*word).to_owned()
        } else {
            title_case(&lower)
        }
    });
    cased.collect::<Vec<_>>().join(" ")
}

/// A capital at the start and after each hyphen, apostrophe and dot.
fn title_case(lower: &str) -> String {
    let mut out = String::with_capacity(lower.len());
    let mut start = true;
    for c in lower.chars() {
        if start {
            out.extend(c.to_uppercase());
        } else {
            out.push(c);
        }
        start = matches!(c, '-' | '\'' | '’' | '.');
    }
    out
}

/// The parts of a name as contact fields: full, first, last.
pub(super) type Parts = (Option<String>, Option<String>, Option<String>);

/// Fills the parts that follow from the others: first and last from the full name, or the full name
/// from first and last. What is not clear stays open.
pub(super) fn complete((full, first, last): Parts) -> Parts {
    match (full, first, last) {
        (None, None, None) => (None, None, None),
        (None, first, last) => {
            let words: Vec<&str> =
                [first.as_deref(), last.as_deref()].into_iter().flatten().collect();
            (Some(words.join(" ")), first, last)
        }
        (Some(full), None, None) => match split(&full) {
            Some((first, last)) => (Some(full), Some(first), Some(last)),
            None => (Some(full), None, None),
        },
        (Some(full), Some(first), None) => {
            let last = split(&full).filter(|(f, _)| fold(f) == fold(&first)).map(|(_, last)| last);
            (Some(full), Some(first), last)
        }
        (Some(full), None, Some(last)) => {
            let first =
                split(&full).filter(|(_, l)| fold(l) == fold(&last)).map(|(first, _)| first);
            (Some(full), first, Some(last))
        }
        all => all,
    }
}

/// First and last name out of a full one: `Last, First`; particles stay with the last name; the last
/// word otherwise. `None` where that would be guessing: one word, many words, two people, digits, or
/// a script that writes the family name first.
fn split(full: &str) -> Option<(String, String)> {
    let name = without_suffix(full);
    // `von und zu` is one family's.
    let told = name.replace(" von und zu ", " von ");
    let pair =
        [" & ", " + ", " and ", " und ", " et ", " / ", "/"].iter().any(|sign| told.contains(sign));
    if pair
        || name.contains(['@', '(', '"'])
        || name.chars().any(|c| c.is_numeric() || writes_family_first(c))
    {
        return None;
    }
    if let Some((last, first)) = name.split_once(',') {
        let (last, first) = (last.trim(), first.trim());
        let clear = !last.is_empty() && !first.is_empty() && !first.contains(',');
        return clear
            .then(|| (without_honorifics(first), last.to_owned()))
            .filter(|(first, _)| !first.is_empty());
    }
    let name = without_honorifics(name);
    let words: Vec<&str> = name.split(' ').collect();
    if !(2..=SPLIT_WORDS_MAX).contains(&words.len()) {
        return None;
    }
    let particle = words[1..words.len() - 1]
        .iter()
        .position(|word| PARTICLES.contains(&word.to_lowercase().as_str()));
    let joiner = (2..words.len() - 1).find(|at| JOINERS.contains(&words[*at]));
    // `Ortega y Gasset` begins before what joins it.
    let at = particle.map(|at| at + 1).or(joiner.map(|at| at - 1)).unwrap_or(words.len() - 1);
    Some((words[..at].join(" "), words[at..].join(" ")))
}

fn without_suffix(full: &str) -> &str {
    match full.rsplit_once([',', ' ']) {
        Some((name, suffix)) if SUFFIXES.contains(&fold(suffix).as_str()) => {
            let name = name.trim_end_matches([',', ' ']);
            if name.is_empty() { full } else { without_suffix(name) }
        }
        _ => full,
    }
}

fn without_honorifics(name: &str) -> String {
    let words = name.split(' ').skip_while(|word| {
        word.split(['.', '-'])
            .filter(|part| !part.is_empty())
            .all(|part| HONORIFICS.contains(&fold(part).as_str()))
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Han, kana and Hangul names are not split: which part is which is not in the text.
fn writes_family_first(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11FF}' | '\u{3040}'..='\u{318F}' | '\u{31F0}'..='\u{31FF}' | '\u{3400}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF66}'..='\u{FFDC}'
        | '\u{20000}'..='\u{3FFFF}')
}

/// A name as it is compared: folded, without honorifics. `lone` is a full name that could not be split.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PersonName {
    pub(super) first: String,
    pub(super) last: String,
    /// The last name with its parts apart.
    pub(super) last_parts: String,
    pub(super) lone: String,
}

impl std::fmt::Debug for PersonName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonName")
    }
}

impl PersonName {
    /// The name of a contact.
    #[must_use]
    pub fn of(contact: &Contact) -> Self {
        let text = |pii: &Option<Pii>| pii.as_ref().map_or("", Pii::expose).to_owned();
        Self::new(&text(&contact.full_name), &text(&contact.first_name), &text(&contact.last_name))
    }

    /// The name of one way in which somebody was seen.
    pub(super) fn of_seen(seen: &Seen) -> Self {
        let text = |pii: &Option<Pii>| pii.as_ref().map_or("", Pii::expose).to_owned();
        Self::new(&text(&seen.full_name), &text(&seen.first_name), &text(&seen.last_name))
    }

    fn new(full: &str, first: &str, last: &str) -> Self {
        let first = fold(&without_honorifics(first));
        let last_parts = fold(without_suffix(last));
        let last = last_parts.replace(' ', "");
        let lone = if first.is_empty() && last.is_empty() {
            fold(&without_honorifics(without_suffix(full))).replace(' ', "")
        } else {
            String::new()
        };
        Self { first, last, last_parts, lone }
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first.is_empty() && self.last.is_empty() && self.lone.is_empty()
    }

    /// The parts a compound key is made of, in order: first and last name, or the one part there is.
    #[must_use]
    pub fn key_parts(&self) -> Option<[String; 2]> {
        let first = self.first.replace(' ', "");
        match (first.is_empty(), self.last.is_empty()) {
            (false, false) => Some([first, self.last.clone()]),
            (false, true) => Some([first, String::new()]),
            (true, false) => Some([self.last.clone(), String::new()]),
            (true, true) if self.lone.is_empty() => None,
            (true, true) => Some([self.lone.clone(), String::new()]),
        }
    }

    /// How much of the name is there: for choosing the fuller of two. An initial is less than a name.
    pub(super) fn fullness(&self) -> u8 {
        let first = match self.first.len() {
            0 => 0,
            1 => 1,
            _ => 2,
        };
        first + if self.last.is_empty() { 0 } else { 2 } + u8::from(!self.lone.is_empty())
    }
}
