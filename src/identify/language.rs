//! Language tags and the names people and forms write for languages.

use super::text::{fold, technical};

/// Names of languages (folded) by their ISO 639-1 code.
const NAMES: &[(&str, &[&str])] = &[
    ("de", &["german", "deutsch", "allemand", "aleman", "tedesco", "duits", "niemiecki", "tyska"]),
    (
        "en",
        &["english", "englisch", "anglais", "ingles", "inglese", "engels", "angielski", "engelska"],
    ),
    ("fr", &["french", "franzosisch", "franzoesisch", "francais", "frances", "francese", "frans"]),
    ("es", &["spanish", "spanisch", "espagnol", "espanol", "castellano", "spagnolo", "spaans"]),
    ("it", &["italian", "italienisch", "italien", "italiano", "italiaans"]),
    ("nl", &["dutch", "niederlandisch", "niederlaendisch", "neerlandais", "nederlands", "flemish"]),
    ("pt", &["portuguese", "portugiesisch", "portugais", "portugues"]),
    ("pl", &["polish", "polnisch", "polonais", "polski"]),
    ("cs", &["czech", "tschechisch", "cesky", "cestina"]),
    ("sv", &["swedish", "schwedisch", "svenska"]),
    ("da", &["danish", "danisch", "daenisch", "dansk"]),
    ("nb", &["norwegian", "norwegisch", "norsk"]),
    ("fi", &["finnish", "finnisch", "suomi"]),
    ("hu", &["hungarian", "ungarisch", "magyar"]),
    ("ro", &["romanian", "rumanisch", "rumaenisch", "romana"]),
    ("tr", &["turkish", "turkisch", "tuerkisch", "turkce"]),
    ("ru", &["russian", "russisch", "russkii"]),
    ("uk", &["ukrainian", "ukrainisch"]),
    ("el", &["greek", "griechisch"]),
    ("zh", &["chinese", "chinesisch", "chinois", "mandarin"]),
    ("ja", &["japanese", "japanisch", "japonais"]),
    ("ko", &["korean", "koreanisch", "coreen"]),
    ("ar", &["arabic", "arabisch", "arabe"]),
];

/// The tag, lower-case with hyphens (`de`, `pt-br`); of `de-DE,de;q=0.9` the first. `None` if it is no
/// language.
pub(super) fn tag(text: &str) -> Option<String> {
    let text = technical(text).to_ascii_lowercase().replace('_', "-");
    let first = text.split([',', ';', '.']).next()?.trim();
    let folded = fold(first);
    if let Some((code, _)) = NAMES.iter().find(|(_, names)| names.contains(&folded.as_str())) {
        return Some((*code).to_owned());
    }
    let mut parts = first.split('-');
    let primary = parts.next()?;
    let letters =
        (2..=3).contains(&primary.len()) && primary.bytes().all(|b| b.is_ascii_lowercase());
    let rest = parts.all(|part| {
        (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    (letters && rest && first.len() <= 35).then(|| first.to_owned())
}
