//! States, provinces, cantons: the codes of ISO 3166-2 without the country, where people use them (United States, Canada,
//! Australia, Germany, Switzerland).

use std::sync::LazyLock;

use ahash::AHashMap;

/// Shorter names mean a region only where the country is known: `Ill`, `Ala`.
const LETTERS_MIN: usize = 4;
/// What stands before a region's name and is no part of it (plain).
const KINDS: [&str; 6] = ["kanton", "canton", "state of", "province of", "land", "bundesland"];

#[derive(Default)]
struct Regions {
    /// By country and plain name or code.
    of_country: AHashMap<(&'static str, String), &'static str>,
    /// By plain name; none if several countries have it.
    anywhere: AHashMap<String, Option<&'static str>>,
}

static REGIONS: LazyLock<Regions> = LazyLock::new(|| {
    let mut regions = Regions::default();
    for line in include_str!("region_names.txt").lines().filter(|line| !line.starts_with('#')) {
        let Some((code, names)) = line.split_once(':') else { continue };
        let Some((country, region)) = code.split_once('-') else { continue };
        for name in names.split(',').map(plain) {
            if name.len() >= LETTERS_MIN {
                let of_all = regions.anywhere.entry(name.clone()).or_insert(Some(region));
                *of_all = of_all.filter(|known| *known == region);
            }
            regions.of_country.insert((country, name), region);
        }
        regions.of_country.insert((country, plain(region)), region);
    }
    regions
});

/// The code of a region: of a name or code (`California`, `Calif.`, `US-CA`, `ca` → `CA`) in a country (ISO alpha-2), of a name that
/// only one country has without one. None where the country's regions are not known here.
#[must_use]
pub fn region_code(text: &str, country: Option<&str>) -> Option<&'static str> {
    let text = plain(text);
    let country = country.map(str::to_ascii_uppercase);
    let known = |name: &str| match &country {
        None => REGIONS.anywhere.get(name).copied().flatten(),
        Some(country) => {
            let of_country = |known: &&str| *known == country.as_str();
            let country = ["US", "CA", "AU", "DE", "CH"].into_iter().find(of_country)?;
            REGIONS.of_country.get(&(country, name.to_owned())).copied()
        }
    };
    let code = country.as_deref().map(str::to_ascii_lowercase);
    let before = KINDS.iter().copied().chain(code.as_deref());
    let bare = before.filter_map(|word| text.strip_prefix(word)?.strip_prefix(' '));
    std::iter::once(text.as_str()).chain(bare).find_map(known)
}

/// Letters and digits in ASCII and lower case, everything else one blank.
fn plain(text: &str) -> String {
    let ascii = deunicode::deunicode(text).to_ascii_lowercase();
    let words = ascii.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_known_by_name_and_code() {
        for (text, country, code) in [
            ("California", Some("US"), "CA"),
            ("calif.", Some("US"), "CA"),
            ("ca", Some("US"), "CA"),
            ("US-CA", Some("US"), "CA"),
            ("State of New York", Some("US"), "NY"),
            ("Washington D.C.", Some("US"), "DC"),
            ("Québec", Some("CA"), "QC"),
            ("new south wales", Some("AU"), "NSW"),
            ("Bavaria", Some("DE"), "BY"),
            ("Freistaat BAYERN", Some("DE"), "BY"),
            ("NRW", Some("DE"), "NW"),
            ("Thüringen", Some("DE"), "TH"),
            ("Thueringen", Some("DE"), "TH"),
            ("Kanton Zürich", Some("CH"), "ZH"),
            ("Genève", Some("CH"), "GE"),
            // A form that asks for the state often asks for no country.
            ("California", None, "CA"),
            ("Bayern", None, "BY"),
        ] {
            assert_eq!(region_code(text, country), Some(code), "{text} {country:?}");
        }
        for (text, country) in [
            ("Bayern", Some("US")),
            ("Île-de-France", Some("FR")),
            ("somewhere", Some("DE")),
            ("ca", None),
            ("", None),
            ("Kanton", Some("CH")),
        ] {
            assert_eq!(region_code(text, country), None, "{text} {country:?}");
        }
    }

    #[test]
    fn every_region_has_one_code() {
        let lines = include_str!("region_names.txt").lines().filter(|it| !it.starts_with('#'));
        for line in lines {
            let (code, names) = line.split_once(':').unwrap();
            let (country, code) = code.split_once('-').unwrap();
            for name in names.split(',').chain([code]) {
                assert_eq!(region_code(name, Some(country)), Some(code), "{name}");
            }
        }
    }
}
