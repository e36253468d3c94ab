//! Country codes and names, in the main languages, to ISO 3166-1 alpha-2.

use std::sync::LazyLock;

use ahash::AHashMap;

use super::text::{fold, technical};
use crate::domain::Checked;

/// Folded name → alpha-2.
static NAMES: LazyLock<AHashMap<String, &'static str>> = LazyLock::new(|| {
    let mut names = AHashMap::new();
    for country in rust_iso3166::ALL {
        names.insert(fold(country.name), country.alpha2);
        if let Some((short, _)) = country.name.split_once(" (") {
            names.entry(fold(short)).or_insert(country.alpha2);
        }
    }
    for line in include_str!("country_names.txt").lines().filter(|line| !line.starts_with('#')) {
        if let Some((code, aliases)) = line.split_once(':') {
            for alias in aliases.split(',') {
                names.insert(fold(alias), code);
            }
        }
    }
    names
});

/// A country as sent: valid with its code, or invalid.
pub(super) fn check(raw: &str) -> Checked {
    match code(raw) {
        Some(code) => Checked::valid(raw, code),
        None => Checked::invalid(raw),
    }
}

/// The alpha-2 code of a code or name: `de`, `DEU`, `Allemagne`, `Germany (DE)`, `🇩🇪`.
pub(super) fn code(text: &str) -> Option<&'static str> {
    let text = technical(text);
    let flag: String = text.chars().filter_map(flag_letter).collect();
    if flag.len() == 2 {
        return by_code(&flag);
    }
    let upper = text.to_ascii_uppercase();
    if let Some(code) = by_code(&upper.replace('.', "")) {
        return Some(code);
    }
    let folded = fold(&text);
    let without_article = folded.strip_prefix("the ").unwrap_or(&folded);
    if let Some(code) = NAMES.get(&folded).or_else(|| NAMES.get(without_article)) {
        return Some(code);
    }
    let (before, inside) = text.split_once('(')?;
    code(before).or_else(|| code(inside.trim_end_matches(')')))
}

fn by_code(code: &str) -> Option<&'static str> {
    match code.len() {
        2 => match code {
            // Reserved for, and meant as, the United Kingdom and Greece.
            "UK" => Some("GB"),
            "EL" => Some("GR"),
            _ => rust_iso3166::from_alpha2(code).map(|country| country.alpha2),
        },
        3 => rust_iso3166::from_alpha3(code).map(|country| country.alpha2),
        _ => None,
    }
}

/// The letter of a regional indicator (two of them make a flag).
fn flag_letter(c: char) -> Option<char> {
    let offset = u32::from(c).checked_sub(0x1F1E6).filter(|offset| *offset < 26)?;
    char::from_u32(u32::from('A') + offset)
}
