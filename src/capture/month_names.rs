//! Dates with the month as a word, in the languages of Europe: what forms of content systems write.

/// The beginnings of the months' names without accents, by month. Longer ones go before those they begin
/// with, and what two months share is in neither.
const BEGINNINGS: [&[&str]; 12] = [
    &["jan", "gen", "ene", "jaan", "stycz", "led", "sijec"],
    &["feb", "fev", "fevr", "luty", "lut", "unor", "veljac"],
    &["mar", "mrz", "maer", "maar", "mrt", "brez", "ozuj"],
    &["apr", "avr", "abr", "kwie", "dub", "trav"],
    &["may", "mai", "mag", "mei", "maj", "kvet", "svib"],
    &["jun", "juin", "giu", "czer", "cerven", "lip"],
    &["jul", "juil", "lug", "srp"],
    &["aug", "aou", "ago", "sie", "kolov"],
    &["sep", "set", "wrz", "zari", "ruj"],
    &["oct", "okt", "ott", "out", "paz", "rij"],
    &["nov", "studen"],
    &["dec", "dez", "dic", "des", "gru", "prosin"],
];

/// `março 30, 2026 1:53 pm` → `2026-03-30 1:53 pm`. `None` if no month is named, or no day or year.
pub(super) fn numbered(text: &str) -> Option<String> {
    if text.is_ascii() && !text.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    let (mut day, mut month, mut year, mut rest) = (None, None, None, Vec::new());
    let words = text.split([' ', ',', '-']).filter(|word| !word.is_empty());
    for word in words {
        let bare = word.trim_end_matches(['.', 'º', '°', 'ª']);
        let digits = bare.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        match digits.len() {
            4 if is_number && year.is_none() => year = Some(digits),
            1 | 2 if is_number && day.is_none() => day = Some(digits),
            _ => match month_of(bare) {
                Some(found) if month.is_none() => month = Some(found),
                _ if matches!(bare, "de" | "of" | "at" | "às" | "à" | "um" | "del") => {}
                _ => rest.push(word),
            },
        }
    }
    let (day, month, year) = (day?, month?, year?);
    let whole = format!("{year}-{month:02}-{day:0>2} {}", rest.join(" "));
    Some(whole.trim_end().to_owned())
}

fn month_of(word: &str) -> Option<usize> {
    let plain = deunicode::deunicode(word).to_ascii_lowercase();
    if plain.len() < 3 || !plain.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    let begins = |names: &&[&str]| names.iter().any(|name| plain.starts_with(name));
    BEGINNINGS.iter().position(begins).map(|at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_read_in_many_languages() {
        for (text, expected) in [
            ("março 30, 2026 1:53 pm", "2026-03-30 1:53 pm"),
            ("30. März 2026 14:05", "2026-03-30 14:05"),
            ("3 août 2026", "2026-08-03"),
            ("October 5th, 2026", "2026-10-05"),
            ("12-Dec-2026", "2026-12-12"),
            ("5 de enero de 2026", "2026-01-05"),
        ] {
            assert_eq!(numbered(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["2026-03-30 10:00", "tomorrow", "June", "2026-03-30T10:00:00Z"] {
            assert_eq!(numbered(text), None, "{text}");
        }
    }
}
