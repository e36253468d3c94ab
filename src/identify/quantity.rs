//! Numbers out of text: employees, revenue. Of a range, the lower end.

/// The lower end of the number or range a text states, in whole units: `11-50` → 11, `1.000+` → 1000,
/// `51–200 Mitarbeiter` → 51, `10k` → 10000, `5-10 Mio €` → 5000000. A text that only states an upper
/// end (`< 10`, `bis 10`) has the lower end 0. `None` if there is no number.
pub(super) fn lower_end(text: &str) -> Option<i64> {
    let text = super::text::technical(text).to_lowercase();
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let before = text[..start].trim_end();
    if before.ends_with('-') && before.len() == 1 {
        return None;
    }
    if is_upper_bound(before) {
        return Some(0);
    }
    let (first, rest) = number(&text[start..]);
    let factor = match factor(rest) {
        1.0 => upper_factor(rest),
        factor => factor,
    };
    whole(first? * factor)
}

fn is_upper_bound(before: &str) -> bool {
    const WORDS: &[&str] = &[
        "<",
        "≤",
        "<=",
        "bis",
        "bis zu",
        "unter",
        "weniger als",
        "up to",
        "under",
        "below",
        "less than",
        "fewer than",
        "jusqu'à",
        "moins de",
        "hasta",
        "menos de",
        "meno di",
    ];
    WORDS.iter().any(|word| before.ends_with(word))
}

/// The number at the start and what follows it. Dots, commas, apostrophes and spaces group thousands
/// where exactly three digits follow; otherwise the last dot or comma is the decimal sign.
fn number(text: &str) -> (Option<f64>, &str) {
    let bytes = text.as_bytes();
    let mut end = 0;
    while end < bytes.len() {
        let next_is_digit = bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        let stays = match bytes[end] {
            byte if byte.is_ascii_digit() => true,
            b'.' | b',' | b'\'' => next_is_digit,
            b' ' => groups_three(&bytes[end + 1..]),
            _ => false,
        };
        if !stays {
            break;
        }
        end += 1;
    }
    let digits = &text[..end];
    let decimal = digits.rfind(['.', ',']).filter(|at| {
        let sign = &digits[*at..=*at];
        let repeated = digits.matches(sign).count() > 1;
        !repeated && digits.len() - at - 1 != 3
    });
    let plain: String = digits
        .char_indices()
        .filter_map(|(at, c)| match c {
            c if c.is_ascii_digit() => Some(c),
            _ if Some(at) == decimal => Some('.'),
            _ => None,
        })
        .collect();
    (plain.parse().ok(), &text[end..])
}

fn groups_three(bytes: &[u8]) -> bool {
    bytes.len() >= 3
        && bytes[..3].iter().all(u8::is_ascii_digit)
        && !bytes.get(3).is_some_and(u8::is_ascii_digit)
}

/// What the word behind a number multiplies it by.
fn factor(rest: &str) -> f64 {
    let rest = rest.trim_start_matches([' ', '+', '€', '$', '£', '.', '\u{a0}']);
    let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
    match &rest[..end] {
        "k" | "tsd" | "tausend" | "thousand" | "mille" | "mila" | "mil" | "tys" | "tis" => 1e3,
        "m" | "mm" | "mn" | "mio" | "mill" | "million" | "millions" | "millionen" | "million€"
        | "miljoen" | "millones" | "milioni" | "mln" | "meur" => 1e6,
        "b" | "bn" | "bio" | "billion" | "billions" | "mrd" | "milliarde" | "milliarden"
        | "milliard" | "milliards" | "mld" | "miljard" | "miliardi" => 1e9,
        _ => 1.0,
    }
}

/// In `5-10k` the word behind the upper end goes for both.
fn upper_factor(rest: &str) -> f64 {
    let rest = rest.trim_start_matches([' ', '€', '$', '£']);
    let separators = ["-", "–", "—", "to ", "bis ", "à ", "a ", "tot ", "until "];
    separators
        .iter()
        .find_map(|separator| rest.strip_prefix(separator))
        .map(|upper| upper.trim_start_matches([' ', '€', '$', '£']))
        .filter(|upper| upper.starts_with(|c: char| c.is_ascii_digit()))
        .map_or(1.0, |upper| factor(number(upper).1))
}

/// Whole units, if they fit what the stores can hold exactly.
fn whole(number: f64) -> Option<i64> {
    const MAX: f64 = 9_007_199_254_740_991.0;
    if !(0.0..=MAX).contains(&number) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "within 2^53, and the fraction is meant to go"
    )]
    Some((number + 1e-6).floor() as i64)
}
