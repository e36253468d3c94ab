//! Numbers as people write them in forms: `10.000 €`, `10k`, `5-10k`, `> 1,5 Mio`.

use super::fold::fold;

/// Longer texts are sentences, not numbers.
const BYTES_MAX: usize = 100;
/// More digits would not be exact.
const DIGITS_MAX: u32 = 15;
const SEPARATORS_MAX: usize = 6;

/// Words and symbols that say nothing about the number.
const NOISE: &[&str] = &[
    "about",
    "above",
    "approx",
    "approximately",
    "around",
    "at",
    "between",
    "from",
    "least",
    "min",
    "minimum",
    "more",
    "or",
    "over",
    "than",
    "up",
    "circa",
    "ca",
    "ab",
    "als",
    "etwa",
    "mehr",
    "mindestens",
    "oder",
    "rund",
    "uber",
    "über",
    "ungefähr",
    "von",
    "zu",
    "zwischen",
    "chf",
    "dollar",
    "dollars",
    "eur",
    "euro",
    "euros",
    "franken",
    "gbp",
    "usd",
    "employees",
    "people",
    "mitarbeiter",
    "mitarbeitende",
];
/// Words before a number that make it an upper bound.
const UPPER: &[&str] = &[
    "below",
    "less",
    "max",
    "maximum",
    "most",
    "under",
    "upto",
    "höchstens",
    "maximal",
    "unter",
    "weniger",
];
/// Words between two numbers that make them a range, and before one number an upper bound.
const RANGE: &[&str] = &["to", "bis", "and", "und"];

/// The number a text states: the lower end of a range, 0 for an upper bound alone (`< 10k`).
///
/// A single `.` or `,` before exactly three digits separates thousands (`10.000`), otherwise
/// decimals. A multiplier (`k`, `tsd`, `m`, `mio`, `bn` …) after the upper end of a range also holds
/// for the lower one if that is smaller (`5-10k`). Dates, sentences and anything with a word that is
/// not known here are no numbers: `None`, never a guess.
#[must_use]
pub fn quantity(text: &str) -> Option<f64> {
    if text.len() > BYTES_MAX {
        return None;
    }
    let folded = fold(text);
    let mut reading = Reading::default();
    let mut rest = folded.as_str();
    while let Some(ch) = rest.chars().next() {
        rest = if ch.is_ascii_digit() {
            let (number, rest) = number(rest)?;
            reading.number(number)?;
            rest
        } else if ch.is_alphabetic() {
            let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
            reading.word(&rest[..end])?;
            &rest[end..]
        } else {
            let after = &rest[ch.len_utf8()..];
            reading.symbol(ch, after)?;
            after
        };
    }
    reading.result()
}

/// What was read so far.
#[derive(Default)]
struct Reading {
    numbers: [(f64, Option<f64>); 2],
    count: usize,
    /// A dash or range word stands after the first number.
    range: bool,
    upper_bound: bool,
    negative: bool,
}

impl Reading {
    fn number(&mut self, number: f64) -> Option<()> {
        if self.count == 1 && !self.range {
            return None;
        }
        *self.numbers.get_mut(self.count)? = (number, None);
        self.count += 1;
        Some(())
    }

    fn word(&mut self, word: &str) -> Option<()> {
        if let Some(factor) = factor(word) {
            let multiplier = &mut self.numbers[self.count.checked_sub(1)?].1;
            return multiplier.replace(factor).is_none().then_some(());
        }
        if RANGE.contains(&word) {
            if self.count == 0 {
                // `from 5 to 10` has its number before; `between 5 and 10` too.
                self.upper_bound = true;
            } else {
                self.range = true;
            }
        } else if UPPER.contains(&word) {
            self.upper_bound = true;
        } else if !NOISE.contains(&word) {
            return None;
        }
        Some(())
    }

