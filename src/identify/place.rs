//! Regions and postal codes: what is not known of a country stays as it was written.

use super::text::technical;
use crate::domain::region_code;

/// The code of a region where that is known, else the text.
pub(super) fn region(text: String, country: Option<&str>) -> String {
    region_code(&technical(&text), country).map_or(text, str::to_owned)
}

/// What stands before a postal code and says the country (`D-10115`), by country.
const PREFIXES: [(&str, &str); 14] = [
    ("DE", "D"),
    ("AT", "A"),
    ("CH", "CH"),
    ("LI", "FL"),
    ("FR", "F"),
    ("BE", "B"),
    ("LU", "L"),
    ("NL", "NL"),
    ("IT", "I"),
    ("ES", "E"),
    ("SE", "S"),
    ("DK", "DK"),
    ("FI", "FIN"),
    ("NO", "N"),
];

/// Digits of a postal code where it may begin with zeros, which tables lose.
const DIGITS: [(&str, usize); 6] =
    [("DE", 5), ("FR", 5), ("IT", 5), ("ES", 5), ("US", 5), ("FI", 5)];

/// Where a blank or hyphen stands in a postal code: from the start, or from the end.
enum Gap {
    After(usize, char),
    Before(usize, char),
}

/// A postal code as its country writes it: `sw1a1aa` → `SW1A 1AA`, `D-10115` → `10115`, `1067` in Germany → `01067`. In
/// capitals elsewhere.
pub(super) fn postal_code(text: &str, country: Option<&str>) -> String {
    let text = technical(text).to_ascii_uppercase();
    let mut text = text.as_str();
    // What spreadsheets make of a number.
    while let Some(number) = text.strip_suffix(".0").filter(|it| it.ends_with(is_digit)) {
        text = number;
    }
    let Some(country) = country else { return text.to_owned() };
    let prefix = PREFIXES.iter().find(|(known, _)| *known == country).map(|(_, prefix)| *prefix);
    let bare = [Some(country), prefix].into_iter().flatten().find_map(|prefix| {
        let rest = text.strip_prefix(prefix)?.trim_start_matches(['-', ' ']);
        rest.starts_with(is_digit).then_some(rest)
    });
    let text = bare.unwrap_or(text);
    let compact: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    if !compact.is_ascii() {
        return text.to_owned();
    }
    let numeric = compact.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((_, digits)) = DIGITS.iter().find(|(known, _)| *known == country)
        && numeric
        && (3..*digits).contains(&compact.len())
    {
        return format!("{compact:0>digits$}");
    }
    let at = match gap(country, &compact, numeric) {
        Some(Gap::After(at, sign)) => (at, sign),
        Some(Gap::Before(end, sign)) => (compact.len() - end, sign),
        None => return text.to_owned(),
    };
    format!("{}{}{}", &compact[..at.0], at.1, &compact[at.0..])
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

/// Where a code of the country's usual length is written apart.
fn gap(country: &str, compact: &str, numeric: bool) -> Option<Gap> {
    let gap = match (country, compact.len(), numeric) {
        ("GB" | "GG" | "JE" | "IM", 5..=7, false) => Gap::Before(3, ' '),
        ("NL", 6, false) => Gap::After(4, ' '),
        ("CA", 6, false) | ("IE", 7, false) | ("SE" | "CZ" | "SK" | "GR", 5, true) => {
            Gap::After(3, ' ')
        }
        ("PL", 5, true) => Gap::After(2, '-'),
        ("PT", 7, true) => Gap::After(4, '-'),
        ("JP", 7, true) => Gap::After(3, '-'),
        ("BR", 8, true) | ("US", 9, true) => Gap::After(5, '-'),
        _ => return None,
    };
    Some(gap)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postal_codes_are_written_as_their_country_writes_them() {
        for (text, country, code) in [
            ("D-10115", "DE", "10115"),
            ("DE 10115", "DE", "10115"),
            ("1067", "DE", "01067"),
            ("10115.0", "DE", "10115"),
            ("A-1010", "AT", "1010"),
            ("CH-8001", "CH", "8001"),
            ("F-75001", "FR", "75001"),
            ("1000", "FR", "01000"),
            ("2139", "US", "02139"),
            ("94105-1234", "US", "94105-1234"),
            ("941051234", "US", "94105-1234"),
            ("sw1a1aa", "GB", "SW1A 1AA"),
            ("SW1A 1AA", "GB", "SW1A 1AA"),
            ("m1 1ae", "GB", "M1 1AE"),
            ("k1a0b1", "CA", "K1A 0B1"),
            ("K1A-0B1", "CA", "K1A 0B1"),
            ("1234ab", "NL", "1234 AB"),
            ("NL-1234 AB", "NL", "1234 AB"),
            ("NL1234AB", "NL", "1234 AB"),
            ("00950", "PL", "00-950"),
            ("S-114 55", "SE", "114 55"),
            ("1000001", "JP", "100-0001"),
            ("01310100", "BR", "01310-100"),
            ("d02af30", "IE", "D02 AF30"),
            ("１０１１５", "DE", "10115"),
            ("10115 Berlin", "DE", "10115 BERLIN"),
            ("ME12 3AB", "GB", "ME12 3AB"),
        ] {
            assert_eq!(postal_code(text, Some(country)), code, "{text} {country}");
            assert_eq!(postal_code(code, Some(country)), code, "{code}");
        }
        assert_eq!(postal_code("d-10115", None), "D-10115");
    }
}