    fn symbol(&mut self, symbol: char, after: &str) -> Option<()> {
        match symbol {
            '-' | '–' | '—' | '−' => {
                let digit = after.starts_with(|c: char| c.is_ascii_digit());
                if self.count > 0 {
                    self.range = true;
                } else if digit {
                    self.negative = true;
                }
            }
            '<' | '≤' => self.upper_bound = true,
            '>' | '≥' | '=' | '+' | '~' | '€' | '$' | '£' | '¥' | '%' | '.' | ',' | '(' | ')' =>
                {}
            space if space.is_whitespace() => {}
            _ => return None,
        }
        Some(())
    }

    fn result(&self) -> Option<f64> {
        let (lower, factor) = self.numbers[0];
        let (upper, upper_factor) = self.numbers[1];
        match self.count {
            1 if self.upper_bound => Some(0.0),
            1 if self.negative => Some(-lower * factor.unwrap_or(1.0)),
            1 => Some(lower * factor.unwrap_or(1.0)),
            2 if !self.negative => {
                let shared = if lower < upper { upper_factor } else { None };
                let lower = lower * factor.or(shared).unwrap_or(1.0);
                (lower <= upper * upper_factor.unwrap_or(1.0)).then_some(lower)
            }
            _ => None,
        }
    }
}

fn factor(word: &str) -> Option<f64> {
    Some(match word {
        "k" | "keur" | "teur" | "tsd" | "thousand" | "tausend" => 1e3,
        "m" | "mio" | "mn" | "million" | "millions" | "millionen" => 1e6,
        "b" | "bn" | "mrd" | "billion" | "billions" | "milliarde" | "milliarden" => 1e9,
        _ => return None,
    })
}

/// Reads the number at the beginning of `text`; it begins with a digit.
fn number(text: &str) -> Option<(f64, &str)> {
    let mut digits = 0_u32;
    let mut mantissa = 0_u64;
    let mut separators = [('.', 0_u32); SEPARATORS_MAX];
    let mut separated = 0;
    let mut rest = text;
    while let Some(ch) = rest.chars().next() {
        if let Some(digit) = ch.to_digit(10) {
            digits += 1;
            if digits > DIGITS_MAX {
                return None;
            }
            mantissa = mantissa * 10 + u64::from(digit);
        } else if separates(ch, &rest[ch.len_utf8()..]) {
            *separators.get_mut(separated)? = (if ch == '’' { '\'' } else { ch }, digits);
            separated += 1;
        } else {
            break;
        }
        rest = &rest[ch.len_utf8()..];
    }
    let decimals = decimals(&separators[..separated], digits, mantissa)?;
    #[expect(clippy::cast_precision_loss, reason = "at most 15 digits are exact")]
    let number = mantissa as f64 / 10_f64.powi(i32::try_from(decimals).ok()?);
    Some((number, rest))
}

/// Whether `ch` belongs to the number before it, seeing what comes after it.
fn separates(ch: char, after: &str) -> bool {
    let run = after.bytes().take_while(u8::is_ascii_digit).count();
    match ch {
        '.' | ',' => run > 0,
        ' ' | '\'' | '’' => run == 3,
        _ => false,
    }
}

/// How many of the digits are decimals; `None` if the separators make no sense.
fn decimals(separators: &[(char, u32)], digits: u32, mantissa: u64) -> Option<u32> {
    let Some(&(last, before)) = separators.last() else { return Some(0) };
    let after = digits - before;
    let same = separators.iter().filter(|(ch, _)| *ch == last).count();
    let point = matches!(last, '.' | ',');
    let leading_zero = before == 1 && mantissa < 10_u64.pow(after);
    let decimal =
        point && same == 1 && (separators.len() > 1 || after != 3 || leading_zero || before > 3);
    let thousands = if decimal { &separators[..separators.len() - 1] } else { separators };
    let end = if decimal { before } else { digits };
    // Every group of thousands is three digits long and written with one kind of separator.
    let mut next = end;
    for (index, (ch, at)) in thousands.iter().enumerate().rev() {
        if next - at != 3 || *ch != thousands[0].0 || (index == 0 && *at > 3) {
            return None;
        }
        next = *at;
    }
    Some(if decimal { after } else { 0 })
}
